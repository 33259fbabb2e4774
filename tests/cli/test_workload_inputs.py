"""SQL files and logs become a workload; what cannot is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.cli.workload_inputs import read_workload
from pgtune.errors import InputError, UsageError
from pgtune.model.workload import WorkloadOrigin

LOGS = Path(__file__).parents[1] / "corpus" / "logs"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_statement_of_a_directory_is_a_query_named_by_file_and_line(directory: Path) -> None:
    (directory / "q").mkdir()
    (directory / "q/b.sql").write_text(
        "SELECT a FROM t WHERE b = :b;\n-- pgtune: calls 5000\nSELECT c FROM u;\n"
    )
    (directory / "q/a.sql").write_text("BEGIN;\nUPDATE t SET a = 1 WHERE b = %(b)s;\nCOMMIT;\n")
    (directory / "q/c.sql").write_text("-- pgtune: param 1=42\nSELECT a FROM t WHERE b = $1\n")
    found = read_workload(["q"], [], {"b": "7"})
    assert [(query.name, query.text, query.values, query.calls) for query in found.queries] == [
        ("q/a.sql:2", "UPDATE t SET a = 1 WHERE b = $1", ("7",), 1.0),
        ("q/b.sql:1", "SELECT a FROM t WHERE b = $1", ("7",), 1.0),
        ("q/b.sql:3", "SELECT c FROM u", (), 5000.0),
        ("q/c.sql", "SELECT a FROM t WHERE b = $1", ("42",), 1.0),
    ]
    assert [query.number for query in found.queries] == [0, 1, 2, 3]
    assert [(skipped.name, skipped.reason) for skipped in found.skipped] == [
        ("q/a.sql:1", "transaction control"),
        ("q/a.sql:3", "transaction control"),
    ]
    assert (found.origin, found.seen, found.seen_ms) == (WorkloadOrigin.FILES, 6, None)
    assert not found.is_timed
    assert [(str(write.relation), set(write.columns), write.rows) for write in found.writes] == [
        ("t", {"a"}, 1.0)
    ]


def test_the_option_wins_over_the_comment_and_a_missing_value_means_none(directory: Path) -> None:
    (directory / "a.sql").write_text(
        "-- pgtune: param x=1\nSELECT a FROM t WHERE b = :x AND c = :y;\n"
        "-- pgtune: param x=1\nSELECT a FROM t WHERE b = :x\n"
    )
    missing, complete = read_workload(["a.sql"], [], {"x": "2"}).queries
    assert (missing.values, complete.values) == (None, ("2",))


def test_a_typed_parameter_without_a_value_can_be_planned(directory: Path) -> None:
    (directory / "a.sql").write_text("SELECT a FROM t WHERE at > now() - interval :age")
    (query,) = read_workload(["a.sql"], [], {}).queries
    assert query.text == "SELECT a FROM t WHERE at > now() - CAST($1 AS interval)"


def test_several_logs_are_counted_together() -> None:
    names = [str(LOGS / "text.18.log"), str(LOGS / "text.15.log")]
    found = read_workload([], names, {})
    (query,) = [query for query in found.queries if query.text.startswith("select u.name")]
    assert query.calls == 2
    assert query.total_ms == pytest.approx(7.354 + 5.770, abs=0.01)


def test_entries_that_a_log_does_not_hold_whole_are_counted_as_skipped(directory: Path) -> None:
    (directory / "a.log").write_text(
        "2026-11-21 03:37:04.945 UTC [1] LOG:  duration: 5.0 ms  statement: SELECT a FROM t\n"
        "2026-11-21 03:37:04.945 UTC [1] LOG:  duration: 0.011 ms  plan:\n\tQuery Text: select 1\n"
    )
    found = read_workload([], ["a.log"], {})
    assert [(skipped.name, skipped.reason) for skipped in found.skipped] == [
        ("a.log", "the log does not hold it whole")
    ]
    assert found.seen == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "BEGIN; SELECT 1;",
            r"^a.sql: nothing to plan \(transaction control, reads no table\); give SQL files",
        ),
        ("-- nothing\n", r"^a.sql: no statements; give SQL files, server logs with --logs, or a database"),
        ("SELECT 'open", r"^a.sql: line 1: string has no closing quote"),
        ("SELECT 1;\n-- pgtune: calls x\nSELECT a FROM t", r"^a.sql:3: line 2: calls takes a number above 0"),
        (" ", r"^a.sql: nothing in it"),
    ],
)
def test_a_file_without_a_query_is_refused_in_one_line(directory: Path, text: str, message: str) -> None:
    (directory / "a.sql").write_text(text)
    with pytest.raises(InputError, match=message) as refused:
        read_workload(["a.sql"], [], {})
    assert "\n" not in str(refused.value)


def test_a_log_without_durations_says_which_setting_writes_them(directory: Path) -> None:
    (directory / "a.log").write_text("2026-11-21 03:37:04 UTC [1] LOG:  database system is ready\n")
    with pytest.raises(InputError, match=r"^a.log: no statement with its duration; set log_min_duration_"):
        read_workload([], ["a.log"], {})


def test_a_log_among_the_files_is_told_where_to_go() -> None:
    with pytest.raises(InputError, match="a server log; give it with --logs"):
        read_workload([str(LOGS / "text.18.log")], [], {})


def test_files_and_logs_are_not_mixed() -> None:
    with pytest.raises(UsageError, match="give one of the two"):
        read_workload(["a.sql"], ["a.log"], {})


def test_progress_is_told_while_a_long_log_is_read(directory: Path) -> None:
    line = "2026-11-21 03:37:04.945 UTC [1] LOG:  duration: 5.0 ms  statement: SELECT a FROM t\n"
    (directory / "a.log").write_text(line * 110_000)
    told: list[float] = []
    read_workload([], ["a.log"], {}, lambda _doing, fraction: told.append(fraction))
    assert told
    assert all(0 < fraction <= 1 for fraction in told)
