"""A connection string in, what it says of the connection out; never the password."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from pgtune.model.pools.declared_pool import PoolKind
from pgtune.parse.fleet.durations import parse_duration_s

_URL = re.compile(
    r"(?:jdbc:|r2dbc:(?:pool:)?)?(?:postgres(?:ql)?|postgis|psql|pgsql|ecto)(?:\+(?P<driver>\w+))?://"
    r"(?:(?P<user>[^:@/?#]*)(?::.*)?@)?"  # greedy: a password may hold any character unescaped
    r"(?P<hosts>[^/?@]*)(?:/(?P<database>[^?@]*))?(?:\?(?P<query>.*))?",
    re.DOTALL,
)
_KEYWORD = re.compile(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)")
_STATEMENT_TIMEOUT = re.compile(r"(?:-c\s*|--)statement[_-]timeout\s*=\s*'?(\w+)")
_PORT = re.compile(r":(\d+)$")
_PREPARING_DRIVERS: Mapping[str, bool] = {"psycopg": True, "asyncpg": True, "psycopg2": False}


@dataclass(frozen=True, slots=True)
class ConnectionString:
    """Where a connection goes; ``values`` are fields of DeclaredPool."""

    host: str | None
    port: int | None
    values: Mapping[str, Any] = field(default_factory=dict)
    is_pooled: bool = False  # it says that a pooler is in between


def whole_number(text: str) -> int | None:
    """The number, where *text* is one of at least 0."""
    return int(text) if text.isascii() and text.isdigit() else None


def _keepalives(text: str) -> float | None:
    return 0.0 if text == "0" else None


def _statement_timeout(text: str) -> float | None:
    found = _STATEMENT_TIMEOUT.search(text)
    return parse_duration_s(found[1], unit="ms") if found else None


def _prepares(text: str) -> bool:
    return text != "0"


# Keyword of libpq, Prisma, JDBC, pgx or Rails: the field of DeclaredPool, and how its text is read.
_PARAMETERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "application_name": ("application_name", str),
    "ApplicationName": ("application_name", str),
    "user": ("role", str),
    "dbname": ("database", str),
    "connect_timeout": ("connect_timeout_s", parse_duration_s),
    "connectTimeout": ("connect_timeout_s", parse_duration_s),
    "keepalives": ("keepalives_idle_s", _keepalives),
    "keepalives_idle": ("keepalives_idle_s", parse_duration_s),
    "options": ("statement_timeout_s", _statement_timeout),
    "prepareThreshold": ("prepares", _prepares),
    "connection_limit": ("max_size", whole_number),
    "pool_timeout": ("acquire_timeout_s", parse_duration_s),
    "pool": ("max_size", whole_number),
    "pool_max_conns": ("max_size", whole_number),
    "pool_min_conns": ("min_size", whole_number),
}
_OF_PRISMA = frozenset({"connection_limit", "pool_timeout", "pgbouncer"})


def parse_connection_string(text: str) -> ConnectionString | None:
    """Read a URL (also SQLAlchemy's or JDBC's) or a string of keywords; None where it is not PostgreSQL's."""
    url = _URL.fullmatch(text.strip())
    if url is not None:
        return _of_url(url)
    keywords = {} if "://" in text else {key: _unquoted(value) for key, value in _KEYWORD.findall(text)}
    if not keywords.keys() & {"host", "hostaddr", "dbname", "service"}:
        return None
    port = whole_number(keywords.get("port", ""))
    return ConnectionString(keywords.get("host"), port, _values(keywords))


def _of_url(url: re.Match[str]) -> ConnectionString:
    parameters = dict(parse_qsl(url["query"] or ""))
    own = {"user": url["user"], "dbname": url["database"]}
    values = _values({key: unquote(text) for key, text in own.items() if text} | parameters)
    driver = url["driver"]
    if driver in _PREPARING_DRIVERS:
        values = {"kind": PoolKind.SQLALCHEMY, "prepares": _PREPARING_DRIVERS[driver], **values}
    is_pooled = parameters.get("pgbouncer") == "true"
    if is_pooled:
        values["prepares"] = False
    first = url["hosts"].split(",")[0]
    port = _PORT.search(first)
    host = _PORT.sub("", first) or parameters.get("host")
    return ConnectionString(host, int(port[1]) if port else None, values, is_pooled)


def _values(parameters: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": PoolKind.PRISMA} if parameters.keys() & _OF_PRISMA else {}
    for key, text in parameters.items():
        name, read = _PARAMETERS.get(key, ("", str))
        if name and (value := read(text)) is not None:
            values[name] = value
    return values


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith("'") else value
