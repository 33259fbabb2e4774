"""What a finding wants of an index in; the relation, its clauses, order and columns out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pgtune.advice.accesses.scan_columns import Mentions, local_alias, names_of, returned_columns
from pgtune.model.catalog import Catalog, Relation
from pgtune.model.charge import ChargedPlan
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.names import RelationName
from pgtune.model.plan import PlanNode, Role
from pgtune.model.qual import Clause, ClauseKind, ColumnRef, SortKey
from pgtune.parse.qual import read_clauses
from pgtune.parse.sort_key import read_sort_key

_JOINS = frozenset({"Nested Loop", "Hash Join", "Merge Join"})
_TABLE_SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
_SORTS = frozenset({"Sort", "Incremental Sort"})
# These hand rows up one by one and in order, or may be planned without when the order is there.
_KEEPS_ORDER = frozenset({"Limit", "Gather", "Gather Merge", "Materialize", "Unique"})
_ON_THE_WAY = frozenset({"Hash", "Memoize", "Subquery Scan", "Append", "Merge Append", "Result"})
_SYSTEM_SCHEMAS = ("pg_temp", "pg_toast", "pg_catalog", "information_schema")
INDEXABLE_KINDS = frozenset({"r", "p", "m"})


@dataclass(frozen=True, slots=True)
class Target:
    """What one index is to do, in terms of one relation."""

    purpose: Purpose
    relation: RelationName  # that the index is made on
    table: Relation | None  # what is scanned, perhaps a partition; None without a catalog
    partitioned: bool
    clauses: tuple[Clause, ...]  # conditions on this relation alone, its columns on the left
    order: tuple[SortKey, ...] = ()  # all of this relation, else empty
    returned: tuple[str, ...] | None = None  # columns that the plan uses; None: not known
    row_bytes: int | None = None  # planner's width of what the scan returns
    scan: PlanNode | None = None

    def type_of(self, column: str) -> str | None:
        """The column's type, None when the catalog does not say."""
        found = self.table.column(column) if self.table is not None else None
        return found.type if found is not None else None


def find_target(need: IndexNeed, mentions: Mentions, catalog: Catalog | None) -> Target | None:
    """Return what the index is for; None when its relation can have none, or is not to be told."""
    if need.relation is not None and need.columns:
        clauses = tuple(
            Clause(text=name, kind=ClauseKind.EQUALITY, column=ColumnRef(None, name), operator="=")
            for name in need.columns
        )
        return _on(need.relation, catalog, need.purpose, clauses)
    if need.node is None:
        return None
    plan = mentions.plan
    scan = _scan_of(need, plan)
    if scan is None or scan.relation is None:
        return None
    alias = local_alias(scan)
    target = _on(scan.relation, catalog, need.purpose, tuple(_clauses(need, plan, scan, alias)))
    if target is None:
        return None
    return replace(
        target,
        order=_order(need, plan, scan, alias) or _order_of_index(plan, scan, target.table),
        returned=returned_columns(mentions, scan),
        row_bytes=scan.estimate.width if scan.estimate is not None else None,
        scan=scan,
    )


def _on(
    name: RelationName, catalog: Catalog | None, purpose: Purpose, clauses: tuple[Clause, ...]
) -> Target | None:
    """The index belongs on the topmost partitioned table, where it serves all partitions."""
    if is_system(name):
        return None
    table = catalog.find(name) if catalog is not None else None
    if table is None:
        return Target(purpose, name, None, partitioned=False, clauses=clauses)
    if table.kind not in INDEXABLE_KINDS:
        return None
    partitioned = table.kind == "p" or table.is_partition
    return Target(purpose, topmost(table, catalog), table, partitioned=partitioned, clauses=clauses)


def is_system(name: RelationName) -> bool:
    """True for temporary tables and those of the server itself."""
    return name.schema is not None and name.schema.startswith(_SYSTEM_SCHEMAS)


def topmost(table: Relation, catalog: Catalog | None) -> RelationName:
    """The partitioned table at the top, as far as the catalog knows the way."""
    seen = {table.name}
    while table.parent is not None and table.parent not in seen:
        seen.add(table.parent)
        above = catalog.find(table.parent) if catalog is not None else None
        if above is None:
            return table.parent
        table = above
    return table.name


