"""The tokens of a statement in; its clauses, lists and conditions out, cut where no parenthesis is open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from pgtune.errors import StatementError
from pgtune.model.names import RelationName
from pgtune.parse.named_relations import identifier, read_relation_name
from pgtune.parse.sql.expression_of_turn import Expression, expression
from pgtune.parse.sql_tokens import Token, TokenKind

_DEPTHS = {"(": 1, ")": -1, "[": 1, "]": -1}
_CASES = {"CASE": 1, "END": -1}
_NOT_CLAUSES = {"FROM": "DISTINCT", "GROUP": "WITHIN"}  # IS DISTINCT FROM, WITHIN GROUP


def without_end(tokens: Sequence[Token]) -> list[Token]:
    """Return *tokens* without semicolons at the end."""
    kept = list(tokens)
    while kept and kept[-1].text == ";":
        kept.pop()
    return kept


def clauses(tokens: Sequence[Token], words: Collection[str]) -> Mapping[str, list[Token]]:
    """Return what follows each of *words*, by the first place where it stands; "" what stands before all."""
    found: dict[str, list[Token]] = {"": []}
    current = found[""]
    for index, (token, depth) in enumerate(_with_depth(tokens)):
        before = tokens[index - 1] if index else None
        is_first = token.keyword in words and token.keyword not in found
        if depth == 0 and is_first and _begins_clause(token, before):
            current = found[token.keyword] = []
        else:
            current.append(token)
    return found


def list_items(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return what stands between the commas.

    Raises:
        StatementError: nothing does.
    """
    items = _split(tokens, lambda token: token.text == ",") if tokens else []
    if not all(items):
        raise StatementError("a list lacks an item")
    return items


def returning_list(text: str, tokens: Sequence[Token]) -> Expression:
    """Return what RETURNING lists.

    Raises:
        StatementError: an item is missing.
    """
    list_items(tokens)
    return expression(text, tokens)


def conjuncts(text: str, tokens: Sequence[Token]) -> tuple[Expression, ...]:
    """Return the conditions that AND joins; one alone where an OR stands beside them.

    Raises:
        StatementError: a condition is missing beside AND.
    """
    if not tokens:
        return ()
    if any(depth == 0 and token.keyword == "OR" for token, depth in _with_depth(tokens)):
        return (expression(text, tokens),)
    between = _between_ands(tokens)
    parts = _split(tokens, lambda token: token.keyword == "AND" and token.start not in between)
    if not all(parts):
        raise StatementError("a condition is missing beside AND")
    return tuple(expression(text, part) for part in parts)


def inside_parentheses(tokens: Sequence[Token]) -> list[Token] | None:
    """Return what one pair of parentheses around all *tokens* holds; None without one."""
    if len(tokens) < 2 or tokens[0].text != "(" or tokens[-1].text != ")":
        return None
    depths = [depth for _, depth in _with_depth(tokens)]
    return list(tokens[1:-1]) if 0 not in depths[1:-1] else None


def closing(tokens: Sequence[Token], opening: int) -> int:
    """Return the index behind the parenthesis that closes the one at *opening*.

    Raises:
        StatementError: none does.
    """
    depth = 0
    for index in range(opening, len(tokens)):
        depth += _DEPTHS.get(tokens[index].text, 0)
        if depth == 0:
            return index + 1
    raise StatementError("a parenthesis is not closed")


def column_list(tokens: Sequence[Token]) -> tuple[str, ...] | None:
    """Return the names between the commas; None where something else stands there."""
    names = []
    for item in list_items(tokens):
        name = identifier(item[0]) if len(item) == 1 else None
        if name is None:
            return None
        names.append(name)
    return tuple(names) or None


def target(tokens: Sequence[Token]) -> tuple[RelationName, str]:
    """Read ``[ONLY] name [*] [[AS] alias]``; return the name and what columns are qualified with.

    Raises:
        StatementError: something else stands there.
    """
    start = 1 if tokens and tokens[0].keyword == "ONLY" else 0
    name, end = read_relation_name(tokens, start)
    if name is None:
        raise StatementError("the table is not written as a name")
    rest = [token for token in tokens[end:] if token.text != "*" and token.keyword != "AS"]
    if len(rest) > 1:
        raise StatementError(f"{name}: more than a table and its alias is named")
    return name, (identifier(rest[0]) if rest else None) or name.name


def column_reference(tokens: Sequence[Token]) -> tuple[str | None, str] | None:
    """Return qualifier and column of ``[[schema.]table.]column``; None for anything else."""
    name, end = read_relation_name(tokens, 0)
    return (name.schema, name.name) if name is not None and end == len(tokens) else None


def placeholders(tokens: Sequence[Token]) -> tuple[int, ...]:
    """Return the numbers of the parameters, ascending, once each."""
    return tuple(sorted({int(token.text[1:]) for token in tokens if token.kind is TokenKind.PLACEHOLDER}))


def _begins_clause(token: Token, before: Token | None) -> bool:
    if before is None:
        return True
    return before.text != "." and before.keyword != _NOT_CLAUSES.get(token.keyword, ".")


def _with_depth(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Yield each token with the number of parentheses, brackets and CASEs around it."""
    depth = 0
    for token in tokens:
        change = _DEPTHS.get(token.text, 0) + _CASES.get(token.keyword, 0)
        depth += min(change, 0)
        yield token, depth
        depth += max(change, 0)


def _split(tokens: Sequence[Token], is_separator: Callable[[Token], bool]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token, depth in _with_depth(tokens):
        if depth == 0 and is_separator(token):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _between_ands(tokens: Sequence[Token]) -> frozenset[int]:
    """Return where the ANDs stand that belong to a BETWEEN."""
    found = set()
    open_betweens = 0
    for token, depth in _with_depth(tokens):
        if depth == 0 and token.keyword == "BETWEEN":
            open_betweens += 1
        elif depth == 0 and token.keyword == "AND" and open_betweens:
            open_betweens -= 1
            found.add(token.start)
    return frozenset(found)
