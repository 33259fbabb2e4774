"""A query of the workload in, its time and buffers on a disposable database out, or why it has none."""

from __future__ import annotations

import json
import statistics
import time
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


def time_query(connection: ServerConnection, query: Query, timeout_ms: int) -> Timing | Untimed:
    """Run *query* ``WARM_UPS + RUNS`` times in a READ ONLY transaction that is rolled back.

    Raises:
        ConnectionLost: the server went away.
    """
    if query.values is None:
        return Untimed("its parameters have no values")
    try:
        planned = Explanation(connection, query.text, query.values, _planning(timeout_ms)).run()
        if planned.writes:
            return Untimed("it writes")
        return _run(connection, query, timeout_ms)
    except ConnectionLost:
        raise
    except PgtuneError as error:
        return Untimed(str(error))


def _planning(timeout_ms: int) -> ExplainOptions:
    return ExplainOptions(analyze=False, timeout_ms=timeout_ms, lock_timeout_ms=LOCK_TIMEOUT_MS)


def _run(connection: ServerConnection, query: Query, timeout_ms: int) -> Timing | Untimed:
    text, runs = _MEASURED + query.text, []
    sent_s = time.perf_counter()
    try:
        with rolled_back(connection, "READ ONLY", Timeouts(timeout_ms, LOCK_TIMEOUT_MS), settings={}):
            for _ in range(WARM_UPS + RUNS):
                sent_s = time.perf_counter()
                runs.append(_timing(fetch_json(connection, text, query.values or ())))
    except psycopg.errors.ReadOnlySqlTransaction:  # a function that writes
        return Untimed("it writes")
    except psycopg.Error as error:
        elapsed_ms = (time.perf_counter() - sent_s) * 1000
        if isinstance(error, psycopg.errors.QueryCanceled) and 0 < timeout_ms <= elapsed_ms:
            return Untimed(f"over {timeout_ms / 1000:g} s", is_timeout=True)
        sent = Sent(target_of(connection), text, len(_MEASURED), timeout_ms, LOCK_TIMEOUT_MS, elapsed_ms)
        raise translate(error, sent) from error
    warm = runs[WARM_UPS:]
    return Timing(
        statistics.median(run.time_ms for run in warm), statistics.median_low(run.blocks for run in warm)
    )


def _timing(json_text: str) -> Timing:
    (explained,) = json.loads(json_text)
    plan = explained["Plan"]
    return Timing(explained["Execution Time"], plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
