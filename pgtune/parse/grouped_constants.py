"""The tokens of a normalized statement in; the constants that its GROUP BY still shows out.

The server compares an expression of GROUP BY or ORDER BY with those of the SELECT list, keeps one of the two
equal ones, and so pg_stat_statements replaces the constants of one only (seen on 15 and 18):
``SELECT date_trunc($1, at) ... GROUP BY date_trunc('day', at)`` is no valid query any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pgtune.parse.sql_tokens import Token, TokenKind

CONSTANTS = frozenset({TokenKind.STRING, TokenKind.NUMBER})
ITEM_LIST_ENDS = frozenset(
    {"HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "UNION", "INTERSECT", "EXCEPT"}
)
GROUPING_LISTS = frozenset({"ROLLUP", "CUBE"})
SORT_WORDS = frozenset({"ASC", "DESC", "NULLS"})
MIN_TOKENS = 3  # "GROUP BY 1" is a position, and 'x' alone is no expression


def restored_constants(tokens: Sequence[Token]) -> Mapping[int, str]:
    """Return {index of a ``$n`` token: the constant that it stood for}."""
    found: dict[int, str] = {}
    for start, end in _items(tokens):
        item = tokens[start:end]
        shown = _shown_constants(item)
        if len(item) >= MIN_TOKENS and shown:
            found.update(_constants_of_equals(tokens, start, item, shown))
    return found


def _shown_constants(item: Sequence[Token]) -> frozenset[int]:
    """Return the offsets of the constants in *item*; the field of extract(year FROM x) is one too."""
    return frozenset(
        offset
        for offset, token in enumerate(item)
        if token.kind in CONSTANTS or (offset >= 2 and item[offset - 2].keyword == "EXTRACT")
    )


def _items(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield first index and index behind it of each expression in each GROUP BY, ROLLUP and ORDER BY."""
    for index, token in enumerate(tokens[:-1]):
        following = tokens[index + 1]
        is_list = token.keyword in ("GROUP", "ORDER") and following.keyword == "BY"
        if is_list or (token.keyword in GROUPING_LISTS and following.text == "("):
            yield from _items_of_list(tokens, index + 2)


def _items_of_list(tokens: Sequence[Token], start: int) -> Iterator[tuple[int, int]]:
    depth, begin, end = 0, start, start
    for end in range(start, len(tokens)):
        token = tokens[end]
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0 or (depth == 0 and (token.keyword in ITEM_LIST_ENDS or token.text == ";")):
            break
        if depth == 0 and (token.text == "," or token.keyword in SORT_WORDS):
            yield begin, end
            begin = end + 1
    else:
        end = len(tokens)
    yield begin, end


def _constants_of_equals(
    tokens: Sequence[Token], item_start: int, item: Sequence[Token], shown: frozenset[int]
) -> Iterator[tuple[int, str]]:
    """Yield the constants for each run of tokens that equals *item* but for ``$n`` in their place.

    WHERE is passed over: what stands there was normalized by itself.
    """
    in_where = False
    for start in range(len(tokens) - len(item) + 1):
        word = tokens[start].keyword
        if word in ("WHERE", "SELECT", "GROUP", "HAVING", "ORDER"):
            in_where = word == "WHERE"
        if in_where or start == item_start or not _equal(tokens[start], item[0], 0 in shown):
            continue
        run = tokens[start : start + len(item)]
        if _equals(run, item, shown):
            for offset in shown:
                if run[offset].kind is TokenKind.PLACEHOLDER:
                    yield start + offset, item[offset].text


def _equals(run: Sequence[Token], item: Sequence[Token], shown: frozenset[int]) -> bool:
    return all(map(_equal, run, item, (offset in shown for offset in range(len(item)))))


def _equal(token: Token, other: Token, is_shown: bool) -> bool:
    if token.text == other.text or (is_shown and token.kind is TokenKind.PLACEHOLDER):
        return True
    return token.keyword != "" and token.keyword == other.keyword
