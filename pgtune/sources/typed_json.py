"""A dataclass in, JSON values out, and back: every field is checked against its annotation."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Value = TypeVar("Value")
_Read = Callable[[Any, str], Any]  # a JSON value and where it stands


class WrongShape(Exception):
    """A JSON value is not what its place asks for; the message names the place."""


def to_json(value: object) -> Any:
    """Return *value* as what json.dumps takes; fields that have their default are left out."""
    if is_dataclass(value):
        written = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: to_json(own) for field, own in written if not _is_default(field, own)}
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


def from_json(kind: type[Value], value: object) -> Value:
    """Return the *kind* that *value* describes.

    Raises:
        WrongShape: a field is missing, unknown or of another type.
    """
    return cast("Value", _reader(cast("Any", kind))(value, ""))


def _is_default(field: Field[Any], value: object) -> bool:
    return field.default is not MISSING and value == field.default


@cache
def _reader(kind: Any) -> _Read:
    """How to read a value of that annotation: made once, as annotations are slow to look at."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional(_reader(next(argument for argument in arguments if argument is not types.NoneType)))
    if origin is tuple:
        return _list(_reader(arguments[0]))
    if origin is Mapping:
        return _mapping(_reader(arguments[1]))
    if is_dataclass(kind):
        return _object(cast("type", kind))
    return _SCALARS[kind]


def _optional(read: _Read) -> _Read:
    return lambda value, place: None if value is None else read(value, place)


def _list(read: _Read) -> _Read:
    def read_list(value: Any, place: str) -> Any:
        items = _checked(value, list, place)
        return tuple(read(item, f"{place}[{number}]") for number, item in enumerate(items))

    return read_list


def _mapping(read: _Read) -> _Read:
    def read_mapping(value: Any, place: str) -> Any:
        return {key: read(item, f"{place}.{key}") for key, item in _checked(value, dict, place).items()}

    return read_mapping


def _object(kind: type) -> _Read:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is MISSING}

    def read_object(value: Any, place: str) -> Any:
        given = _checked(value, dict, place)
        for name in sorted(required - given.keys()):
            raise WrongShape(f"{place}.{name}".lstrip(".") + " is missing")
        for name in sorted(given.keys() - readers.keys()):
            raise WrongShape(f"{place}.{name}".lstrip(".") + " is not known")
        return kind(**{name: readers[name](item, f"{place}.{name}") for name, item in given.items()})

    return read_object


def _checked(value: Any, kind: type, place: str) -> Any:
    if type(value) is not kind:  # exactly: True is no number
        raise WrongShape(f"{place.lstrip('.') or 'the whole'} is no {_NAMES[kind]}")
    return value


def _float(value: Any, place: str) -> float:
    return float(value) if type(value) is int else cast("float", _checked(value, float, place))


def _datetime(value: Any, place: str) -> datetime:
    try:
        return datetime.fromisoformat(_checked(value, str, place))
    except ValueError:
        raise WrongShape(f"{place.lstrip('.')} is no time") from None


_NAMES = {
    list: "list",
    dict: "object",
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
}
_SCALARS: Mapping[Any, _Read] = {
    str: lambda value, place: _checked(value, str, place),
    int: lambda value, place: _checked(value, int, place),
    bool: lambda value, place: _checked(value, bool, place),
    float: _float,
    datetime: _datetime,
}
