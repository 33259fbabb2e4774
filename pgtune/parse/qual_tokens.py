"""An expression as EXPLAIN prints it in, its tokens with matched brackets out; never quadratic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a token is."""

    WORD = "word"  # unquoted: an identifier, a keyword or a type
    QUOTED = "quoted"  # "identifier"
    STRING = "string"
    NUMBER = "number"
    PARAMETER = "parameter"  # $1
    OPERATOR = "operator"
    CAST = "cast"  # ::
    OPEN = "open"
    CLOSE = "close"
    PUNCTUATION = "punctuation"  # . , : ;
    BROKEN = "broken"  # a quote that never closes, or a character no expression has


_TOKEN = re.compile(
    r"""
      (?P<string>  [eE]'(?:[^'\\]|''|\\.)*+' | (?:[bBxXnN]|[uU]&)?'(?:[^']|'')*+' )
    | (?P<quoted>  "(?:[^"]|"")*+" )
    | (?P<number>  \d++(?:\.\d*+)?(?:[eE][+-]?\d++)? | \.\d++ )
    | (?P<word>    [^\W\d][\w$]*+ )
    | (?P<parameter> \$\d++ )
    | (?P<cast>    :: )
    | (?P<operator> [-+*/<>=~!@\#%^&|`?]++ )
    | (?P<open>    [(\[] )
    | (?P<close>   [)\]] )
    | (?P<punctuation> [.,:;] )
    | (?P<space>   \s++ )
    | (?P<broken>  ['"].*+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)


_KINDS = {kind.value: kind for kind in Kind}  # without "space"


class Token(NamedTuple):
    """One token and where it stands in the text."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def is_keyword(self) -> bool:
        """The server prints its keywords in capitals, and quotes every identifier that has one."""
        return self.kind is Kind.WORD and self.text != self.text.lower()


class Tokens:
    """The tokens of one text. A *span* ``(low, high)`` is a half-open range of their indexes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tuple(_scan(text))
        self.partner, balanced = _match_brackets(self.tokens)
        self.sound = balanced and all(token.kind is not Kind.BROKEN for token in self.tokens)

    def top_level(self, low: int, high: int) -> Iterator[int]:
        """Yield the indexes in the span that stand outside brackets; a bracket counts by its opening."""
        index = low
        while index < high:
            yield index
            index = self.partner.get(index, index) + 1

    def spelling(self, low: int, high: int) -> str:
        """The text of the span, as written."""
        return self.text[self.tokens[low].start : self.tokens[high - 1].end] if low < high else ""

    def without_parentheses(self, low: int, high: int) -> tuple[int, int]:
        """The span without the parentheses that enclose all of it."""
        while high - low > 1 and self.tokens[low].text == "(" and self.partner.get(low) == high - 1:
            low, high = low + 1, high - 1
        return low, high


def _scan(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        kind = _KINDS.get(match.lastgroup or "")
        if kind is not None:
            yield Token(kind, match.group(), match.start(), match.end())


def _match_brackets(tokens: tuple[Token, ...]) -> tuple[dict[int, int], bool]:
    """Opening bracket to closing one, and whether each has its partner."""
    partner: dict[int, int] = {}
    unclosed: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            unclosed.append(index)
        elif token.kind is Kind.CLOSE:
            if not unclosed or (tokens[unclosed[-1]].text == "(") != (token.text == ")"):
                return partner, False
            partner[unclosed.pop()] = index
    return partner, not unclosed
