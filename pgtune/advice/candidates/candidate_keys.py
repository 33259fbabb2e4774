"""What a query wants of a table in, key columns of B-trees that would serve it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pgtune.advice.accesses.accesses import Access
from pgtune.advice.accesses.index_keys import key_part, pattern_opclass, sorted_parts
from pgtune.model.catalog import Relation
from pgtune.model.index import IndexPart
from pgtune.model.qual import Clause, ClauseKind

MAX_KEY_COLUMNS = 4  # more hardly narrow a search, and each widens every entry; chosen
MAX_JOINED_TOGETHER = 3  # join columns of one look-up; chosen

Key = tuple[IndexPart, ...]


@dataclass(frozen=True, slots=True)
class Searches:
    """The key columns that an access could search or order by."""

    fixed: Key  # compared with one value, most selective first
    listed: Key  # IN lists
    joined: tuple[Key, ...]  # columns of one look-up from another table
    ranged: Key
    orders: tuple[Key, ...]


def btree_keys(access: Access, settled: Iterable[IndexPart] = ()) -> Iterator[Key]:
    """Yield keys, each once, the most promising first; *settled* are columns that a predicate fixes.

    A key is what is compared with ``=`` and after that one range or one order; other ranges behind these sort
    out rows within the index. Behind a unique key's columns nothing follows.
    """
    searches = _searches(access, {part.text for part in settled})
    seen: set[Key] = set()
    for head in _heads(searches):
        for tail in _tails(head, searches):
            key = _cut(_joined(head, tail), access.table)
            if key and key not in seen:
                seen.add(key)
                yield key


def distinct_values(part: IndexPart, table: Relation) -> float:
    """Different values of the part's column; 0 when it is an expression or nothing is known."""
    column = table.column(part.text) if not part.is_expression else None
    if column is None or column.n_distinct is None:
        return 0.0
    rows = max(table.activity.reltuples, 1.0)
    return column.n_distinct if column.n_distinct > 0 else -column.n_distinct * rows


def _searches(access: Access, settled: set[str]) -> Searches:
    def parts(kinds: Iterable[ClauseKind]) -> Key:
        found = (key_part(clause, access) for clause in access.clauses if clause.kind in kinds)
        return _without(settled, found)

    fixed = sorted(
        parts({ClauseKind.EQUALITY}), key=lambda part: (-distinct_values(part, access.table), part.text)
    )
    return Searches(
        fixed=tuple(fixed),
        listed=_without({part.text for part in fixed}, parts({ClauseKind.IN_LIST})),
        joined=tuple(_look_ups(access, settled)),
        ranged=_without(settled, _ranges(access)),
        orders=tuple(dict.fromkeys(_orders(access, settled | {part.text for part in fixed}))),
    )


def _without(texts: set[str], parts: Iterable[IndexPart | None]) -> Key:
    return tuple(dict.fromkeys(part for part in parts if part is not None and part.text not in texts))


def _look_ups(access: Access, settled: set[str]) -> Iterator[Key]:
    """All columns that join one other table, then all there are, then each alone."""
    equalities = [clause for clause in access.joins if clause.kind is ClauseKind.EQUALITY]
    by_other: dict[str | None, list[Clause]] = {}
    for clause in equalities:
        for other in dict.fromkeys(ref.alias for ref in clause.operand_columns):
            by_other.setdefault(other, []).append(clause)
    sets = [_without(settled, (key_part(each, access) for each in group)) for group in by_other.values()]
    every = _without(settled, (key_part(clause, access) for clause in equalities))
    together = [key for key in (*sets, every) if 1 < len(key) <= MAX_JOINED_TOGETHER]
    backward = [(*key[1:], key[0]) for key in together]
    yield from dict.fromkeys((*together, *backward, *((part,) for part in every)))


def _ranges(access: Access) -> Iterator[IndexPart]:
    for clause in (*access.clauses, *access.joins):
        part = key_part(clause, access) if clause.kind in (ClauseKind.RANGE, ClauseKind.PREFIX) else None
        if part is None:
            continue
        if clause.kind is ClauseKind.PREFIX:
            yield replace(part, opclass=pattern_opclass(part, access))
        yield part


def _orders(access: Access, fixed: set[str]) -> Iterator[Key]:
    taken = [IndexPart(text) for text in fixed]
    rows = (clause.row for clause in access.clauses if clause.kind is ClauseKind.RANGE and clause.row)
    yield from (_without(fixed, (IndexPart(ref.name) for ref in row)) for row in rows)
    for order in access.orders:
        for length in range(len(order), 0, -1):
            parts = sorted_parts(order[:length], taken, access)
            if parts:
                yield _rising(parts)
                break


def _rising(parts: Sequence[IndexPart]) -> Key:
    """An index is read backward as well: of two that mirror each other, the one that starts rising."""
    if not parts[0].descending:
        return tuple(parts)
    return tuple(
        replace(part, descending=not part.descending, nulls_first=not part.nulls_first) for part in parts
    )


def _heads(searches: Searches) -> Iterator[Key]:
    """What is compared with ``=``: constants, joins, both in either order, and each constant first."""
    fixed = searches.fixed
    yield fixed
    for joined in searches.joined:
        yield _joined(joined, fixed)
        yield _joined(fixed, joined)
        yield joined
    for listed in searches.listed:
        yield (*fixed, listed)
        yield (listed, *fixed)
        for joined in searches.joined:
            yield _joined(joined, (listed,))
    yield from (_joined((part,), fixed) for part in fixed)
    yield ()


def _tails(head: Key, searches: Searches) -> Iterator[Key]:
    """Nothing, an order, a range; and each with what else sorts out rows within the index.

    Behind an IN list there is no order: the index delivers it for each member alone.
    """
    sorting_out = (*searches.ranged, *searches.listed)
    yield ()
    for order in searches.orders if not set(head) & set(searches.listed) else ():
        yield order
        yield _joined(order, sorting_out)
    for part in searches.ranged:
        yield (part,)
        yield _joined((part,), searches.ranged)


def _joined(head: Key, tail: Key) -> Key:
    texts = {part.text for part in head}
    return (*head, *(part for part in tail if part.text not in texts))


def _cut(key: Key, table: Relation) -> Key:
    """The key up to where it finds one row, and not too long."""
    unique = [
        frozenset(index.key)
        for index in table.indexes
        if index.unique and index.valid and index.predicate is None
    ]
    for length in range(1, len(key)):
        if any(columns <= {part.text for part in key[:length]} for columns in unique):
            return key[:length]
    return key[:MAX_KEY_COLUMNS]
