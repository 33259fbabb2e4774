"""What an index is for in, the indexes that would do it out; what exists already is not looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pgtune.advice.accesses.index_keys import STRICT, equality_parts, key_part, order_parts, range_parts
from pgtune.advice.accesses.inverted_indexes import inverted_index
from pgtune.advice.hints.include_columns import include_columns
from pgtune.advice.hints.index_target import Target
from pgtune.model.catalog import CatalogIndex
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_need import Purpose
from pgtune.model.qual import Clause, ClauseKind
from pgtune.parse.qual import without_aliases

MAX_EQUALITY_COLUMNS = 3  # more hardly narrow the search, and each widens every entry; chosen
MAX_ROWS_OF_A_MISS = 0.1  # rows per look-up, in the mean; before 18 they are rounded to 0; chosen
MIN_NULL_FRACTION = 0.2  # of a column, for WHERE ... IS NOT NULL to make the index smaller; chosen

_SETTLED_BY_PREDICATE = frozenset({ClauseKind.BOOLEAN, ClauseKind.IS_NULL, ClauseKind.IS_NOT_NULL})


@dataclass(frozen=True, slots=True)
class Candidate:
    """An index, and what its parts are for."""

    index: Index
    equality: int = 0  # so many leading key columns are compared with =, in any order
    ranged: int = 0  # so many behind them are searched by range
    ordered: int = 0  # so many of the last key columns deliver a sort's order
    extension: str | None = None  # that must be there first


def find_candidates(target: Target) -> tuple[Candidate, ...]:
    """Return the index for the target, one for each arm of an OR, or none."""
    covering = _covering(target) if target.purpose is Purpose.COVER else None
    if covering is not None:
        return (covering,)
    if not _is_told(target):
        return ()
    ordinary = _ordinary(target)
    if ordinary is not None and ordinary.equality:
        return (ordinary,)
    single = ordinary or _inverted(target) or _by_predicate_alone(target)
    return _arms(target) or ((single,) if single is not None else ())


def _is_told(target: Target) -> bool:
    """False when the order is not of this relation, or the join compares none of its columns."""
    if target.purpose is Purpose.ORDER:
        return bool(target.order)
    if target.purpose is Purpose.JOIN:
        return any(clause.operand_columns for clause in target.clauses)
    return True


def _ordinary(target: Target) -> Candidate | None:
    """A B-tree: equality, then the sort's or the range's columns."""
    equality = _most_selective(equality_parts(target), target)
    ranged = range_parts(target, equality)
    ordered = order_parts(target, equality)
    if target.purpose is Purpose.ORDER and ordered:
        equality = [part for part in equality if part in _fixed(target)]
    elif _mostly_misses(target):
        equality.sort(key=lambda part: part not in _constant_parts(target))
        ordered = []
    elif not _searches_in_order(equality, ranged, ordered, target):
        ordered = []
    if not ordered and not equality and not ranged:
        return None
    roles = {"equality": len(equality), "ranged": 0 if ordered else len(ranged), "ordered": len(ordered)}
    return _built(target, [*equality, *(ordered or ranged)], **roles)


def _mostly_misses(target: Target) -> bool:
    """True for the inner side of a join whose look-ups mostly find no row: it had better come first."""
    actual = target.scan.actual if target.scan is not None else None
    return actual is not None and actual.loops > 1 and actual.rows < MAX_ROWS_OF_A_MISS


def _constant_parts(target: Target) -> list[IndexPart | None]:
    """Parts that are compared with constants: in front, they find rows without a join as well."""
    constant = (clause for clause in target.clauses if not clause.operand_columns)
    return [key_part(clause, target) for clause in constant if clause.kind is ClauseKind.EQUALITY]


def _searches_in_order(
    equality: list[IndexPart], ranged: list[IndexPart], ordered: list[IndexPart], target: Target
) -> bool:
    """True when the key that finds the rows can end in the sort's columns: no IN or range before them."""
    if ranged:
        return bool(ordered) and ranged[0].text == ordered[0].text
    fixed = _fixed(target)
    return bool(equality) and all(part in fixed for part in equality)


def _fixed(target: Target) -> list[IndexPart | None]:
    """Parts that one value is asked for: behind them the order holds."""
    return [key_part(clause, target) for clause in target.clauses if clause.kind is ClauseKind.EQUALITY]


