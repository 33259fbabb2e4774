"""JSON of psycopg_pool's get_stats() in, LivePools out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pgtune.errors import InputError
from pgtune.model.place import Place
from pgtune.model.pools.pool_stats import LivePools, PoolStats
from pgtune.sources.files import InputFile, read_input

_COUNTERS = tuple(field.name for field in fields(PoolStats) if field.name not in ("name", "place"))
_ALWAYS_THERE = "pool_max"  # get_stats() leaves out counters that are 0, never this
_SHAPES = (
    'give what pool.get_stats() returns as JSON: one object, {"pool name": {...}, ...}, or a list of objects'
)


def read_pool_stats(path: str) -> LivePools:
    """Return the counters of every pool in *path*, ``-`` for standard input.

    A pool is named by its key, by "name" inside it, or by its number in the list. Counters that this version
    of pgtune does not know are passed over.

    Raises:
        InputError: unreadable, no JSON, or not what get_stats() gives.
    """
    file = read_input(path)
    try:
        content = json.loads(file.text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file.name}: no JSON; {_SHAPES}") from error
    pools = tuple(_pool(file, name, given) for name, given in _named(file, content))
    if not pools:
        raise InputError(f"{file.name}: no pool in it; {_SHAPES}")
    return LivePools(pools)


def _named(file: InputFile, content: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(content, list):
        yield from ((f"pool {number}", given) for number, given in enumerate(content, start=1))
    elif isinstance(content, dict) and _ALWAYS_THERE in content:
        yield Path(file.name).stem, content
    elif isinstance(content, dict):
        yield from content.items()
    else:
        raise InputError(f"{file.name}: neither an object nor a list; {_SHAPES}")


def _pool(file: InputFile, name: str, given: Any) -> PoolStats:
    if not isinstance(given, dict) or _ALWAYS_THERE not in given:
        raise InputError(f'{file.name}: "{name}" has no {_ALWAYS_THERE}; {_SHAPES}')
    own = given.get("name", name)
    counters = {key: _count(file, str(own), key, given) for key in _COUNTERS}
    return PoolStats(name=str(own), place=_place(file, str(own)), **counters)


def _count(file: InputFile, name: str, key: str, given: Mapping[str, Any]) -> int:
    value = given.get(key, 0)
    if type(value) is not int or value < 0:
        raise InputError(f'{file.name}: {key} of "{name}" is no count; {_SHAPES}')
    return value


def _place(file: InputFile, name: str) -> Place:
    """The line that the pool's name stands in; the file alone where it stands nowhere."""
    offset = file.text.find(json.dumps(name))
    return Place(file.name, None if offset < 0 else file.text.count("\n", 0, offset) + 1)
