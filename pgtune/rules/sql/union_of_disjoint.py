"""UNION sorts or hashes all rows to find duplicates that cannot be there.

Where a constant of each part keeps its rows apart from those of the others, and a key keeps the rows of each
part apart, UNION ALL returns the same rows without comparing them.

Instead of:
    SELECT id, status FROM orders WHERE status = 'new'
    UNION SELECT id, status FROM orders WHERE status = 'old';
Use:
    SELECT id, status FROM orders WHERE status = 'new'
    UNION ALL SELECT id, status FROM orders WHERE status = 'old';

Ignore when: the parts return a few rows.
Source: https://www.postgresql.org/docs/current/queries-union.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from sqlglot import exp

from pgtune.model.rewrite import Change
from pgtune.parse.sql.facts import Facts
from pgtune.parse.sql.fixed_outputs import FixedOutput, fixed_outputs
from pgtune.parse.sql.row_identity import told_apart
from pgtune.parse.sql.select_shape import is_made_of, returns_row_for_row
from pgtune.parse.sql.statement import SqlStatement


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with UNION ALL for each UNION of parts without common or repeated rows."""
    for union in statement.tree.find_all(exp.Union):
        if isinstance(union.parent, exp.Union) or _is_recursive(union):
            continue
        parts = _parts(union)
        if parts is None or any(statement.is_volatile(part) for part in parts):
            continue
        facts = _no_duplicates(statement, parts)
        apart = _kept_apart(statement, parts)
        if facts is None or apart is None:
            continue
        yield Change(
            sql=statement.rewritten((union, _all(union))),
            message="UNION looks for duplicates that cannot be there",
            detail="UNION ALL returns the same rows without comparing them.",
            facts=(*facts, apart),
        )


def _is_recursive(union: exp.Union) -> bool:
    with_ = union.find_ancestor(exp.With)
    return with_ is not None and bool(with_.args.get("recursive"))


def _parts(query: exp.Expr) -> list[exp.Select] | None:
    """The SELECTs that UNION alone combines; None where something else stands between them."""
    if isinstance(query, exp.Select):
        return [query]
    if not isinstance(query, exp.Union) or not query.args.get("distinct"):
        return None
    left, right = _parts(query.this), _parts(query.expression)
    return left + right if left is not None and right is not None else None


def _all(union: exp.Union) -> exp.Union:
    copy = union.copy()
    node: exp.Expr = copy
    while isinstance(node, exp.Union):
        node.set("distinct", False)
        node = node.this
    return copy


def _no_duplicates(statement: SqlStatement, parts: list[exp.Select]) -> Facts | None:
    facts: list[str] = []
    for part in parts:
        if not is_made_of(part) or not returns_row_for_row(part):
            return None
        found = told_apart(statement, part, part.expressions)
        if found is None:
            return None
        facts += found
    return tuple(dict.fromkeys(facts))


def _kept_apart(statement: SqlStatement, parts: list[exp.Select]) -> str | None:
    """Return in which column the constants of all parts differ."""
    fixed = [fixed_outputs(statement, part) for part in parts]
    for place, of_first in fixed[0].items():
        each = [outputs.get(place) for outputs in fixed]
        known = [output for output in each if output is not None]
        if len(known) == len(parts) and all(_differ(*pair) for pair in combinations(known, 2)):
            return f"column {place} ({of_first.name}) has other values in each part"
    return None


def _differ(left: FixedOutput, right: FixedOutput) -> bool:
    return left.type == right.type and not left.values & right.values
