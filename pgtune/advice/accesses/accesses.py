"""A plan in, what it wants of each table out: conditions, join columns, orders, columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pgtune.advice.accesses.equal_columns import EqualColumns
from pgtune.advice.accesses.scan_columns import Mentions, local_alias, returned_columns
from pgtune.advice.accesses.wanted_orders import Naming, Order, wanted_orders
from pgtune.advice.hints.index_target import INDEXABLE_KINDS, is_system, topmost
from pgtune.analysis.attribution import attribute
from pgtune.model.catalog import Catalog, Relation
from pgtune.model.charge import ChargedPlan
from pgtune.model.index_shape import BLOCK_BYTES
from pgtune.model.names import RelationName
from pgtune.model.plan import Plan, PlanNode
from pgtune.model.qual import Clause, ClauseKind
from pgtune.parse.qual import read_clauses

_TABLE_SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
_APPENDS = frozenset({"Append", "Merge Append"})
_SUB_QUERY = re.compile(r"\b(SubPlan|SubPlans)\b")
_NUMBERED = re.compile(r"_\d+$")  # what EXPLAIN adds to the partitions' common alias


@dataclass(frozen=True, slots=True)
class Access:
    """What one query wants of one table under one alias; partitions count as their partitioned table."""

    relation: RelationName  # that an index is made on: the topmost partitioned table
    table: Relation  # what is scanned; of several partitions the first
    partitioned: bool
    filters: tuple[Clause, ...]  # every condition on this table alone
    clauses: tuple[Clause, ...]  # those of them that an index can search, the table's columns on the left
    joins: tuple[Clause, ...]  # comparisons with other tables' columns, the table's own on the left
    orders: tuple[Order, ...]  # leading keys of sorts and groupings that are all the table's own
    returned: tuple[str, ...] | None  # columns that the rest of the plan uses; None: not known
    blocks: int  # of all that is scanned
    rows: float  # that the planner expects to pass the filters

    def needed(self, settled: Collection[Clause] = ()) -> tuple[str, ...] | None:
        """Columns that an index must hold to spare the table; None when that is not known.

        *settled* are the filters that the predicate of the index makes needless.
        """
        if self.returned is None:
            return None
        tested = (clause.columns for clause in self.filters if clause not in settled)
        own = (ref.name for refs in tested for ref in refs)
        joined = (
            ref.name for clause in self.joins for ref in clause.columns if ref not in clause.operand_columns
        )
        return tuple(dict.fromkeys((*self.returned, *own, *joined)))

    def type_of(self, column: str) -> str | None:
        """The column's type, None for a column that the table does not have."""
        found = self.table.column(column)
        return found.type if found is not None else None


def accesses(plan: Plan, catalog: Catalog) -> tuple[Access, ...]:
    """Return one Access for each table and alias in the plan that the catalog has, in the order of the plan.

    The plan needs VERBOSE. One that was made with index scans disabled says most: there every condition is a
    filter or a join condition and every order a sort.
    """
    reader = _Reader(attribute(plan), catalog)
    return tuple(reader.access(scans) for scans in reader.groups())


