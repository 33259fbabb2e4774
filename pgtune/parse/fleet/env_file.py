"""The text of a .env file in, its variables out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgtune.model.place import Place
from pgtune.parse.fleet.drafts import FleetDraft, ServiceDraft
from pgtune.parse.fleet.environment import read_environment
from pgtune.parse.fleet.environment_variables import Variable
from pgtune.parse.fleet.references import resolve_shell

_ASSIGNMENT = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|"""
    r"""(?P<bare>.*?))\s*(?:(?<=\s)\#.*|(?<=["'])\s*\#.*)?"""
)


def read_variables(text: str, file: str) -> tuple[Variable, ...]:
    """Return each NAME=value with its line; lines that are none are passed over."""
    return tuple(_variables(text, file))


def read_env_file(text: str, file: str, service: str) -> FleetDraft:
    """Read the pool of *service* that a .env file declares; empty where it declares none."""
    reading = read_environment(read_variables(text, file), "main")
    if reading.pool is None:
        return FleetDraft()
    values = {"processes": reading.processes} if reading.processes else {}
    draft = ServiceDraft(service, reading.pool.place, values, (reading.pool,))
    return FleetDraft(services=(draft,), remarks=reading.remarks)


def _variables(text: str, file: str) -> Iterator[Variable]:
    known: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _ASSIGNMENT.fullmatch(line)
        if match is not None:
            value = match["single"]
            if value is None:
                value = resolve_shell(match["double"] or match["bare"] or "", known)
            if value is not None:
                known[match["name"]] = value
            yield Variable(match["name"], value, Place(file, number))
