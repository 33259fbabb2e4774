"""Real logs of PostgreSQL 15 and 18 (tests/corpus/logs) give every plan that the server logged."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pgtune.parse.log_entry import SESSIONS
from pgtune.parse.server_log import (
    LogEntry,
    TruncatedEntry,
    looks_like_log,
    read_log,
    read_query_parameters,
    split_query_text,
)

CORPUS = Path(__file__).parents[1] / "corpus"
LOGS = CORPUS / "logs"
LOG_FILES = sorted(path.name for path in LOGS.iterdir() if path.suffix != ".md")

TOP_SELLERS = """select u.name,
\tcount(*) -- orders of each user; "plan:"
from users u
  join orders o on o.user_id = u.id
where o.status = 'open'
group by u.name
order by 2 desc
limit 5"""
LITERAL = (
    "select * from orders where note = E'it''s\n\tduration: 1.0 ms  plan:\nSeq Scan on x \"q\" {' or id = 7"
)
NESTED = "(select sum(total) from orders where user_id = u)"
CALLER = 'select /* {"a": "}"} */ totals(id) from users where id < 3'
PARAMETRISED = "select * from orders where user_id = $1 and status = $2"
UPDATE = "update orders set note = 'ü \\ x' where id = 5"
QUERIES = [
    "select 1",
    TOP_SELLERS,
    LITERAL,
    PARAMETRISED,
    NESTED,
    NESTED,
    CALLER,
    UPDATE,
    "select count(*) from orders",
]
WITHOUT_NESTED = [query for query in QUERIES if query != NESTED]
CUT_FILES = {"xml.18.log": QUERIES[:6], "ru.15.log": WITHOUT_NESTED, "fr.15.log": WITHOUT_NESTED}


def read_file(name: str) -> list[LogEntry | TruncatedEntry]:
    with (LOGS / name).open(encoding="utf-8", newline="") as lines:
        return list(read_log(lines))


def entries_of(name: str) -> list[LogEntry]:
    entries = read_file(name)
    whole = [entry for entry in entries if isinstance(entry, LogEntry)]
    assert whole == entries
    return whole


@pytest.mark.parametrize("name", [name for name in LOG_FILES if not name.startswith("syslog")])
def test_every_logged_query_is_found_with_its_exact_text(name: str) -> None:
    queries = [split_query_text(entry.text)[0] for entry in entries_of(name)]
    assert queries == CUT_FILES.get(name, QUERIES)


@pytest.mark.parametrize("name", [name for name in LOG_FILES if name.split(".")[0] in ("text", "rds", "ru")])
def test_the_plan_of_a_text_entry_begins_with_its_root_and_ends_with_the_settings(name: str) -> None:
    for entry in entries_of(name):
        lines = split_query_text(entry.text)[1].split("\n")
        assert "  (cost=" in lines[0]
        assert not lines[0].startswith(("Query", " "))
        assert lines[-1].startswith("Settings: ")


@pytest.mark.parametrize(
    "name", ["json.18.log", "json.18.csv", "json.18.json", "noprefix.15.log", "fr.15.log"]
)
def test_the_plan_of_a_json_entry_is_one_json_object(name: str) -> None:
    for entry in entries_of(name):
        query, plan = split_query_text(entry.text)
        record = json.loads(plan)
        assert record["Query Text"] == query
        assert record["Plan"]["Node Type"]


@pytest.mark.parametrize("plan_format", ["text", "json"])
def test_stderr_csvlog_and_jsonlog_of_one_run_give_the_same_entries(plan_format: str) -> None:
    facts = [
        [(entry.duration_ms, entry.text, entry.origin.timestamp, entry.origin.pid) for entry in entries]
        for entries in (entries_of(f"{plan_format}.18.{ending}") for ending in ("log", "csv", "json"))
    ]
    assert facts[0] == facts[1] == facts[2]


def test_line_number_and_duration_are_those_of_the_header() -> None:
    lines = (LOGS / "text.18.log").read_text(encoding="utf-8").split("\n")
    for entry in entries_of("text.18.log"):
        assert lines[entry.line - 1].endswith(f"duration: {entry.duration_ms:.3f} ms  plan:")


def test_the_database_and_user_are_read_from_records_and_from_common_prefixes() -> None:
    for name in ("text.18.csv", "text.18.json", "rds.18.log", "session.15.log"):
        origin = entries_of(name)[0].origin
        assert (origin.database, origin.user) == ("postgres", "postgres")


def test_logged_parameters_are_told_apart_from_the_query() -> None:
    parameters = [read_query_parameters(entry.text) for entry in entries_of("text.18.log")]
    assert parameters[3] == "$1 = '42', $2 = 'o''pen\n$1 = ''x'''"
    assert parameters[:3] == [None, None, None]


def test_two_backends_mixed_by_syslog_are_put_together_again() -> None:
    text, as_json = [], []
    for entry in entries_of("syslog.15.log"):
        (as_json if entry.text.startswith("{") else text).append(entry)
    numbers = ", ".join(str(number) for number in range(1, 400))
    queries = [
        f"select * from orders where id in ({numbers})",
        "select totals(7)",
        "select count(*) from orders",
    ]
    assert [split_query_text(entry.text)[0] for entry in text] == queries
    assert [split_query_text(entry.text)[0] for entry in as_json] == queries
    assert json.loads(as_json[0].text)["Plan"]["Node Type"] == "Gather"
    assert ",398,399}'::integer[]))" in text[0].text  # a word of over 900 bytes, cut by the server
    assert {entry.origin.pid for entry in text}.isdisjoint(entry.origin.pid for entry in as_json)


@pytest.mark.parametrize("name", LOG_FILES)
def test_the_log_is_recognised(name: str) -> None:
    assert looks_like_log((LOGS / name).read_text(encoding="utf-8")[:65536])


def test_no_explain_output_of_the_corpus_is_taken_for_a_log() -> None:
    plans = sorted((CORPUS / "matrix").iterdir())
    assert plans
    assert [path.name for path in plans if looks_like_log(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Seq Scan on logs  (cost=0.00..1.00 rows=1 width=1)\n  Filter: (line ~~ '10:00:00 LOG:  x%'::text)\n",
        "Result  (cost=0.00..0.01 rows=1 width=4)\n  Output: '1:00:00 LOG:  duration: 1.0 ms  plan:'\n",
        "SELECT * FROM logs WHERE line LIKE '%10:00:00 LOG:  duration: 1.0 ms  plan:%';\n",
        "-- 2026-11-21 03:37:04 UTC LOG:  duration: 1.0 ms  plan:\nSELECT 1;\n",
        '[\n  {\n    "Plan": {\n      "Node Type": "Result"\n    }\n  }\n]\n',
        '{"Query Text": "select 1", "Plan": {"Node Type": "Result"}}\n',
        "Query Text: select 1\nResult  (cost=0.00..0.01 rows=1 width=4)\n",
    ],
)
def test_plans_and_sql_that_quote_a_log_are_no_log(text: str) -> None:
    assert not looks_like_log(text)


def test_a_log_without_plans_is_a_log_and_holds_nothing() -> None:
    lines = ["2026-11-21 03:37:04.944 UTC [1] LOG:  database system is ready to accept connections\n"]
    assert looks_like_log(lines[0])
    assert list(read_log(lines)) == []
    assert list(read_log([])) == []


def test_a_csvlog_statement_longer_than_the_csv_module_reads_is_whole() -> None:
    statement = f"""INSERT INTO notes ("text") VALUES ('{"x" * csv.field_size_limit()}')"""
    message = f"duration: 1.5 ms  statement: {statement}".replace('"', '""')
    at = "2026-11-21 03:37:04.944 UTC"
    origin = f'{at},"app","shop",7,"[local]",6920a1b2.7,1,"INSERT",{at},3/9,0'
    record = f'{origin},LOG,00000,"{message}",,,,,,,,,"","",,0\n'
    (entry,) = read_log([record], SESSIONS)
    assert isinstance(entry, LogEntry)
    assert (entry.text, entry.duration_ms, entry.origin.pid) == (statement, 1.5, 7)
