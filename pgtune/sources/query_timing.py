"""Queries of the workload in; their times and buffers on a disposable database out, or why there are none."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from pgtune.errors import ConnectionLost, PgtuneError
from pgtune.model.workload import Query
from pgtune.sources.connect import ServerConnection
from pgtune.sources.disposable_session import LOCK_TIMEOUT_MS, target_of
from pgtune.sources.explain import Explanation
from pgtune.sources.explain_options import ExplainOptions
from pgtune.sources.protocol import fetch_json
from pgtune.sources.server_errors import Sent, translate
from pgtune.sources.transaction import Timeouts, rolled_back

WARM_UPS = 1  # chosen: it fills the buffers and the catalog caches
RUNS = 3  # chosen: the fewest that have a median
# Without TIMING the clock is not read for every row, which would weigh on plans that read many.
_MEASURED = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "


@dataclass(frozen=True, slots=True)
class Timing:
    """One run, or the medians of several."""

    time_ms: float  # of execution, as pg_stat_statements counts it
    blocks: int  # shared hit and read


@dataclass(frozen=True, slots=True)
class Untimed:
    """Why a query was not measured."""

    reason: str
    is_timeout: bool = False
    place: int = 0  # of the query, among those that took turns


def time_query(connection: ServerConnection, query: Query, timeout_ms: int) -> Timing | Untimed:
    """Run *query* ``WARM_UPS + RUNS`` times in a READ ONLY transaction that is rolled back.

    Raises:
        ConnectionLost: the server went away.
    """
    timed = time_in_turns(connection, (query,), RUNS, timeout_ms)
    return timed if isinstance(timed, Untimed) else timed[0]


def time_in_turns(
    connection: ServerConnection, queries: Sequence[Query], runs: int, timeout_ms: int
) -> tuple[Timing, ...] | Untimed:
    """Run each of *queries* in turn, ``WARM_UPS + runs`` rounds, in a READ ONLY transaction.

    The first query that cannot be measured ends it. *timeout_ms* limits each run; 0 = none.

    Raises:
        ConnectionLost: the server went away.
    """
    for place, query in enumerate(queries):
        obstacle = _obstacle(connection, query, timeout_ms)
        if obstacle is not None:
            return Untimed(obstacle, place=place)
    timed = _run(connection, queries, WARM_UPS + runs, timeout_ms)
    return timed if isinstance(timed, Untimed) else tuple(_median(each[WARM_UPS:]) for each in timed)


def _obstacle(connection: ServerConnection, query: Query, timeout_ms: int) -> str | None:
    if query.values is None:
        return "its parameters have no values"
    try:
        planned = Explanation(connection, query.text, query.values, _planning(timeout_ms)).run()
    except ConnectionLost:
        raise
    except PgtuneError as error:
        return str(error)
    return "it writes" if planned.writes else None


def _planning(timeout_ms: int) -> ExplainOptions:
    return ExplainOptions(analyze=False, timeout_ms=timeout_ms, lock_timeout_ms=LOCK_TIMEOUT_MS)


def _run(
    connection: ServerConnection, queries: Sequence[Query], rounds: int, timeout_ms: int
) -> list[list[Timing]] | Untimed:
    runs: list[list[Timing]] = [[] for _ in queries]
    place, sent_s = 0, time.perf_counter()
    try:
        with rolled_back(connection, "READ ONLY", Timeouts(timeout_ms, LOCK_TIMEOUT_MS), settings={}):
            for turn in range(rounds * len(queries)):
                place, sent_s = turn % len(queries), time.perf_counter()
                text = _MEASURED + queries[place].text
                runs[place].append(_timing(fetch_json(connection, text, queries[place].values or ())))
    except psycopg.errors.ReadOnlySqlTransaction:  # a function that writes
        return Untimed("it writes", place=place)
    except psycopg.Error as error:
        elapsed_ms = (time.perf_counter() - sent_s) * 1000
        if isinstance(error, psycopg.errors.QueryCanceled) and 0 < timeout_ms <= elapsed_ms:
            return Untimed(f"over {timeout_ms / 1000:g} s", is_timeout=True, place=place)
        text = _MEASURED + queries[place].text
        sent = Sent(target_of(connection), text, len(_MEASURED), timeout_ms, LOCK_TIMEOUT_MS, elapsed_ms)
        told = translate(error, sent)
        if isinstance(told, ConnectionLost):
            raise told from error
        return Untimed(str(told), place=place)
    return runs


def _median(runs: Sequence[Timing]) -> Timing:
    return Timing(
        statistics.median(run.time_ms for run in runs), statistics.median_low(run.blocks for run in runs)
    )


def _timing(json_text: str) -> Timing:
    (explained,) = json.loads(json_text)
    plan = explained["Plan"]
    return Timing(explained["Execution Time"], plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
