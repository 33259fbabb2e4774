"""A query and its replacement in; how long each runs on a disposable database, in turns, out."""

from __future__ import annotations

from dataclasses import replace

from pgtune.errors import ServerError
from pgtune.model.rewrite import RunTimes
from pgtune.model.workload import Query
from pgtune.sources.connect import ServerConnection
from pgtune.sources.disposable_session import open_session
from pgtune.sources.query_timing import Untimed, time_in_turns, time_query

PAIR_RUNS = 5  # of each, behind one to warm up; chosen
_NAMES = ("the original", "the replacement")


def time_pair(conninfo: str, query: Query, sql: str, timeout_ms: int) -> RunTimes:
    """Run *query* and *sql* with the query's values, one after the other, ``PAIR_RUNS`` times each.

    Both run in one READ ONLY transaction; times are medians, without the way to the client. *timeout_ms*
    limits each run; 0 = none. What keeps them from being measured is `RunTimes.reason`; of an original that
    takes too long it says how long the replacement takes.
    """
    replacement = replace(query, text=sql)
    try:
        with open_session(conninfo) as connection:
            timed = time_in_turns(connection, (query, replacement), PAIR_RUNS, timeout_ms)
            if isinstance(timed, Untimed):
                return RunTimes(reason=_reason(connection, timed, replacement, timeout_ms))
    except ServerError as error:
        return RunTimes(reason=str(error))
    before, after = timed
    return RunTimes(before.time_ms, after.time_ms, before.blocks, after.blocks)


def _reason(connection: ServerConnection, untimed: Untimed, replacement: Query, timeout_ms: int) -> str:
    original, other = _NAMES
    if untimed.place == 1:
        return f"{other}: {untimed.reason}"
    reason = f"{original}: {untimed.reason}"
    if not untimed.is_timeout:
        return reason
    alone = time_query(connection, replacement, timeout_ms)
    return f"{reason}; {other}: {alone.reason if isinstance(alone, Untimed) else f'{alone.time_ms:.3g} ms'}"
