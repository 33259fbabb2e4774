"""Runs of like statements in SQL files become loops with their values; anything else does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pgtune.errors import StatementError
from pgtune.model.loop import MAX_SAMPLES, Loop, LoopOrigin, Transaction
from pgtune.parse.loops.file_loops import loops_of_script
from pgtune.parse.loops.limits import LoopLimits
from pgtune.parse.loops.statement_stream import stream_statements


def loops(script: str, min_turns: int = 5) -> tuple[Loop, ...]:
    return loops_of_script(
        "seed.sql", stream_statements(script.splitlines(keepends=True)), LoopLimits(min_turns=min_turns)
    )


def repeated(turn: Callable[[int], str], times: int = 6) -> str:
    return "".join(turn(number) + "\n" for number in range(1, times + 1))


def test_what_changes_becomes_a_parameter_and_what_does_not_stays() -> None:
    (loop,) = loops(
        repeated(
            lambda n: f"INSERT INTO logs (data, kind, day) VALUES ('it''s {n}', 5, DATE '2026-01-0{n}');"
        )
    )
    assert loop.origin is LoopOrigin.FILES
    assert loop.place == "seed.sql:1-6"
    assert loop.text == "INSERT INTO logs (data, kind, day) VALUES ($1, 5, $2::DATE)"
    assert loop.turns == 6
    assert loop.values[0] == ("it's 1", "2026-01-01")
    assert loop.differs is None


def test_null_true_and_negative_numbers_are_values() -> None:
    rows = [
        "NULL, TRUE, -1",
        "'x', false, 2",
        r"E'a\n', NULL, -.5",
        "$$it's$$, true, 1e3",
        "$q$y$q$, true, 7",
    ]
    (loop,) = loops("".join(f"INSERT INTO t VALUES ({row});" for row in rows))
    assert loop.text == "INSERT INTO t VALUES ($1, $2, $3)"
    assert loop.values == (
        (None, "true", "-1"),
        ("x", "false", "2"),
        ("a\n", None, "-.5"),
        ("it's", "true", "1e3"),
        ("y", "true", "7"),
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("BEGIN;\n" + repeated(lambda n: f"DELETE FROM t WHERE id = {n};") + "COMMIT;", Transaction.ONE),
        (repeated(lambda n: f"DELETE FROM t WHERE id = {n};"), Transaction.EACH),
        (repeated(lambda n: f"START TRANSACTION; DELETE FROM t WHERE id = {n}; END;"), Transaction.EACH),
        (
            repeated(lambda n: ("COMMIT; BEGIN;" if n % 3 == 0 else "") + f"DELETE FROM t WHERE id = {n};"),
            Transaction.UNKNOWN,
        ),
    ],
    ids=["one", "none", "each", "some"],
)
def test_how_the_turns_are_committed(script: str, expected: Transaction) -> None:
    (loop,) = loops(script)
    assert (loop.turns, loop.transaction) == (6, expected)


def test_comments_and_psql_commands_between_turns_do_not_end_a_run() -> None:
    (loop,) = loops(
        repeated(
            lambda n: f"-- row {n}\n\\echo {n}\nUPDATE t /* {n} */ SET a = {n} WHERE id = {n * 2}; -- done\n"
        )
    )
    assert loop.turns == 6
    assert loop.text == "UPDATE t   SET a = $1 WHERE id = $2"
    assert loop.values[-1] == ("6", "12")


def test_another_statement_ends_a_run() -> None:
    four = repeated(lambda n: f"INSERT INTO t VALUES ({n});", times=4)
    assert loops(four + "CREATE TABLE x ();" + four) == ()
    (loop,) = loops(four + "CREATE TABLE x ();" + four, min_turns=4)[:1]
    assert loop.place == "seed.sql:1-4"


def test_statements_that_take_turns_are_loops_that_name_each_other() -> None:
    parent, child = loops(
        repeated(lambda n: f"INSERT INTO p VALUES ({n}); INSERT INTO c VALUES ({n}, 'x{n}');")
    )
    assert (parent.text, parent.cycle) == ("INSERT INTO p VALUES ($1)", ("INSERT INTO c VALUES ($1, $2)",))
    assert (child.turns, child.cycle) == (6, ("INSERT INTO p VALUES ($1)",))


def test_expressions_that_differ_are_shown_and_give_no_parameters() -> None:
    (loop,) = loops(repeated(lambda n: f"INSERT INTO t VALUES ({n}, {'DEFAULT' if n % 2 else 'now()'});"))
    assert loop.turns == 6
    assert loop.values == ()
    assert "$" not in loop.text
    assert loop.differs == "DEFAULT, now ( )"


def test_a_prepared_statement_that_is_executed() -> None:
    (loop,) = loops(
        "PREPARE p (int, text) AS INSERT INTO t (a, b) VALUES ($1, $2);"
        + repeated(lambda n: f"EXECUTE p({n}, NULL);")
    )
    assert loop.text == "INSERT INTO t (a, b) VALUES ($1, $2)"
    assert loop.values[:2] == (("1", None), ("2", None))


@pytest.mark.parametrize(
    "turn",
    [
        lambda n: f"INSERT INTO t VALUES ({n}), ({n + 100});",
        lambda n: f"SELECT * FROM t WHERE id IN ({n}, {n + 1});",
        lambda n: f"SELECT * FROM t WHERE id = ANY ('{{{n},2}}');",
        lambda n: f"INSERT INTO t (a) SELECT * FROM unnest(('{{{n},2}}')::int[]);",
        lambda n: f"SELECT * FROM t ORDER BY id LIMIT 100 OFFSET {n}00;",
        lambda n: f"SELECT * FROM t WHERE id > {n}00 ORDER BY id LIMIT 100;",
        lambda n: f"SELECT * FROM t WHERE id = {n % 2};",
        lambda n: f"SELECT pg_catalog.setval('public.t_id_seq', {n}, true);",
        lambda n: f"SELECT * FROM pg_class WHERE oid = {n};",
        lambda n: f"SET work_mem = {n};",
        lambda n: f"INSERT INTO t{n} (a) VALUES (1);",
    ],
    ids=["rows", "in", "any", "unnest", "pages", "keyset", "same", "setval", "catalog", "set", "tables"],
)
def test_what_is_no_loop(turn: Callable[[int], str]) -> None:
    assert loops(repeated(turn)) == ()


@pytest.mark.parametrize(
    "wrapped",
    [
        "CREATE FUNCTION f() RETURNS void BEGIN ATOMIC {} END;",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ {} $$;",
        "CREATE RULE r AS ON INSERT TO t DO ({});",
        "COPY t FROM STDIN;\n{}\\.\n",
    ],
)
def test_statements_inside_another_are_none_of_the_file(wrapped: str) -> None:
    assert loops(wrapped.format(repeated(lambda n: f"INSERT INTO t VALUES ({n});"))) == ()


def test_a_comment_allows_the_loop() -> None:
    (loop,) = loops(
        "-- pgtune: allow row-by-row-insert a test of triggers\n"
        + repeated(lambda n: f"INSERT INTO t VALUES ({n});")
    )
    assert [(allow.rule, allow.line) for allow in loop.allows] == [("row-by-row-insert", 1)]


def test_samples_are_limited_and_turns_are_not() -> None:
    (loop,) = loops(repeated(lambda n: f"INSERT INTO t VALUES ({n});", times=MAX_SAMPLES + 500))
    assert (loop.turns, len(loop.values)) == (MAX_SAMPLES + 500, MAX_SAMPLES)


def test_an_unclosed_string_is_named_with_its_line() -> None:
    with pytest.raises(StatementError, match=r"line 3: string has no closing quote"):
        loops("SELECT 1;\n\nSELECT 'x;\n")