def _built(
    target: Target, key: Sequence[IndexPart], *, equality: int = 0, ranged: int = 0, ordered: int = 0
) -> Candidate:
    index = Index(
        relation=target.relation,
        key=tuple(key),
        predicate=_predicate(target, key),
        partitioned=target.partitioned,
    )
    return Candidate(index.with_include(include_columns(index, target)), equality, ranged, ordered)


def _most_selective(parts: list[IndexPart], target: Target) -> list[IndexPart]:
    """At most MAX_EQUALITY_COLUMNS, in the order of the clauses."""
    ranked = sorted(parts, key=lambda part: -_distinct_values(part, target))[:MAX_EQUALITY_COLUMNS]
    return [part for part in parts if part in ranked]


def _distinct_values(part: IndexPart, target: Target) -> float:
    column = target.table.column(part.text) if target.table is not None else None
    if target.table is None or column is None or column.n_distinct is None:
        return 0.0
    rows = max(target.table.activity.reltuples, 1.0)
    return column.n_distinct if column.n_distinct > 0 else -column.n_distinct * rows


def _predicate(target: Target, key: Sequence[IndexPart]) -> str | None:
    """The conditions that the statement spells out and that no key column serves."""
    if target.purpose in (Purpose.REFERENCE, Purpose.COVER):
        return None
    strict = {clause.column.name for clause in target.clauses if clause.kind in STRICT and clause.column}
    texts = [
        without_aliases(clause.text)
        for clause in target.clauses
        if clause.kind in _SETTLED_BY_PREDICATE and clause.column is not None and _narrows(clause, target)
        if clause.kind is ClauseKind.BOOLEAN or clause.column.name not in strict
    ]
    return " AND ".join(texts) if texts and key else None


def _narrows(clause: Clause, target: Target) -> bool:
    if clause.kind is not ClauseKind.IS_NOT_NULL or target.table is None or clause.column is None:
        return True
    column = target.table.column(clause.column.name)
    return column is None or column.null_fraction is None or column.null_fraction >= MIN_NULL_FRACTION


def _by_predicate_alone(target: Target) -> Candidate | None:
    """Only flags and NULLs are asked for: the index holds just those rows."""
    flags = [clause for clause in target.clauses if clause.kind in _SETTLED_BY_PREDICATE and clause.column]
    if not flags:
        return None
    ordered = order_parts(target, ())
    key = (
        ordered or _primary_key(target) or [IndexPart(flags[0].column.name) for _ in (1,) if flags[0].column]
    )
    candidate = _built(target, key, ordered=len(ordered))
    return candidate if candidate.index.predicate is not None else None


def _primary_key(target: Target) -> list[IndexPart]:
    if target.table is None:
        return []
    primary = next((index for index in target.table.indexes if index.primary), None)
    return [IndexPart(text) for text in primary.key] if primary is not None else []


def _arms(target: Target) -> tuple[Candidate, ...]:
    """One index for each arm of the first OR whose arms all have one: the planner joins them by BitmapOr."""
    for clause in target.clauses:
        if clause.kind is ClauseKind.OR:
            found = [
                _arm(replace(target, clauses=arm, order=(), returned=None)) for arm in clause.alternatives
            ]
            if all(found):
                return tuple(dict.fromkeys(arm for arm in found if arm is not None))
    return ()


def _arm(target: Target) -> Candidate | None:
    return _ordinary(target) or _inverted(target)


def _inverted(target: Target) -> Candidate | None:
    found = inverted_index(target)
    return Candidate(found.index, extension=found.extension) if found is not None else None


def used_index(target: Target) -> CatalogIndex | None:
    """The existing index that the scan uses, where the catalog has it."""
    if target.scan is None or target.table is None:
        return None
    names = {node.index_name for node in target.scan.walk() if node.index_name is not None}
    return next((index for index in target.table.indexes if index.name.name in names), None)


def _covering(target: Target) -> Candidate | None:
    """The key of the index in use, with what the scan returns."""
    used = used_index(target)
    if used is None or used.access_method != "btree":
        return None
    index = Index(
        relation=target.relation,
        key=tuple(_existing_parts(used)),
        include=used.include,
        predicate=used.predicate,
        partitioned=target.partitioned,
    )
    more = include_columns(index, target)
    return Candidate(index.with_include(more), equality=0) if more else None


def _existing_parts(index: CatalogIndex) -> Iterator[IndexPart]:
    for key in index.keys:
        yield IndexPart(
            key.text,
            is_expression=key.is_expression,
            descending=key.descending,
            nulls_first=key.nulls_first,
            opclass=key.opclass,
        )
