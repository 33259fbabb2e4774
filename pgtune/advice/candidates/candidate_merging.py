"""Indexes that serve a query each in, indexes that serve several or cost less out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import permutations

from pgtune.advice.candidates.candidate_coverage import MAX_INCLUDE_COLUMNS
from pgtune.advice.candidates.candidate_keys import MAX_KEY_COLUMNS, Key
from pgtune.advice.candidates.candidate_predicates import conjunction
from pgtune.model.index import DEFAULT_METHOD, Index
from pgtune.parse.qual import read_clauses, read_columns


def merged(indexes: Collection[Index]) -> Iterator[Index]:
    """Yield indexes that can stand in for two B-trees of one table, each once and none of those given.

    The key is that of one, perhaps followed by that of the other; what else they have is in INCLUDE; the
    predicate keeps the rows of both.
    """
    seen = set(indexes)
    for first, second in permutations(indexes, 2):
        for index in _merged_pair(first, second):
            if index not in seen:
                seen.add(index)
                yield index


def narrower(index: Index) -> Iterator[Index]:
    """Yield cheaper forms: without one INCLUDE column, without any, without the last key column."""
    for name in index.include:
        yield replace(index, include=tuple(other for other in index.include if other != name))
    if len(index.include) > 1:
        yield replace(index, include=())
    if len(index.key) > 1:
        shorter = replace(index, key=index.key[:-1])
        yield shorter
        if index.access_method == DEFAULT_METHOD and not index.key[-1].is_expression:
            yield _with_include(shorter, {index.key[-1].text})


def more_general(index: Index) -> Iterator[Index]:
    """Yield forms of a partial index for more queries: without its predicate, without one of its conditions.

    The columns of a condition that is gone are in the index then, for queries to test it there.
    """
    conditions = _conditions(index)
    for dropped in dict.fromkeys(
        (frozenset(conditions), *(frozenset((each,)) for each in sorted(conditions)))
    ):
        if dropped:
            yield _of_rows(index, conditions - dropped)


def _merged_pair(first: Index, second: Index) -> Iterator[Index]:
    same = first.relation == second.relation and first.access_method == second.access_method
    if not same or first.access_method != DEFAULT_METHOD:
        return
    common = _conditions(first) & _conditions(second)
    columns = _of_rows(first, common).columns | _of_rows(second, common).columns
    for key in _merged_keys(first.key, second.key):
        index = _with_include(replace(_of_rows(first, common), key=key, include=()), columns)
        if len(index.key) <= MAX_KEY_COLUMNS and len(index.include) <= MAX_INCLUDE_COLUMNS:
            yield index


def _merged_keys(first: Key, second: Key) -> Iterator[Key]:
    """The second key when it begins with the first, else the first, and the first followed by the second."""
    if second[: len(first)] == first:
        yield second
        return
    texts = {part.text for part in first}
    missing = tuple(part for part in second if part.text not in texts)
    if not any(part.is_expression for part in missing):
        yield first
    if missing:
        yield (*first, *missing)


def _conditions(index: Index) -> frozenset[str]:
    return _texts(index.predicate) if index.predicate is not None else frozenset()


@lru_cache(maxsize=1024)  # chosen: a workload has few different predicates, and many pairs of indexes
def _texts(predicate: str) -> frozenset[str]:
    return frozenset(clause.text for clause in read_clauses(predicate))


def _of_rows(index: Index, conditions: frozenset[str]) -> Index:
    """The index of the rows that meet these conditions; the columns of its other conditions are added."""
    dropped = _conditions(index) - conditions
    columns = {ref.name for text in dropped for ref in read_columns(text)}
    return _with_include(replace(index, predicate=conjunction(*conditions)), columns)


def _with_include(index: Index, columns: Collection[str]) -> Index:
    """The index with these columns; INCLUDE is in alphabetical order, so that equal indexes compare equal."""
    in_key = {part.text for part in index.key if not part.is_expression}
    return replace(index, include=tuple(sorted({*index.include, *columns} - in_key)))
