"""A SELECT and expressions in, the SELECT that returns them as further columns out."""

from __future__ import annotations

from collections.abc import Sequence

from pgtune.errors import StatementError
from pgtune.parse.sql.ordering import without_parentheses
from pgtune.parse.sql_tokens import Token, read_words

_OTHERS = frozenset({"UNION", "INTERSECT", "EXCEPT", "INSERT", "UPDATE", "DELETE", "MERGE", "INTO"})
_LIST_ENDS = frozenset({"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER"})
_INSIDE = frozenset({("DISTINCT", "FROM"), ("WITHIN", "GROUP")})  # IS DISTINCT FROM, WITHIN GROUP (ORDER BY)
_LIST_STARTS = frozenset({"SELECT", "ALL", "DISTINCT"})


def keyed_select(statement: str, expressions: Sequence[str]) -> str | None:
    """Return *statement* with *expressions* behind its SELECT list; the rest is as it was written.

    None for set operations, statements that write, and a SELECT list without columns or with no end. All
    others mean what they did, also with DISTINCT: the server demands that its list has the sort keys.
    """
    try:
        tokens = _top_level(without_parentheses(read_words(statement)))
    except StatementError:
        return None
    words = [_reserved(before, token) for before, token in zip([None, *tokens], tokens, strict=False)]
    if words[:1] not in (["SELECT"], ["WITH"]) or "SELECT" not in words or not _OTHERS.isdisjoint(words):
        return None
    begin = words.index("SELECT")
    end = next((place for place in range(begin, len(words)) if words[place] in _LIST_ENDS), None)
    if end is None or words[end - 1] in _LIST_STARTS:
        return None
    cut = tokens[end - 1].end
    added = "".join(f", ({text}) AS pgtune_key_{number}" for number, text in enumerate(expressions, 1))
    return f"{statement[:cut]}{added}{statement[cut:]}"


def _top_level(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens outside of parentheses and brackets, which are themselves among them."""
    found: list[Token] = []
    depth = 0
    for token in tokens:
        depth -= token.text in (")", "]")
        if depth == 0:
            found.append(token)
        depth += token.text in ("(", "[")
    return found


def _reserved(before: Token | None, token: Token) -> str:
    """Return the key word that *token* is; empty where it is a name: ``AS from``, ``t.order``."""
    if before is None:
        return token.keyword
    is_name = before.text == "." or before.keyword == "AS"
    return "" if is_name or (before.keyword, token.keyword) in _INSIDE else token.keyword