def _scan_of(need: IndexNeed, plan: ChargedPlan) -> PlanNode | None:
    node = plan.nodes[(need.node or 1) - 1]
    start = node.child(Role.INNER) if node.node_type in _JOINS else node
    found = _table_below(start) if start is not None else None
    return found if found is not None and found.node_type in _TABLE_SCANS else None


def _table_below(node: PlanNode) -> PlanNode | None:
    """The scan whose rows reach the node; of a join the one it drives from; None behind an aggregate."""
    while node.node_type not in _TABLE_SCANS:
        passes = node.node_type in _SORTS | _KEEPS_ORDER | _ON_THE_WAY | _JOINS
        if not passes or not node.inputs:
            return None
        node = node.inputs[0]
    return node


def _clauses(need: IndexNeed, plan: ChargedPlan, scan: PlanNode, alias: str | None) -> Iterator[Clause]:
    seen: set[str] = set()
    for text in _qual_texts(need, plan, scan):
        for clause in read_clauses(text):
            local = _local(clause, alias)
            if local is not None and local.text not in seen:
                seen.add(local.text)
                yield local


def _qual_texts(need: IndexNeed, plan: ChargedPlan, scan: PlanNode) -> Iterator[str]:
    quals = [scan.quals.index_cond, scan.quals.filter]
    if scan.node_type == "Bitmap Heap Scan":
        quals = [*(node.quals.index_cond for node in scan.walk() if node is not scan), *quals]
        quals = [scan.quals.recheck_cond, *quals] if not any(quals) else quals
    if need.purpose is Purpose.JOIN:
        join = next((node for node in plan.ancestors(scan) if node.node_type in _JOINS), None)
        if join is not None:
            quals = [join.quals.hash_cond, join.quals.merge_cond, join.quals.join_filter, *quals]
    yield from (text for text in quals if text is not None)


def _local(clause: Clause, alias: str | None) -> Clause | None:
    if clause.kind is not ClauseKind.OR:
        return clause.seen_from(alias)
    arms = tuple(tuple(_local(member, alias) for member in arm) for arm in clause.alternatives)
    kept = tuple(tuple(member for member in arm if member is not None) for arm in arms)
    return replace(clause, alternatives=kept) if all(kept) else None


def _order(need: IndexNeed, plan: ChargedPlan, scan: PlanNode, alias: str | None) -> tuple[SortKey, ...]:
    """The order that a sort above the scan makes, when the scan's columns alone give it."""
    passed = (
        _KEEPS_ORDER
        | {"Append", "Merge Append"}
        | (_JOINS | {"Hash"} if need.purpose is Purpose.ORDER else set())
    )
    for node in plan.ancestors(scan):
        texts = node.sort_key if node.node_type in _SORTS else ()
        if node.node_type == "Aggregate" and node.strategy == "Sorted":
            texts = node.group_key
        if texts:
            keys = tuple(map(read_sort_key, texts))
            local = all(key.columns and len(names_of(key.columns, alias)) == len(key.columns) for key in keys)
            return keys if local and all(key.operator is None for key in keys) else ()
        if node.node_type not in passed:
            break
    return ()


def _order_of_index(plan: ChargedPlan, scan: PlanNode, table: Relation | None) -> tuple[SortKey, ...]:
    """The order for whose sake a scan below a Limit reads an index without an Index Cond."""
    if table is None or scan.index_name is None or scan.quals.index_cond is not None:
        return ()
    passed = _KEEPS_ORDER - {"Limit"} | {"Append", "Merge Append"}  # of partitions in order
    above = next((node for node in plan.ancestors(scan) if node.node_type not in passed), None)
    used = next((index for index in table.indexes if index.name.name == scan.index_name), None)
    if above is None or above.node_type != "Limit" or used is None:
        return ()
    return tuple(
        SortKey(
            column=None if key.is_expression else ColumnRef(None, key.text),
            expression=key.text if key.is_expression else None,
            descending=key.descending,
            nulls_first=key.nulls_first,
        )
        for key in used.keys
    )
