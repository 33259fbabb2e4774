"""A scan visits the heap only to fetch a few more columns, which the index could hold.

An index that has all columns of the query (key columns and those in INCLUDE) answers it alone, if VACUUM
keeps the visibility map up to date. Index entries lie side by side; heap rows are scattered, so each may
cost a page.

Instead of:
    CREATE INDEX ON orders (user_id);  -- SELECT status, total FROM orders WHERE user_id = 42
Use:
    CREATE INDEX CONCURRENTLY ON orders (user_id) INCLUDE (status, total);

Ignore when: the columns are often updated (an index on them prevents HOT updates) or wide, or the relation
changes so much that its pages are rarely all-visible. A sequential scan that reads few columns of a wide
table is not reported: it would take a copy of those columns of all rows.
Source: https://www.postgresql.org/docs/current/indexes-index-only-scans.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pgtune.model.action import Action
from pgtune.model.catalog import Catalog, CatalogIndex, Relation
from pgtune.model.charge import MeasuredPlan
from pgtune.model.finding import Cause, Severity, Symptom
from pgtune.model.index_need import IndexNeed, Purpose
from pgtune.model.plan import PlanNode
from pgtune.model.qual import Clause, ClauseKind
from pgtune.parse.qual import read_clauses, read_plain_column

SEVERITY = Severity.INFO

MAX_ADDED_COLUMNS = 3  # besides those of the index condition; more make the index a second table; chosen
MAX_WIDTH_BYTES = 64  # of the output, per row, as estimated; chosen
MIN_HEAP_BLOCKS = 100  # accesses that would go; fewer take well under a millisecond in memory; chosen
MIN_VISIBLE_FRACTION = 0.5  # of the pages marked all-visible; below, an index-only scan gains little; chosen
# One access to a heap page costs as much as reading this many entries from an index. Measured on 18.6,
# 75,000 rows: 30 with the heap in index order and in shared buffers, 27 in random order and partly outside.
HEAP_BLOCK_COST_ROWS = 10.0  # chosen lower than measured

_SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "*"})
_BTREE = frozenset(
    {ClauseKind.EQUALITY, ClauseKind.IN_LIST, ClauseKind.RANGE, ClauseKind.IS_NULL, ClauseKind.IS_NOT_NULL}
    | {ClauseKind.BOOLEAN, ClauseKind.PREFIX}
)


def check(
    plan: MeasuredPlan,
    catalog: Catalog | None,
    *,
    max_added_columns: float = MAX_ADDED_COLUMNS,
    min_heap_blocks: float = MIN_HEAP_BLOCKS,
) -> Iterator[Symptom]:
    """Yield each index or bitmap scan that a covering index would make index-only."""
    for node, actual in plan.measured():
        source = _index_source(node)
        narrow = node.estimate is None or node.estimate.width <= MAX_WIDTH_BYTES
        if source is None or not node.output or not narrow:
            continue
        fetched = actual.total_rows + (node.removed.by_filter + node.removed.by_index_recheck) * actual.loops
        blocks = plan.charge(node).own_buffers.accessed_blocks  # of an Index Scan, its index pages included
        heap_blocks = min(blocks, fetched)
        if heap_blocks < min_heap_blocks:
            continue
        columns = _columns(node, source)
        if columns is None or not 0 < len(columns.added) <= max_added_columns:
            continue
        # The accesses that go, as part of the node's work: accesses of all kinds, and rows.
        work = blocks * HEAP_BLOCK_COST_ROWS + fetched
        saves = plan.share(node) * heap_blocks * HEAP_BLOCK_COST_ROWS / work
        yield from _symptoms(node, columns, saves, catalog)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Names of the columns that the node needs."""

    condition: frozenset[str]  # those that the index at hand has for certain
    added: frozenset[str]  # all others, of output and filter

    @property
    def needed(self) -> frozenset[str]:
        return self.condition | self.added


def _index_source(node: PlanNode) -> PlanNode | None:
    """The node with the index and its condition: the scan itself, or the one index below a bitmap scan."""
    if node.node_type == "Index Scan" and node.quals.order_by is None:
        return node
    if node.node_type == "Bitmap Heap Scan":
        return next((child for child in node.inputs if child.node_type == "Bitmap Index Scan"), None)
    return None


