"""A text of pg_stat_statements in, one that the server takes again out.

pg_stat_statements puts ``$n`` where a constant stood, also where the grammar takes nothing but a constant,
and what it leaves out (``generate_query_normalized`` in contrib/pg_stat_statements/pg_stat_statements.c).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pgtune.parse.grouped_constants import restored_constants
from pgtune.parse.sql_tokens import Token, TokenKind
from pgtune.parse.untyped_constants import number_positions

SQUASHED = " /*, ... */"  # 18 and later: of a list of constants, the first is left
# The planner takes an array of unknown length for this long: estimate_array_length in
# src/backend/utils/adt/selfuncs.c.
SQUASHED_LENGTH = 10
PLAIN_TYPES = frozenset(
    """
    bigint bit bool boolean box bpchar bytea char character cidr circle citext date datemultirange daterange
    dec decimal float float4 float8 geography geometry hstore inet int int2 int4 int4multirange int4range int8
    int8multirange int8range integer interval json jsonb jsonpath line lseg ltree macaddr macaddr8 money name
    nchar numeric nummultirange numrange oid path pg_lsn point polygon real regclass regconfig regproc
    regprocedure regtype smallint text time timestamp timestamptz timetz tsmultirange tsquery tsrange
    tstzmultirange tstzrange tsvector uuid varbit varchar xid xml
    """.upper().split()
)
INTERVAL_FIELDS = frozenset({"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"})
_PLACEHOLDER = re.compile(r"\$([0-9]+)")


class Edit(NamedTuple):
    """Replace text[start:end]."""

    start: int
    end: int
    text: str


def plannable_text(text: str, tokens: Sequence[Token], types: Sequence[str] = ()) -> str:
    """Return *text* with each ``$n`` where the grammar takes one, numbered from 1 without a gap.

    *tokens* are those of *text* without blanks; *types* those that PREPARE declared for ``$1``, ``$2``, ...

    - ``date $1`` becomes ``CAST($1 AS date)``, ``interval $1 day`` ``CAST($1 AS interval day)``
    - ``extract($1 FROM x)`` becomes ``pg_catalog.extract($1, x)``
    - ``IN ($1 /*, ... */)`` becomes a list of SQUASHED_LENGTH elements
    - ``= ANY (ARRAY[$1 /*, ... */])`` becomes ``= ANY ($1)``, of the type of what it is compared with
    - what can only have been a number becomes ``CAST($1 AS integer)``
    - a constant that GROUP BY still shows comes back to the expression of the SELECT list that it must equal
    """
    if "$" not in text:
        return text
    edits: list[Edit] = []
    context = _Context(text, tokens, types, restored_constants(tokens), number_positions(tokens))
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.PLACEHOLDER:
            edits += _edits_at(context, index)
    edited = _edited(text, edits)
    return _renumbered(edited) if context.constants else edited


class _Context(NamedTuple):
    """What is known of the statement."""

    text: str
    tokens: Sequence[Token]
    types: Sequence[str]
    constants: Mapping[int, str]  # {index of a token: what it was}
    numbers: frozenset[int]  # indexes of tokens


def _edits_at(context: _Context, index: int) -> Iterator[Edit]:
    text, tokens = context.text, context.tokens
    token = tokens[index]
    if index in context.constants:
        yield Edit(token.start, token.end, context.constants[index])
    elif text.startswith(SQUASHED, token.end):
        yield _unsquashed(tokens, index)
    elif index and (type_start := _type_start(tokens, index - 1)) is not None:
        yield _cast(text, tokens, type_start, index)
    elif _is_extract_field(tokens, index):
        yield Edit(tokens[index - 2].start, token.start, "pg_catalog.extract(")
        yield Edit(token.end, tokens[index + 1].end, ",")
    elif index in context.numbers:
        yield Edit(token.start, token.end, f"CAST({token.text} AS integer)")
    elif 0 < int(token.text[1:]) <= len(context.types):
        yield Edit(token.start, token.end, f"CAST({token.text} AS {context.types[int(token.text[1:]) - 1]})")


def _unsquashed(tokens: Sequence[Token], index: int) -> Edit:
    token = tokens[index]
    if index >= 4 and _keyword(tokens, index - 2) == "ARRAY" and tokens[index - 3].text == "(":
        closes = [one.text for one in tokens[index + 1 : index + 3]] == ["]", ")"]
        if closes and _keyword(tokens, index - 4) in ("ANY", "ALL", "SOME"):
            return Edit(tokens[index - 2].start, tokens[index + 1].end, token.text)
    elements = ", ".join([token.text] * SQUASHED_LENGTH)
    return Edit(token.start, token.end + len(SQUASHED), elements)


def _cast(text: str, tokens: Sequence[Token], type_start: int, index: int) -> Edit:
    name = text[tokens[type_start].start : tokens[index - 1].end]
    end = _interval_end(tokens, index + 1) if tokens[type_start].keyword == "INTERVAL" else index + 1
    fields = text[tokens[index].end : tokens[end - 1].end]
    return Edit(
        tokens[type_start].start, tokens[end - 1].end, f"CAST({tokens[index].text} AS {name}{fields})"
    )


def _interval_end(tokens: Sequence[Token], index: int) -> int:
    """Return the index behind the fields at *index*, as in YEAR TO MONTH or SECOND (3)."""
    if _keyword(tokens, index) not in INTERVAL_FIELDS:
        return index
    end = index + 1
    if _keyword(tokens, end) == "TO":
        end += 2
    is_precise = _keyword(tokens, end - 1) == "SECOND" and end < len(tokens) and tokens[end].text == "("
    return end + 3 if is_precise else end


def _type_start(tokens: Sequence[Token], last: int) -> int | None:
    """Return the index where the type that ends at *last* begins, None when none ends there."""
    token = tokens[last]
    if token.text == ")":
        return _start_before_modifier(tokens, last)
    if token.kind is TokenKind.QUOTED_NAME:
        return _qualified_start(tokens, last)
    word = token.keyword
    if word == "ZONE":
        return _start_of_zoned(tokens, last)
    if (word == "VARYING" or (word == "PRECISION" and _keyword(tokens, last - 1) == "DOUBLE")) and last:
        return last - 1
    if word and (word in PLAIN_TYPES or (last and tokens[last - 1].text == ".")):
        return _qualified_start(tokens, last)
    return None


def _start_before_modifier(tokens: Sequence[Token], closing: int) -> int | None:
    """Return where a type with a modifier begins, as varchar(3) does."""
    opening = closing
    while opening and tokens[opening].text != "(":
        opening -= 1
    word = _keyword(tokens, opening - 1)
    return _type_start(tokens, opening - 1) if word in PLAIN_TYPES or word == "VARYING" else None


def _start_of_zoned(tokens: Sequence[Token], last: int) -> int | None:
    """Return where timestamp(p) with time zone begins; None in "at time zone"."""
    if _keyword(tokens, last - 2) not in ("WITH", "WITHOUT"):
        return None
    return _type_start(tokens, last - 3)


def _qualified_start(tokens: Sequence[Token], last: int) -> int:
    start = last
    while start >= 2 and tokens[start - 1].text == ".":
        start -= 2
    return start


def _is_extract_field(tokens: Sequence[Token], index: int) -> bool:
    opens = index >= 2 and tokens[index - 1].text == "(" and _keyword(tokens, index - 2) == "EXTRACT"
    return opens and _keyword(tokens, index + 1) == "FROM"


def _keyword(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].keyword if 0 <= index < len(tokens) else ""


def _edited(text: str, edits: Sequence[Edit]) -> str:
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits):
        pieces += (text[position : edit.start], edit.text)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def _renumbered(text: str) -> str:
    """Close the gaps that constants left which came back. A normalized text has no ``$n`` in a string."""
    used = sorted({int(number) for number in _PLACEHOLDER.findall(text)})
    numbers = {old: new for new, old in enumerate(used, 1)}
    return _PLACEHOLDER.sub(lambda match: f"${numbers[int(match[1])]}", text)
