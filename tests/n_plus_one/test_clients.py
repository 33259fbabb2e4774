"""The loops of real clients are found in the log of a real server; what they do at once is not blamed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from pgtune.model.loop import Loop, Transaction
from pgtune.parse.loops.log_loops import LoggedLoops, loops_of_log
from tests.n_plus_one import asyncpg_client, django_client, psycopg_client, sqlalchemy_client
from tests.n_plus_one.conftest import ENDINGS, LoggingServer
from tests.n_plus_one.shop_schema import TURNS

WITHOUT_DURATIONS = {"log_statement": "all", "log_min_duration_statement": "-1"}
LOG_SETTINGS: list[Mapping[str, str]] = [
    {},
    {"log_statement": "all"},
    WITHOUT_DURATIONS,
    {**WITHOUT_DURATIONS, "log_duration": "on"},
]
LOOKUPS = [
    (psycopg_client.n_plus_one, "user_id"),
    (asyncpg_client.fetch_loop, "id"),
    (sqlalchemy_client.lazy_parent, "user_id"),
    (sqlalchemy_client.lazy_children, "id"),
    (django_client.lazy_parent, "user_id"),
    (django_client.lazy_children, "id"),
]
AT_ONCE = [
    psycopg_client.lookups_with_any,
    psycopg_client.executemany,
    asyncpg_client.executemany,
    sqlalchemy_client.selectin_children,
    sqlalchemy_client.joined_children,
    sqlalchemy_client.add_all,
    django_client.select_related,
    django_client.prefetch_related,
    django_client.bulk_create,
]
Program = Callable[[str], None]


def found(server: LoggingServer, program: Program, ending: str = "log", **settings: str) -> LoggedLoops:
    return loops_of_log(f"shop.{ending}", server.lines_of(program, **settings)[ending])


def only_loop(server: LoggingServer, program: Program, **settings: str) -> Loop:
    (loop,) = found(server, program, **settings).loops
    return loop


@pytest.mark.parametrize(("program", "column"), LOOKUPS, ids=lambda value: getattr(value, "__module__", None))
def test_the_lookups_and_the_query_that_they_follow_are_found(
    logging_server: LoggingServer, program: Program, column: str
) -> None:
    loop = only_loop(logging_server, program)
    assert (loop.turns, loop.runs, loop.cycle) == (TURNS, 1, ())
    assert len(set(loop.values)) == TURNS
    assert loop.parent is not None
    assert (loop.parent.column, loop.parent.parameter) == (column, 1)
    assert "$1" in loop.text


@pytest.mark.parametrize("program", AT_ONCE, ids=lambda program: f"{program.__module__}.{program.__name__}")
def test_what_is_done_at_once_is_not_blamed(logging_server: LoggingServer, program: Program) -> None:
    answer = found(logging_server, program)
    assert answer.statements
    assert answer.loops == ()


@pytest.mark.parametrize("settings", LOG_SETTINGS, ids=str)
def test_whatever_setting_has_the_statements_logged(
    logging_server: LoggingServer, settings: Mapping[str, str]
) -> None:
    loop = only_loop(logging_server, psycopg_client.insert_loop, **settings)
    assert (loop.turns, loop.transaction) == (TURNS, Transaction.EACH)
    assert loop.text == "INSERT INTO logs (data) VALUES ($1)"
    assert loop.values[:2] == (("it's 0",), ("it's 1",))
    assert (loop.total_ms is None) == (settings == WITHOUT_DURATIONS)
    assert (loop.gap_ms is None) == (settings == WITHOUT_DURATIONS)


def test_all_formats_of_one_run_show_the_same_loop(logging_server: LoggingServer) -> None:
    lines = logging_server.lines_of(psycopg_client.update_loop_with_literals)
    loops = [loops_of_log("shop", lines[ending]).loops for ending in ENDINGS]
    facts = {(loop.text, loop.values, loop.turns, loop.transaction, loop.total_ms) for (loop,) in loops}
    ((text, values, turns, transaction, _),) = facts
    assert text == "UPDATE users SET name = $1 WHERE id = $2"
    assert values[0] == ("it's 0", "1")
    assert (turns, transaction) == (TURNS, Transaction.ONE)


@pytest.mark.parametrize(
    "program",
    [sqlalchemy_client.commit_each, django_client.save_each],
    ids=lambda program: program.__module__,
)
def test_an_orm_that_commits_each_row(logging_server: LoggingServer, program: Program) -> None:
    loops = found(logging_server, program).loops
    (insert,) = [loop for loop in loops if loop.text.startswith("INSERT")]
    assert (insert.turns, insert.transaction) == (TURNS, Transaction.EACH)


def test_sessions_that_alternate_are_told_apart(logging_server: LoggingServer) -> None:
    loops = found(logging_server, psycopg_client.two_loops_at_once).loops
    assert {(loop.text.split()[0], loop.turns, loop.transaction, loop.cycle) for loop in loops} == {
        ("DELETE", TURNS, Transaction.EACH, ()),
        ("SELECT", TURNS, Transaction.ONE, ()),
    }


@pytest.mark.parametrize("settings", LOG_SETTINGS, ids=str)
def test_statements_that_failed_are_no_turns(
    logging_server: LoggingServer, settings: Mapping[str, str]
) -> None:
    assert found(logging_server, psycopg_client.failing_inserts, **settings).loops == ()


def test_the_same_values_again_and_again_are_polling(logging_server: LoggingServer) -> None:
    answer = found(logging_server, psycopg_client.polling)
    assert answer.loops == ()
    (remark,) = answer.remarks
    assert remark.startswith(f"{TURNS} statements ran again and again with the same values")


def test_values_that_the_log_does_not_hold_are_not_guessed(logging_server: LoggingServer) -> None:
    answer = found(logging_server, psycopg_client.insert_loop, log_parameter_max_length="0")
    assert answer.loops == ()
    (remark,) = answer.remarks
    assert "log_parameter_max_length = -1" in remark
