"""A kind of node that a setting rules out is used all the same: the planner had no other way.

"enable_seqscan = off" and its like do not forbid: they make the planner take anything else first. A node
that is still there has no alternative, often for want of an index. Up to PostgreSQL 17 such a node costs
1e10 more, which drowns the differences between plans and sets off JIT compilation.

Instead of:
    SET enable_seqscan = off;
Use:
    RESET enable_seqscan;

Ignore when: the setting is off on purpose, to find out whether an index can be used at all.
Source: https://www.postgresql.org/docs/18/runtime-config-query.html#RUNTIME-CONFIG-QUERY-ENABLE
"""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.action import Action
from pgtune.model.charge import ChargedPlan
from pgtune.model.finding import Cause, Symptom
from pgtune.model.plan import DISABLED_COST, PlanNode, Role

# Of the node's own part. What the other way would cost, once there is one, is not known; this ranks the
# finding below those that know. Chosen.
SAVED_FRACTION = 0.1

# src/backend/optimizer/path/costsize.c and pathnode.c, 18; the first is the commoner reason.
_SETTINGS: dict[str, tuple[str, ...]] = {
    "Seq Scan": ("enable_seqscan",),
    "Index Scan": ("enable_indexscan",),
    "Index Only Scan": ("enable_indexonlyscan", "enable_indexscan"),
    "Bitmap Heap Scan": ("enable_bitmapscan",),
    "Tid Scan": ("enable_tidscan",),
    "Tid Range Scan": ("enable_tidscan",),
    "Sort": ("enable_sort",),
    "Incremental Sort": ("enable_incremental_sort", "enable_sort"),
    "Aggregate": ("enable_hashagg",),
    "SetOp": ("enable_hashagg",),
    "Unique": ("enable_hashagg",),
    "Materialize": ("enable_material",),
    "Memoize": ("enable_memoize",),
    "Nested Loop": ("enable_nestloop",),
    "Merge Join": ("enable_mergejoin",),
    "Hash Join": ("enable_hashjoin",),
    "Gather Merge": ("enable_gathermerge",),
}


def check(plan: ChargedPlan) -> Iterator[Symptom]:
    """Yield, for each setting that is off in vain, the node that it concerns most."""
    by_setting: dict[str, list[PlanNode]] = {}
    for node in plan.nodes:
        setting = _setting(plan, node) if node.disabled else None
        if setting is not None:
            by_setting.setdefault(setting, []).append(node)
    for setting, nodes in by_setting.items():
        yield _symptom(plan, setting, nodes)


def _setting(plan: ChargedPlan, node: PlanNode) -> str | None:
    """The setting that rules the node out; None when the node only carries the cost of one below it."""
    names = _SETTINGS.get(node.node_type, ())
    if plan.plan.settings:
        return next((name for name in names if plan.plan.settings.get(name) == "off"), None)
    return None if _carries(node) or not names else names[0]


def _is_known_by_cost(node: PlanNode) -> bool:
    """True up to PostgreSQL 17."""
    return node.estimate is not None and node.estimate.total_cost >= DISABLED_COST


def _carries(node: PlanNode) -> bool:
    """True when the 1e10 may be that of an inner side or a SubPlan, once for each time it is run."""
    return _is_known_by_cost(node) and any(
        child.disabled and (child.role is Role.INNER or child.is_subplan) for child in node.children
    )


def _symptom(plan: ChargedPlan, setting: str, nodes: list[PlanNode]) -> Symptom:
    node = max(nodes, key=plan.share)
    others = f" and {len(nodes) - 1:,} more like it" if len(nodes) > 1 else ""
    by_cost = any(_is_known_by_cost(n) for n in nodes)
    return Symptom(
        message=f"{setting} is off, but there is no other way than {node.label}{others}",
        node=node.number,
        saves=SAVED_FRACTION * sum(plan.share(n) for n in nodes) + (_jit_share(plan) if by_cost else 0.0),
        cause=Cause.STATEMENT,
        object=setting,
        detail="The setting makes the planner avoid this kind of node wherever something else is possible.",
        hint=f"Reset {setting}, or make another way possible, such as an index.",
        action=Action(sql=f"RESET {setting};", undo=f"SET {setting} = off;"),
    )


def _jit_share(plan: ChargedPlan) -> float:
    """JIT is set off by cost: with 1e10 on top, it always is."""
    jit = plan.plan.jit
    return plan.share_of_ms(jit.total_ms) if jit is not None and jit.total_ms is not None else 0.0
