"""Pool settings and a first connection in, an open psycopg pool out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self, cast

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from pgtune.errors import ConnectError
from pgtune.model.pool_settings import PoolSettings
from pgtune.sources.connect import OnNotice, ServerConnection, connect, describe_target

_CLOSE_TIMEOUT_S = 5.0  # chosen: how long to wait for the pool's threads when closing

ServerPool = ConnectionPool[ServerConnection]


@contextmanager
def open_pool(conninfo: str, settings: PoolSettings, on_notice: OnNotice) -> Iterator[ServerPool]:
    """Yield a pool whose first connection has been made, and close all connections afterwards.

    The first connection is made by itself, because a pool only says "timeout" where libpq says "no such
    database"; the pool then takes it over.

    Raises:
        ConnectError: the first connection could not be made.
    """
    first = connect(conninfo, on_notice)
    pool = ConnectionPool(
        conninfo,
        connection_class=_class_starting_with(first),
        kwargs={"autocommit": True, "prepare_threshold": None},  # as connect() does
        min_size=settings.min_size,
        max_size=settings.max_size,
        max_idle=settings.max_idle_s,
        max_lifetime=settings.max_lifetime_s,
        timeout=settings.connect_timeout_s,
        check=ConnectionPool.check_connection if settings.check else None,
        name="pgtune",
        open=False,
        num_workers=1,
    )
    try:
        # Without waiting, the first to borrow finds the pool empty and makes it grow.
        pool.open(wait=True, timeout=settings.connect_timeout_s)
        yield pool
    except PoolTimeout:
        raise ConnectError(
            f"{describe_target(None, conninfo)}: no {settings.min_size} connections within "
            f"{settings.connect_timeout_s:g} s; lower min_size in [tool.pgtune.pool]"
        ) from None
    finally:
        pool.close(timeout=_CLOSE_TIMEOUT_S)
        first.close()  # where an interrupt came before the pool took it


@contextmanager
def borrow(pool: ServerPool, on_notice: OnNotice) -> Iterator[ServerConnection]:
    """Yield a connection of *pool*.

    Raises:
        ConnectError: the server is gone, or all connections are in use.
    """
    try:
        connection = pool.getconn()
    except PoolTimeout:
        with _instead(pool, on_notice) as connection:
            yield connection
        return
    try:
        yield connection
    finally:
        pool.putconn(connection)


@contextmanager
def _instead(pool: ServerPool, on_notice: OnNotice) -> Iterator[ServerConnection]:
    """Yield a connection of our own: a server that was away is back before the pool looks again.

    The pool waits twice as long after each attempt that failed (psycopg_pool, ConnectionAttempt).
    """
    conninfo = str(pool.conninfo)
    with connect(conninfo, on_notice) as connection:  # names the cause, if the server is what fails
        if pool.get_stats()["pool_size"] >= pool.max_size:
            raise ConnectError(
                f"{describe_target(None, conninfo)}: all {pool.max_size} connections of the pool are in use; "
                "raise max_size in [tool.pgtune.pool]"
            )
        yield connection


def _class_starting_with(first: ServerConnection) -> type[ServerConnection]:
    """Return a connection class whose first connect() gives *first*: no pool takes one over otherwise."""
    ready = deque([first])

    class Adopting(psycopg.Connection[TupleRow]):
        @classmethod
        def connect(cls, conninfo: str = "", **arguments: Any) -> Self:
            try:
                return cast("Self", ready.popleft())
            except IndexError:
                return super().connect(conninfo, **arguments)

    return Adopting
