"""Where columns come from, and what the catalog says of them."""

from __future__ import annotations

import pytest
from sqlglot import exp

from pgtune.errors import StatementError
from pgtune.parse.sql.facts import foreign_key, key, never_null, unique_on_equality
from pgtune.parse.sql.statement import SqlStatement, conjuncts
from pgtune.parse.sql.tree import parse_tree
from tests.catalog_yaml import read_catalog

CATALOG = read_catalog("""
relations:
  public.users:
    columns: {id: bigint not null, email: text not null, name: text, boss_id: bigint}
    indexes:
      - {name: users_pkey, key: [id], unique: true, primary: true}
      - {name: users_name_key, key: [name], unique: true}
      - {name: users_lower_key, key: [{text: lower(email), is_expression: true}], unique: true}
      - {name: users_late_key, key: [email], unique: true, immediate: false}
  public.orders:
    columns: {id: bigint not null, user_id: bigint not null, old_id: bigint, total: numeric not null}
    foreign_keys:
      - {name: orders_user_fk, columns: [user_id], references: public.users, referenced: [id]}
      - {name: orders_old_fk, columns: [old_id], references: public.users, referenced: [id], validated: false}
""")


def statement(text: str) -> SqlStatement:
    return SqlStatement.read(text, CATALOG)


def column(of: SqlStatement, name: str) -> exp.Column:
    return next(each for each in of.tree.find_all(exp.Column) if each.name == name)


def origin(text: str, name: str) -> str | None:
    of = statement(text)
    found = of.origin(column(of, name))
    if found is None:
        return None
    return f"{found.source.alias}.{found.name}{' outer' if found.is_outer else ''}"


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("SELECT total FROM orders o JOIN users u ON true", "total", "o.total"),
        ("SELECT id FROM orders o JOIN users u ON true", "id", None),  # ambiguous
        (
            "SELECT 1 FROM users u WHERE EXISTS (SELECT FROM orders o WHERE email = 'x')",
            "email",
            "u.email outer",
        ),
        ("SELECT total FROM orders, generate_series(1, 2) g", "total", None),  # g's columns are not known
        ("SELECT 1 FROM users WHERE id IN (SELECT total FROM orders)", "total", "orders.total"),
        ("WITH users AS (SELECT 1 AS one) SELECT one FROM users", "one", "users.one"),
        ("SELECT email FROM (SELECT email AS mail FROM users) AS s", "email", None),
        ('SELECT "Total" FROM orders', "Total", None),
        ("UPDATE orders SET total = 1 WHERE user_id = 2", "user_id", "orders.user_id"),
        ("DELETE FROM orders USING users u WHERE email = 'x'", "email", "u.email"),
    ],
)
def test_a_column_comes_from_where_postgresql_finds_it(text: str, name: str, wanted: str | None) -> None:
    assert origin(text, name) == wanted


@pytest.mark.parametrize(
    ("text", "name", "known"),
    [
        ("SELECT email FROM users", "email", True),
        ("SELECT name FROM users", "name", False),
        ("SELECT u.email FROM orders o LEFT JOIN users u ON u.id = o.user_id", "email", False),
        ("SELECT o.total FROM orders o RIGHT JOIN users u ON u.id = o.user_id", "total", False),
        ("SELECT o.total FROM orders o LEFT JOIN users u ON true", "total", True),
        ("SELECT s.mail FROM (SELECT email AS mail FROM users) s", "mail", True),
        (
            "SELECT s.mail FROM (SELECT u.email AS mail FROM orders LEFT JOIN users u ON true) s",
            "mail",
            False,
        ),
    ],
)
def test_not_null_ends_at_outer_joins(text: str, name: str, known: bool) -> None:
    of = statement(text)
    facts = never_null(of, column(of, name))
    assert (facts is not None) is known
    if facts:
        assert facts[0].startswith("public.")


def test_only_keys_that_always_hold_count() -> None:
    users = CATALOG.relations[next(name for name in CATALOG.relations if name.name == "users")]
    assert key(users, ["id", "name"]) is not None
    assert key(users, ["email"]) is None  # deferrable
    assert key(users, ["name"]) is None  # several NULLs
    assert unique_on_equality(users, ["name"]) == (
        "users_name_key on public.users (name) is unique, immediate and without predicate"
    )


def test_a_foreign_key_that_is_not_validated_says_nothing() -> None:
    orders, users = (
        next(each for name, each in CATALOG.relations.items() if name.name == wanted)
        for wanted in ("orders", "users")
    )
    assert foreign_key(orders, ("user_id",), users, ("id",)) is not None
    assert foreign_key(orders, ("old_id",), users, ("id",)) is None


def test_conditions_of_a_where() -> None:
    tree = parse_tree("SELECT 1 FROM orders WHERE (id = 1 AND (total > 2 OR id = 3)) AND user_id = 4")
    assert [each.sql() for each in conjuncts(tree.args["where"])] == [
        "id = 1",
        "total > 2 OR id = 3",
        "user_id = 4",
    ]


@pytest.mark.parametrize(
    "text", ["SELECT 1; SELECT 2", "CREATE TABLE t (a int)", "SELECT FROM FROM", "VACUUM", ""]
)
def test_what_is_no_query_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(StatementError) as refusal:
        parse_tree(text)
    assert "\n" not in str(refusal.value)
