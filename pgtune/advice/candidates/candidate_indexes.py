"""What a query wants of a table in, the indexes worth asking the planner about out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

from pgtune.advice.accesses.accesses import Access, searchable
from pgtune.advice.accesses.existing_indexes import exists_already
from pgtune.advice.accesses.index_keys import key_part
from pgtune.advice.accesses.inverted_indexes import inverted_key
from pgtune.advice.candidates.candidate_coverage import covering_indexes, end_to_end_key
from pgtune.advice.candidates.candidate_keys import Key, btree_keys
from pgtune.advice.candidates.candidate_predicates import (
    Predicate,
    conjunction,
    fixed_by,
    not_null,
    predicate_sql,
    predicates,
)
from pgtune.model.index import Index, IndexPart
from pgtune.model.qual import ClauseKind

MIN_BLOCKS = 10  # a smaller table is read at once; chosen
MIN_JOINED_BLOCKS = 2  # one that a join may read again and again; chosen
MIN_BRIN_BLOCKS = 10_000  # 80 MB: below, a B-tree is small as well; chosen
MIN_BRIN_CORRELATION = 0.9  # chosen
MAX_CANDIDATES = 60  # of one access; chosen
MAX_KEYS_OF_AN_ARM = 3  # B-trees for one arm of an OR; chosen


def candidates(access: Access) -> Iterator[Index]:
    """Yield indexes that could serve the access and do not exist yet, each once, the most promising first.

    Equal indexes compare equal whatever query they are for: INCLUDE columns and conditions are in
    alphabetical order, and an order that could be read backward starts rising.
    """
    if access.blocks < (MIN_JOINED_BLOCKS if access.joins else MIN_BLOCKS):
        return
    found = dict.fromkeys(chain(_inverted(access), _brin(access), _arms(access), _btrees(access)))
    wanted = (index for index in found if not exists_already(index, access.table))
    yield from islice(wanted, MAX_CANDIDATES)


def _btrees(access: Access) -> Iterator[Index]:
    """Whole tables and the narrowest partial indexes in all forms, other partial ones where they cover."""
    choices = predicates(access)
    for predicate in choices[:2]:
        for index in _keyed(access, predicate):
            covering = tuple(covering_indexes(index, access, predicate))
            for form in (*covering, index):
                yield form
                yield from _of_non_null_rows(form, access)
    for predicate in choices[2:]:
        for index in _keyed(access, predicate):
            yield from covering_indexes(index, access, predicate)


def _keyed(access: Access, predicate: Predicate) -> Iterator[Index]:
    """An index for each key; where there is none, one that is read from end to end."""
    keys: Iterable[Key] = tuple(btree_keys(access, fixed_by(predicate)))
    for key in keys or ((part,) for part in end_to_end_key(access, predicate)):
        yield _index(access, key, predicate=predicate_sql(predicate))


def _index(access: Access, key: Key, access_method: str = "btree", predicate: str | None = None) -> Index:
    return Index(access.relation, key, (), predicate, access_method, partitioned=access.partitioned)


def _of_non_null_rows(index: Index, access: Access) -> Iterator[Index]:
    condition = not_null(index.key, access)
    if condition is not None:
        yield replace(index, predicate=conjunction(index.predicate, condition))


def _inverted(access: Access) -> Iterator[Index]:
    """GIN and GiST for containment, full text and patterns, also of the rows that flags select."""
    for clause in access.clauses:
        found = inverted_key(clause, access)
        if found is not None:
            for predicate in predicates(access)[:2]:
                yield _index(access, (found.part,), found.access_method, predicate_sql(predicate))


def _brin(access: Access) -> Iterator[Index]:
    """For ranges of columns whose values lie in the order of the table."""
    if access.blocks < MIN_BRIN_BLOCKS:
        return
    for clause in access.clauses:
        part = key_part(clause, access) if clause.kind is ClauseKind.RANGE else None
        column = access.table.column(part.text) if part is not None and not part.is_expression else None
        if column is not None and abs(column.correlation or 0.0) > MIN_BRIN_CORRELATION:
            yield _index(access, (IndexPart(column.name),), "brin")


def _arms(access: Access) -> Iterator[Index]:
    """For OR the indexes of each arm: the planner joins them by BitmapOr."""
    for clause in access.filters:
        for arm in clause.alternatives:
            clauses = tuple(searchable(arm))
            inner = replace(access, filters=arm, clauses=clauses, joins=(), orders=(), returned=None)
            yield from _inverted(inner)
            yield from islice(_keyed(inner, ()), MAX_KEYS_OF_AN_ARM)
