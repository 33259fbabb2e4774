"""Tokens of an expression in, the columns it mentions out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.model.qual import ColumnRef
from pgtune.parse.qual_tokens import Kind, Tokens

# What may follow the first word of a type: format_type_extended() in src/backend/utils/adt/format_type.c
_TYPE_WORDS = frozenset(
    {"precision", "varying", "with", "without", "time", "zone", "to", "year", "month", "day", "hour"}
    | {"minute", "second"}
)
_RESERVED = frozenset({"true", "false", "null", "or"})  # a column of that name is quoted
# The name behind these is no column: a collation, a window, a type.
_NAMES_SOMETHING_ELSE = frozenset({"COLLATE", "OVER", "RETURNING", "OPERATOR"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A column and the span of tokens that spell it."""

    ref: ColumnRef
    low: int
    high: int


def identifier(text: str) -> str:
    """A name without its quotes."""
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def type_end(tokens: Tokens, low: int, high: int) -> int:
    """Where the type that starts at *low*, behind a ``::``, ends."""
    _, index = _chain(tokens, low, high)
    while index < high:
        token = tokens.tokens[index]
        if token.kind is Kind.WORD and token.text in _TYPE_WORDS:
            index += 1
        elif token.text == "(" and tokens.tokens[index - 1].end == token.start:
            index = tokens.partner[index] + 1  # numeric(10,2)
        elif token.text == "[" and tokens.partner[index] == index + 1:
            index += 2
        else:
            break
    return index


def mentions(tokens: Tokens, low: int, high: int) -> Iterator[Mention]:
    """Yield every mention of a column in the span, in order."""
    index = low
    while index < high:
        token = tokens.tokens[index]
        if token.kind is Kind.CAST:
            index = max(index + 1, type_end(tokens, index + 1, high))
        elif token.kind is Kind.QUOTED or (token.kind is Kind.WORD and not token.is_keyword):
            names, end = _chain(tokens, index, high)
            ref = _column(tokens, index, end, names, high)
            if ref is not None:
                yield Mention(ref, index, end)
            index = end
        else:
            index += 1


def distinct_columns(tokens: Tokens, low: int, high: int) -> tuple[ColumnRef, ...]:
    """The columns mentioned in the span, in order, each once."""
    return tuple(dict.fromkeys(mention.ref for mention in mentions(tokens, low, high)))


def _chain(tokens: Tokens, low: int, high: int) -> tuple[list[str], int]:
    """The names of ``a.b.c`` from *low* on, and where they end."""
    names: list[str] = []
    index = low
    while index < high:
        token = tokens.tokens[index]
        if token.kind not in (Kind.WORD, Kind.QUOTED) and token.text != "*":
            break
        names.append(identifier(token.text))
        index += 1
        if index + 1 >= high or tokens.tokens[index].text != ".":
            break
        index += 1
    return names, index


def _column(tokens: Tokens, low: int, end: int, names: list[str], high: int) -> ColumnRef | None:
    if _is_something_else(tokens, low, end, high) or not 1 <= len(names) <= 2:
        return None
    if len(names) == 1 and tokens.tokens[low].text in _RESERVED:
        return None
    return ColumnRef(names[0] if len(names) == 2 else None, names[-1])


def _is_something_else(tokens: Tokens, low: int, end: int, high: int) -> bool:
    """True for a function, a field of a composite, a named argument, a field of EXTRACT, "hashed" SubPlan."""
    before = tokens.tokens[low - 1].text if low else ""
    after = tokens.tokens[end].text if end < high else ""
    if before == "." or before in _NAMES_SOMETHING_ELSE or after in ("(", ":", "=>", ":=", "SubPlan"):
        return True
    return before == "(" and low >= 2 and tokens.tokens[low - 2].text in ("EXTRACT", "OPERATOR")