def _columns(node: PlanNode, source: PlanNode) -> _Columns | None:
    """None when no B-tree answers the condition or the output is not made of plain columns."""
    clauses = read_clauses(source.quals.index_cond) if source.quals.index_cond is not None else ()
    if any(clause.kind not in _BTREE for clause in clauses):
        return None
    output = [read_plain_column(item) for item in node.output]
    if any(ref is None or ref.name in _SYSTEM_COLUMNS for ref in output):
        return None
    tested = read_clauses(node.quals.filter) if node.quals.filter is not None else ()
    condition = frozenset(_mentioned(clauses, node))
    added = {ref.name for ref in output if ref is not None}.union(_mentioned(tested, node))
    return _Columns(condition, frozenset(added - condition))


def _mentioned(clauses: Iterable[Clause], node: PlanNode) -> Iterator[str]:
    """Names of the node's own columns."""
    for clause in clauses:
        yield from (ref.name for ref in clause.columns if ref.alias in (None, node.alias))


def _symptoms(node: PlanNode, columns: _Columns, saves: float, catalog: Catalog | None) -> Iterator[Symptom]:
    """What to do: create the index, or VACUUM for one that is there; nothing where neither helps."""
    relation = catalog.find(node.relation) if catalog is not None and node.relation is not None else None
    added = columns.added - _held(node, relation)
    if not added:
        return
    covering = _covering_index(relation, columns)
    if covering is None and not _is_whole_relation(relation, columns):
        yield _index_symptom(node, added, saves)
    elif relation is not None and covering is not None and _is_mostly_unmarked(relation):
        yield _vacuum_symptom(node, covering, saves)


def _held(node: PlanNode, relation: Relation | None) -> frozenset[str]:
    """Columns of the index in use, as far as the catalog knows it."""
    names = {below.index_name for below in node.walk()} - {None}
    used = [index for index in relation.indexes if index.name.name in names] if relation is not None else []
    return frozenset(name for index in used for name in (*index.key, *index.include))


def _covering_index(relation: Relation | None, columns: _Columns) -> CatalogIndex | None:
    """An index that has all the columns and starts with one of the condition's, if the catalog knows one."""
    for index in relation.indexes if relation is not None else ():
        usable = index.access_method == "btree" and index.valid and index.predicate is None
        starts_well = index.key[0] in (columns.condition or columns.needed)
        if usable and starts_well and columns.needed <= {*index.key, *index.include}:
            return index
    return None


def _is_whole_relation(relation: Relation | None, columns: _Columns) -> bool:
    """True when the index would be a copy of the relation."""
    return relation is not None and columns.needed.issuperset(column.name for column in relation.columns)


def _is_mostly_unmarked(relation: Relation) -> bool:
    """True when the visibility map marks too few pages for an index-only scan to pay."""
    return relation.activity.relallvisible < MIN_VISIBLE_FRACTION * relation.activity.relpages


def _index_symptom(node: PlanNode, added: frozenset[str], saves: float) -> Symptom:
    return Symptom(
        message=f"{node.label} visits the heap only for {', '.join(sorted(added))}",
        node=node.number,
        saves=saves,
        cause=Cause.ACCESS_PATH,
        detail=f"With {'these columns' if len(added) > 1 else 'this column'} in the index the query stays "
        "out of the heap, as long as VACUUM keeps up.",
        hint="Create an index that covers the query.",
        index_need=IndexNeed(Purpose.COVER, node.number),
    )


def _vacuum_symptom(node: PlanNode, covering: CatalogIndex, saves: float) -> Symptom:
    return Symptom(
        message=f"{node.label} visits the heap although {covering.name} covers the query",
        node=node.number,
        saves=saves,
        cause=Cause.ACCESS_PATH,
        detail=f"Few pages of {node.object_name} are marked all-visible: most would be visited all the same.",
        hint="Run VACUUM, and let autovacuum visit the relation more often.",
        action=Action(
            sql=f"VACUUM {node.relation};",
            lock=f"SHARE UPDATE EXCLUSIVE on {node.relation}; reads and writes go on",
        ),
    )
