"""A wanted index and those that exist in; the one that comes nearest, and what it lacks, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from pgtune.advice.accesses.index_keys import STRICT
from pgtune.advice.hints.include_columns import is_covered
from pgtune.advice.hints.index_candidates import Candidate
from pgtune.advice.hints.index_target import Target
from pgtune.model.catalog import CatalogIndex, IndexKey, Relation
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_need import Purpose
from pgtune.model.qual import ClauseKind
from pgtune.parse.qual import bare_spelling, read_clauses


class Fit(IntEnum):
    """How near an existing index comes; the higher, the nearer."""

    PREFIX = 1  # its key is the beginning of the wanted one
    PARTIAL = 2  # right, but it leaves out rows that the query may want
    UNCOVERED = 3  # right, but it lacks columns that the scan returns
    INVALID = 4  # right, but a failed CREATE INDEX CONCURRENTLY left it unusable
    SERVES = 5


@dataclass(frozen=True, slots=True)
class Match:
    """An existing index, and how it compares."""

    index: CatalogIndex
    fit: Fit


def nearest_index(candidate: Candidate, target: Target) -> Match | None:
    """Return the existing index that comes nearest; None when none has to do with the wanted one."""
    if target.table is None:
        return None
    matches = [
        Match(index, fit)
        for index in target.table.indexes
        if (fit := _fit(index, candidate, target)) is not None
    ]
    return max(matches, key=lambda match: (match.fit, len(match.index.keys)), default=None)


def exists_already(wanted: Index, table: Relation) -> bool:
    """True when a valid index of the table holds the same rows and serves wherever the wanted one would."""
    return any(index.valid and _can_replace(index, wanted) for index in table.indexes)


def _can_replace(index: CatalogIndex, wanted: Index) -> bool:
    if index.access_method != wanted.access_method or len(index.keys) < len(wanted.key):
        return False
    if _conditions(index.predicate) != _conditions(wanted.predicate):
        return False
    held = {*index.include, *(key.text for key in index.keys if not key.is_expression)}
    return wanted.columns <= held and _follows(index.keys[: len(wanted.key)], wanted.key, directed=True)


def _conditions(predicate: str | None) -> set[str]:
    return {bare_spelling(clause.text) for clause in read_clauses(predicate or "")}


def _fit(index: CatalogIndex, candidate: Candidate, target: Target) -> Fit | None:
    if index.access_method == "hash":
        fit = _hash_fit(index, candidate)
    elif index.access_method != candidate.index.access_method:
        return None
    elif index.access_method == "btree":
        fit = _btree_fit(index, candidate)
    else:
        fit = _inverted_fit(index, candidate)
    if fit is not Fit.SERVES:
        return fit if index.valid and index.predicate is None else None
    if not index.valid:
        return Fit.INVALID
    if not _implied(index.predicate, target):
        return Fit.PARTIAL
    return Fit.SERVES if _holds(index, candidate, target) else Fit.UNCOVERED


def _hash_fit(index: CatalogIndex, candidate: Candidate) -> Fit | None:
    if candidate.equality != 1 or len(candidate.index.key) != 1:
        return None
    return Fit.SERVES if _same(index.keys[0], candidate.index.key[0]) else None


def _inverted_fit(index: CatalogIndex, candidate: Candidate) -> Fit | None:
    wanted = candidate.index.key[0]
    for key in index.keys:
        if _same(key, wanted) and wanted.opclass in (key.opclass, "jsonb_path_ops"):
            return Fit.SERVES
    return None


def _btree_fit(index: CatalogIndex, candidate: Candidate) -> Fit | None:
    """Leading equality columns may stand in any order, those behind must follow as wanted."""
    equality = candidate.index.key[: candidate.equality]
    if index.unique and all(any(_same(key, part) for part in equality) for key in index.keys):
        return Fit.SERVES  # one row: nothing finds it faster
    found = [any(_same(key, part) for part in equality) for key in index.keys[: candidate.equality]]
    if not all(found):
        return None
    if len(found) < candidate.equality:
        return Fit.PREFIX
    tail = candidate.index.key[candidate.equality :]
    keys = index.keys[candidate.equality : candidate.equality + len(tail)]
    if not _follows(keys, tail[: len(keys)], directed=bool(candidate.ordered)):
        return None
    if len(keys) < len(tail):
        return Fit.PREFIX if index.keys else None
    return Fit.SERVES


def _follows(keys: Sequence[IndexKey], parts: Sequence[IndexPart], *, directed: bool) -> bool:
    pairs = list(zip(keys, parts, strict=True))
    if not all(_same(key, part) and key.opclass == part.opclass for key, part in pairs):
        return False
    forward = all(
        (key.descending, key.nulls_first) == (part.descending, part.nulls_first) for key, part in pairs
    )
    backward = all(
        key.descending != part.descending and key.nulls_first != part.nulls_first for key, part in pairs
    )
    return forward or backward or not directed


def _same(key: IndexKey, part: IndexPart) -> bool:
    if not key.is_expression and not part.is_expression:
        return key.text == part.text
    return key.is_expression == part.is_expression and bare_spelling(key.text) == bare_spelling(part.text)


def _implied(predicate: str | None, target: Target) -> bool:
    """True when the query has each clause of the predicate, or compares a column that it says is NOT NULL."""
    if predicate is None:
        return True
    asked = {bare_spelling(clause.text) for clause in target.clauses}
    not_null = {clause.column.name for clause in target.clauses if clause.kind in STRICT and clause.column}
    return all(
        bare_spelling(clause.text) in asked
        or (
            clause.kind is ClauseKind.IS_NOT_NULL
            and clause.column is not None
            and clause.column.name in not_null
        )
        for clause in read_clauses(predicate)
    )


def _holds(index: CatalogIndex, candidate: Candidate, target: Target) -> bool:
    """True when the index returns what the wanted one would: nothing, if that is not index-only either."""
    wanted = candidate.index
    if target.purpose is Purpose.JOIN:
        return True  # what decides is the look-up
    if not wanted.include and target.purpose is not Purpose.COVER:
        return True
    held = {*index.include, *(key.text for key in index.keys if not key.is_expression)}
    return wanted.columns <= held or is_covered(replace(wanted, key=(), include=tuple(held)), target)