class _Reader:
    """One plan being read."""

    def __init__(self, plan: ChargedPlan, catalog: Catalog) -> None:
        self._plan = plan
        self._catalog = catalog
        self._mentions = Mentions(plan)
        self._clauses = {node.number: tuple(_clauses_of(node)) for node in plan.nodes}
        everywhere = (clause for clauses in self._clauses.values() for clause in clauses)
        self._comparisons = tuple(clause for clause in everywhere if _compares_tables(clause))
        self._equal = EqualColumns(self._comparisons)

    def groups(self) -> Iterator[Sequence[PlanNode]]:
        """Yield the scans of each table: one, or those of the partitions under one Append."""
        found: dict[tuple[RelationName, int], list[PlanNode]] = {}
        for scan in self._plan.nodes:
            table = self._table(scan)
            if table is not None:
                place = self._append_above(scan) if table.is_partition else scan.number
                found.setdefault((topmost(table, self._catalog), place), []).append(scan)
        yield from found.values()

    def _table(self, scan: PlanNode) -> Relation | None:
        if scan.node_type not in _TABLE_SCANS or scan.relation is None or is_system(scan.relation):
            return None
        table = self._catalog.find(scan.relation)
        return table if table is not None and table.kind in INDEXABLE_KINDS else None

    def _append_above(self, scan: PlanNode) -> int:
        appends = (node.number for node in self._plan.ancestors(scan) if node.node_type in _APPENDS)
        return next(appends, scan.number)

    def access(self, scans: Sequence[PlanNode]) -> Access:
        scan = scans[0]
        tables = [table for each in scans if (table := self._table(each)) is not None]
        aliases = tuple(dict.fromkeys(_aliases(scans)))
        own = self._clauses[scan.number]
        alias = local_alias(scan)
        filters = tuple(clause for clause in own if all(ref.alias == alias for ref in clause.columns))
        return Access(
            relation=topmost(tables[0], self._catalog),
            table=tables[0],
            partitioned=tables[0].kind == "p" or tables[0].is_partition,
            filters=filters,
            clauses=tuple(searchable(filters)),
            joins=tuple(self._joins(aliases)),
            orders=wanted_orders(self._plan, scan, Naming(aliases, self._equal)),
            returned=returned_columns(self._mentions, scan),
            blocks=sum(map(_blocks, tables)),
            rows=sum(each.estimate.rows for each in scans if each.estimate is not None),
        )

    def _joins(self, aliases: Sequence[str]) -> Iterator[Clause]:
        seen = set()
        for alias in aliases:
            told = (clause.seen_from(alias) for clause in self._comparisons)
            joining = (clause for clause in told if clause is not None and _is_join(clause, aliases))
            for clause in (*joining, *self._equal.joins_of(alias)):
                key = (clause.side, clause.operator, clause.operand)
                if key not in seen and not {ref.alias for ref in clause.operand_columns} & set(aliases):
                    seen.add(key)
                    yield clause


def _blocks(table: Relation) -> int:
    """Of its file as it is, which the planner goes by; a table never vacuumed has no relpages."""
    return table.activity.relpages if table.size_bytes is None else table.size_bytes // BLOCK_BYTES


def _compares_tables(clause: Clause) -> bool:
    return len({ref.alias for ref in clause.columns}) > 1 or _SUB_QUERY.search(clause.text) is not None


def _clauses_of(node: PlanNode) -> Iterator[Clause]:
    quals = node.quals
    conditions = (quals.index_cond, quals.recheck_cond, quals.filter)
    joins = (quals.hash_cond, quals.merge_cond, quals.join_filter)
    if node.node_type not in {"Bitmap Index Scan", "Aggregate", "WindowAgg"}:
        for text in (*conditions, *joins):
            yield from read_clauses(text) if text is not None else ()


def _aliases(scans: Sequence[PlanNode]) -> Iterator[str]:
    """What the plan calls the table: of partitions also the alias that they have in common."""
    for scan in scans:
        alias = local_alias(scan)
        if alias is not None:
            yield alias
            if len(scans) > 1:
                yield _NUMBERED.sub("", alias)


def searchable(filters: Iterable[Clause]) -> Iterator[Clause]:
    """Yield those filters of one table that an index could search, the table's columns on the left."""
    for clause in filters:
        alias = clause.columns[0].alias if clause.columns else None
        seen = clause.seen_from(alias)
        if seen is not None and not _SUB_QUERY.search(clause.text):
            yield seen


def _is_join(clause: Clause, aliases: Sequence[str]) -> bool:
    """True when the operand is of other tables: their columns, or a sub-query that depends on them."""
    if clause.kind not in (ClauseKind.EQUALITY, ClauseKind.RANGE):
        return False
    if clause.column is not None and clause.column.alias not in aliases:
        return False
    by_sub_query = clause.column is not None and _SUB_QUERY.search(clause.operand or "")
    return bool(clause.operand_columns or by_sub_query)
