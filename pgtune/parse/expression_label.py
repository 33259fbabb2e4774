"""An expression in, the name that the server gives its column in an index out."""

from __future__ import annotations

from pgtune.parse.qual_columns import identifier, mentions, type_end
from pgtune.parse.qual_tokens import Kind, Tokens

NAMELESS = "expr"
# Types whose SQL spelling differs from their name in pg_type.
_TYPE_NAMES = {
    "integer": "int4",
    "bigint": "int8",
    "smallint": "int2",
    "real": "float4",
    "double": "float8",
    "boolean": "bool",
    "character": "bpchar",
    "decimal": "numeric",
}


def expression_label(expression: str) -> str:
    """Return the column name: FigureIndexColname() in src/backend/parser/parse_target.c."""
    tokens = Tokens(expression)
    if not tokens.sound:
        return NAMELESS
    return _label(tokens, *tokens.without_parentheses(0, len(tokens.tokens)))


def _label(tokens: Tokens, low: int, high: int) -> str:
    """A column's or a function's own name; of a cast, what is cast, else the type."""
    low, high = tokens.without_parentheses(low, high)
    top = list(tokens.top_level(low, high))
    collations = [index for index in top if tokens.tokens[index].text == "COLLATE"]
    if collations:
        return _label(tokens, low, collations[0])
    if any(tokens.tokens[index].kind is Kind.OPERATOR for index in top):
        return NAMELESS
    casts = [index for index in top if tokens.tokens[index].kind is Kind.CAST]
    if casts and type_end(tokens, casts[-1] + 1, high) == high:
        inner = _label(tokens, low, casts[-1])
        return inner if inner != NAMELESS else _type_name(tokens, casts[-1] + 1)
    found = next(mentions(tokens, low, high), None)
    if found is not None and found.low == low:
        after = tokens.tokens[found.high].text if found.high < high else ""
        return found.ref.name if after in ("", "[") else "timezone" if after == "AT" else NAMELESS
    return _compound_label(tokens, low, high, top)


def _compound_label(tokens: Tokens, low: int, high: int, top: list[int]) -> str:
    words = [tokens.tokens[index].text for index in top]
    if "AT" in words:
        return "timezone"
    if words[:1] == ["("] and len(words) > 1 and words[1] == "[":
        return _label(tokens, low + 1, tokens.partner[low])
    if words[:1] == ["("] and len(words) == 3 and words[1] == ".":
        return identifier(words[2])
    if len(top) >= 2 and words[-1] == "(" and tokens.partner[top[-1]] == high - 1:
        return identifier(words[-2]).lower()  # lower(...), public.f(...), COALESCE(...)
    return words[0].lower() if words[:1] == ["CASE"] else NAMELESS


def _type_name(tokens: Tokens, index: int) -> str:
    words = [token.text for token in tokens.tokens[index : index + 2]]
    if words == ["character", "varying"]:
        return "varchar"
    if words[0] in ("timestamp", "time"):
        zoned = [token.text for token in tokens.tokens[index + 1 : index + 6]]
        return f"{words[0]}tz" if "with" in zoned else words[0]
    return _TYPE_NAMES.get(words[0], identifier(words[0]))
