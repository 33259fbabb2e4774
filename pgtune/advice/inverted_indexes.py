"""Containment and pattern clauses in, the GIN or GiST index that answers them out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pgtune.advice.index_keys import key_part
from pgtune.advice.index_target import Target
from pgtune.model.index import Index, IndexPart
from pgtune.model.qual import Clause, ClauseKind

_CAST = re.compile(r"::(?P<type>[\w ]+(?:\[\])?)$")
_GEOMETRIC = frozenset({"point", "box", "circle", "polygon"})
_JSONB_PATH_OPERATORS = frozenset({"@>", "@?", "@@"})  # of jsonb_path_ops, a third of the size of jsonb_ops
_JSONB_OPERATORS = frozenset({"@>", "@?", "@@", "?", "?|", "?&"})
_ARRAY_OPERATORS = frozenset({"@>", "<@", "&&"})


@dataclass(frozen=True, slots=True)
class InvertedIndex:
    """The index and the extension that its operator class comes from."""

    index: Index
    extension: str | None = None


def inverted_index(target: Target) -> InvertedIndex | None:
    """Return the index for the first clause that GIN or GiST answers, None without one."""
    for clause in target.clauses:
        part = key_part(clause, target) if clause.kind in (ClauseKind.CONTAINS, ClauseKind.PATTERN) else None
        if part is None:
            continue
        if clause.kind is ClauseKind.PATTERN:
            trigrams = replace(part, opclass="gin_trgm_ops")
            return InvertedIndex(_index(target, trigrams, "gin"), extension="pg_trgm")
        found = _containment(clause, part, target)
        if found is not None:
            return InvertedIndex(found)
    return None


def _containment(clause: Clause, part: IndexPart, target: Target) -> Index | None:
    kind = _type_of(clause, target)
    if kind == "jsonb" and clause.operator in _JSONB_OPERATORS:
        short = clause.operator in _JSONB_PATH_OPERATORS
        return _index(target, replace(part, opclass="jsonb_path_ops" if short else None), "gin")
    if kind.endswith("[]") and clause.operator in _ARRAY_OPERATORS:
        return _index(target, part, "gin")
    if kind in ("tsvector", "tsquery") and clause.operator == "@@":
        return _index(target, part, "gin")
    if kind.endswith("range") or kind in _GEOMETRIC:
        return _index(target, part, "gist")
    return None


def _type_of(clause: Clause, target: Target) -> str:
    """The type of the clause's column, else that of the value it is compared with, else empty."""
    if clause.column is not None:
        kind = target.type_of(clause.column.name)
        if kind is not None:
            return kind
    cast = _CAST.search(clause.operand or "")
    kind = cast["type"] if cast is not None else ""
    return "jsonb" if clause.operator in ("?", "?|", "?&") or kind == "jsonpath" else kind


def _index(target: Target, part: IndexPart, access_method: str) -> Index:
    return Index(
        relation=target.relation, key=(part,), access_method=access_method, partitioned=target.partitioned
    )
