"""From a measured plan to the nodes whose rows the planner got wrong, the lowest of them first of all.

Estimate and actual are both per loop and, under a Gather, per process. Actuals that say nothing of the
estimate are left out:

1. A node that was not read to its end (LIMIT, EXISTS, semi-join, merge join) returned fewer rows than it
   has: only more rows than expected count. A merge join reads parts of its inner side again: nothing counts.
2. Means over loops are whole numbers before 18: 0 may be 0.49, so half a row is granted.
3. Nodes that only pass rows on (Sort, Hash, Gather, ...) and those that EXPLAIN counts otherwise (BitmapAnd,
   BitmapOr, ModifyTable, the members of an Append) have no estimate of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pgtune.model.charge import MeasuredPlan
from pgtune.model.plan import GATHERS, Actual, PlanNode, Role

MIN_Q_ERROR = 10.0  # larger of estimate/actual and actual/estimate, neither below 1; chosen
MIN_ROWS = 100  # the larger of both, over all loops; smaller errors seldom change a plan; chosen

# Types whose number of rows the planner estimates from statistics of its own.
SCANS = frozenset(
    {"Seq Scan", "Sample Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Range Scan"}
    | {"Foreign Scan", "Function Scan", "Table Function Scan", "Subquery Scan", "CTE Scan"}
)
JOINS = frozenset({"Nested Loop", "Hash Join", "Merge Join"})
GROUPINGS = frozenset({"Aggregate", "Group", "Unique", "SetOp"})
_ESTIMATED = SCANS | JOINS | GROUPINGS | {"Append", "ProjectSet"}
# These read their input to its end before they return a row.
_READS_ALL = frozenset({"Sort", "Hash", "ModifyTable", "Bitmap Heap Scan", "BitmapAnd", "BitmapOr"})
_RECURSIVE_UNION = "Recursive Union"
_LEADER_PART_PER_WORKER = (
    0.3  # costsize.c, get_parallel_divisor: the leader does 1 - 0.3 n of a worker's share
)


@dataclass(frozen=True, slots=True)
class EstimateError:
    """A node whose estimate was wrong."""

    node: PlanNode
    estimated: float  # rows per loop
    actual: float
    q_error: float  # >= 1

    @property
    def underestimated(self) -> bool:
        """True when there were more rows than expected."""
        return self.actual > self.estimated


@dataclass(frozen=True)
class EstimateErrors:
    """The wrong nodes that have no wrong node below: the others follow from them."""

    lowest: tuple[EstimateError, ...]
    _worst_below: Mapping[int, EstimateError]

    def worst_below(self, node: PlanNode) -> EstimateError | None:
        """Of the lowest wrong nodes at or below ``node`` the one furthest off."""
        return self._worst_below.get(node.number)


class _Read(IntEnum):
    """How much of a node's rows its parent asked for; a child has at most as much as its parent."""

    GUESSED = 0  # in the recursive term of a CTE: the planner assumes ten times the rows of the first term
    AGAIN = 1  # parts of it perhaps twice
    STARTED = 2  # perhaps not to its end
    ALL = 3


def find_estimate_errors(plan: MeasuredPlan, min_q_error: float = MIN_Q_ERROR) -> EstimateErrors:
    """Return the lowest wrong nodes of the plan, in the order of its nodes."""
    errors = _all_errors(plan.nodes, min_q_error)
    lowest: list[EstimateError] = []
    worst: dict[int, EstimateError] = {}
    for node in reversed(plan.nodes):  # children before their parents
        below = [worst[child.number] for child in node.children if child.number in worst]
        if not below and node.number in errors:
            below = [errors[node.number]]
            lowest.append(errors[node.number])
        if below:
            worst[node.number] = max(below, key=lambda error: error.q_error)
    return EstimateErrors(tuple(_without_echoes(lowest[::-1], plan.nodes, worst)), worst)


def _without_echoes(
    lowest: Sequence[EstimateError], nodes: Sequence[PlanNode], worst: Mapping[int, EstimateError]
) -> list[EstimateError]:
    """Drop CTE Scans of a CTE that is wrong itself, or recursive: it hangs elsewhere in the tree."""
    wrong = {
        node.subplan_name
        for node in nodes
        if node.role is Role.INIT_PLAN and (node.number in worst or node.node_type == _RECURSIVE_UNION)
    }
    return [error for error in lowest if f"CTE {error.node.cte_name}" not in wrong]


