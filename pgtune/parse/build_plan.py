"""From one plan in the shape of EXPLAIN (FORMAT JSON) to a Plan.

The other formats are first brought into that shape, so this is the only place that knows its keys.
Keys that are not known here end up in ``extra``, so a newer server or a fork never fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pgtune.errors import PlanError
from pgtune.model.buffers import NO_BUFFERS, Buffers
from pgtune.model.names import RelationName
from pgtune.model.node_details import Jit, Trigger
from pgtune.model.plan import DISABLED_COST, Actual, Estimate, Plan, PlanNode, Quals, Removed, Role
from pgtune.parse import node_details as details

RawNode = Mapping[str, Any]

_BUFFER_KEYS: dict[str, str] = {
    "Shared Hit Blocks": "shared_hit_blocks",
    "Shared Read Blocks": "shared_read_blocks",
    "Shared Dirtied Blocks": "shared_dirtied_blocks",
    "Shared Written Blocks": "shared_written_blocks",
    "Local Hit Blocks": "local_hit_blocks",
    "Local Read Blocks": "local_read_blocks",
    "Local Dirtied Blocks": "local_dirtied_blocks",
    "Local Written Blocks": "local_written_blocks",
    "Temp Read Blocks": "temp_read_blocks",
    "Temp Written Blocks": "temp_written_blocks",
    "I/O Read Time": "shared_read_ms",  # up to 16
    "I/O Write Time": "shared_write_ms",
    "Shared I/O Read Time": "shared_read_ms",  # from 17
    "Shared I/O Write Time": "shared_write_ms",
    "Local I/O Read Time": "local_read_ms",
    "Local I/O Write Time": "local_write_ms",
    "Temp I/O Read Time": "temp_read_ms",
    "Temp I/O Write Time": "temp_write_ms",
}
_QUAL_KEYS: dict[str, str] = {
    "Index Cond": "index_cond",
    "Recheck Cond": "recheck_cond",
    "Filter": "filter",
    "Join Filter": "join_filter",
    "Hash Cond": "hash_cond",
    "Merge Cond": "merge_cond",
    "TID Cond": "tid_cond",
    "One-Time Filter": "one_time_filter",
    "Run Condition": "run_condition",
    "Order By": "order_by",
}
_TEXT_KEYS: dict[str, str] = {
    "Alias": "alias",
    "Index Name": "index_name",
    "Function Name": "function_name",
    "CTE Name": "cte_name",
    "Subplan Name": "subplan_name",
    "Join Type": "join_type",
    "Strategy": "strategy",
    "Partial Mode": "partial_mode",
    "Operation": "operation",
}
_NUMBER_KEYS: dict[str, str] = {
    "Heap Fetches": "heap_fetches",
    "Index Searches": "index_searches",
    "Workers Planned": "workers_planned",
    "Workers Launched": "workers_launched",
    "Subplans Removed": "subplans_removed",
    "WAL Bytes": "wal_bytes",
}
_LIST_KEYS: dict[str, str] = {
    "Output": "output",
    "Sort Key": "sort_key",
    "Presorted Key": "presorted_key",
    "Group Key": "group_key",
}
_FLAG_KEYS: dict[str, str] = {"Parallel Aware": "parallel_aware", "Inner Unique": "inner_unique"}
_OWN_KEYS = frozenset(
    {
        "Node Type",
        "Parent Relationship",
        "Plans",
        "Relation Name",
        "Schema",
        "Scan Direction",
        "Disabled",
        "Workers",
    }
    | {"Startup Cost", "Total Cost", "Plan Rows", "Plan Width"}
    | {"Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"}
)
_REMOVED_KEYS: dict[str, str] = {
    "Rows Removed by Filter": "by_filter",
    "Rows Removed by Join Filter": "by_join_filter",
    "Rows Removed by Index Recheck": "by_index_recheck",
}
_NO_QUALS = Quals()
_NONE_REMOVED = Removed()
_PLAN_KEYS = frozenset(
    {
        "Plan",
        "Planning Time",
        "Execution Time",
        "Total Runtime",
        "Planning",
        "Serialization",
        "Triggers",
        "JIT",
    }
    | {"Settings", "Query Text", "Query Identifier"}
)
_SEND_AS_PRINTED = "send the plan as EXPLAIN printed it"
_ROLES = {role.value: role for role in Role}


def build_plan(raw: Mapping[str, Any]) -> Plan:
    """Turn one element of EXPLAIN (FORMAT JSON)'s array into a Plan.

    Raises:
        PlanError: a value is not of the type that EXPLAIN prints.
    """
    try:
        return _build_plan(raw)
    except KeyError as error:
        raise PlanError(f'plan: no "{error.args[0]}" where EXPLAIN prints one; {_SEND_AS_PRINTED}') from error
    except (TypeError, ValueError, AttributeError) as error:
        raise PlanError(f"plan: a value of a wrong type ({error}); {_SEND_AS_PRINTED}") from error


def _build_plan(raw: Mapping[str, Any]) -> Plan:
    planning: Mapping[str, Any] = raw.get("Planning") or {}
    serialization: Mapping[str, Any] = raw.get("Serialization") or {}
    query_id = raw.get("Query Identifier")
    return Plan(
        root=_build_tree(raw["Plan"]),
        planning_ms=_ms(raw.get("Planning Time")),
        execution_ms=_ms(raw.get("Execution Time", raw.get("Total Runtime"))),
        planning_buffers=_buffers(planning),
        planning_memory_kb=planning.get("Memory Used"),
        serialization_ms=_ms(serialization.get("Time")),
        triggers=tuple(_trigger(trigger) for trigger in raw.get("Triggers") or ()),
        jit=_jit(raw["JIT"]) if raw.get("JIT") else None,
        settings={name: str(value) for name, value in (raw.get("Settings") or {}).items()},
        query_text=raw.get("Query Text"),
        query_id=None if query_id is None else str(query_id),
        extra={key: value for key, value in raw.items() if key not in _PLAN_KEYS},
    )


def _build_tree(root: RawNode) -> PlanNode:
    """Build bottom-up from a pre-order list: no recursion, so depth has no limit."""
    raws: list[RawNode] = []
    stack = [root]
    while stack:
        raw = stack.pop()
        raws.append(raw)
        stack.extend(reversed(_raw_children(raw)))
    built: dict[int, PlanNode] = {}
    for position in range(len(raws) - 1, -1, -1):
        raw = raws[position]
        children = tuple(_child_of(raw, built.pop(id(child))) for child in _raw_children(raw))
        built[id(raw)] = _build_node(raw, position + 1, children)
    return built[id(root)]


def _child_of(raw: RawNode, child: PlanNode) -> PlanNode:
    """Up to 13 the inputs of a ModifyTable are called Member, from 14 on Outer, and here."""
    if raw["Node Type"] == "ModifyTable" and child.role is Role.MEMBER:
        return replace(child, role=Role.OUTER)
    return child


def _raw_children(raw: RawNode) -> Sequence[RawNode]:
    return raw.get("Plans") or ()


def _build_node(raw: RawNode, number: int, children: tuple[PlanNode, ...]) -> PlanNode:
    fields: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {"quals": {}, "removed": {}, "buffers": {}, "extra": {}}
    has_details = False
    for key, value in raw.items():  # once over what is there: most of the known keys are not
        if value is None:  # JSON that went through another tool
            continue
        reader = _READERS.get(key)
        if reader is not None:
            group, field, convert = reader
            try:
                (groups[group] if group else fields)[field] = convert(value)
            except (TypeError, ValueError) as error:
                raise PlanError(f'plan: "{key}" of node {number} is {value!r}; {_SEND_AS_PRINTED}') from error
        elif key in details.KEYS or key == "Workers":
            has_details = True
        elif key not in _OWN_KEYS:
            groups["extra"][key] = value
    if has_details:
        fields |= details.read(raw)
    estimate = _estimate(raw)
    return PlanNode(
        number=number,
        node_type=str(raw["Node Type"]),
        role=_role(raw, number),
        children=children,
        relation=_relation(raw),
        scan_backward=raw.get("Scan Direction") == "Backward",
        disabled=bool(raw.get("Disabled", False)) or _cost_says_disabled(estimate, children),
        estimate=estimate,
        actual=_actual(raw),
        buffers=Buffers(**groups["buffers"]) if groups["buffers"] else NO_BUFFERS,
        quals=Quals(**groups["quals"]) if groups["quals"] else _NO_QUALS,
        removed=Removed(**groups["removed"]) if groups["removed"] else _NONE_REMOVED,
        extra=groups["extra"],
        **fields,
    )


def _role(raw: RawNode, number: int) -> Role:
    if number == 1:
        return Role.ROOT
    return _ROLES.get(raw.get("Parent Relationship", ""), Role.OTHER)


def _relation(raw: RawNode) -> RelationName | None:
    name = raw.get("Relation Name")
    return None if name is None else RelationName(raw.get("Schema"), name)


def _estimate(raw: RawNode) -> Estimate | None:
    if raw.get("Total Cost") is None:
        return None
    return Estimate(
        startup_cost=float(raw.get("Startup Cost") or 0),
        total_cost=float(raw["Total Cost"]),
        rows=float(raw.get("Plan Rows") or 0),
        width=int(raw.get("Plan Width") or 0),
    )


def _cost_says_disabled(estimate: Estimate | None, children: tuple[PlanNode, ...]) -> bool:
    """Up to 17 a disabled node costs 1e10 more than its children."""
    if estimate is None or estimate.total_cost < DISABLED_COST:
        return False
    below = sum(child.estimate.total_cost for child in children if child.estimate is not None)
    return estimate.total_cost - below >= DISABLED_COST


def _actual(raw: RawNode) -> Actual | None:
    if raw.get("Actual Loops") is None:
        return None
    return Actual(
        rows=float(raw.get("Actual Rows") or 0),
        loops=int(raw["Actual Loops"]),
        startup_ms=_ms(raw.get("Actual Startup Time")),
        total_ms=_ms(raw.get("Actual Total Time")),
    )


def _buffers(raw: RawNode) -> Buffers:
    counters: dict[str, Any] = {
        field: _counter(raw[key]) for key, field in _BUFFER_KEYS.items() if raw.get(key)
    }
    return Buffers(**counters)


def _trigger(raw: Mapping[str, Any]) -> Trigger:
    return Trigger(
        name=str(raw.get("Trigger Name", raw.get("Constraint Name", ""))),
        constraint=raw.get("Constraint Name"),
        relation=raw.get("Relation"),
        ms=_ms(raw.get("Time")),
        calls=int(raw.get("Calls", 0)),
    )


def _jit(raw: Mapping[str, Any]) -> Jit:
    timing: Mapping[str, Any] = raw.get("Timing") or {}
    generation = timing.get("Generation", 0)
    if isinstance(generation, Mapping):  # 17 and later: {"Deform": ..., "Total": ...}
        generation = generation.get("Total", 0)
    return Jit(
        functions=int(raw.get("Functions", 0)),
        total_ms=_ms(timing.get("Total")),
        generation_ms=float(generation),
        inlining_ms=float(timing.get("Inlining", 0)),
        optimization_ms=float(timing.get("Optimization", 0)),
        emission_ms=float(timing.get("Emission", 0)),
    )


def _ms(value: Any) -> float | None:
    return None if value is None else float(value)


def _qual(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(map(str, value))


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def _counter(value: Any) -> int | float:
    """Return a number of blocks or of ms, which only JSON itself tells apart."""
    if isinstance(value, int | float):
        return value
    raise ValueError(f"{value!r} is no number")


def _flag(value: Any) -> bool:
    return value is True or value == "true"


# Of each key the group of fields it belongs to (empty: the node's own), the field, and how to read it.
_READERS: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    **{key: ("", field, str) for key, field in _TEXT_KEYS.items()},
    **{key: ("", field, _flag) for key, field in _FLAG_KEYS.items()},
    **{key: ("", field, int) for key, field in _NUMBER_KEYS.items()},
    **{key: ("", field, _texts) for key, field in _LIST_KEYS.items()},
    **{key: ("quals", field, _qual) for key, field in _QUAL_KEYS.items()},
    **{key: ("removed", field, float) for key, field in _REMOVED_KEYS.items()},
    **{key: ("buffers", field, _counter) for key, field in _BUFFER_KEYS.items()},
}
