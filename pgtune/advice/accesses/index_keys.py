"""Clauses and sort keys of one relation in, key columns out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from pgtune.advice.hints.index_target import Target
from pgtune.model.index import IndexPart
from pgtune.model.qual import Clause, ClauseKind, ColumnRef, SortKey
from pgtune.parse.expression_label import expression_label
from pgtune.parse.qual import read_cast_column, read_columns, without_aliases

STRICT = frozenset({ClauseKind.EQUALITY, ClauseKind.IN_LIST, ClauseKind.RANGE, ClauseKind.PREFIX})
_EQUALITY = (ClauseKind.EQUALITY, ClauseKind.IN_LIST)
_LENGTH = re.compile(r"\(\d+(,-?\d+)?\)")  # or precision, in a type's name
_STRINGS = re.compile(r"(character varying|text|citext|name)\b")
# LIKE 'x%' needs these in every collation but C; indexes-opclass.html
_PATTERN_OPCLASS = "text_pattern_ops"
_BLANK_PADDED_PATTERN_OPCLASS = "bpchar_pattern_ops"  # of character(n)
_BLANK_PADDED = re.compile(r"character(\(|$)|bpchar")
# A value that depends on the TimeZone or DateStyle setting cannot be indexed.
_BY_TIME_ZONE = re.compile(r"(?<!')::(date|time|timestamp without)\b|\b(date_trunc|date_part|EXTRACT)\s*\(")
_TO_ZONED = re.compile(r"(?<!')::timestamp with time zone\b")
_BY_SETTING = re.compile(r"\bto_char\s*\(|(?<!')::text\b")
_NO_CONSTANT_VALUE = re.compile(
    r"\b(now|random|clock_timestamp|statement_timestamp|gen_random_uuid)\s*\(|CURRENT_"
)


class TypedColumns(Protocol):
    """A relation whose column types are known, as far as a catalog gives them."""

    def type_of(self, column: str) -> str | None:
        """The column's type, None when the catalog does not say."""


def key_part(clause: Clause, target: TypedColumns) -> IndexPart | None:
    """The key column that finds the clause's rows; None when no index can."""
    if clause.column is not None and not _converts(clause.column.name, clause.cast, target):
        return IndexPart(clause.column.name) if not _is_system(clause.column.name) else None
    text = clause.side or ""
    return expression_part(text, target) if not clause.row else None


def expression_part(text: str, target: TypedColumns) -> IndexPart | None:
    """The key column of an expression; None when its value is not fixed by the row."""
    found = read_cast_column(text)
    if found is not None and _is_own_type(found[1], target.type_of(found[0].name)):
        return IndexPart(found[0].name)
    spelled = without_aliases(text)
    if not is_immutable(spelled, target):
        return None
    return IndexPart(spelled, is_expression=True, label=expression_label(spelled))


def is_immutable(expression: str, target: TypedColumns) -> bool:
    """False when the value depends on a setting or on the time, as far as the text and the types tell."""
    if _NO_CONSTANT_VALUE.search(expression):
        return False
    types = [target.type_of(ref.name) for ref in read_columns(expression)]
    temporal = any(kind is None or kind.startswith(("timestamp", "date", "time")) for kind in types)
    zoned = any(kind is None or kind == "timestamp with time zone" or "with time" in kind for kind in types)
    if _BY_TIME_ZONE.search(expression) and zoned and "AT TIME ZONE" not in expression:
        return False
    if _TO_ZONED.search(expression) and "timestamp with time zone" not in types:
        return False  # midnight of a date in which zone?
    by_setting = _BY_SETTING.search(expression)
    return not (by_setting and temporal and (None not in types or "to_char" in by_setting.group()))


def equality_parts(target: Target) -> list[IndexPart]:
    """One part for each column compared with ``=`` or ``IN``; a unique one makes the others needless."""
    found = [
        (part, clause)
        for kind in _EQUALITY
        for clause in target.clauses
        if clause.kind is kind and (part := key_part(clause, target)) is not None
    ]
    for part, clause in found:
        if clause.kind is ClauseKind.EQUALITY and _is_unique(part, target):
            return [part]
    return list(dict.fromkeys(part for part, _ in found))


