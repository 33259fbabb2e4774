"""SQL files are split where the server, and psql with it, ends a statement."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgtune.errors import StatementError
from pgtune.parse.sql_split import read_script
from pgtune.parse.sql_tokens import read_tokens


def texts(sql: str) -> list[str]:
    return [statement.text for statement in read_script(sql).statements]


WHOLE = [
    "SELECT ';'",
    "SELECT 'it''s; fine'",
    r"SELECT E'\'; still \\'",
    "SELECT E'a'\n  '\\'; continued'",
    "SELECT E'a' -- why; not\n '\\'; continued'",
    r"SELECT '\', 1",
    'SELECT ";" FROM "a"";b"',
    "SELECT U&\"d;\\0061\" , U&'\\0041;'",
    "SELECT $$;$$",
    "SELECT $tag$ $$; $tag ; $tag$",
    "SELECT $é$;$é$",
    "SELECT a$b$, ';', c$b$ FROM t",
    "SELECT 1 /* ; /* nested; */ ; */ + 2",
    "SELECT 1 -- ; no\n + 2",
    "SELECT 1 +-- ;\n 2",
    "SELECT 2*/* ; */3",
    "CREATE RULE r AS ON UPDATE TO t DO ALSO (DELETE FROM u; DELETE FROM v)",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END",
    "create or replace procedure p() begin atomic insert into t values (1); end",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$",
    "DO $$ BEGIN PERFORM 1; END $$",
    "SELECT b'0;1', x'1F', n'a;b', bit'1'",
    "SELECT data ? 'a', data ?| array['b;'], 5 % 2, 1::int, a[1:2] FROM t WHERE x = $1",
    "SELECT 'a\u00a0;'",
    'SELECT 1 AS "☃;"',
]


@pytest.mark.parametrize("statement", WHOLE)
def test_a_semicolon_that_ends_nothing_splits_nothing(statement: str) -> None:
    assert texts(f"{statement};\nSELECT 2;") == [statement, "SELECT 2"]
    assert texts(f"SELECT 2;{statement}") == ["SELECT 2", statement]


BLANKS = st.sampled_from(["", " ", "\n", "\t\r\n", " -- a comment; 'quote\n", "/* ; ' $$ */", "\n\n"])


@given(st.lists(st.tuples(BLANKS, st.sampled_from(WHOLE), BLANKS), min_size=1, max_size=6))
def test_joined_statements_split_into_themselves(parts: list[tuple[str, str, str]]) -> None:
    sql = "".join(f"{before}{statement}{after};" for before, statement, after in parts)
    assert texts(sql) == [statement for _, statement, _ in parts]
    for statement in read_script(sql).statements:
        assert sql.startswith(statement.text, statement.offset)
        assert statement.line == sql[: statement.offset].count("\n") + 1


ANY_TEXT = st.text(alphabet="ab1'\"$;/*-\\\n (e:%,[]\u00e9", max_size=40)


@given(ANY_TEXT)
def test_the_tokens_of_any_text_are_the_text(sql: str) -> None:
    tokens: list[str] = []
    with contextlib.suppress(StatementError):
        tokens.extend(token.text for token in read_tokens(sql))
    assert sql.startswith("".join(tokens))
    if not any(opening in sql for opening in ("'", '"', "$", "/*")):
        assert "".join(tokens) == sql


@given(ANY_TEXT)
def test_a_statement_splits_into_itself(sql: str) -> None:
    try:
        statements = texts(sql)
    except StatementError:
        return
    for statement in statements:
        assert texts(statement) == [statement]
        assert texts(statement + ";") == [statement] or "(" in statement


def test_the_text_starts_at_the_first_token_and_ends_at_the_last() -> None:
    sql = "\ufeff-- header\n\n  SELECT 1\n  FROM t  -- tail\n ;\n"
    (statement,) = read_script(sql).statements
    assert statement.text == "SELECT 1\n  FROM t"
    assert statement.line == 3


def test_comments_belong_to_the_statement_they_stand_at() -> None:
    sql = "-- one\n/* two */ SELECT 1 -- three\n, 2; -- four\n-- five\nSELECT 3;\n-- six\n"
    first, second = read_script(sql).statements
    assert [(comment.text, comment.line) for comment in first.comments] == [
        ("-- one", 1),
        ("/* two */", 2),
        ("-- three", 2),
        ("-- four", 3),
    ]
    assert [comment.text for comment in second.comments] == ["-- five", "-- six"]


@pytest.mark.parametrize("sql", ["", " \n", ";", " ; ;; ", "-- only a comment", "/* ; */"])
def test_a_file_without_a_statement_gives_none(sql: str) -> None:
    assert texts(sql) == []


def test_psql_commands_are_reported_and_not_sent() -> None:
    script = read_script("\\set ON_ERROR_STOP on\nSELECT 1;\n  \\echo it's; done\nSELECT 2\n\\timing\n, 3;\n")
    assert [statement.text for statement in script.statements] == ["SELECT 1", "SELECT 2\n, 3"]
    assert [(command.text, command.line) for command in script.skipped] == [
        ("\\set ON_ERROR_STOP on", 1),
        ("\\echo it's; done", 3),
        ("\\timing", 5),
    ]


@pytest.mark.parametrize(
    "command", ["\\g", "\\gx out.txt", "\\gset", "\\gexec", "\\watch 5", "\\crosstabview"]
)
def test_a_psql_command_that_sends_ends_the_statement(command: str) -> None:
    assert texts(f"SELECT 1 {command}\nSELECT 2") == ["SELECT 1", "SELECT 2"]


def test_psqls_escaped_semicolon_divides_too() -> None:
    assert texts("SELECT 1\\; SELECT 2;") == ["SELECT 1", "SELECT 2"]


def test_the_data_of_a_copy_is_not_read_as_sql() -> None:
    script = read_script("COPY t (a) FROM stdin;\nit's 1;\nSELECT\n\\.\n\nSELECT 2;\n")
    assert [statement.text for statement in script.statements] == ["COPY t (a) FROM stdin", "SELECT 2"]
    assert script.statements[1].line == 6
    assert [command.line for command in script.skipped] == [2]


@pytest.mark.parametrize(
    ("sql", "line", "what"),
    [
        ("SELECT 1;\nSELECT 'open;\n\n", 2, "string has no closing quote"),
        ("SELECT 'a''", 1, "string has no closing quote"),
        ("SELECT E'a\\'", 1, "string has no closing quote"),
        ('\n\nSELECT "open', 3, "quoted name has no closing quote"),
        ("SELECT 1;\n/* a /* b */\n", 2, "comment has no closing */"),
        ("SELECT 1;\nDO $x$\n$$ $y$", 2, "string has no closing $x$"),
    ],
)
def test_what_does_not_end_is_refused_at_the_line_where_it_starts(sql: str, line: int, what: str) -> None:
    with pytest.raises(StatementError, match=rf"^line {line}: ") as refused:
        read_script(sql)
    assert what in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_refusal_points_at_the_opening_quote() -> None:
    with pytest.raises(StatementError) as refused:
        read_script("SELECT 1,\n  'open")
    assert refused.value.context == "LINE 2:   'open\n          ^"


@pytest.mark.parametrize(
    "piece",
    ["SELECT 1;\n", "-- c\n", "''", "(", "/*", "$a", "E'\\''", "\\x\n", "[", "a", "SELECT 'x' -- \n", "--"],
)
def test_the_time_grows_with_the_length_of_the_file(piece: str) -> None:
    def seconds(repeat: int) -> float:
        start = time.process_time()
        with contextlib.suppress(StatementError):
            read_script("SELECT 1; " + piece * repeat)
        return time.process_time() - start

    assert seconds(40_000) < 60 * (
        seconds(4_000) + 0.01
    )  # ten times the text; quadratic would be a hundred times
