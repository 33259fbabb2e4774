"""The text of a statement in; what stays the same from turn to turn, and the literals that may not, out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pgtune.model.equivalence import Row
from pgtune.parse.loops.turn_shape import SLOT, TurnShape, shape_of

# It begins with a set of characters: the search then skips to them.
_REST = r"""(?:
    (?<=')(?:(?<=[^\w$][eE]')(?:[^'\\]|\\.|'')*+' | (?<![^\w$][eE]')[^']*+(?:''[^']*+)*+')
  | (?<=")[^"]*+(?:""[^"]*+)*+"
  | (?<=[0-9])(?<![\w$.].)[0-9]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?(?!\w)
  | (?<=\.)(?<![\w$.)\]"].)[0-9]+(?:[eE][-+]?[0-9]+)?(?!\w)
  | (?<=-)(?:(?<=[(,=<>]-)|(?<=[(,=<>]\ -))[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?(?!\w)
  | (?<=\$)([A-Za-z_]\w*)?\$.*?\$(?(2)\2)\$
"""
LITERAL = re.compile(rf"(['\"$0-9.\-]{_REST}))", re.VERBOSE | re.DOTALL)
# NULL, TRUE and FALSE where a value may stand: behind ( , and =.
LITERAL_OR_WORD = re.compile(
    rf"""(['\"$0-9.\-nNtTfF]{_REST}
  | (?<=[nNtTfF])(?:(?<=[(,=].)|(?<=[(,=]\ .))(?i:(?<=n)ull|(?<=t)rue|(?<=f)alse)(?![\w$])
    ))""",
    re.VERBOSE | re.DOTALL,
)
WORD = re.compile(r"[nNtTfF](?:ull|ULL|rue|RUE|alse|ALSE)")
PREFIXED = re.compile(r"'(?<=[eEbBxXnN&]')")
PREFIX_AT_END = re.compile(r"(?<![\w$])(?:[eEbBxXnN]|[uU]&)$")
COMMENT = re.compile(
    r"'[^']*+'|\"[^\"]*+\"|\$(\w*)\$.*?\$\1\$|(?P<comment>--[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)", re.DOTALL
)
STRIDE = 3  # re.split gives a piece, a literal and the mark of a dollar-quoted one
MAX_LITERALS = 2000  # chosen; a table has at most 1,600 columns, so that more are many rows at once
REMEMBERED_SHAPES = 4096  # chosen
REMEMBERED_TEXTS = 1024  # chosen; statements with parameters come again letter by letter


class Turn(NamedTuple):
    """One run of a statement.

    A tuple is made in half the time of a frozen dataclass (measured); a seed script has a million.
    """

    shape: TurnShape
    literals: tuple[str, ...]  # as written, one for each slot of the shape
    line: int  # 1-based
    parameters: Row | None = ()  # of the log; None: they were not logged
    start_ms: float | None = None  # since the epoch, in the log's time zone
    end_ms: float | None = None
    busy_ms: float | None = None  # on the server
    transaction: int | None = None  # number of the explicit transaction in its session; None: none is open
    virtual_transaction: str | None = None


def read_turn(text: str, line: int) -> Turn | None:
    """Return the turn that *text* is, None for a text with more values than a row has."""
    found = split_literals(text)
    return None if found is None else Turn(found[0], found[1], line)


def split_literals(text: str) -> tuple[TurnShape, tuple[str, ...]] | None:
    """Return what stands around the literals of *text*, and these; None where they are too many."""
    return _remembered(text) if "$1" in text else _read(text)


def _read(text: str) -> tuple[TurnShape, tuple[str, ...]] | None:
    if "--" in text or "/*" in text:
        text = COMMENT.sub(lambda found: " " if found["comment"] else found[0], text)
    head_end = _end_of_head(text)
    tail = text[head_end:]
    parts = (LITERAL_OR_WORD if WORD.search(tail) else LITERAL).split(tail)
    if len(parts) > STRIDE * MAX_LITERALS:
        return None
    pieces, literals = parts[0::STRIDE], parts[1::STRIDE]
    if '"' in tail:
        pieces, literals = _with_names(pieces, literals)
    if PREFIXED.search(tail):
        _move_prefixes(pieces, literals)
    return _shape(text[:head_end] + SLOT.join(pieces)), tuple(literals)


def _end_of_head(text: str) -> int:
    """Return how much of *text* is the same in every turn: what stands before its first WHERE or VALUES."""
    end = text.find(" WHERE ")
    if end < 0:
        end = text.find(" VALUES ")
    return end if end > 0 and _is_without_literals(text[:end]) else 0


@lru_cache(maxsize=REMEMBERED_SHAPES)
def _is_without_literals(head: str) -> bool:
    if "'" in head or "$" in head or WORD.search(head):
        return False
    return head.count('"') % 2 == 0 and all(part[:1] in ("", '"') for part in LITERAL.split(head)[1::STRIDE])


def _with_names(pieces: list[str], literals: list[str]) -> tuple[list[str], list[str]]:
    """Put quoted names back into the pieces."""
    kept_pieces, kept = [pieces[0]], []
    for literal, piece in zip(literals, pieces[1:], strict=True):
        if literal[0] == '"':
            kept_pieces[-1] += literal + piece
        else:
            kept.append(literal)
            kept_pieces.append(piece)
    return kept_pieces, kept


def _move_prefixes(pieces: list[str], literals: list[str]) -> None:
    """Move the E of E'...' and its like from the piece before a literal into the literal."""
    for index, literal in enumerate(literals):
        prefix = PREFIX_AT_END.search(pieces[index]) if literal[0] == "'" else None
        if prefix is not None:
            pieces[index] = pieces[index][: prefix.start()]
            literals[index] = prefix[0] + literal


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _remembered(text: str) -> tuple[TurnShape, tuple[str, ...]] | None:
    return _read(text)


@lru_cache(maxsize=REMEMBERED_SHAPES)
def _shape(joined: str) -> TurnShape:
    return shape_of(tuple(joined.split(SLOT)))
