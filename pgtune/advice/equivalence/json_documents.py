"""The places in JSON that statements read in, documents that have them out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from pgtune.advice.equivalence.texts import other_lengths
from pgtune.parse.sql.mined_constants import JsonMember

PLAIN = ("{}", '{"a": 1}', '{"a": "b"}', "[]", "null", '[1, "a"]')
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,14})")
_OTHER: tuple[object, ...] = ("zz", 0, None, True, [], [1, "a"])  # with which it is hardly compared
_MAX_DOCUMENTS = 32  # chosen


def json_documents(members: Iterable[JsonMember], literals: Iterable[str]) -> tuple[str, ...]:
    """Return documents that match and do not match, objects with all members together first."""
    wanted = list(members)
    made: list[object] = [*_complete(wanted), *_single(wanted)]
    made += [value for text in literals if isinstance(value := _parsed(text), dict | list)]
    printed = (json.dumps(document) for document in made)
    return tuple(dict.fromkeys(printed))[:_MAX_DOCUMENTS]


def complete_documents(members: Iterable[JsonMember]) -> tuple[str, ...]:
    """Return documents that have all members together, with values that they are compared with."""
    return tuple(dict.fromkeys(json.dumps(document) for document in _complete(list(members))))


def is_json(text: str) -> bool:
    """Tell whether *text* is JSON to both Python and the server."""
    if text == "null":
        return True
    return isinstance(_parsed(text), dict | list) and "\\u0000" not in text


def _complete(members: list[JsonMember]) -> Iterator[object]:
    most = max((len(member.values) for member in members), default=0)
    for turn in range(most):
        document: dict[str, object] = {}
        for member in members:
            value = _value(member.values[turn % len(member.values)]) if member.values else 1
            _put(document, member.path, value)
        yield document


def _single(members: list[JsonMember]) -> Iterator[object]:
    for member in members:
        for value in (*map(_value, member.values), *_near(member.values), *_OTHER):
            document: dict[str, object] = {}
            _put(document, member.path, value)
            yield document


def _near(texts: Iterable[str]) -> Iterator[object]:
    """Yield the numbers beside those among *texts*, shorter and longer ones, and them as strings."""
    for text in texts:
        if _INTEGER.fullmatch(text):
            yield from (int(text) + 1, int(text) - 1, text, *map(int, other_lengths(text)))


def _put(document: dict[str, object], path: tuple[str, ...], value: object) -> None:
    *above, last = path
    for key in above:
        below = document.setdefault(key, {})
        if not isinstance(below, dict):
            return
        document = below
    document.setdefault(last, value)


def _value(text: str) -> object:
    return json.loads(text) if _NUMBER.fullmatch(text) else {"t": True, "f": False}.get(text, text)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
