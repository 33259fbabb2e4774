"""Logs that are cut, mixed up or carried by something else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from pgtune.parse.server_log import LogEntry, TruncatedEntry, read_log, split_query_text

LOGS = Path(__file__).parents[1] / "corpus" / "logs"
PREFIX = "2026-11-21 03:37:04.945 UTC [4563] "
HEADER = PREFIX + "LOG:  duration: 0.011 ms  plan:\n"
ROOT = "Result  (cost=0.00..0.01 rows=1 width=4) (actual time=0.001..0.002 rows=1.00 loops=1)"
SELECT_1 = ["\tQuery Text: select 1\n", f"\t{ROOT}\n", "\t  Output: 1\n"]
WHOLE_BODY = f"Query Text: select 1\n{ROOT}\n  Output: 1"


def lines_of(name: str) -> list[str]:
    return (LOGS / name).read_text(encoding="utf-8").splitlines(keepends=True)


def only_entry(lines: Iterable[str]) -> LogEntry:
    (entry,) = read_log(lines)
    assert isinstance(entry, LogEntry)
    return entry


def kinds(entries: Iterable[LogEntry | TruncatedEntry]) -> str:
    return "".join("P" if isinstance(entry, LogEntry) else "t" for entry in entries)


@pytest.mark.parametrize(
    "name", ["json.18.log", "text.18.log", "xml.18.log", "json.18.csv", "text.18.csv", "json.18.json"]
)
def test_a_log_cut_anywhere_gives_the_whole_entries_and_at_most_one_damaged(name: str) -> None:
    text = (LOGS / name).read_text(encoding="utf-8")
    everything = list(read_log(text.splitlines(keepends=True)))
    for cut in range(0, len(text), 997):
        found = list(read_log(text[:cut].splitlines(keepends=True)))
        assert found[:-1] == everything[: max(len(found) - 1, 0)]


def test_an_entry_cut_in_its_json_is_reported_and_the_next_is_read() -> None:
    lines = lines_of("json.18.log")
    headers = [index for index, line in enumerate(lines) if line.endswith("plan:\n")]
    del lines[headers[1] + 20 : headers[2]]
    entries = list(read_log(lines))
    assert kinds(entries) == "PtPPPPPPP"
    assert entries[1] == TruncatedEntry(headers[1] + 1, "the JSON plan is cut off")


def test_json_that_lost_lines_in_its_middle_is_reported() -> None:
    lines = lines_of("json.18.log")
    headers = [index for index, line in enumerate(lines) if line.endswith("plan:\n")]
    closing = next(index for index in range(headers[1], headers[2]) if lines[index].strip() in ("}", "},"))
    del lines[closing : closing + 1]
    entries = list(read_log(lines))
    assert kinds(entries) == "PtPPPPPPP"
    assert entries[1] == TruncatedEntry(headers[1] + 1, "the JSON plan is damaged")


def test_braces_in_literals_do_not_count_as_damage() -> None:
    body = {"Query Text": "select '{{{'", "Plan": {"Node Type": "Result", "Output": ["'{{{'::text"]}}
    lines = [HEADER, *("\t" + line + "\n" for line in json.dumps(body, indent=2).split("\n"))]
    assert json.loads(only_entry(lines).text) == body


def test_a_csvlog_record_cut_by_a_crash_does_not_swallow_the_next() -> None:
    lines = lines_of("text.18.csv")
    headers = [index for index, line in enumerate(lines) if line.endswith("plan:\n")]
    end_of_second = next(
        index
        for index in range(headers[1], headers[2])
        if lines[index].startswith("2026") and index > headers[1]
    )
    del lines[headers[1] + 4 : end_of_second]
    entries = list(read_log(lines))
    assert kinds(entries) == "PtPPPPPPP"
    assert entries[1] == TruncatedEntry(headers[1] + 1, "the csvlog record is cut off")


@pytest.mark.parametrize("name", ["text.18.log", "text.18.csv", "json.18.log", "json.18.csv"])
def test_a_log_that_begins_inside_an_entry_gives_the_entries_after_it(name: str) -> None:
    lines = lines_of(name)
    everything = list(read_log(lines))
    headers = [index for index, line in enumerate(lines) if line.endswith("plan:\n")]
    found = list(read_log(lines[headers[1] + 6 :]))
    assert [entry.text for entry in found if isinstance(entry, LogEntry)] == [
        entry.text for entry in everything[2:] if isinstance(entry, LogEntry)
    ]


def test_a_jsonlog_line_cut_in_half_is_reported() -> None:
    lines = lines_of("text.18.json")
    number = next(index for index, line in enumerate(lines) if "plan:" in line)
    lines[number] = lines[number][: len(lines[number]) // 2] + "\n"
    entries = list(read_log(lines))
    assert kinds(entries) == "tPPPPPPPP"
    assert entries[0].line == number + 1


def test_what_the_relay_truncated_is_reported() -> None:
    lines = [HEADER, *SELECT_1, "\t[Your log message was truncated]\n", HEADER, *SELECT_1]
    assert kinds(read_log(lines)) == "tP"


@pytest.mark.parametrize(
    "body",
    [
        [],
        ["\tQuery Text: select 1\n"],
        ["\tQuery Text: select 1\n", "\tResult  (cost=0.00..0.01 rows=1 wid"],
        ["\tQuery Text: select 1\n", f"\t{ROOT}\n", "\t  Filter: (note = 'it''s (half"],
        ["\t<explain>\n", "\t  <Query-Text>select 1</Query-Text>\n"],
    ],
)
def test_an_entry_whose_plan_is_not_whole_is_reported(body: list[str]) -> None:
    entries = list(read_log([HEADER, *body]))
    assert kinds(entries) == "t"
    assert entries[0].line == 1


def test_a_parenthesis_in_the_last_literal_is_no_cut() -> None:
    lines = [HEADER, *SELECT_1, "\t  Filter: (note ~~ '%(%'::text)\n"]
    assert only_entry(lines).text.endswith("'%(%'::text)")


def test_a_lost_syslog_chunk_is_reported() -> None:
    lines = lines_of("syslog.15.log")
    lost = next(index for index, line in enumerate(lines) if "[5-9]" in line)
    assert kinds(read_log(lines[:lost] + lines[lost + 1 :])) == "tPPPPP"


def test_a_header_quoted_in_a_statement_opens_no_entry() -> None:
    quoting = PREFIX + "LOG:  duration: 0.1 ms  statement: select 'LOG:  duration: 1.0 ms  plan:'\n"
    assert kinds(read_log([quoting, HEADER, *SELECT_1, quoting])) == "P"


def test_windows_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    lines = ["\ufeff" + HEADER, *SELECT_1]
    assert only_entry([line.replace("\n", "\r\n") for line in lines]).text == WHOLE_BODY


def test_a_log_that_lost_its_tabs_is_read_up_to_the_next_message() -> None:
    lines = [
        HEADER,
        *(line.removeprefix("\t") for line in SELECT_1),
        PREFIX + "STATEMENT:  select 1\n",
        HEADER,
        *SELECT_1,
    ]
    assert [entry.text for entry in read_log(lines) if isinstance(entry, LogEntry)] == [
        WHOLE_BODY,
        WHOLE_BODY,
    ]


def test_a_notice_in_a_psql_session_is_read() -> None:
    lines = ["LOG:  duration: 0.011 ms  plan:\n", *(line.removeprefix("\t") for line in SELECT_1)]
    assert only_entry(lines).text == WHOLE_BODY


@pytest.mark.parametrize(
    "carrier",
    [
        "db-1  | ",
        "2026-11-21T03:37:04.945566789Z stderr F ",
        "Nov 21 03:38:58 db1 postgres[4563]: ",
    ],
)
def test_the_prefix_of_what_carries_the_log_is_taken_off_each_line(carrier: str) -> None:
    lines = [carrier + line for line in (HEADER, *SELECT_1, PREFIX + "LOG:  checkpoint starting: time\n")]
    assert only_entry(lines).text == WHOLE_BODY


def test_the_json_lines_of_a_container_are_read() -> None:
    log = (HEADER, *SELECT_1, PREFIX + "LOG:  checkpoint starting: time\n")
    lines = [json.dumps({"log": line, "stream": "stderr"}, separators=(",", ":")) + "\n" for line in log]
    assert only_entry(lines).text == WHOLE_BODY


@pytest.mark.parametrize("key", ["record", "jsonPayload"])
def test_a_record_inside_a_collectors_record_is_read(key: str) -> None:
    message = f"duration: 0.011 ms  plan:\n{WHOLE_BODY}"
    inner = {"message": message, "user_name": "u", "database_name": "d", "process_id": "7", "query_id": "-5"}
    entry = only_entry(
        [json.dumps({"level": "info", "logger": "postgres", "message": "x", key: inner}) + "\n"]
    )
    assert entry.text == WHOLE_BODY
    assert (entry.origin.user, entry.origin.database, entry.origin.pid) == ("u", "d", 7)
    assert entry.origin.query_id == -5


def test_the_stderr_text_in_a_collectors_record_is_read() -> None:
    record = {"textPayload": HEADER + "".join(SELECT_1), "severity": "INFO", "message": ""}
    entry = only_entry([json.dumps(record) + "\n"])
    assert entry.text == WHOLE_BODY
    assert entry.origin.pid == 4563


def test_entries_are_given_while_the_log_still_grows() -> None:
    def growing() -> Iterator[str]:
        yield from [HEADER, *SELECT_1] * 200
        raise AssertionError("read to the end before the first entry was given")

    assert isinstance(next(read_log(growing())), LogEntry)


@pytest.mark.parametrize(
    "line", ["a" * 200_000 + "plan:\n", "10:00:00 " + "a: " * 70_000 + "plan:\n", '{"' * 100_000]
)
def test_a_very_long_line_is_passed_over_quickly(line: str) -> None:
    assert kinds(read_log([line, HEADER, *SELECT_1])) == "P"  # quadratic matching would take minutes


def test_a_plan_quoted_in_the_query_text_is_no_part_of_the_plan() -> None:
    query = f"select 1 /*\n{ROOT}\n*/"
    assert split_query_text(f"Query Text: {query}\n{ROOT}\n  Output: 1") == (query, f"{ROOT}\n  Output: 1")


def test_a_body_without_query_text_is_all_plan() -> None:
    assert split_query_text(ROOT) == (None, ROOT)
    assert split_query_text('{"Plan": {}}') == (None, '{"Plan": {}}')
