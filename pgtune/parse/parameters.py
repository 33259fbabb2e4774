"""A statement with parameters in a client's style in; the same statement with ``$n``, and the names, out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import count

from pgtune.errors import UsageError
from pgtune.parse.sql_tokens import Token, TokenKind, read_token, read_tokens, statement_error

OPTION = re.compile(r"[$:]?(?P<name>[0-9]+|[^\W\d]\w*)(?P<value>=.*)?", re.DOTALL)
MAX_PARAMETERS = 65535  # of the protocol: a count of 16 bits
CLIENT_NAME = re.compile(r"%\((?P<name>[^()%\s]+)\)s")
CLIENT_POSITION = re.compile(r"%s(?![\w$])")
VALUE_END = re.compile(r"[\w$)\]'\"]")  # a colon right behind one of these belongs to it


class Style(Enum):
    """How a client marks a parameter."""

    NUMBERED = "$1"
    COLON = ":name"
    CLIENT_NAMED = "%(name)s"
    CLIENT_POSITIONAL = "%s"


CLIENT_STYLES = (Style.CLIENT_NAMED, Style.CLIENT_POSITIONAL)


@dataclass(frozen=True, slots=True)
class ParametrisedStatement:
    """A statement as the server takes it: parameter ``$n`` is ``names[n - 1]``."""

    text: str
    names: tuple[str, ...]  # "1", "2", ... in the styles that have no names


@dataclass(frozen=True, slots=True)
class _Mark:
    """One parameter in the statement."""

    style: Style
    name: str
    start: int
    end: int


def find_parameters(statement: str) -> ParametrisedStatement:
    """Return *statement* with its parameters as ``$n``.

    ``:name`` and ``:'name'`` are parameters; ``::type`` and the slice ``a[1:n]`` are not.
    The operators ``?``, ``?|`` and ``?&`` stay. With ``%s`` or ``%(name)s``, ``%%`` stands for ``%``.

    Raises:
        StatementError: two styles in one statement; ``:"name"``; a string or comment does not end.
    """
    marks = list(_find_marks(statement))
    styles = {mark.style for mark in marks}
    if len(styles) > 1:
        other = next(mark for mark in marks if mark.style is not marks[0].style)
        both = f"{marks[0].style.value} and {other.style.value}"
        raise statement_error(statement, other.start, f"the statement mixes parameters {both}; use one style")
    if not marks:
        return ParametrisedStatement(statement, ())
    if marks[0].style is Style.NUMBERED:
        highest = max(int(mark.name) for mark in marks)
        return ParametrisedStatement(statement, tuple(map(str, range(1, highest + 1))))
    return _number_marks(statement, marks)


def parse_param_options(options: Iterable[str]) -> Mapping[str, str | None]:
    """Return {name: value} of ``--param`` options, given as psql's ``-v`` takes variables.

    ``name=value`` sets a value, ``name=`` the empty string, ``name`` alone NULL.

    Raises:
        UsageError: an option names no parameter, or two name the same.
    """
    values: dict[str, str | None] = {}
    for option in options:
        match = OPTION.fullmatch(option)
        if match is None:
            raise UsageError(f'--param "{option}": no parameter name; write name=value or 1=value')
        name, value = match["name"], match["value"]
        if name in values:
            raise UsageError(f'--param "{option}": parameter {name} is given twice; give it once')
        values[name] = None if value is None else value[1:]
    return values


def _number_marks(statement: str, marks: list[_Mark]) -> ParametrisedStatement:
    numbers: dict[str, int] = {}
    pieces: list[str] = []
    position = 0
    halve = marks[0].style in CLIENT_STYLES
    for mark in marks:
        number = numbers.setdefault(mark.name, len(numbers) + 1)
        between = statement[position : mark.start]
        pieces += (between.replace("%%", "%") if halve else between, f"${number}")
        position = mark.end
    tail = statement[position:]
    pieces.append(tail.replace("%%", "%") if halve else tail)
    return ParametrisedStatement("".join(pieces), tuple(numbers))


def _find_marks(statement: str) -> Iterator[_Mark]:
    positional = count(1)
    taken = 0  # offset behind the last mark
    subscripts: list[bool] = []  # of each open bracket: it is a subscript, not an ARRAY constructor
    previous: Token | None = None
    for token in read_tokens(statement):
        if token.start < taken or token.is_blank:
            continue
        if token.text == "[":
            subscripts.append(_is_subscript(previous, subscripts))
        elif token.text == "]" and subscripts:
            subscripts.pop()
        mark = _mark_at(statement, token, positional, subscripts)
        if mark is not None:
            taken = mark.end
            yield mark
        previous = token


def _is_subscript(previous: Token | None, enclosing: list[bool]) -> bool:
    if previous is None or previous.keyword == "ARRAY":
        return False
    if previous.text in ("[", ","):
        return bool(enclosing) and enclosing[-1]
    return True


def _mark_at(statement: str, token: Token, positional: Iterator[int], subscripts: list[bool]) -> _Mark | None:
    if token.kind is TokenKind.PLACEHOLDER:
        return _numbered_mark(statement, token)
    if token.text == ":" and not (subscripts and subscripts[-1]):
        return _colon_mark(statement, token)
    if token.kind is TokenKind.OPERATOR and _is_client_mark(token):
        return _client_mark(statement, token.end - 1, positional)
    return None


def _numbered_mark(statement: str, token: Token) -> _Mark:
    digits = token.text[1:].lstrip("0")
    if len(digits) > len(str(MAX_PARAMETERS)) or int(digits or "0") > MAX_PARAMETERS:
        raise statement_error(
            statement, token.start, f"parameter number is above {MAX_PARAMETERS}; use a lower one"
        )
    return _Mark(Style.NUMBERED, digits or "0", token.start, token.end)


def _is_client_mark(token: Token) -> bool:
    """An even number of percent signs at its end are doubled ones."""
    return (len(token.text) - len(token.text.rstrip("%"))) % 2 == 1


def _colon_mark(statement: str, token: Token) -> _Mark | None:
    if token.start and VALUE_END.match(statement, token.start - 1):
        return None
    name = read_token(statement, token.end)
    if name is None:
        return None
    end = name.end
    if name.kind is TokenKind.WORD:
        return _Mark(Style.COLON, name.text, token.start, end)
    if name.kind is TokenKind.STRING and name.text.startswith("'"):
        return _Mark(Style.COLON, name.text.strip("'"), token.start, end)
    if name.kind is TokenKind.QUOTED_NAME:
        raise statement_error(statement, token.start, f":{name.text} stands for a name; write the name")
    return None


def _client_mark(statement: str, start: int, positional: Iterator[int]) -> _Mark | None:
    named = CLIENT_NAME.match(statement, start)
    if named is not None:
        return _Mark(Style.CLIENT_NAMED, named["name"], start, named.end())
    if CLIENT_POSITION.match(statement, start):
        return _Mark(Style.CLIENT_POSITIONAL, str(next(positional)), start, start + 2)
    return None