def _all_errors(nodes: Sequence[PlanNode], min_q_error: float) -> dict[int, EstimateError]:
    read = [_Read.ALL] * len(nodes)
    divisor = [1.0] * len(nodes)  # expected share of a process, over the real one
    errors: dict[int, EstimateError] = {}
    for node in nodes:  # parents first
        for child in node.children:
            read[child.number - 1] = _read_of(node, child, read[node.number - 1])
            divisor[child.number - 1] = _divisor(node, child, divisor[node.number - 1])
        error = _error(node, divisor[node.number - 1], min_q_error)
        if error is not None and _counts(error, read[node.number - 1]):
            errors[node.number] = error
    return errors


def _counts(error: EstimateError, read: _Read) -> bool:
    if error.node.role is Role.MEMBER:
        return False
    return read is _Read.ALL or (read is _Read.STARTED and error.underestimated)


def _error(node: PlanNode, divisor: float, min_q_error: float) -> EstimateError | None:
    if node.node_type not in _ESTIMATED or node.estimate is None or not node.executed:
        return None
    assert node.actual is not None
    estimated = max(1.0, node.estimate.rows * divisor)
    actual = max(1.0, _nearest_to(estimated, node.actual))
    q_error = max(estimated / actual, actual / estimated)
    if q_error < min_q_error or max(estimated, actual) * node.actual.loops < MIN_ROWS:
        return None
    return EstimateError(node, node.estimate.rows, node.actual.rows, q_error)


def _nearest_to(estimated: float, actual: Actual) -> float:
    """The mean that rounding leaves possible, in favour of the planner."""
    if actual.loops == 1 or actual.rows != round(actual.rows):
        return actual.rows
    return min(max(estimated, actual.rows - 0.5), actual.rows + 0.5)


def _read_of(node: PlanNode, child: PlanNode, read: _Read) -> _Read:
    """How much of the child's rows the node asked for."""
    if read is _Read.GUESSED or (node.node_type == _RECURSIVE_UNION and child.role is Role.INNER):
        return _Read.GUESSED
    if child.is_subplan:
        return _read_of_subplan(node, child, read)
    if _reads_all(node):
        return _Read.ALL
    if node.quals.run_condition is not None:  # WindowAgg stops when it turns false (15 and later)
        return min(read, _Read.STARTED)
    if node.node_type == "Limit":
        return _read_of_limit(node, read)
    return _read_of_join(node, child, read) if node.node_type in JOINS else read


def _read_of_join(node: PlanNode, child: PlanNode, read: _Read) -> _Read:
    inner = child.role is Role.INNER
    if node.node_type == "Merge Join":
        return _Read.AGAIN if inner else min(read, _Read.STARTED)
    if node.node_type == "Nested Loop":
        stops = inner and _stops_at_match(node)
    else:
        stops = not inner and _found_nothing_to_join(node)
    return min(read, _Read.STARTED) if stops else read


def _read_of_subplan(node: PlanNode, child: PlanNode, read: _Read) -> _Read:
    """EXISTS and = ANY stop at the first match; a CTE below a LIMIT serves the nodes beside it."""
    is_cte = (child.subplan_name or "").startswith("CTE ")
    return read if is_cte and node.node_type != "Limit" else min(read, _Read.STARTED)


def _reads_all(node: PlanNode) -> bool:
    if node.node_type == "Aggregate":
        return node.strategy != "Sorted"
    return node.node_type in _READS_ALL


def _read_of_limit(node: PlanNode, read: _Read) -> _Read:
    """A LIMIT that returned less than it may has read everything."""
    unreached = (
        node.actual is not None
        and node.actual.loops == 1
        and node.estimate is not None
        and node.actual.rows < node.estimate.rows
    )
    return read if unreached else min(read, _Read.STARTED)


def _stops_at_match(node: PlanNode) -> bool:
    """Text without VERBOSE does not say "Inner Unique": then it may be."""
    return node.join_type in ("Semi", "Anti") or node.inner_unique is not False


def _found_nothing_to_join(node: PlanNode) -> bool:
    """With an empty hash table an inner join reads one outer row at most."""
    table = node.child(Role.INNER)
    return table is not None and table.actual is not None and table.actual.total_rows == 0


def _divisor(node: PlanNode, child: PlanNode, divisor: float) -> float:
    """Below a Gather: estimates are for one of the planned processes, actuals for one of those that ran."""
    if child.is_subplan or node.node_type not in GATHERS:
        return divisor
    planned, launched = node.workers_planned or 0, node.workers_launched or 0
    leader = max(0.0, 1.0 - _LEADER_PART_PER_WORKER * planned)
    return (planned + leader) / (launched + 1)
