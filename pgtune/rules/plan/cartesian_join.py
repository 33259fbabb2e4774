"""Two inputs are joined without any condition: every row meets every row.

A nested loop with no join filter and nothing that ties its inner side to the outer one returns the product
of both. It is mostly a condition that was forgotten, and a DISTINCT or GROUP BY above then hides the
surplus rows.

Instead of:
    SELECT o.id, p.name FROM orders o, products p WHERE o.user_id = 42;
Use:
    SELECT o.id, p.name
    FROM orders o
    JOIN order_items i ON i.order_id = o.id
    JOIN products p ON p.id = i.product_id
    WHERE o.user_id = 42;

Where all combinations are wanted, write CROSS JOIN, and reduce both inputs first.

Ignore when: the product is wanted, for instance every day with every shop.
Source: https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-JOIN
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.charge import ChargedPlan
from pgtune.model.finding import Cause, Severity, Symptom
from pgtune.model.plan import PlanNode, Role
from pgtune.model.qual import ClauseKind
from pgtune.parse.qual import read_clauses, read_columns

SEVERITY = Severity.ERROR
MIN_ROWS = 10_000  # of the product; a handful of rows with a handful is seldom a mistake; chosen
# What these read may come from the outer side (LATERAL); only VERBOSE prints it.
_LATERAL = frozenset({"Function Scan", "Table Function Scan", "ProjectSet", "Result"})


def check(plan: ChargedPlan, *, min_rows: float = MIN_ROWS) -> Iterator[Symptom]:
    """Yield each nested loop that joins all rows with all rows."""
    for node in plan.nodes:
        if node.node_type != "Nested Loop" or node.join_type not in (None, "Inner", "Left"):
            continue
        outer, inner = node.child(Role.OUTER), node.child(Role.INNER)
        if outer is None or inner is None or node.quals.join_filter or node.quals.filter:
            continue
        if _rows(node) < min_rows or _rows(outer) <= 1 or _rows(inner) <= 1:
            continue
        if not _is_tied(outer, inner):
            yield _symptom(plan, node, outer, inner)


def _rows(node: PlanNode) -> float:
    """Rows returned, as expected when nothing was measured; of an inner side per loop."""
    if node.actual is not None:
        return node.actual.rows if node.role is Role.INNER else node.actual.total_rows
    return node.estimate.rows if node.estimate is not None else 0.0


def _is_tied(outer: PlanNode, inner: PlanNode) -> bool:
    """True when the inner side depends on the outer one, may do so unseen, or both on one constant."""
    aliases = {below.alias for below in outer.walk() if below.alias is not None}
    for below in inner.walk():
        if below.node_type in _LATERAL and not below.output:
            return True
        if any(ref.alias in aliases for text in _texts(below) for ref in read_columns(text)):
            return True
    # a.x = b.x AND a.x = 1 is planned as a.x = 1 and b.x = 1, without a join condition.
    return not _constants(outer).isdisjoint(_constants(inner))


def _texts(node: PlanNode) -> Iterator[str]:
    yield from node.quals.texts()
    yield from node.output
    yield from (value for value in node.extra.values() if isinstance(value, str))


def _constants(node: PlanNode) -> set[str]:
    """The constants that columns below are equal to."""
    return {
        clause.operand or ""
        for below in node.walk()
        for text in below.quals.texts()
        for clause in read_clauses(text)
        if clause.kind in (ClauseKind.EQUALITY, ClauseKind.IN_LIST) and not clause.operand_columns
    }


def _symptom(plan: ChargedPlan, node: PlanNode, outer: PlanNode, inner: PlanNode) -> Symptom:
    verb = "returns" if node.executed else "would return"
    return Symptom(
        message=f"{_source(outer).label} and {_source(inner).label} are joined without a condition: "
        f"the product {verb} {_rows(node):,.0f} rows",
        node=node.number,
        # The product and all passes over the inner side; what it makes of the nodes above is left out.
        saves=plan.share(node) + plan.share_below(inner),
        cause=Cause.JOIN,
        object=_source(inner).object_name,
        detail=f"{_rows(outer):,.0f} outer rows meet {_rows(inner):,.0f} inner rows each.",
        hint="Add the missing join condition, or write CROSS JOIN if every combination is wanted.",
    )


def _source(node: PlanNode) -> PlanNode:
    """The first node below that reads something with a name."""
    return next((below for below in node.walk() if below.object_name is not None), node)
