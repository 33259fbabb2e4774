"""A connection string in; what PgBouncer's console says of its pools, limits and traffic out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pgtune.model.pools.declared_pooler import PoolMode
from pgtune.model.pools.pooler_state import PoolerDatabase, PoolerPool, PoolerState
from pgtune.sources.pools.pgbouncer_console import Console, Row, open_console
from pgtune.sources.pools.pgbouncer_traffic import traffic_between, traffic_of_last_period

_EVERY_S = 1.0  # chosen: one sample a second is no load, and a queue of a second is seen
_CONSOLE_DATABASE = "pgbouncer"
# Nothing else is kept: addresses, file names and the queries of authentication are nobody's business.
_CONFIG = frozenset(
    {
        "client_idle_timeout",
        "default_pool_size",
        "idle_transaction_timeout",
        "max_client_conn",
        "max_db_connections",
        "max_prepared_statements",  # 1.21 and later
        "max_user_connections",
        "min_pool_size",
        "pool_mode",
        "query_timeout",
        "query_wait_timeout",
        "reserve_pool_size",
        "reserve_pool_timeout",
        "server_idle_timeout",
        "server_lifetime",
        "server_reset_query_always",
        "tcp_keepalive",
        "tcp_keepidle",
    }
)

_Pair = tuple[str, str]  # database, user


def read_pooler(name: str | None, dsn: str, sample_s: float = 0.0) -> PoolerState:
    """Return the state of the PgBouncer (1.8 and later) at *dsn*, of any database.

    The pools are looked at every second over *sample_s*, once with 0. Without *name*, host:port is one.

    Raises:
        UsageError: *dsn* is no connection string.
        ConnectError: unreachable, wrong password, or a PostgreSQL server.
        StatementRefused: the role may not use the console.
        StatementCancelled: the console does not answer.
        ConnectionLost: the pooler went away.
    """
    with open_console(dsn) as console:
        config = {
            key: value
            for row in console.show("CONFIG")
            if (key := row.get("key")) in _CONFIG and key and (value := row.get("value")) is not None
        }
        pooler_mode = PoolMode(config.get("pool_mode", PoolMode.SESSION.value))
        before = _own(console.show("STATS"), "database")
        samples, sampled_s = _sample(console, sample_s, pooler_mode)
        after = _own(console.show("STATS"), "database") if sampled_s else before
        return PoolerState(
            name=name or console.target,
            version=console.version,
            config=config,
            pools=tuple(_most(samples)),
            databases=tuple(map(_database, _own(console.show("DATABASES"), "name"))),
            traffic=traffic_between(before, after, sampled_s) if sampled_s else traffic_of_last_period(after),
            samples=len(samples),
            always_waiting=_always_waiting(samples),
            sampled_s=sampled_s,
        )


def _own(rows: Iterable[Row], column: str) -> list[Row]:
    """The rows without that of the console's own database."""
    return [row for row in rows if row.get(column) != _CONSOLE_DATABASE]


def _sample(
    console: Console, duration_s: float, pooler_mode: PoolMode
) -> tuple[list[Sequence[PoolerPool]], float]:
    """SHOW POOLS now and every second until the end; and the time from the first to the last."""
    first_s = last_s = time.monotonic()
    samples = [_pools(console, pooler_mode)]
    while (left_s := first_s + duration_s - last_s) > 0:
        time.sleep(min(_EVERY_S, left_s))
        last_s = time.monotonic()
        samples.append(_pools(console, pooler_mode))
    return samples, last_s - first_s


def _pools(console: Console, pooler_mode: PoolMode) -> Sequence[PoolerPool]:
    rows = _own(console.show("POOLS"), "database")
    return [_pool(row, pooler_mode) for row in rows]


def _pool(row: Row, pooler_mode: PoolMode) -> PoolerPool:
    return PoolerPool(
        database=row.get("database") or "",
        user=row.get("user") or "",
        mode=PoolMode(row.get("pool_mode") or pooler_mode.value),
        clients_active=_count(row, "cl_active"),
        clients_waiting=_count(row, "cl_waiting"),
        servers_active=_count(row, "sv_active") + _count(row, "sv_being_canceled"),
        servers_idle=_count(row, "sv_idle"),
        servers_used=_count(row, "sv_used") + _count(row, "sv_tested"),
        servers_login=_count(row, "sv_login"),
        max_wait_s=_count(row, "maxwait") + _count(row, "maxwait_us") / 1e6,
    )


def _most(samples: Iterable[Sequence[PoolerPool]]) -> Iterable[PoolerPool]:
    """Each pool as it was when it was fullest.

    Its clients are those of one moment and its servers those of one, so that they add up.
    """
    seen: dict[_Pair, list[PoolerPool]] = {}
    for sample in samples:
        for pool in sample:
            seen.setdefault((pool.database, pool.user), []).append(pool)
    for pools in seen.values():
        crowded = max(pools, key=lambda pool: (pool.clients_waiting, pool.clients_active))
        yield replace(
            max(pools, key=lambda pool: pool.servers),
            clients_active=crowded.clients_active,
            clients_waiting=crowded.clients_waiting,
            max_wait_s=max(pool.max_wait_s for pool in pools),
        )


def _always_waiting(samples: Iterable[Sequence[PoolerPool]]) -> tuple[_Pair, ...]:
    waiting = [{(pool.database, pool.user) for pool in sample if pool.clients_waiting} for sample in samples]
    return tuple(sorted(set.intersection(*waiting)))


def _database(row: Row) -> PoolerDatabase:
    mode = row.get("pool_mode")
    return PoolerDatabase(
        name=row.get("name") or "",
        pool_size=_count(row, "pool_size"),
        reserve_pool_size=_count(row, "reserve_pool_size" if "reserve_pool_size" in row else "reserve_pool"),
        max_connections=_count(row, "max_connections"),
        current_connections=_count(row, "current_connections"),
        mode=PoolMode(mode) if mode else None,
    )


def _count(row: Row, column: str) -> int:
    """A number; 0 where this version has no such column."""
    return int(row.get(column) or 0)
