"""What an exercised pool did, drawn for people, as Markdown and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgtune.model.durations import format_s
from pgtune.model.pools.exercise import AcquireTimes, Exercise
from pgtune.report.markdown_text import escape
from pgtune.report.quantities import count_of, format_ms
from pgtune.report.terminal_table import GAP, figures_table
from pgtune.report.visible import visible_line

_LOAD_FIGURES = ("p50", "p95", "p99", "timeouts", "per second")
_LOAD_NAME = "waited for a connection"
_ALARMING = "bold red"


def draw_exercise(exercise: Exercise, console: Console) -> None:
    """Draw what happened to the pool, how long clients waited, and what was left out."""
    console.print(Text(visible_line(_title(exercise)), "bold"))
    table = Table.grid(padding=(0, GAP, 0, 0))
    for what, seen, is_alarming in _events(exercise):
        table.add_row(Text(what, "dim"), Text(visible_line(seen), _ALARMING if is_alarming else ""))
    console.print(table)
    if exercise.loads:
        console.print()
        waits = figures_table(_LOAD_FIGURES, _LOAD_NAME)
        for load in exercise.loads:
            waits.add_row(*map(Text, _load_figures(load)), Text(_load_name(exercise, load)))
        console.print(waits)
    for sentence in exercise.left_out:
        console.print(Text(visible_line(sentence), "dim"))
    console.print()


def exercise_markdown(exercise: Exercise) -> Iterator[str]:
    """The same as lines of Markdown, without an empty line at the end."""
    yield f"### {escape(_title(exercise))}"
    yield ""
    yield "| step | what happened |"
    yield "| --- | --- |"
    for what, seen, _ in _events(exercise):
        yield f"| {escape(what)} | {escape(seen)} |"
    if exercise.loads:
        yield ""
        yield f"| {' | '.join(_LOAD_FIGURES)} | {_LOAD_NAME} |"
        yield f"|{' ---: |' * len(_LOAD_FIGURES)} --- |"
        for load in exercise.loads:
            yield f"| {' | '.join(_load_figures(load))} | {_load_name(exercise, load)} |"
    if exercise.left_out:
        yield ""
    yield from (f"- {escape(sentence)}" for sentence in exercise.left_out)


def exercise_json(exercise: Exercise) -> Mapping[str, Any]:
    """The exercise as JSON values; a part that was not done is null, and left_out says why."""
    place = exercise.place
    return {
        **asdict(exercise),
        "place": None if place is None else {"file": place.name, "line": place.line},
        "loads": [asdict(load) for load in exercise.loads],
        "left_out": list(exercise.left_out),
    }


def _title(exercise: Exercise) -> str:
    opened = count_of(exercise.max_size, "connection", "connections")
    if exercise.max_size < exercise.declared_max_size:
        opened = f"{exercise.max_size} of {exercise.declared_max_size} connections"
    return f"Pool {exercise.pool}, exercised with {opened}"


def _events(exercise: Exercise) -> Iterator[tuple[str, str, bool]]:
    """What was done, what was seen, and whether that is alarming; a part that was left out is not there."""
    yield "first connection", format_ms(exercise.first_connection_ms), False
    yield f"min_size ({exercise.min_size})", format_ms(exercise.min_size_ms), False
    if exercise.exhausted_after_s is not None:
        yield "all taken", f"the next client got PoolTimeout after {exercise.exhausted_after_s:.2f} s", False
    if exercise.dead_handed_out is not None:
        yield "backend ended", _recovery(exercise), exercise.dead_handed_out
    if exercise.shrunk_to is not None and exercise.shrink_s is not None:
        yield "left idle", _shrinking(exercise, exercise.shrunk_to, exercise.shrink_s), False
    if exercise.left_open is not None:
        yield "closed", _closing(exercise, exercise.left_open), exercise.left_open > 0


def _recovery(exercise: Exercise) -> str:
    dead = "a client got the dead connection" if exercise.dead_handed_out else "no client noticed"
    if exercise.recovered_ms is None:
        return f"{dead}; none worked in the time given"
    return f"{dead}; a working one after {format_ms(exercise.recovered_ms)}"


def _shrinking(exercise: Exercise, left: int, took_s: float) -> str:
    period = exercise.shrink_idle_s
    used = "" if period is None else f", max_idle {format_s(round(period, 2))}"
    return f"from {exercise.max_size} to {left} connections in {took_s:.2f} s{used}"


def _closing(exercise: Exercise, left_open: int) -> str:
    left = count_of(left_open, "backend is", "backends are") + " left" if left_open else "nothing is left"
    most = "" if exercise.most_used is None else f"; the server saw {exercise.most_used} at most"
    return f"{left}{most}"


def _load_figures(load: AcquireTimes) -> tuple[str, ...]:
    times = (format_ms(load.p50_ms), format_ms(load.p95_ms), format_ms(load.p99_ms))
    return (*times, f"{load.timeouts:,}", f"{load.per_s:,.0f}")


def _load_name(exercise: Exercise, load: AcquireTimes) -> str:
    workers = count_of(load.workers, "worker", "workers")
    return f"{workers} on {count_of(exercise.max_size, 'connection', 'connections')}"
