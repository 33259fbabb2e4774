"""The rows of a sub-query are searched one after the other for each row of the outer query.

NOT IN, and IN that stands under OR or in the select list, can only be run as a SubPlan. If the planner
expects the sub-query's rows to fit in work_mem times hash_mem_multiplier, it hashes them ("hashed SubPlan" in
the plan) and each outer row costs one lookup. If not, or if the operator cannot be hashed, it keeps the rows
in a Materialize node and reads them again for each outer row: the time grows with the product of both.

Instead of:
    SELECT * FROM users WHERE id NOT IN (SELECT user_id FROM orders);
Use:
    SELECT * FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id);

NOT EXISTS becomes an anti-join, which spills to disk where it must. The two differ when user_id can be NULL:
NOT IN then returns no row at all, which is rarely what was meant.

Ignore when: the outer query returns a handful of rows.
Source: src/backend/optimizer/plan/subselect.c, subplan_is_hashable and build_subplan (PostgreSQL 18)
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from pgtune.model.action import Action
from pgtune.model.catalog import Catalog
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Severity, Symptom
from pgtune.model.plan import Estimate, PlanNode, Role

SEVERITY = Severity.ERROR

MIN_LOOPS = 100  # searches; chosen
ROW_OVERHEAD_BYTES = 24  # MAXALIGN(SizeofHeapTupleHeader), as subplan_is_hashable counts it
ALIGNMENT_BYTES = 8
DEFAULT_WORK_MEM_KB = 4096
DEFAULT_HASH_MEM_MULTIPLIER = 1.0  # 2.0 from 15 on; the lower one asks for too much memory, never too little
MAX_WORK_MEM_KB = 256 * 1024  # above this raising work_mem for one statement is bad advice; chosen
_TUPLE_STORES = frozenset({"Materialize", "CTE Scan"})
_SIZE = re.compile(r"(\d+)\s*(kB|MB|GB|TB)?")
_UNIT_KB = {"kB": 1, "MB": 1024, "GB": 1024**2, "TB": 1024**3}


def check(plan: MeasuredPlan, catalog: Catalog | None, *, min_loops: float = MIN_LOOPS) -> Iterator[Symptom]:
    """Yield each uncorrelated SubPlan whose stored rows were read again for many outer rows."""
    for node, actual in plan.measured():
        if node.role is not Role.SUB_PLAN or node.node_type not in _TUPLE_STORES or actual.loops < min_loops:
            continue
        owner = plan.parent(node)
        if owner is None or node.quals.filter is not None:  # a filter on the outer row: correlated-subplan
            continue
        name = node.subplan_name or "SubPlan"
        needed_kb = None if _is_all(owner) else _needed_work_mem_kb(plan, catalog, node.estimate)
        yield Symptom(
            message=f"{name} of {owner.label} is not hashed: its rows are searched {actual.loops:,} times",
            node=node.number,
            saves=_saving(plan, owner, node, actual.total_rows, actual.loops),
            cause=Cause.SUBQUERY,
            object=name,
            detail=f"Each search read {actual.rows:,.0f} rows on average, {actual.total_rows:,.0f} in all.",
            hint=_hint(needed_kb),
            action=Action(sql=f"SET work_mem = '{_mb(needed_kb)}MB';") if needed_kb is not None else None,
        )


def _is_all(owner: PlanNode) -> bool:
    """True for "x > ALL (SubPlan)", which no hash table serves; printed so from 17 on."""
    return any("(ALL (" in text for text in (*owner.quals.texts(), *owner.output))


def _saving(plan: MeasuredPlan, owner: PlanNode, node: PlanNode, compared: float, searches: int) -> float:
    """Reading the store again goes away, and of the owner's time the comparisons.

    A search counts as one step and so does a comparison; hashed, each search is two steps.
    """
    kept = min(1.0, 2 * searches / (searches + compared))
    return plan.share(node) + plan.share(owner) * (1 - kept)


def _needed_work_mem_kb(plan: MeasuredPlan, catalog: Catalog | None, estimate: Estimate | None) -> int | None:
    """The work_mem with which the planner hashes; None when it has that already, or should not have it."""
    if estimate is None:
        return None
    settings = {**(catalog.settings if catalog is not None else {}), **plan.plan.settings}
    width = math.ceil(estimate.width / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    table_kb = estimate.rows * (width + ROW_OVERHEAD_BYTES) / 1024
    needed_kb = math.ceil(table_kb / _multiplier(settings.get("hash_mem_multiplier")))
    current_kb = _size_kb(settings.get("work_mem"))
    return needed_kb if current_kb < needed_kb <= MAX_WORK_MEM_KB else None


def _multiplier(setting: str | None) -> float:
    return float(setting) if setting else DEFAULT_HASH_MEM_MULTIPLIER


def _size_kb(setting: str | None) -> int:
    match = _SIZE.fullmatch(setting or "")
    return int(match[1]) * _UNIT_KB[match[2] or "kB"] if match else DEFAULT_WORK_MEM_KB


def _mb(kb: int) -> int:
    return kb // 1024 + 1  # the table must be smaller than the limit, not as large


def _hint(needed_kb: int | None) -> str:
    rewrite = "Write NOT IN as NOT EXISTS, and IN as EXISTS or a join, so that it becomes a join"
    if needed_kb is None:
        return f"{rewrite}."
    return f"{rewrite}; or raise work_mem to {_mb(needed_kb)} MB for this query, so that the rows are hashed."
