"""Slow statements and plans of real logs (tests/corpus/logs) are counted once for each call."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.model.workload import Workload, WorkloadOrigin
from pgtune.parse.log_entry import LogEntry, TruncatedEntry
from pgtune.parse.log_workload import LogTally, read_values
from pgtune.parse.server_log import PLANS_AND_STATEMENTS, read_log
from pgtune.parse.workload import workload_of_logs

LOGS = Path(__file__).parents[1] / "corpus" / "logs"
# Statements are found by their English words; syslog.15.log, ru and fr hold plans only that pgtune can read.
BOTH_KINDS = sorted(
    path.name
    for path in LOGS.iterdir()
    if path.suffix != ".md" and path.name.split(".")[0] not in ("syslog", "ru", "fr", "xml")
)
PREFIX = "2026-11-21 03:37:04.945 UTC [4563] "


def entries_of(name: str) -> list[LogEntry | TruncatedEntry]:
    with (LOGS / name).open(encoding="utf-8", newline="") as lines:
        return list(read_log(lines, PLANS_AND_STATEMENTS))


def tally(name: str) -> LogTally:
    counted = LogTally()
    for entry in entries_of(name):
        counted.add(name, entry)
    return counted


def workload(*lines: str) -> Workload:
    counted = LogTally()
    for entry in read_log(lines, PLANS_AND_STATEMENTS):
        counted.add("a.log", entry)
    return workload_of_logs(counted.queries())


@pytest.mark.parametrize("name", BOTH_KINDS)
def test_a_call_that_was_logged_as_statement_and_as_plan_counts_once(name: str) -> None:
    kinds = [entry.is_statement for entry in entries_of(name) if isinstance(entry, LogEntry)]
    assert kinds.count(True) == kinds.count(False) == 9
    calls = {query.text: query.calls for query in tally(name).queries()}
    assert calls["select * from orders where user_id = $1 and status = $2"] == 1
    assert calls["(select sum(total) from orders where user_id = u)"] == 2
    assert sum(calls.values()) == 11


@pytest.mark.parametrize("name", BOTH_KINDS)
def test_the_values_are_those_of_the_call(name: str) -> None:
    (bound,) = [
        query for query in tally(name).queries() if "$2" in query.text and "user_id = $1" in query.text
    ]
    assert bound.values == ("42", "o'pen\n$1 = 'x'")


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_all_formats_of_one_run_give_the_same_workload(ending: str) -> None:
    def facts(name: str) -> list[tuple[str, int, float, object]]:
        return [(one.text, one.calls, one.total_ms, one.values) for one in tally(name).queries()]

    assert facts(f"text.18.{ending}") == facts("text.18.log")


def test_statements_that_went_through_syslog() -> None:
    head = "Nov 21 03:38:58 db1 postgres[5446]: "
    found = workload(
        f"{head}[5-1] {PREFIX}LOG:  duration: 12.5 ms  execute <unnamed>: SELECT *\n",
        f"{head}[5-2] #011 FROM t WHERE a = $1\n",
        f"{head}[5-3] {PREFIX}DETAIL:  parameters: $1 = 'one\n",
        f"{head}[5-4] #011two'\n",
        f"{head}[6-1] {PREFIX}LOG:  duration: 1.5 ms  statement: COMMIT\n",
    )
    (query,) = found.queries
    assert (query.text, query.values, query.total_ms) == (
        "SELECT *\n FROM t WHERE a = $1",
        ("one\ntwo",),
        12.5,
    )
    assert [skipped.reason for skipped in found.skipped] == ["transaction control"]


def test_calls_with_other_constants_are_one_query_and_the_slowest_is_planned() -> None:
    found = workload(
        PREFIX + "LOG:  duration: 5.0 ms  statement: SELECT a FROM t WHERE b = 'x' AND c IN (1, 2)\n",
        PREFIX + "LOG:  duration: 9.0 ms  statement: SELECT a FROM t WHERE b = 'it''s' AND c IN (3, 4, 5)\n",
        PREFIX + "LOG:  duration: 4.0 ms  statement: SELECT a FROM t WHERE b = 'y' AND c IN (6, 7)\n",
        PREFIX + "LOG:  duration: 30.0 ms  statement: SELECT a FROM u\n",
    )
    first, second = found.queries
    assert (first.text, first.calls, first.total_ms) == ("SELECT a FROM u", 1.0, 30.0)
    assert (second.text, second.calls, second.total_ms, second.name, second.values) == (
        "SELECT a FROM t WHERE b = 'it''s' AND c IN (3, 4, 5)",
        3.0,
        18.0,
        "a.log:2",
        (),
    )
    assert (found.origin, found.seen, found.seen_ms) == (WorkloadOrigin.LOGS, 2, 48.0)


def test_the_same_statement_twice_in_one_session_is_two_calls() -> None:
    line = PREFIX + "LOG:  duration: 5.0 ms  statement: SELECT a FROM t\n"
    assert workload(line, line).queries[0].calls == 2


def test_parse_and_bind_run_nothing() -> None:
    found = workload(
        PREFIX + "LOG:  duration: 5.0 ms  parse S_1: SELECT a FROM t\n",
        PREFIX + "LOG:  duration: 5.0 ms  bind S_1/C_1: SELECT a FROM t\n",
        PREFIX + "LOG:  duration: 5.0 ms\n",
    )
    assert found.seen == 0


def test_a_fetch_through_a_portal_counts_for_its_statement() -> None:
    found = workload(PREFIX + "LOG:  duration: 5.0 ms  execute fetch from S_1/C_2: SELECT a FROM t\n")
    assert [query.text for query in found.queries] == ["SELECT a FROM t"]


def test_parameters_under_another_session_are_not_taken() -> None:
    other = PREFIX.replace("UTC", "UTC other")
    found = workload(
        PREFIX + "LOG:  duration: 5.0 ms  execute S_1: SELECT a FROM t WHERE b = $1\n",
        other + "DETAIL:  Parameters: $1 = '42'\n",
    )
    assert found.queries[0].values is None


def test_several_statements_in_one_message_are_named() -> None:
    found = workload(PREFIX + "LOG:  duration: 5.0 ms  statement: SELECT a FROM t; SELECT b FROM u;\n")
    assert [skipped.reason for skipped in found.skipped] == [
        "several statements in one message: their times cannot be told apart"
    ]


@pytest.mark.parametrize(
    ("logged", "values"),
    [
        ("$1 = '42', $2 = NULL", ("42", None)),
        ("$1 = ''", ("",)),
        ("$1 = 'it''s, $2 = ''x''', $2 = '\n'", ("it's, $2 = 'x'", "\n")),
        ("$2 = '42'", None),
        ("$1 = '42', $2 = 'cut", None),
        ("", None),
        (None, None),
    ],
)
def test_logged_values_are_read_as_the_server_quotes_them(
    logged: str | None, values: tuple[str | None, ...] | None
) -> None:
    assert read_values(logged) == values
