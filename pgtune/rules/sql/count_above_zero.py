"""Counting all rows to learn whether there is one reads them all.

EXISTS stops at the first row, and the planner can turn it into a semi join; a sub-query that counts is run
to its end, once for each row where it refers to the outer query.

Instead of:
    SELECT u.id FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 0;
Use:
    SELECT u.id FROM users u WHERE EXISTS (SELECT FROM orders o WHERE o.user_id = u.id);

Ignore when: the sub-query never finds more than a row or two.
Source: https://www.postgresql.org/docs/current/functions-subquery.html#FUNCTIONS-SUBQUERY-EXISTS
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.correlation import is_stored
from pgtune.parse.sql.facts import Facts, never_null
from pgtune.parse.sql.raising import can_raise
from pgtune.parse.sql.statement import SqlStatement, conjuncts, unparenthesised

# (comparison, number): True where it says that there are rows, False where it says that there are none.
_MEANINGS: dict[tuple[type[exp.Expr], str], bool] = {
    (exp.GT, "0"): True,
    (exp.GTE, "1"): True,
    (exp.NEQ, "0"): True,
    (exp.EQ, "0"): False,
    (exp.LT, "1"): False,
    (exp.LTE, "0"): False,
}
_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}
_PLAIN_PARTS = frozenset({"expressions", "from_", "joins", "where", "kind"})
FACT = "a count is never NULL, and above zero where there is a row"


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with EXISTS or NOT EXISTS for each count that is compared with zero or one."""
    for comparison in statement.tree.find_all(*_MIRRORED):
        meaning = _meaning(comparison)
        if meaning is None or _names_column(comparison):
            continue
        inner, has_rows = meaning
        facts = _facts(statement, inner)
        if facts is None or statement.is_volatile(inner):
            continue
        body = inner.copy()
        body.set("expressions", [exp.Literal.number(1)])
        exists = exp.Exists(this=body)
        yield Change(
            sql=statement.rewritten((comparison, exists if has_rows else exp.Not(this=exists))),
            message="counts all rows to learn whether there is one",
            detail="EXISTS stops at the first row, and can be joined.",
            facts=(*facts, FACT),
        )


def _meaning(comparison: exp.Expr) -> tuple[exp.Select, bool] | None:
    """The SELECT that counts, and whether rows are asked for."""
    sides = unparenthesised(comparison.this), unparenthesised(comparison.expression)
    for kind, query, number in (
        (type(comparison), *sides),
        (_MIRRORED[type(comparison)], sides[1], sides[0]),
    ):
        if not isinstance(query, exp.Subquery) or not isinstance(query.this, exp.Select):
            continue
        if isinstance(number, exp.Literal) and not number.is_string:
            has_rows = _MEANINGS.get((kind, str(number.this)))
            return None if has_rows is None else (query.this, has_rows)
    return None


def _facts(statement: SqlStatement, inner: exp.Select) -> Facts | None:
    """What makes the count that of all rows; None where it is not, or where looking further could fail."""
    parts = {name for name, value in inner.args.items() if value}
    sources = statement.sources(inner)
    if not parts <= _PLAIN_PARTS or not sources or not all(is_stored(source) for source in sources):
        return None
    conditions = list(conjuncts(inner.args.get("where")))
    conditions += [join.args["on"] for join in inner.args.get("joins") or () if join.args.get("on")]
    if any(can_raise(statement, each) for each in conditions) or len(inner.expressions) != 1:
        return None
    return _counts_all(statement, inner.expressions[0].unalias())


def _counts_all(statement: SqlStatement, count: exp.Expr) -> Facts | None:
    if not isinstance(count, exp.Count) or count.args.get("expressions"):
        return None
    counted = count.this
    if isinstance(counted, exp.Star):
        return ()
    if isinstance(counted, exp.Distinct):
        if len(counted.expressions) != 1:
            return None
        counted = counted.expressions[0]
    for column in counted.find_all(exp.Column):
        origin = statement.origin(column)
        if origin is None or origin.is_outer:  # an aggregate of outer columns belongs to the outer query
            return None
    return None if can_raise(statement, counted) else never_null(statement, counted)


def _names_column(node: exp.Expr) -> bool:
    """True when a column of a result may take its name from *node*: EXISTS has another."""
    while node.parent is not None and not isinstance(node.parent, exp.Select | exp.Returning):
        if isinstance(
            node.parent, exp.Alias | exp.And | exp.Or | exp.Not | exp.Where | exp.Having | exp.Join
        ):
            return False
        node = node.parent
    return isinstance(node.parent, exp.Select | exp.Returning) and node.arg_key == "expressions"
