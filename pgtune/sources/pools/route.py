"""Our connection in; whether a pooler stands between it and the server, and of which kind, out."""

from __future__ import annotations

import select
from dataclasses import dataclass
from ipaddress import ip_address

import psycopg
from psycopg import pq

from pgtune.model.pools.server_facts import Route
from pgtune.sources.connect import ServerConnection

_PID_QUERY = b"SELECT pg_catalog.pg_backend_pid()"
_TURNS = 3  # chosen: a busy pooler lends the server process to others in between
_ANSWER_TIMEOUT_S = 2.0  # chosen: a session pooler without a free server connection lets the second one wait


@dataclass(frozen=True, slots=True)
class Arrival:
    """What our connection was told, and when it began."""

    backend_pid: int  # by the first answer
    backend_age_s: float  # then
    connecting_s: float  # from the begin of connecting until then, by our clock


def is_remote(connection: ServerConnection) -> bool:
    """True when *connection* goes over TCP to another host."""
    address = connection.pgconn.hostaddr.decode()
    return bool(address) and not ip_address(address.partition("%")[0]).is_loopback


def read_route(connection: ServerConnection, conninfo: str, arrival: Arrival) -> Route:
    """Return how we came here; behind a pooler, a second connection tells whether it shares sessions.

    Raises:
        psycopg.Error: the server refused.
    """
    announced_pid = connection.info.backend_pid
    pooled = announced_pid != arrival.backend_pid
    return Route(
        announced_pid=announced_pid,
        backend_pid=arrival.backend_pid,
        backend_age_at_connect_s=max(0.0, arrival.backend_age_s - arrival.connecting_s),
        libpq_version=pq.version(),
        is_shared_by_transaction=_is_shared(connection, conninfo) if pooled else None,
    )


def _is_shared(connection: ServerConnection, conninfo: str) -> bool | None:
    """True when both connections met the same server process; None when that cannot be told."""
    try:
        with psycopg.connect(conninfo, autocommit=True, prepare_threshold=None) as second:
            return _meet(connection, second)
    except psycopg.OperationalError:  # no room for a second client
        return None


def _meet(first: ServerConnection, second: ServerConnection) -> bool | None:
    """False when each keeps a server process of its own: then the pooler lends it for the session."""
    seen: tuple[set[int], set[int]] = (set(), set())
    for _ in range(_TURNS):
        for connection, pids in zip((first, second), seen, strict=True):
            pid = _backend_pid(connection)
            if pid is None:
                return None
            pids.add(pid)
        if seen[0] & seen[1]:
            return True
    return False if len(seen[0]) == len(seen[1]) == 1 else None


def _backend_pid(connection: ServerConnection) -> int | None:
    """The server process that answers; None, and no connection any more, when none does soon."""
    pgconn = connection.pgconn
    pgconn.send_query_params(_PID_QUERY, None)
    pgconn.flush()
    while pgconn.is_busy():
        readable, _, _ = select.select([pgconn.socket], [], [], _ANSWER_TIMEOUT_S)
        if not readable:
            connection.close()
            return None
        pgconn.consume_input()
    result = pgconn.get_result()
    answer = None if result is None else result.get_value(0, 0)
    while pgconn.get_result() is not None:
        pass
    return None if answer is None else int(answer)
