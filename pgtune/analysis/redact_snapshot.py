"""A Snapshot in, the same Snapshot without a text of a row out: shape stays, texts are made up.

Of columns of text, JSON, text search and arrays of text, each value gives way to a made-up one of its
length and rank; frequencies, widths and numbers of values stay. Numbers, times, booleans, enums, uuids, bits,
geometry and ranges of numbers and times stay as they are. Of any other type (inet, bytea, xml, composite)
the values are left out. Statements lose strings and comments. The schema stays: names, enum labels, DEFAULT,
CHECK and index predicates, functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pgtune.analysis.made_up_text import (
    SortKey,
    TooManyTexts,
    by_bytes,
    by_letters,
    in_order,
    made_up_texts,
    unused_character,
)
from pgtune.model.snapshot import ColumnStatistics, DatabaseLocale, Snapshot
from pgtune.parse.array_literal import read_array, write_array
from pgtune.parse.statement_literals import without_literals

# pg_type.typcategory: numbers, booleans, dates and times, time spans, enums, bit strings, geometry.
_KEPT_CATEGORIES = frozenset("NBDTEVG")
_TEXT_CATEGORY = "S"
_RANGES = ("int4", "int8", "num", "date", "ts", "tstz")
_KEPT_TYPES = frozenset(
    {"uuid", "uuid[]", *(f"{name}{kind}" for name in _RANGES for kind in ("range", "multirange"))}
)
_BYTE_ORDERS = frozenset({"C", "POSIX", "C.UTF-8", "C.UTF8", "C.utf8"})
_JSON_QUOTES = 2  # characters: a made-up value is a JSON string


@dataclass(frozen=True, slots=True)
class _Form:
    """How a type's values are made of texts."""

    texts: Callable[[str], Iterable[str]]  # of one value
    rebuild: Callable[[str, Mapping[str, str]], str]  # a value and what stands for each text -> a value
    length: Callable[[str], int] = len


def redact_snapshot(snapshot: Snapshot) -> Snapshot:
    """Return *snapshot* without texts of rows and of statements; what stays is said above."""
    key = by_bytes if _sorts_by_bytes(snapshot.locale) else by_letters
    filler = unused_character(literal for column in snapshot.statistics for literal in _literals(column))
    return replace(
        snapshot,
        statistics=tuple(_redacted(column, key, filler) for column in snapshot.statistics),
        statements=tuple(
            replace(statement, text=without_literals(statement.text)) for statement in snapshot.statements
        ),
        redacted=True,
    )


def _sorts_by_bytes(locale: DatabaseLocale) -> bool:
    names = {"c": locale.collate, "b": locale.locale}  # ICU has none
    return names.get(locale.provider) in _BYTE_ORDERS


def _literals(column: ColumnStatistics) -> Iterator[str]:
    for literal in (column.most_common_values, column.histogram_bounds, column.most_common_elements):
        if literal is not None:
            yield literal


def _redacted(column: ColumnStatistics, key: SortKey, filler: str) -> ColumnStatistics:
    if column.type in _KEPT_TYPES or column.type_category in _KEPT_CATEGORIES:
        return column
    form = _form(column)
    try:
        return _left_out(column) if form is None else _made_up(column, form, key, filler)
    except (TooManyTexts, ValueError):  # more than codes, or arrays of arrays
        return _left_out(column)


def _form(column: ColumnStatistics) -> _Form | None:
    """None for a type whose values cannot be made up."""
    if column.type == "jsonb":
        return _JSON
    if column.type == "tsvector":
        return _LEXEMES
    if column.type_category != _TEXT_CATEGORY or column.type is None:
        return None
    return _ARRAY if column.type.endswith("[]") else _TEXT


def _left_out(column: ColumnStatistics) -> ColumnStatistics:
    return replace(
        column,
        most_common_values=None,
        most_common_frequencies=None,
        histogram_bounds=None,
        most_common_elements=None,
        most_common_element_frequencies=None,
        range_bounds_histogram=None,
    )


def _made_up(column: ColumnStatistics, form: _Form, key: SortKey, filler: str) -> ColumnStatistics:
    """Raises TooManyTexts or ValueError."""
    values, bounds = _read(column.most_common_values), _read(column.histogram_bounds)
    elements = _read(column.most_common_elements)
    texts = [text for value in (*values, *bounds) for text in form.texts(value)]
    # The server sorted elements and bounds; it searches the elements by halves.
    known = elements or ([] if form is _ARRAY else bounds)
    made = made_up_texts(in_order(known, texts, key), filler, form.length)
    return replace(
        column,
        most_common_values=_written(
            column.most_common_values, (form.rebuild(value, made) for value in values)
        ),
        histogram_bounds=_written(column.histogram_bounds, (form.rebuild(bound, made) for bound in bounds)),
        most_common_elements=_written(column.most_common_elements, (made[element] for element in elements)),
    )


def _read(literal: str | None) -> list[str]:
    return [] if literal is None else [value for value in read_array(literal) if value is not None]


def _written(before: str | None, values: Iterable[str]) -> str | None:
    return None if before is None else write_array(values)


def _array_of(value: str, made: Mapping[str, str]) -> str:
    return write_array(None if text is None else made[text] for text in read_array(value))


_TEXT = _Form(texts=lambda value: (value,), rebuild=lambda value, made: made[value])
_ARRAY = _Form(texts=_read, rebuild=_array_of)
_JSON = _Form(
    texts=lambda value: (value,),
    rebuild=lambda value, made: f'"{made[value]}"',
    length=lambda value: max(1, len(value) - _JSON_QUOTES),
)
# Sorted by their number of bytes first (compare_lexeme_textfreq in ts_selfuncs.c).
_LEXEMES = _Form(
    texts=lambda value: (value,),
    rebuild=lambda value, made: made[value],
    length=lambda text: len(text.encode()),
)
