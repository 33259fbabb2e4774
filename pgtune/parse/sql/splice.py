"""A statement and its changed tree in, the statement's own text with only the changed places rewritten out.

The printed trees before and after are compared token by token, and what differs is put into the text at the
place of the tokens that it replaces. What stays keeps its comments, line breaks and spelling. The result is
read again: where it is not the changed tree, the whole tree is printed instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from sqlglot import exp

from pgtune.errors import StatementError
from pgtune.parse.sql.tree import parse_tree, print_tree
from pgtune.parse.sql_tokens import Token, TokenKind, read_words

# Tokens around a change within which the printer's habits are taken over; chosen, the first that reads back.
REACHES = (0, 2, 8)
MAX_KEPT_BETWEEN = 2  # tokens between two changes, up to which they are one; chosen
_FRAME = re.compile(r"\b(?:ROWS|RANGE|GROUPS) BETWEEN\b")
_FRAME_END = re.compile(r"\b(?:PRECEDING|FOLLOWING|CURRENT ROW) AND\b")
_NO_BLANK_BEFORE = frozenset(",);.]")
_NO_BLANK_BEHIND = frozenset("([.")


class Hunk(NamedTuple):
    """old[old_start:old_end] becomes new[new_start:new_end]; of tokens."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def splice(text: str, before: exp.Expr, after: exp.Expr) -> str:
    """Return *text*, whose tree is *before*, changed so that its tree is *after*."""
    for attempt in _attempts(text, before, after):
        try:
            if _is_whole(attempt) and parse_tree(attempt) == after:
                return attempt
        except StatementError:
            continue
    return print_tree(after, pretty="\n" in text)


def _is_whole(text: str) -> bool:
    """Tell whether nothing is missing that sqlglot does not miss: a parenthesis, or BETWEEN of a frame."""
    words = [token.keyword or token.text for token in read_words(text) if token.kind is not TokenKind.STRING]
    printed = " ".join(words)
    return words.count("(") == words.count(")") and len(_FRAME.findall(printed)) == len(
        _FRAME_END.findall(printed)
    )


def _attempts(text: str, before: exp.Expr, after: exp.Expr) -> Iterator[str]:
    """Yield texts that keep less and less of the original's spelling."""
    given = _Printed(text, read_words(text))
    old, new = _printed(before), _printed(after)
    respelled = _hunks(given.tokens, old.tokens)  # the printer's own habits: CAST for ::, AS
    changes = _joined(_hunks(old.tokens, new.tokens))
    for reach in REACHES:
        places = [_placed(change, respelled) for change in _grown(changes, respelled, reach)]
        yield _put(given, new, places)
    yield _put(given, new, _hunks(given.tokens, new.tokens))


class _Printed(NamedTuple):
    text: str
    tokens: Sequence[Token]


def _printed(tree: exp.Expr) -> _Printed:
    text = print_tree(tree)
    return _Printed(text, read_words(text))


def _put(given: _Printed, new: _Printed, changes: Sequence[Hunk]) -> str:
    """The given text with pieces of the new one in it."""
    pieces: list[str] = []
    position = 0
    for change in changes:
        piece = _piece(new.text, new.tokens[change.new_start : change.new_end], given.tokens)
        left, right = _span(given, change.old_start, change.old_end, piece)
        before_it, behind_it = given.text[position:left], given.text[right : right + 1]
        pieces += (before_it, _blank(before_it, piece), piece, _blank(piece or before_it, behind_it))
        position = right
    return "".join((*pieces, given.text[position:]))


def _key(token: Token) -> str:
    return token.keyword or token.text


def _hunks(old: Sequence[Token], new: Sequence[Token]) -> list[Hunk]:
    matcher = SequenceMatcher(
        None, [_key(each) for each in old], [_key(each) for each in new], autojunk=False
    )
    return [Hunk(*places) for tag, *places in matcher.get_opcodes() if tag != "equal"]


def _joined(changes: Sequence[Hunk]) -> list[Hunk]:
    """Make changes with next to nothing between them one."""
    joined: list[Hunk] = []
    for change in changes:
        if joined and change.old_start - joined[-1].old_end <= MAX_KEPT_BETWEEN:
            last = joined.pop()
            change = Hunk(last.old_start, change.old_end, last.new_start, change.new_end)  # noqa: PLW2901
        joined.append(change)
    return joined


