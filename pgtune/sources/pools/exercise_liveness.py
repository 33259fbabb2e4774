"""A connection in; an error where it is dead or does not answer soon."""

from __future__ import annotations

import select

import psycopg
from psycopg import pq

from pgtune.sources.connect import ServerConnection

_PATIENCE_S = 1.0  # chosen: behind a pooler without a free server connection, an answer takes minutes
_ALIVE = (pq.ExecStatus.EMPTY_QUERY, pq.ExecStatus.COMMAND_OK)


def check_alive(connection: ServerConnection) -> None:
    """Send what ConnectionPool.check_connection sends, an empty query, but do not wait for ever.

    Raises:
        psycopg.OperationalError: no answer, or not the right one.
    """
    pgconn = connection.pgconn
    pgconn.send_query(b"")
    pgconn.flush()
    while pgconn.is_busy():
        readable, _, _ = select.select([pgconn.socket], [], [], _PATIENCE_S)
        if not readable:
            raise psycopg.OperationalError("no answer")
        pgconn.consume_input()
    statuses = []
    while (result := pgconn.get_result()) is not None:
        statuses.append(result.status)
    if not statuses or statuses[-1] not in _ALIVE:
        raise psycopg.OperationalError("the connection is dead")
