"""What a query wants of a table in, whether an index could serve that out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pgtune.advice.accesses.accesses import Access
from pgtune.model.index import DEFAULT_METHOD, Index
from pgtune.model.names import RelationName
from pgtune.parse.qual import read_columns


@dataclass(frozen=True, slots=True)
class Reach:
    """What decides whether an index could serve an access."""

    relation: RelationName
    searched: frozenset[str]  # columns to search or sort by
    tested: frozenset[str]  # columns with a condition: by these the planner proves a predicate
    needed: frozenset[str] | None  # columns that spare the table; None: not known

    @classmethod
    def of(cls, access: Access) -> Reach:
        """The reach of one access."""
        searched = {clause.column for clause in (*access.clauses, *access.joins)}
        searched |= {key.column for order in access.orders for key in order[:1]}
        tested = {ref.name for clause in (*access.filters, *access.joins) for ref in clause.columns}
        needed = access.needed()
        return cls(
            relation=access.relation,
            searched=frozenset(ref.name for ref in searched if ref is not None),
            tested=frozenset(tested),
            needed=None if needed is None else frozenset(needed),
        )

    def may_use(self, index: Index) -> bool:
        """True when the planner could find a use for the index: to search, to sort, or to read it alone."""
        if index.relation != self.relation or not _predicate_columns(index.predicate) <= self.tested:
            return False
        first = index.key[0]
        if first.is_expression or index.access_method != DEFAULT_METHOD or first.text in self.searched:
            return True
        return self.needed is not None and self.needed <= index.columns


@lru_cache(maxsize=1024)  # chosen: a workload has few different predicates
def _predicate_columns(predicate: str | None) -> frozenset[str]:
    return frozenset(ref.name for ref in read_columns(predicate)) if predicate is not None else frozenset()