def range_parts(target: Target, taken: Iterable[IndexPart]) -> list[IndexPart]:
    """The one range to search by: the column with most bounds; a row comparison gives several parts."""
    used = {part.text for part in taken}
    rows = [clause.row for clause in target.clauses if clause.kind is ClauseKind.RANGE and clause.row]
    if rows:
        return [IndexPart(ref.name) for ref in rows[0] if ref.name not in used]
    bounds: dict[IndexPart, int] = {}
    for part in _ranges(target):
        if part.text not in used:
            bounds[part] = bounds.get(part, 0) + 1
    return [max(bounds, key=lambda part: bounds[part])] if bounds else []


def _ranges(target: Target) -> Iterator[IndexPart]:
    for kind in (ClauseKind.RANGE, ClauseKind.PREFIX):
        for clause in target.clauses:
            if clause.kind is kind and not clause.row:
                part = key_part(clause, target)
                if part is not None:
                    prefix = kind is ClauseKind.PREFIX
                    yield replace(part, opclass=pattern_opclass(part, target)) if prefix else part


def pattern_opclass(part: IndexPart, target: TypedColumns) -> str:
    """The operator class that searches ``LIKE 'x%'`` in every collation."""
    kind = target.type_of(part.text) if not part.is_expression else None
    padded = kind is not None and _BLANK_PADDED.match(kind) is not None
    return _BLANK_PADDED_PATTERN_OPCLASS if padded else _PATTERN_OPCLASS


def order_parts(target: Target, taken: Iterable[IndexPart]) -> list[IndexPart]:
    """The sort's keys, less those that equality fixes; empty when one cannot be a key column."""
    return sorted_parts(target.order, taken, target)


def sorted_parts(
    order: Iterable[SortKey], taken: Iterable[IndexPart], target: TypedColumns
) -> list[IndexPart]:
    """Key columns that deliver *order* behind *taken*, which are fixed; empty when one cannot be."""
    used = {part.text for part in taken}
    parts: list[IndexPart] = []
    for key in order:
        part = _sort_part(key, target)
        if part is None:
            return []
        if part.text not in used:
            parts.append(part)
            used.add(part.text)
    return _forward(parts)


def _sort_part(key: SortKey, target: TypedColumns) -> IndexPart | None:
    part = (
        IndexPart(key.column.name)
        if key.column is not None
        else expression_part(key.expression or "", target)
    )
    if part is None or _is_system(part.text):
        return None
    return replace(part, descending=key.descending, nulls_first=key.nulls_first, collation=key.collation)


def _forward(parts: Sequence[IndexPart]) -> list[IndexPart]:
    """An index is read backward as well: when every key falls, the index may rise."""
    if not all(part.descending for part in parts):
        return list(parts)
    return [replace(part, descending=False, nulls_first=not part.nulls_first) for part in parts]


def _converts(column: str, cast: str | None, target: TypedColumns) -> bool:
    """True when ``(column)::cast`` computes a value; of varchar to text and the like it does not."""
    kind = target.type_of(column)
    if cast is None or kind is None:
        return False
    if cast in ("text", "character varying"):
        return _STRINGS.match(kind) is None
    return {"inet": "cidr", "oid": "regclass"}.get(cast) != kind


def _is_own_type(cast: str, kind: str | None) -> bool:
    """True when the cast keeps the value: of a domain to the type below it, of numeric(8,2) to numeric."""
    return kind is not None and cast in (kind, _LENGTH.sub("", kind))


def _is_unique(part: IndexPart, target: Target) -> bool:
    column = target.table.column(part.text) if target.table is not None and not part.is_expression else None
    return column is not None and column.n_distinct == -1


def _is_system(name: str) -> bool:
    return name in ("ctid", "tableoid", "xmin", "xmax", "cmin", "cmax", "*")


def columns_of(part: IndexPart) -> tuple[ColumnRef, ...]:
    """The columns that the part is made of."""
    return read_columns(part.text) if part.is_expression else (ColumnRef(None, part.text),)
