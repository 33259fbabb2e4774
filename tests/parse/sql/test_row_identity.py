"""Which columns tell the rows of a join apart, where names come from, and which FROM items can go."""

from __future__ import annotations

import pytest
from sqlglot import exp

from pgtune.parse.sql.row_conditions import Place
from pgtune.parse.sql.row_identity import told_apart
from pgtune.parse.sql.sources import cte_of
from pgtune.parse.sql.statement import SqlStatement
from pgtune.parse.sql.tree import print_tree
from pgtune.parse.sql.without_source import without_source
from tests.catalog_yaml import read_catalog

CATALOG = read_catalog("""
relations:
  public.users:
    columns: {id: bigint not null, email: text not null, nick: text, ratio: double precision}
    indexes:
      - {name: users_pkey, key: [id], unique: true, primary: true}
      - {name: users_nick_key, key: [nick], unique: true}
  public.orders:
    columns: {id: bigint not null, user_id: bigint, nick: text, ratio: double precision}
    indexes:
      - {name: orders_pkey, key: [id], unique: true, primary: true}
""")


def select(text: str) -> tuple[SqlStatement, exp.Select]:
    statement = SqlStatement.read(text, CATALOG)
    assert isinstance(statement.tree, exp.Select)
    return statement, statement.tree


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM orders",
        "SELECT * FROM orders",
        "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id",
        "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id",
        "SELECT o.id FROM orders o, users u WHERE o.nick = u.nick",
        "SELECT o.id FROM orders o, users u WHERE u.id = 7",
        "SELECT o.id, u.id FROM orders o FULL JOIN users u ON u.nick = o.nick",
    ],
)
def test_rows_that_the_list_tells_apart(text: str) -> None:
    statement, tree = select(text)
    assert told_apart(statement, tree, tree.expressions)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT user_id FROM orders",
        "SELECT nick FROM users",  # unique, and NULL in many rows
        "SELECT id + 1 FROM orders",
        "SELECT u.id FROM orders o JOIN users u ON u.id = o.user_id",
        "SELECT o.id FROM orders o JOIN users u ON u.id > o.user_id",
        "SELECT o.id FROM orders o FULL JOIN users u ON u.id = o.user_id",
        "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id OR u.id = 1",
        "SELECT u.id FROM orders o RIGHT JOIN users u ON u.id = o.user_id",
        "SELECT o.id FROM orders o JOIN (SELECT id FROM users) u ON u.id = o.user_id",
    ],
)
def test_rows_that_may_look_alike(text: str) -> None:
    statement, tree = select(text)
    assert told_apart(statement, tree, tree.expressions) is None


def test_a_cte_does_not_see_itself_without_recursive() -> None:
    statement, tree = select("WITH users AS (SELECT id FROM users) SELECT id FROM users")
    cte = tree.find(exp.CTE)
    assert cte is not None
    inside = cte.find(exp.Table)
    assert inside is not None
    assert cte_of(inside) is None
    assert cte_of(tree.args["from_"].this) is cte
    origin = statement.origin(tree.expressions[0])
    assert origin is not None
    assert origin.source.query is cte.this


@pytest.mark.parametrize("renamed", ["users u(a, b)", "(SELECT id FROM users) u(a)"])
def test_columns_with_other_names_are_not_looked_up(renamed: str) -> None:
    statement, tree = select(f"SELECT u.id FROM {renamed}")
    origin = statement.origin(tree.expressions[0])
    assert origin is not None
    assert origin.column is None


def test_order_by_means_the_result_before_the_tables() -> None:
    statement, tree = select("SELECT nick AS id FROM users ORDER BY id")
    origin = statement.origin(tree.args["order"].expressions[0].this)
    assert origin is not None
    assert origin.name == "nick"


def test_a_dropped_item_leaves_its_conditions_and_names() -> None:
    statement, tree = select(
        "SELECT u.id, o.nick FROM users u JOIN orders o ON o.user_id = u.id AND u.id > 5 ORDER BY u.id"
    )
    users = statement.sources(tree)[0]
    equality = next(tree.find_all(exp.EQ))
    new = without_source(statement, tree, users, {"id": Place("o", "user_id")}, [equality])
    assert new is not None
    assert (
        print_tree(new)
        == "SELECT o.user_id AS id, o.nick FROM orders AS o WHERE o.user_id > 5 ORDER BY o.user_id"
    )


@pytest.mark.parametrize(
    "text",
    [
        "SELECT u.email FROM users u JOIN orders o ON o.user_id = u.id",  # nothing stands for it
        "SELECT * FROM users u JOIN orders o ON o.user_id = u.id",
        "SELECT o.id FROM orders o RIGHT JOIN users u ON o.user_id = u.id",
        "SELECT o.id FROM orders o JOIN users u USING (id)",
        # o comes after the condition on x
        "SELECT FROM users y, users u JOIN users x ON x.id = u.id JOIN orders o ON o.user_id = u.id",
        "SELECT FROM users u JOIN orders o ON o.user_id = u.id WHERE 1 IN (SELECT u.id FROM users o)",
    ],
)
def test_an_item_that_has_to_stay(text: str) -> None:
    statement, tree = select(text)
    users = next(each for each in statement.sources(tree) if each.alias == "u")
    dropped = [each for each in tree.find_all(exp.EQ) if each.this.name == "user_id"]
    assert without_source(statement, tree, users, {"id": Place("o", "user_id")}, dropped) is None
