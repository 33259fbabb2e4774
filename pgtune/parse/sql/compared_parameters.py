"""The tokens of a statement in; what stands next to each parameter, and so tells its type, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pgtune.parse.named_relations import identifier, read_relation_name
from pgtune.parse.sql.expression_of_turn import expression, number_of
from pgtune.parse.sql_tokens import Token, TokenKind

_COMPARISONS = frozenset({"=", "<>", "!=", "<", ">", "<=", ">="})
_COUNTS = frozenset({"LIMIT", "OFFSET"})
_PATTERNS = frozenset({"LIKE", "ILIKE"})
_TYPE_END = frozenset({",", ")", ";", "="})
_AFTER_TABLE = frozenset(
    {"ON", "WHERE", "SET", "JOIN", "LEFT", "RIGHT", "INNER", "CROSS", "FULL", "NATURAL"}
) | {
    "USING",
    "ORDER",
    "GROUP",
    "LIMIT",
    "VALUES",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What tells the type of a parameter: one of the three."""

    type: str | None = None  # of a cast, or of the place where it stands
    column: str | None = None  # that it is compared with
    qualifier: str | None = None  # of the column


def neighbours(text: str, tokens: Sequence[Token]) -> Mapping[int, Neighbour]:
    """Return what tells the type of each parameter; those are left out that nothing tells."""
    found: dict[int, Neighbour] = {}
    for index, token in enumerate(tokens):
        if token.kind is not TokenKind.PLACEHOLDER:
            continue
        seen = _neighbour(text, tokens, index)
        known = found.get(number_of(token))
        if seen is not None and (known is None or (known.type is None and seen.type is not None)):
            found[number_of(token)] = seen
    return found


def aliases(tokens: Sequence[Token]) -> Mapping[str, str]:
    """Return the table's name for each alias, as far as ``table [AS] alias`` shows it."""
    found: dict[str, str] = {}
    for index, token in enumerate(tokens):
        if token.keyword not in ("FROM", "JOIN", "UPDATE", "INTO", ",", "ONLY") and token.text != ",":
            continue
        name, end = read_relation_name(tokens, index + 1)
        if name is None or end >= len(tokens):
            continue
        end += tokens[end].keyword == "AS"
        alias = identifier(tokens[end]) if end < len(tokens) else None
        if alias is not None and tokens[end].keyword not in _AFTER_TABLE:
            found[alias] = name.name
    return found


def _neighbour(text: str, tokens: Sequence[Token], index: int) -> Neighbour | None:
    cast = _cast_behind(text, tokens, index)
    if cast is not None:
        return Neighbour(type=cast)
    before = tokens[index - 1] if index else None
    if before is None:
        return None
    if before.keyword in _COUNTS:
        return Neighbour(type="bigint")
    if before.keyword in _PATTERNS:
        return Neighbour(type="text")
    return _column_before(tokens, index) or _column_behind(tokens, index)


def _cast_behind(text: str, tokens: Sequence[Token], index: int) -> str | None:
    """Return the type in ``$1::type`` or ``CAST($1 AS type)``."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None or not (following.text == "::" or following.keyword == "AS"):
        return None
    if following.keyword == "AS" and (index < 2 or tokens[index - 2].keyword != "CAST"):
        return None
    end, depth = index + 2, 0
    while end < len(tokens) and not (depth == 0 and _ends_type(tokens, end)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(tokens[end].text, 0)
        end += 1
    written = expression(text, tokens[index + 2 : end]).text
    return " ".join(written.split()) or None


def _ends_type(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.kind in (TokenKind.OPERATOR, TokenKind.PLACEHOLDER, TokenKind.STRING) or token.text in _TYPE_END:
        return True
    return token.keyword in (
        *(
            "AT",
            "COLLATE",
            "AND",
            "OR",
            "ON",
            "RETURNING",
            "WHERE",
            "ORDER",
            "GROUP",
            "LIMIT",
            "OFFSET",
            "FOR",
            "UNION",
        ),
        *(
            "AS",
            "IS",
            "THEN",
            "ELSE",
            "END",
            "WHEN",
            "FROM",
            "BETWEEN",
            "NOT",
            "IN",
            "LIKE",
            "ILIKE",
            "HAVING",
        ),
    ) or (token.text == "::")


def _column_before(tokens: Sequence[Token], index: int) -> Neighbour | None:
    """``column op $1``, ``column IN ($1, $2)``, ``column BETWEEN $1 AND $2``."""
    at = index - 1
    if tokens[at].keyword == "AND" and at >= 2 and tokens[at - 2].keyword == "BETWEEN":
        at -= 2
    while at > 0 and (tokens[at].text in (",", "(") or tokens[at].kind is TokenKind.PLACEHOLDER):
        at -= 1
    compares = tokens[at].text in _COMPARISONS or tokens[at].keyword in ("BETWEEN", "IN")
    if not compares or at == 0 or (tokens[at].keyword != "IN" and tokens[index - 1].text in (",", "(")):
        return None
    at -= tokens[at - 1].keyword == "NOT"
    return _column_ending(tokens, at - 1)


def _column_behind(tokens: Sequence[Token], index: int) -> Neighbour | None:
    """``$1 op column``."""
    if index + 2 >= len(tokens) or tokens[index + 1].text not in _COMPARISONS:
        return None
    name, end = read_relation_name(tokens, index + 2)
    if name is None or (end < len(tokens) and tokens[end].text in ("(", "::")):
        return None
    return Neighbour(column=name.name, qualifier=name.schema)


def _column_ending(tokens: Sequence[Token], index: int) -> Neighbour | None:
    column = identifier(tokens[index]) if index >= 0 else None
    if column is None or (index and tokens[index - 1].text == "::"):
        return None
    qualified = index >= 2 and tokens[index - 1].text == "."
    return Neighbour(column=column, qualifier=identifier(tokens[index - 2]) if qualified else None)