def _grown(changes: Sequence[Hunk], respelled: Sequence[Hunk], reach: int) -> list[Hunk]:
    """Let each change take in whole the respelled places within *reach* tokens; what then touches is one."""
    grown: list[Hunk] = []
    for change in changes:
        start, end = change.old_start, change.old_end
        for spelling in respelled:
            if spelling.new_start <= end + reach and start - reach <= spelling.new_end:
                start, end = min(start, spelling.new_start), max(end, spelling.new_end)
        wider = Hunk(
            start, end, change.new_start - (change.old_start - start), change.new_end + (end - change.old_end)
        )
        if grown and wider.old_start <= grown[-1].old_end:
            last = grown.pop()
            wider = Hunk(
                last.old_start, max(last.old_end, end), last.new_start, max(last.new_end, wider.new_end)
            )
        grown.append(wider)
    return grown


def _placed(change: Hunk, respelled: Sequence[Hunk]) -> Hunk:
    """The change as one of the given text; *respelled* leads from that to the printed one."""
    start = _shifted(change.old_start, [each for each in respelled if each.new_end < change.old_start])
    end = _shifted(change.old_end, [each for each in respelled if each.new_end <= change.old_end])
    return Hunk(start, max(start, end), change.new_start, change.new_end)


def _shifted(position: int, passed: Sequence[Hunk]) -> int:
    return position - passed[-1].new_end + passed[-1].old_end if passed else position


def _span(given: _Printed, start: int, end: int, piece: str) -> tuple[int, int]:
    """Characters that *piece* takes the place of; with no tokens to replace, between the two around it."""
    if start == end:
        clings = piece[-1:] in _NO_BLANK_BEHIND and start < len(given.tokens)
        place = given.tokens[start].start if clings else given.tokens[start - 1].end if start else 0
        return place, place
    left, right = given.tokens[start].start, given.tokens[end - 1].end
    gap = given.tokens[start - 1].end if start else 0
    if piece:
        following = given.tokens[end].start if end < len(given.tokens) else right
        closes = piece[0] in _NO_BLANK_BEFORE and given.text[gap:left].isspace()
        opens = piece[-1] in _NO_BLANK_BEHIND and given.text[right:following].isspace()
        return gap if closes else left, following if opens else right
    if given.text[gap:left].isspace():
        return gap, right
    return left, right + len(given.text[right:]) - len(given.text[right:].lstrip(" "))


def _piece(printed: str, tokens: Sequence[Token], given: Sequence[Token]) -> str:
    """The printed tokens, with key words in lower case where the text writes them so."""
    if not tokens:
        return ""
    lower = _writes_lower_case(given)
    known = {token.text for token in given}
    words: list[str] = []
    position = tokens[0].start
    for token in tokens:
        word = token.text
        if lower and token.kind is TokenKind.WORD and word.isupper() and word not in known:
            word = word.lower()
        is_followed = token.keyword == "EXISTS" and token is not tokens[-1]  # it prints EXISTS(
        words += (printed[position : token.start], word, " " if is_followed else "")
        position = token.end
    return "".join(words)


def _writes_lower_case(given: Sequence[Token]) -> bool:
    return bool(given) and given[0].text.islower()


def _blank(left: str, right: str) -> str:
    """The blank that two neighbouring pieces of text need."""
    if not left or not right or left[-1].isspace() or right[0].isspace():
        return ""
    return "" if right[0] in _NO_BLANK_BEFORE or left[-1] in _NO_BLANK_BEHIND else " "


def side_by_side(original: str, changed: str) -> Iterator[tuple[str, str]]:
    """Yield lines of both texts next to each other; an empty string where one has none."""
    old, new = original.splitlines(), changed.splitlines()
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(old[i1:i2], new[j1:j2], strict=True)
            continue
        for offset in range(max(i2 - i1, j2 - j1)):
            left = old[i1 + offset] if i1 + offset < i2 else ""
            yield left, new[j1 + offset] if j1 + offset < j2 else ""
