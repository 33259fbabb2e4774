"""Containment and pattern clauses in, the GIN or GiST index that answers them out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pgtune.advice.accesses.index_keys import TypedColumns, key_part
from pgtune.advice.hints.index_target import Target
from pgtune.model.index import Index, IndexPart
from pgtune.model.qual import Clause, ClauseKind

_CAST = re.compile(r"::(?P<type>[\w ]+(?:\[\])?)$")
_GEOMETRIC = frozenset({"point", "box", "circle", "polygon"})
_JSONB_PATH_OPERATORS = frozenset({"@>", "@?", "@@"})  # of jsonb_path_ops, a third of the size of jsonb_ops
_JSONB_OPERATORS = frozenset({"@>", "@?", "@@", "?", "?|", "?&"})
_ARRAY_OPERATORS = frozenset({"@>", "<@", "&&"})


@dataclass(frozen=True, slots=True)
class InvertedKey:
    """A key column, and what kind of index it is for."""

    part: IndexPart
    access_method: str
    extension: str | None = None  # that the operator class comes from


@dataclass(frozen=True, slots=True)
class InvertedIndex:
    """The index and the extension that its operator class comes from."""

    index: Index
    extension: str | None = None


def inverted_index(target: Target) -> InvertedIndex | None:
    """Return the index for the first clause that GIN or GiST answers, None without one."""
    found = (inverted_key(clause, target) for clause in target.clauses)
    key = next((key for key in found if key is not None), None)
    if key is None:
        return None
    index = Index(
        relation=target.relation,
        key=(key.part,),
        access_method=key.access_method,
        partitioned=target.partitioned,
    )
    return InvertedIndex(index, key.extension)


def inverted_key(clause: Clause, columns: TypedColumns) -> InvertedKey | None:
    """Return the key that answers the clause, None when neither GIN nor GiST does."""
    if clause.kind not in (ClauseKind.CONTAINS, ClauseKind.PATTERN):
        return None
    part = key_part(clause, columns)
    if part is None:
        return None
    if clause.kind is ClauseKind.PATTERN:
        return InvertedKey(replace(part, opclass="gin_trgm_ops"), "gin", extension="pg_trgm")
    return _containment(clause, part, columns)


def _containment(clause: Clause, part: IndexPart, columns: TypedColumns) -> InvertedKey | None:
    kind = _type_of(clause, columns)
    if kind == "jsonb" and clause.operator in _JSONB_OPERATORS:
        short = clause.operator in _JSONB_PATH_OPERATORS
        return InvertedKey(replace(part, opclass="jsonb_path_ops" if short else None), "gin")
    if kind.endswith("[]") and clause.operator in _ARRAY_OPERATORS:
        return InvertedKey(part, "gin")
    if kind in ("tsvector", "tsquery") and clause.operator == "@@":
        return InvertedKey(part, "gin")
    if kind.endswith("range") or kind in _GEOMETRIC:
        return InvertedKey(part, "gist")
    return None


def _type_of(clause: Clause, columns: TypedColumns) -> str:
    """The type of the clause's column, else that of the value it is compared with, else empty."""
    if clause.column is not None:
        kind = columns.type_of(clause.column.name)
        if kind is not None:
            return kind
    cast = _CAST.search(clause.operand or "")
    kind = cast["type"] if cast is not None else ""
    return "jsonb" if clause.operator in ("?", "?|", "?&") or kind == "jsonpath" else kind
