"""Part of a statement in, what batching has to know of it out: parameters, names, functions, casts.

It works on tokens, so that what is kept of a statement stays as its author wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pgtune.parse.named_relations import identifier
from pgtune.parse.sql_tokens import Token, TokenKind

QUERY_WORDS = frozenset({"SELECT", "VALUES", "TABLE"})
_CONSTANT_KINDS = frozenset({TokenKind.STRING, TokenKind.NUMBER})
_CONSTANT_WORDS = frozenset({"NULL", "TRUE", "FALSE"})
_TYPE = re.compile(r'[\w ".,()]+(?:\[\d*\])*')
# Key words that stand before a parenthesis and call nothing.
_NOT_FUNCTIONS = frozenset(
    {"and", "any", "array", "as", "case", "else", "exists", "in", "not", "or", "row"}
) | {
    "some",
    "then",
    "when",
    "values",
    "select",
    "where",
    "from",
    "on",
    "using",
    "by",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A run of tokens with its source text."""

    text: str
    tokens: tuple[Token, ...]  # without blanks

    @property
    def parameters(self) -> frozenset[int]:
        """Numbers of the parameters in it."""
        return frozenset(number_of(token) for token in self.tokens if token.kind is TokenKind.PLACEHOLDER)

    @property
    def parameter(self) -> int | None:
        """The number, where it is a parameter and at most a cast."""
        if not self.tokens or self.tokens[0].kind is not TokenKind.PLACEHOLDER:
            return None
        return number_of(self.tokens[0]) if len(self.tokens) == 1 or self.cast is not None else None

    @property
    def cast(self) -> str | None:
        """The type in ``$1::type``."""
        if len(self.tokens) < 3 or self.tokens[1].text != "::":
            return None
        if any(token.keyword in ("AT", "COLLATE") for token in self.tokens):
            return None
        offset = self.tokens[2].start - self.tokens[0].start
        written = self.text[offset:]
        return " ".join(written.split()) if _TYPE.fullmatch(written) else None

    @property
    def constant(self) -> str | None:
        """The text, where it is one literal."""
        signed = len(self.tokens) == 2 and self.tokens[0].text == "-"
        if not (len(self.tokens) == 1 or signed):
            return None
        last = self.tokens[-1]
        return self.text if last.kind in _CONSTANT_KINDS or last.keyword in _CONSTANT_WORDS else None

    @property
    def is_default(self) -> bool:
        """True for the key word DEFAULT."""
        return len(self.tokens) == 1 and self.tokens[0].keyword == "DEFAULT"

    @property
    def has_query(self) -> bool:
        """True where a sub-query stands in it."""
        return any(token.keyword in QUERY_WORDS for token in self.tokens)

    @property
    def names(self) -> frozenset[str]:
        """What may be a column, a table or a key word: functions and types after ``::`` are left out."""
        found = set()
        for index, token in enumerate(self.tokens):
            name = identifier(token)
            before = self.tokens[index - 1].text if index else ""
            if name is not None and before != "::" and not _is_call(self.tokens, index):
                found.add(name)
        return frozenset(found)

    @property
    def functions(self) -> frozenset[str]:
        """Names of the functions called."""
        names = (identifier(token) for index, token in enumerate(self.tokens) if _is_call(self.tokens, index))
        return frozenset(name for name in names if name is not None and name not in _NOT_FUNCTIONS)

    def with_parameters(self, texts: Mapping[int, str]) -> str:
        """Return the text with *texts* in place of the parameters they are for."""
        pieces: list[str] = []
        position = 0
        begin = self.tokens[0].start if self.tokens else 0
        for token in self.tokens:
            if token.kind is TokenKind.PLACEHOLDER and number_of(token) in texts:
                pieces += (self.text[position : token.start - begin], texts[number_of(token)])
                position = token.end - begin
        return "".join((*pieces, self.text[position:]))


def expression(text: str, tokens: Sequence[Token]) -> Expression:
    """Return the part of the statement *text* that *tokens* are."""
    if not tokens:
        return Expression("", ())
    return Expression(text[tokens[0].start : tokens[-1].end], tuple(tokens))


def number_of(placeholder: Token) -> int:
    """Return the n of ``$n``."""
    return int(placeholder.text[1:])


def _is_call(tokens: Sequence[Token], index: int) -> bool:
    is_name = tokens[index].kind in (TokenKind.WORD, TokenKind.QUOTED_NAME)
    return is_name and index + 1 < len(tokens) and tokens[index + 1].text == "("
