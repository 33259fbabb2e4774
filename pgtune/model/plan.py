"""A plan as EXPLAIN prints it: the tree, its estimates and, after ANALYZE, its actuals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pgtune.model.buffers import NO_BUFFERS, Buffers
from pgtune.model.names import RelationName, quote_ident
from pgtune.model.node_details import (
    HashAggregation,
    HashTable,
    HeapBlocks,
    IncrementalSortGroups,
    Jit,
    ResultCache,
    SortSpace,
    Storage,
    Trigger,
    Worker,
)
from pgtune.model.node_title import node_title


class Role(Enum):
    """A node's part in its parent: EXPLAIN's "Parent Relationship"."""

    ROOT = "Root"
    OUTER = "Outer"
    INNER = "Inner"
    MEMBER = "Member"
    SUBQUERY = "Subquery"
    INIT_PLAN = "InitPlan"  # also every CTE
    SUB_PLAN = "SubPlan"
    OTHER = "Other"  # extensions' own


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the planner expected; absent with COSTS OFF."""

    startup_cost: float  # planner units, children included
    total_cost: float
    rows: float  # per loop, and per process under a Gather
    width: int  # bytes per row


@dataclass(frozen=True, slots=True)
class Actual:
    """What ANALYZE measured; per-loop means, as EXPLAIN prints them."""

    rows: float  # fractional from 18 on, rounded before: 0 may be 499 rows in 1000 loops
    loops: int  # 0 = never executed; in a parallel node the sum over processes
    startup_ms: float | None = None  # None with TIMING OFF
    total_ms: float | None = None

    @property
    def total_rows(self) -> float:
        """Rows returned over all loops and processes."""
        return self.rows * self.loops


@dataclass(frozen=True, slots=True)
class Quals:
    """The predicates of a node, in EXPLAIN's own spelling."""

    index_cond: str | None = None
    recheck_cond: str | None = None
    filter: str | None = None
    join_filter: str | None = None
    hash_cond: str | None = None
    merge_cond: str | None = None
    tid_cond: str | None = None
    one_time_filter: str | None = None
    run_condition: str | None = None
    order_by: str | None = None  # of an index that delivers distances

    def texts(self) -> Iterator[str]:
        """Yield each predicate that is there."""
        for text in (
            self.index_cond,
            self.recheck_cond,
            self.filter,
            self.join_filter,
            self.hash_cond,
            self.merge_cond,
            self.tid_cond,
            self.one_time_filter,
            self.run_condition,
            self.order_by,
        ):
            if text is not None:
                yield text


