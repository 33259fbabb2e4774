"""Loops in logs that are written down here: times, requests, sessions that cannot be told apart."""

from __future__ import annotations

import pytest

from pgtune.model.loop import Loop, Transaction
from pgtune.parse.loops.log_loops import LogLoops, loops_of_log


def line(at_ms: int, message: str, pid: int = 7) -> str:
    return f"2026-11-21 03:00:{at_ms // 1000:02d}.{at_ms % 1000:03d} UTC [{pid}] LOG:  {message}\n"


def lookup(at_ms: int, key: int, pid: int = 7) -> str:
    return line(at_ms, f"duration: 1.000 ms  statement: SELECT * FROM users WHERE id = {key}", pid)


def request(start_ms: int, turns: int, gap_ms: int = 20) -> list[str]:
    """One query for orders, and a lookup of its user for each."""
    parent = line(start_ms, "duration: 3.000 ms  statement: SELECT o.user_id AS buyer FROM orders o")
    return [parent, *(lookup(start_ms + gap_ms * (turn + 1), start_ms + turn) for turn in range(turns))]


def test_the_pause_of_the_client_is_what_is_not_spent_on_the_server() -> None:
    (loop,) = loops_of_log("a.log", request(1000, 6)).loops
    assert loop.place == "a.log:2 (session 7)"
    assert (loop.turns, loop.total_ms, loop.gap_ms) == (6, 6.0, 19.0)
    assert loop.parent is not None
    assert (loop.parent.place, loop.parent.column) == ("a.log:1", "buyer")


def test_many_requests_make_one_loop() -> None:
    lines = [each for start in range(1000, 20_000, 2000) for each in request(start, 6)]
    (loop,) = loops_of_log("a.log", lines).loops
    assert (loop.turns, loop.runs) == (60, 10)


def test_a_loop_that_two_logs_hold_is_one() -> None:
    reader = LogLoops()
    reader.read("a.log", request(1000, 6))
    reader.read("b.log", request(1000, 6))
    (loop,) = reader.finish().loops
    assert (loop.place, loop.turns, loop.runs) == ("a.log:2 (session 7)", 12, 2)


def test_short_loops_count_only_where_there_are_many() -> None:
    assert loops_of_log("a.log", request(1000, 6, gap_ms=5)).loops == ()
    often = [each for start in range(1000, 40_000, 2000) for each in request(start, 6, gap_ms=5)]
    (loop,) = loops_of_log("a.log", often).loops
    assert loop.turns == 120


def test_a_long_pause_ends_a_run() -> None:
    assert loops_of_log("a.log", [lookup(1000 * turn, turn) for turn in range(20)]).loops == ()


def test_a_new_session_of_the_same_pid_is_another() -> None:
    connected = line(1061, "connection authorized: user=app database=shop")
    lines = [*(lookup(1000 + 20 * turn, turn) for turn in range(4))]
    assert loops_of_log("a.log", [*lines, lookup(1080, 9)]).loops != ()
    assert loops_of_log("a.log", [*lines, connected, lookup(1080, 9)]).loops == ()


def test_without_a_pid_no_loop_is_claimed() -> None:
    lines = [each.replace(" [7]", "") for each in request(1000, 6)]
    answer = loops_of_log("a.log", lines)
    assert answer.loops == ()
    assert answer.statements == 7
    (remark,) = answer.remarks
    assert remark.startswith("7 statements without a process id")
    assert remark.endswith("set log_line_prefix = '%m [%p] '")


def cycle(turns: int) -> tuple[Loop, ...]:
    lines = [line(1000, "duration: 1.0 ms  statement: SELECT author_id, publisher_id FROM books")]
    for turn in range(turns):
        for offset, table in enumerate(("authors", "publishers")):
            at_ms = 1020 + 40 * turn + 20 * offset
            lines.append(line(at_ms, f"duration: 1.0 ms  statement: SELECT * FROM {table} WHERE id = {turn}"))
    return loops_of_log("a.log", lines).loops


def test_two_lazy_relations_are_two_loops_of_one_parent() -> None:
    loops = cycle(6)
    assert {(loop.turns, loop.parent.column if loop.parent else None, loop.cycle) for loop in loops} == {
        (6, "author_id", ("SELECT * FROM publishers WHERE id = $1",)),
        (6, "publisher_id", ("SELECT * FROM authors WHERE id = $1",)),
    }
    assert cycle(4) == ()


def test_where_fast_statements_are_not_logged_a_missing_begin_says_nothing() -> None:
    (slow,) = loops_of_log("a.log", request(1000, 6)).loops
    assert slow.transaction is Transaction.UNKNOWN
    begun = [line(900, "duration: 0.01 ms  statement: BEGIN"), *request(1000, 6)]
    (loop,) = loops_of_log("a.log", begun).loops
    assert loop.transaction is Transaction.ONE


@pytest.mark.parametrize("mark", ["/* traceparent='00-{}' */", "-- request {}"])
def test_comments_of_an_orm_do_not_split_a_loop(mark: str) -> None:
    lines = [
        line(
            1000 + 20 * turn,
            f"duration: 1.0 ms  statement: DELETE FROM t WHERE id = {turn} {mark.format(turn)}",
        )
        for turn in range(6)
    ]
    (loop,) = loops_of_log("a.log", lines).loops
    assert loop.text == "DELETE FROM t WHERE id = $1"


def test_a_log_that_went_through_syslog() -> None:
    lines = [
        f"Nov 21 03:00:01 db1 postgres[7]: [{number}-1] {each}"
        for number, each in enumerate(request(1000, 6), 1)
    ]
    (loop,) = loops_of_log("a.log", lines).loops
    assert (loop.turns, loop.gap_ms) == (6, 19.0)
