"""Environment variables of a process in, the pool that they declare out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pgtune.model.place import Place
from pgtune.model.pools.declared_pool import PoolKind
from pgtune.parse.fleet.connection_string import (
    ConnectionString,
    parse_connection_string,
    whole_number,
)
from pgtune.parse.fleet.drafts import PoolDraft
from pgtune.parse.fleet.environment_variables import (
    COMMAND_OPTIONS,
    CONNECTION_STRINGS,
    HOSTS,
    HOSTS_OF_ANY_DATABASE,
    MAKERS,
    OTHER_STRINGS,
    POOL_VARIABLES,
    PORTS,
    PROCESSES,
    PoolVariable,
    Variable,
)
from pgtune.parse.fleet.worker_options import Workers, read_workers, split_command

_SIGNS = {name: row for name, row in POOL_VARIABLES.items() if row.is_sign}
_COMPLETING = {name: row for name, row in POOL_VARIABLES.items() if not row.is_sign}
_SIZES = frozenset({"max_size", "overflow"})
_NO_CONNECTION = ConnectionString(None, None)
_POSTGRESQL = re.compile(r"postg|pgsql")  # postgresql, postgis
_POSTGRESQL_PORTS = frozenset({5432, 6432})  # PostgreSQL's, PgBouncer's
_DJANGO_BACKEND = "django."


@dataclass(frozen=True, slots=True)
class EnvironmentReading:
    """What the variables say; ``pool`` is None where nothing points to PostgreSQL."""

    pool: PoolDraft | None
    processes: int | None
    remarks: tuple[str, ...] = ()  # variables whose values are not known or cannot be read


def read_environment(
    variables: Sequence[Variable], pool_name: str, command: Sequence[str] = ()
) -> EnvironmentReading:
    """Find the pool and the processes; a variable that is set twice counts as it is set last.

    *command* is what starts the process, in single words.
    """
    by_name = {variable.name: variable for variable in variables}
    workers = _workers(by_name, command)
    if _is_of_another_maker(by_name):
        return EnvironmentReading(None, workers.processes)
    remarks: list[str] = []
    source, connection = _connection(by_name, remarks)
    values, size_place = _pool_values(by_name, _SIGNS, remarks)
    # weaker than a connection string, as in libpq
    weaker, weaker_place = _pool_values(by_name, _COMPLETING, remarks)
    host = _host(by_name)
    sign = source or host or next((by_name[name] for name in _SIGNS if name in by_name), None)
    if sign is None:
        return EnvironmentReading(None, workers.processes)
    given = {**weaker, **connection.values, **values, **_kind(by_name, connection)}
    if given.get("kind") is PoolKind.DJANGO and workers.threads:
        given.setdefault("max_size", workers.threads)  # Django has a connection for each thread
    pool = PoolDraft(
        pool_name,
        size_place or weaker_place or sign.place,
        given,
        connection.host or (host.value if host else None),
        connection.port or _port(by_name),
        connection.is_pooled,
    )
    if workers.unknown:
        remarks.append(
            f"{sign.place}: {workers.unknown}; counted as 1 process, declare processes in the settings"
        )
    return EnvironmentReading(pool, workers.processes, tuple(remarks))


def _is_of_another_maker(variables: Mapping[str, Variable]) -> bool:
    """True where connection strings of the known names are there, and all are of another database."""
    texts = [text for name in CONNECTION_STRINGS if name in variables if (text := variables[name].value)]
    urls = [text for text in texts if "://" in text]
    return bool(urls) and not any(map(parse_connection_string, urls)) and not _host(variables)


def _host(variables: Mapping[str, Variable]) -> Variable | None:
    """The variable that names a host of PostgreSQL."""
    found = next((variables[name] for name in HOSTS if name in variables), None)
    if found is not None:
        return found
    makers = [variables[name].value or "" for name in MAKERS if name in variables]
    if any(map(_POSTGRESQL.search, makers)) or (not makers and _port(variables) in _POSTGRESQL_PORTS):
        return next((variables[name] for name in HOSTS_OF_ANY_DATABASE if name in variables), None)
    return None


def _connection(
    variables: Mapping[str, Variable], remarks: list[str]
) -> tuple[Variable | None, ConnectionString]:
    """The connection string of the pool; of several the one with the best known name."""
    named = [variables[name] for name in CONNECTION_STRINGS if name in variables]
    others = [
        each
        for each in variables.values()
        if each not in named and each.name not in OTHER_STRINGS and "://" in (each.value or "")
    ]
    read = [(each, parse_connection_string(each.value)) for each in (*named, *others) if each.value]
    found = [(each, connection) for each, connection in read if connection is not None]
    remarks += [
        f"{each.place}: {each.name} is a second connection string; declare its pool in the settings"
        for each, connection in found[1:]
        if _target(connection) != _target(found[0][1])
    ]
    if found:
        return found[0]
    hidden = next((each for each in named if each.value is None), None)
    if hidden is not None:
        remarks.append(
            f"{hidden.place}: {hidden.name} is not known here; what it says of the pool is not heeded"
        )
    return hidden, _NO_CONNECTION


def _target(connection: ConnectionString) -> tuple[Any, ...]:
    """What it connects to, and as whom: strings that agree are one pool under two names."""
    return connection.host, connection.values.get("database"), connection.values.get("role")


def _pool_values(
    variables: Mapping[str, Variable], rows: Mapping[str, PoolVariable], remarks: list[str]
) -> tuple[dict[str, Any], Place | None]:
    """Fields of DeclaredPool, and where its size is; a size that cannot be read is None, not the default."""
    values: dict[str, Any] = {}
    size_place = None
    for name, row in rows.items():
        variable = variables.get(name)
        if variable is None or row.field in values:
            continue
        value = None if variable.value is None else row.read(variable.value)
        if value is not None and (row.field, value) != ("max_size", 0):
            values[row.field] = value
            size_place = variable.place if row.field == "max_size" else size_place
        elif row.is_sign:
            said = "is not known here" if variable.value is None else "is no figure of a pool"
            remarks.append(f"{variable.place}: {name} {said}; not heeded")
            values.update({"max_size": None} if row.field in _SIZES else {})
    return values, size_place


def _kind(variables: Mapping[str, Variable], connection: ConnectionString) -> dict[str, PoolKind]:
    kinds = [row.kind for name, row in POOL_VARIABLES.items() if name in variables and row.kind]
    if any((variables[name].value or "").startswith(_DJANGO_BACKEND) for name in MAKERS if name in variables):
        kinds.append(PoolKind.DJANGO)
    return {"kind": kinds[0]} if kinds and "kind" not in connection.values else {}


def _port(variables: Mapping[str, Variable]) -> int | None:
    variable = next((variables[name] for name in PORTS if name in variables), None)
    return whole_number(variable.value or "") if variable else None


def _workers(variables: Mapping[str, Variable], command: Sequence[str]) -> Workers:
    """What the command says; else the variables that servers read."""
    options = variables.get(COMMAND_OPTIONS)
    more = ["gunicorn", *split_command([options.value or ""])] if options else []
    asked, weaker = read_workers(command), read_workers(more)
    texts = [variables[name].value or "" for name in PROCESSES if name in variables]
    counts = [number for text in texts if (number := whole_number(text))]
    processes = asked.processes or weaker.processes or (counts[0] if counts else None)
    return Workers(processes, asked.threads or weaker.threads, None if processes else asked.unknown)
