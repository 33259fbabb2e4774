"""Rows of SHOW STATS in; transactions per second, waits and durations of each database out.

Source: stats.c of PgBouncer, calc_average(). All its times are in microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pgtune.model.pools.pooler_state import PoolerTraffic
from pgtune.sources.pools.pgbouncer_console import Row

_ASSIGNMENTS = "server_assignment_count"  # how often a client got a server connection; not in 1.18


def traffic_of_last_period(rows: Iterable[Row]) -> tuple[PoolerTraffic, ...]:
    """What PgBouncer averaged over its last stats_period, a minute by default."""
    return tuple(
        PoolerTraffic(
            database=row.get("database") or "",
            transactions_per_s=_number(row, "avg_xact_count"),
            avg_wait_ms=_average_wait_us(row) / 1000,
            avg_transaction_ms=_number(row, "avg_xact_time") / 1000,
            avg_query_ms=_number(row, "avg_query_time") / 1000,
        )
        for row in rows
    )


def _average_wait_us(row: Row) -> float:
    """Of one client; older versions give the waiting time per second instead, of all clients together."""
    wait_us = _number(row, "avg_wait_time")
    return wait_us if f"avg_{_ASSIGNMENTS}" in row else wait_us / max(1.0, _number(row, "avg_xact_count"))


def traffic_between(before: Iterable[Row], after: Iterable[Row], seconds: float) -> tuple[PoolerTraffic, ...]:
    """The averages of the *seconds* between two answers."""
    earlier = {row.get("database"): row for row in before}
    return tuple(_since(earlier.get(row.get("database"), {}), row, seconds) for row in after)


def _since(earlier: Row, row: Row, seconds: float) -> PoolerTraffic:
    grown = {
        column: _number(row, column) - _number(earlier, column)
        for column in row
        if column.startswith("total_")
    }
    transactions = grown.get("total_xact_count", 0.0)
    return PoolerTraffic(
        database=row.get("database") or "",
        transactions_per_s=transactions / seconds,
        avg_wait_ms=_mean_ms(grown, "wait_time", grown.get(f"total_{_ASSIGNMENTS}", transactions)),
        avg_transaction_ms=_mean_ms(grown, "xact_time", transactions),
        avg_query_ms=_mean_ms(grown, "query_time", grown.get("total_query_count", 0.0)),
    )


def _mean_ms(grown: Mapping[str, float], column: str, times: float) -> float:
    """Of one time; 1.18 counts a transaction when it begins and its duration when it ends (measured)."""
    return grown.get(f"total_{column}", 0.0) / max(1.0, times) / 1000


def _number(row: Row, column: str) -> float:
    return float(row.get(column) or 0)
