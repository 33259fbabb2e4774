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

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

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
    constants: dict[str, list[int]] = {}
    for node in plan.nodes:
        outer, inner = node.child(Role.OUTER), node.child(Role.INNER)
        if node.node_type != "Nested Loop" or outer is None or inner is None:
            continue
        if _has_condition(node) or _rows(node) < min_rows or _rows(outer) <= 1 or _rows(inner) <= 1:
            continue
        if not _is_tied(inner):
            constants = constants or _constants(plan)
            if not _meet_at_constant(outer, inner, constants):
                yield _symptom(plan, node, outer, inner)


def _has_condition(node: PlanNode) -> bool:
    """A semi- or anti-join without one is an EXISTS that does not depend on the outer row."""
    return bool(node.quals.join_filter or node.quals.filter) or node.join_type not in (None, "Inner", "Left")


def _rows(node: PlanNode) -> float:
    """Rows returned, as expected when nothing was measured; of an inner side per loop."""
    if node.actual is not None:
        return node.actual.rows if node.role is Role.INNER else node.actual.total_rows
    return node.estimate.rows if node.estimate is not None else 0.0


def _is_tied(inner: PlanNode) -> bool:
    """True when the inner side names columns from elsewhere, or may do so unseen."""
    below = tuple(inner.walk())
    own = {node.alias for node in below}
    for node in below:
        if node.node_type in _LATERAL and not node.output:
            return True
        if any(ref.alias not in own for text in _texts(node) for ref in read_columns(text) if ref.alias):
            return True
    return False


def _texts(node: PlanNode) -> Iterator[str]:
    yield from node.quals.texts()
    yield from node.output
    yield from (value for value in node.extra.values() if isinstance(value, str))


def _constants(plan: ChargedPlan) -> dict[str, list[int]]:
    """The constants that columns must be equal to, with the numbers of the nodes that say so, rising."""
    numbers: dict[str, list[int]] = {}
    for node in plan.nodes:
        for text in node.quals.texts():
            for clause in read_clauses(text):
                if clause.kind in (ClauseKind.EQUALITY, ClauseKind.IN_LIST) and not clause.operand_columns:
                    numbers.setdefault(clause.operand or "", []).append(node.number)
    return numbers


def _meet_at_constant(outer: PlanNode, inner: PlanNode, constants: Mapping[str, Sequence[int]]) -> bool:
    """True when both sides are equal to one constant.

    a.x = b.x AND a.x = 1 is planned as a.x = 1 and b.x = 1, without a join condition.
    """
    last = inner.number + sum(1 for _ in inner.walk())
    for text in {text for node in inner.walk() for text in node.quals.texts()}:
        for clause in read_clauses(text):
            numbers = constants.get(clause.operand or "", ())
            if _any_between(numbers, outer.number, inner.number) and _any_between(
                numbers, inner.number, last
            ):
                return True
    return False


def _any_between(numbers: Sequence[int], first: int, end: int) -> bool:
    """True when one of the rising numbers is at least ``first`` and below ``end``."""
    place = bisect_left(numbers, first)
    return place < len(numbers) and numbers[place] < end


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
