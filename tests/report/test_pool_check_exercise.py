"""What is told of an exercised pool: alarming parts stand out, parts that were not done are not there."""

from __future__ import annotations

import io
import json
from dataclasses import fields, replace

from rich.console import Console

from pgtune.model.pools.exercise import AcquireTimes, Exercise
from pgtune.report.pool_check_exercise import draw_exercise, exercise_json, exercise_markdown
from tests.report.pool_checks import EXERCISE, NOTHING_DONE

SEEN = replace(
    EXERCISE,
    loads=(*EXERCISE.loads, AcquireTimes(8, 6181, 3, 3.96, 8.51, 9.3, 4999.2)),
    shrink_idle_s=0.0756,
)


def drawn(exercise: Exercise) -> str:
    console = Console(file=io.StringIO(), width=100)
    draw_exercise(exercise, console)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def test_the_terminal_shows_each_step_the_loads_and_what_was_left_out() -> None:
    assert drawn(SEEN) == (
        "Pool api.main, exercised with 4 of 20 connections\n"
        "first connection  16.2 ms\n"
        "min_size (2)      21.1 ms\n"
        "all taken         the next client got PoolTimeout after 0.87 s\n"
        "backend ended     a client got the dead connection; a working one after 12.0 ms\n"
        "left idle         from 4 to 2 connections in 1.14 s, max_idle 0.08 s\n"
        "closed            nothing is left; the server saw 4 at most\n"
        "\n"
        "     p50      p95      p99  timeouts  per second  waited for a connection\n"
        "0.004 ms  1.50 ms  2.34 ms         0       5,701  4 workers on 4 connections\n"
        " 3.96 ms  8.51 ms  9.30 ms         3       4,999  8 workers on 4 connections\n"
        "max_idle was shortened from 30 s to 0.08 s.\n"
    )


def test_parts_that_were_not_done_are_not_said_to_be_in_order() -> None:
    for text in (drawn(NOTHING_DONE), "\n".join(exercise_markdown(NOTHING_DONE))):
        assert "first connection" in text
        for part in ("all taken", "backend ended", "left idle", "closed", "p99"):
            assert part not in text


def test_markdown_shows_the_same_as_tables() -> None:
    lines = list(exercise_markdown(SEEN))
    assert lines[0] == "### Pool api.main, exercised with 4 of 20 connections"
    assert "| backend ended | a client got the dead connection; a working one after 12.0 ms |" in lines
    assert "| 3.96 ms | 8.51 ms | 9.30 ms | 3 | 4,999 | 8 workers on 4 connections |" in lines
    assert lines[-1] == "- max\\_idle was shortened from 30 s to 0.08 s."


def test_json_holds_every_field() -> None:
    told = json.loads(json.dumps(exercise_json(SEEN)))
    assert told.keys() == {field.name for field in fields(Exercise)}
    assert told["loads"][1]["p99_ms"] == 9.3
    assert told["place"] == {"file": "pgtune.toml", "line": 8}
    assert json.loads(json.dumps(exercise_json(NOTHING_DONE)))["dead_handed_out"] is None
