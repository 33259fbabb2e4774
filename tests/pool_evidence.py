"""Evidence about pools written down as YAML, for case files: class names, then their fields.

Fleet:
  services:
    - name: api
      autoscaler: {min_replicas: 2, max_replicas: 10}
      pools: [{name: main, max_size: 20}]
ConnectionSlots: {origin: server, max_connections: 100}
missing: {Sessions: needs pg_monitor}

An enum is written as its value. A place that is left out is pgtune.toml:1, a moment TAKEN_AT.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import yaml

import pgtune.model.pools
from pgtune.model.evidence import Evidence
from pgtune.model.place import Place

TAKEN_AT = datetime(2026, 6, 1, tzinfo=UTC)
DECLARED_AT = Place("pgtune.toml", 1)


def read_pool_evidence(text: str) -> Evidence:
    raw = yaml.safe_load(text) or {}
    missing = {_KINDS[name]: reason for name, reason in raw.pop("missing", {}).items()}
    return Evidence(tuple(_build(_KINDS[name], value) for name, value in raw.items()), missing)


def _kinds() -> dict[str, type]:
    package = pgtune.model.pools
    modules = [import_module(f"{package.__name__}.{info.name}") for info in iter_modules(package.__path__)]
    return {
        name: kind
        for module in modules
        for name, kind in vars(module).items()
        if isinstance(kind, type) and is_dataclass(kind)
    }


_KINDS = _kinds()


def _build(kind: Any, value: Any) -> Any:
    """Return *value* of YAML as what the annotation *kind* says."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (each for each in arguments if each is not types.NoneType)
        return None if value is None else _build(inner, value)
    if origin is not None:
        return _build_collection(origin, arguments, value)
    if is_dataclass(kind):
        return _build_dataclass(kind, value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return kind(value) if kind in (int, float, str, bool) else value


def _build_collection(origin: Any, arguments: tuple[Any, ...], value: Any) -> Any:
    if origin is tuple:
        kinds = (arguments[0],) * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(_build(each, item) for each, item in zip(kinds, value, strict=True))
    if origin is frozenset:
        return frozenset(_build(arguments[0], item) for item in value)
    assert issubclass(origin, Mapping)
    return {_build(arguments[0], key): _build(arguments[1], item) for key, item in value.items()}


def _build_dataclass(kind: Any, value: Any) -> Any:
    if kind is Place:
        return Place("pgtune.toml", value)
    hints = typing.get_type_hints(kind)
    unknown = value.keys() - {field.name for field in fields(kind)}
    assert not unknown, f"{kind.__name__} has no {unknown}"
    given = {name: _build(hints[name], item) for name, item in value.items()}
    return kind(**{**_left_out(kind, hints), **given})


def _left_out(kind: Any, hints: Mapping[str, Any]) -> dict[str, Any]:
    """Values for the fields without a default that a case need not name."""
    return {
        field.name: _STAND_INS[hints[field.name]]
        for field in fields(kind)
        if _is_required(field) and hints[field.name] in _STAND_INS
    }


_STAND_INS: dict[Any, Any] = {Place: DECLARED_AT, datetime: TAKEN_AT}


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
