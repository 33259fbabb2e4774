"""A CTE is materialized although it is read only once.

A materialized CTE is run by itself: no filter or join condition of the query around it reaches its scans, and
each row is copied into a tuple store and read again. From 12 on PostgreSQL puts a CTE that is referenced once
into the query, unless it says MATERIALIZED, is recursive, writes or locks rows, or calls a volatile function.
Before 12 every CTE is such a fence.

Instead of:
    WITH recent AS MATERIALIZED (SELECT * FROM orders)
    SELECT * FROM recent WHERE user_id = 42;
Use:
    WITH recent AS (SELECT * FROM orders)  -- before 12: a sub-query in FROM
    SELECT * FROM recent WHERE user_id = 42;

Ignore when: MATERIALIZED was written to keep a dear function from being called more than once per row, or to
keep the planner from a plan that is worse.
Source: https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-CTE-MATERIALIZATION
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import PlanNode, Role

# Of making the rows that the filter then removes: without an index they are read all the same, but not
# handed up. Chosen.
PUSHED_DOWN_FRACTION = 0.5
# With these in it PostgreSQL keeps the CTE apart, whatever the query says (contain_dml, subselect.c, 18).
_KEPT_APART = frozenset({"ModifyTable", "Recursive Union", "LockRows"})
# Below these a condition on the CTE's rows can go down to the relations.
_PASSES_CONDITIONS = frozenset(
    {
        "Seq Scan",
        "Index Scan",
        "Index Only Scan",
        "Bitmap Heap Scan",
        "Append",
        "Merge Append",
        "Subquery Scan",
    }
    | {"Nested Loop", "Hash Join", "Merge Join", "Gather", "Gather Merge"}
)
# Volatile functions of PostgreSQL itself and of uuid-ossp that queries call in CTEs.
_VOLATILE = re.compile(
    r"\b(?:random|random_normal|setseed|nextval|setval|currval|lastval|clock_timestamp|timeofday|pg_sleep\w*"
    r"|gen_random_uuid|uuidv[47]|uuid_generate_v\w+|pg_(?:try_)?advisory_\w+|set_config|lo_\w+|dblink\w*)\("
)


def check(plan: MeasuredPlan) -> Iterator[Symptom]:
    """Yield each CTE that could be part of the query."""
    scans = _scans_by_name(plan)
    names = Counter(node.subplan_name for node in plan.nodes if _is_cte(node))
    for cte in plan.nodes:
        if not _is_cte(cte) or names[cte.subplan_name] > 1 or not cte.executed:
            continue
        readers = scans.get(_name(cte), [])
        if len(readers) != 1 or _is_rescanned(readers[0]) or _is_kept_apart(cte):
            continue
        yield _symptom(plan, cte, readers[0])


def _is_cte(node: PlanNode) -> bool:
    return node.role is Role.INIT_PLAN and (node.subplan_name or "").startswith("CTE ")


def _name(cte: PlanNode) -> str:
    return (cte.subplan_name or "").removeprefix("CTE ")


def _scans_by_name(plan: MeasuredPlan) -> dict[str, list[PlanNode]]:
    scans: dict[str, list[PlanNode]] = {}
    for node in plan.nodes:
        if node.node_type in ("CTE Scan", "WorkTable Scan") and node.cte_name is not None:
            scans.setdefault(node.cte_name, []).append(node)
    return scans


def _is_rescanned(scan: PlanNode) -> bool:
    """A store that is read many times, or never, has earned its keep or cost nothing."""
    return scan.actual is None or scan.actual.loops != 1


def _is_kept_apart(cte: PlanNode) -> bool:
    return any(node.node_type in _KEPT_APART or _calls_volatile_function(node) for node in cte.walk())


def _calls_volatile_function(node: PlanNode) -> bool:
    texts = (*node.output, *node.quals.texts(), *node.sort_key, *node.group_key, f"{node.function_name}(")
    return any(_VOLATILE.search(text) for text in texts)


def _symptom(plan: MeasuredPlan, cte: PlanNode, scan: PlanNode) -> Symptom:
    assert scan.actual is not None
    rows, removed = scan.actual.total_rows, scan.removed.by_filter * scan.actual.loops
    # The scan of the store goes away. Of the CTE itself, what makes the rows that the filter then removes,
    # but only where the filter can go down.
    saves = plan.share(scan)
    detail = f"The CTE's rows are stored and read back, {rows + removed:,.0f} of them."
    if removed:
        detail += f" Only then {scan.quals.filter} removes {removed:,.0f}."
    if removed and cte.node_type in _PASSES_CONDITIONS:
        detail += " Inside the query the scans below could do so at once."
        saves += PUSHED_DOWN_FRACTION * plan.share_below(cte) * removed / (rows + removed)
    return Symptom(
        message=f"CTE {_name(cte)} is materialized but scanned only once",
        node=scan.number,
        saves=saves,
        cause=Cause.SUBQUERY,
        cause_node=cte.number,
        object=_name(cte),
        detail=detail,
        hint="Remove MATERIALIZED, or say NOT MATERIALIZED; before 12, write the CTE as a sub-query in FROM.",
    )
