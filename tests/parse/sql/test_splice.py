"""A changed statement keeps what was not changed: comments, line breaks, spelling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlglot import exp

from pgtune.parse.sql.splice import side_by_side, splice
from pgtune.parse.sql.statement import condition
from pgtune.parse.sql.tree import parse_tree, print_tree
from tests.conftest import Database

Edit = Callable[[exp.Expr], None]


def changed(text: str, edit: Edit) -> str:
    before = parse_tree(text)
    after = before.copy()
    edit(after)
    return splice(text, before, parse_tree(print_tree(after)))


def replace_not_in(tree: exp.Expr) -> None:
    (negation,) = [each for each in tree.find_all(exp.Not) if isinstance(each.this, exp.In)]
    negation.replace(condition("NOT EXISTS (SELECT 1 FROM users AS u WHERE u.id = o.user_id)"))


def drop_distinct(tree: exp.Expr) -> None:
    tree.set("distinct", None)


def drop_where(tree: exp.Expr) -> None:
    tree.set("where", None)


def add_join(tree: exp.Expr) -> None:
    assert isinstance(tree, exp.Select)
    tree.join("users AS u", on="u.id = o.user_id", dialect="postgres", copy=False)


def test_comments_line_breaks_and_casts_survive_around_the_change() -> None:
    text = """select o.id, -- the id
  o.x::date   as d
from orders o /* all */
where o.user_id not in (select id from users)  -- trailing
  and o.total::int <> 5
order by o.id desc"""
    assert (
        changed(text, replace_not_in)
        == """select o.id, -- the id
  o.x::date   as d
from orders o /* all */
where not exists (select 1 from users as u where u.id = o.user_id)  -- trailing
  and o.total::int <> 5
order by o.id desc"""
    )


def test_key_words_are_written_as_the_statement_writes_them() -> None:
    text = "SELECT o.id FROM orders o WHERE o.user_id NOT IN (SELECT id FROM users)"
    assert "NOT EXISTS (SELECT 1 FROM users AS u WHERE u.id = o.user_id)" in changed(text, replace_not_in)
    assert "not exists (select 1 from users as u where" in changed(text.lower(), replace_not_in)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SELECT DISTINCT id,\n    name FROM orders", "SELECT id,\n    name FROM orders"),
        ("SELECT /* few */ DISTINCT id FROM orders", "SELECT /* few */ id FROM orders"),
    ],
)
def test_what_is_taken_away_leaves_no_gap(text: str, wanted: str) -> None:
    assert changed(text, drop_distinct) == wanted


@pytest.mark.parametrize("frame", ["range 2 preceding", "rows between 1 preceding and current row"])
def test_the_frame_of_a_window_stays_one_that_the_server_reads(frame: str, database: Database) -> None:
    text = f"select o.id, sum(o.id) over (order by o.id {frame}) from orders o where o.total > 5"
    spliced = changed(text, add_join)
    assert "join users as u on" in spliced
    with database.connect() as connection:
        connection.execute(spliced.encode())


def test_a_removed_clause_leaves_the_comment_behind_it() -> None:
    assert (
        changed("SELECT id FROM t WHERE a=1 -- why\nORDER BY 1", drop_where)
        == "SELECT id FROM t -- why\nORDER BY 1"
    )


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t WHERE b IS NOT NULL AND NOT c IN (1, 2) AND d NOT LIKE 'x%'",
        "SELECT a FROM t WHERE e::json ->> 'k' != 'v'",
        'SELECT "Mixed Case", "select" FROM "Weird" AS "W" WHERE a BETWEEN SYMMETRIC 5 AND 1',
        "SELECT count(*) FILTER (WHERE a > 1), extract(year FROM b) FROM t GROUP BY GROUPING SETS ((c), ())",
        "WITH x AS (SELECT 1 AS a) SELECT a FROM x WHERE a = ANY($1) AND a <> ALL(ARRAY[1,2])",
        "SELECT t.a FROM t LEFT JOIN LATERAL (SELECT b FROM u WHERE u.a = t.a LIMIT 1) s ON true WHERE s.b=1",
        "DELETE FROM t USING u WHERE t.a = u.a AND u.b ILIKE E'a\\n%' RETURNING t.*",
    ],
)
def test_whatever_is_kept_the_result_is_the_changed_tree(text: str) -> None:
    before = parse_tree(text)
    after = before.copy()
    for literal in [each for each in after.find_all(exp.Literal) if not each.is_string]:
        literal.replace(exp.Literal.number(7))
    wanted = parse_tree(print_tree(after))
    assert parse_tree(splice(text, before, wanted)) == wanted


def test_the_server_takes_a_spliced_statement(database: Database) -> None:
    text = "SELECT o.id FROM orders o WHERE o.user_id NOT IN (SELECT id FROM users) -- nobody\n  ORDER BY 1"
    with database.connect() as connection:
        found = connection.execute(changed(text, replace_not_in).encode()).fetchall()
        assert found == connection.execute(text.encode()).fetchall()


def test_lines_stand_side_by_side() -> None:
    rows = list(side_by_side("a\nb\nc", "a\nx\ny\nc"))
    assert rows == [("a", "a"), ("b", "x"), ("", "y"), ("c", "c")]


def test_words_in_a_string_are_no_frame() -> None:
    text = "select o.id from orders o -- kept\nwhere o.status <> 'ROWS BETWEEN' and o.total > 5"
    assert "-- kept" in changed(text, add_join)