@dataclass(frozen=True, slots=True)
class Removed:
    """Rows read and thrown away; per-loop means."""

    by_filter: float = 0.0
    by_join_filter: float = 0.0
    by_index_recheck: float = 0.0


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One node of a plan. ``node_type`` is EXPLAIN's "Node Type", verbatim."""

    number: int  # 1 = root, then in the order of EXPLAIN's output
    node_type: str
    role: Role
    children: tuple[PlanNode, ...] = ()
    relation: RelationName | None = None
    alias: str | None = None
    index_name: str | None = None
    scan_backward: bool = False
    function_name: str | None = None
    cte_name: str | None = None
    subplan_name: str | None = None  # "InitPlan 1 (returns $0)", "SubPlan 2", "CTE recent"
    join_type: str | None = None  # "Inner", "Left", "Semi", ...
    strategy: str | None = None  # of Aggregate: "Plain", "Sorted", "Hashed", "Mixed"
    partial_mode: str | None = None  # "Simple", "Partial", "Finalize"
    operation: str | None = None  # of ModifyTable: "Insert", "Update", "Delete", "Merge"
    parallel_aware: bool = False
    inner_unique: bool | None = None  # needs VERBOSE in text
    disabled: bool = False  # 18 and later; before, a cost above DISABLED_COST
    estimate: Estimate | None = None
    actual: Actual | None = None
    buffers: Buffers = NO_BUFFERS  # children included
    quals: Quals = Quals()
    removed: Removed = Removed()
    output: tuple[str, ...] = ()  # needs VERBOSE
    sort_key: tuple[str, ...] = ()
    presorted_key: tuple[str, ...] = ()
    group_key: tuple[str, ...] = ()
    sort: SortSpace | None = None  # the leader's; workers' are in worker_sorts
    worker_sorts: tuple[SortSpace, ...] = ()
    full_sort_groups: IncrementalSortGroups | None = None
    presorted_groups: IncrementalSortGroups | None = None
    hash_table: HashTable | None = None
    hash_aggregation: HashAggregation | None = None
    worker_hash_aggregations: tuple[HashAggregation, ...] = ()
    result_cache: ResultCache | None = None
    heap_blocks: HeapBlocks | None = None  # workers' added
    heap_fetches: int | None = None  # total
    index_searches: int | None = None  # total; 18 and later
    storage: Storage | None = None
    workers_planned: int | None = None
    workers_launched: int | None = None
    workers: tuple[Worker, ...] = ()
    subplans_removed: int = 0
    wal_bytes: int = 0
    extra: Mapping[str, object] = field(default_factory=dict)  # keys not known here, as printed

    @property
    def label(self) -> str:
        """The node as EXPLAIN's text calls it: "Index Scan using orders_pkey on orders o"."""
        title = node_title(
            self.node_type,
            strategy=self.strategy,
            partial_mode=self.partial_mode,
            join_type=self.join_type,
            operation=self.operation,
        )
        words = [f"Parallel {title}" if self.parallel_aware else title]
        if self.scan_backward:
            words.append("Backward")
        if self.index_name is not None and self.relation is not None:
            words.append(f"using {quote_ident(self.index_name)}")
        name = quote_ident(self.relation.name) if self.relation is not None else self.object_name
        if name is not None:
            words.append(f"on {name}")
        if self.alias is not None and self.relation is not None and self.alias != self.relation.name:
            words.append(quote_ident(self.alias))
        return " ".join(words)

    @property
    def object_name(self) -> str | None:
        """What the node reads: relation, CTE, function or index."""
        if self.relation is not None:
            return str(self.relation)
        return self.cte_name or self.function_name or self.index_name

    @property
    def executed(self) -> bool:
        """True when ANALYZE ran this node at least once."""
        return self.actual is not None and self.actual.loops > 0

    @property
    def is_subplan(self) -> bool:
        """True for InitPlan, CTE and SubPlan: not part of the parent's row flow."""
        return self.role in (Role.INIT_PLAN, Role.SUB_PLAN)

    def child(self, role: Role) -> PlanNode | None:
        """The first child with that role; EXPLAIN lists InitPlans first, so never go by position."""
        return next((child for child in self.children if child.role is role), None)

    @property
    def inputs(self) -> tuple[PlanNode, ...]:
        """Children that feed rows to this node."""
        return tuple(child for child in self.children if not child.is_subplan)

    def walk(self) -> Iterator[PlanNode]:
        """Yield this node and all below it, in the order of EXPLAIN's output."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


GATHERS = frozenset({"Gather", "Gather Merge"})  # what runs below them runs in several processes at once
DISABLED_COST = 1.0e10  # added by enable_* = off up to 17 (costsize.c, disable_cost)


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement's plan with what EXPLAIN prints below the tree."""

    root: PlanNode
    planning_ms: float | None = None
    execution_ms: float | None = None
    planning_buffers: Buffers = NO_BUFFERS
    planning_memory_kb: int | None = None  # 17 and later, MEMORY
    serialization_ms: float | None = None  # 17 and later, SERIALIZE
    triggers: tuple[Trigger, ...] = ()
    jit: Jit | None = None
    settings: Mapping[str, str] = field(default_factory=dict)  # planner settings that differ from the default
    query_text: str | None = None  # as auto_explain logs it
    query_id: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    def nodes(self) -> Iterator[PlanNode]:
        """Yield every node, root first."""
        return self.root.walk()
