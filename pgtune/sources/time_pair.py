"""A query and its replacement in; how long each runs on a disposable database, in turns, out."""

from __future__ import annotations

from dataclasses import replace

from pgtune.errors import ServerError
from pgtune.model.rewrite import RunTimes
from pgtune.model.workload import Query
from pgtune.sources.disposable_session import open_session
from pgtune.sources.query_timing import Untimed, time_in_turns

PAIR_RUNS = 5  # of each, behind one to warm up; chosen
_NAMES = ("the original", "the replacement")


def time_pair(conninfo: str, query: Query, sql: str, timeout_ms: int) -> RunTimes:
    """Run *query* and *sql* with the query's values, one after the other, ``PAIR_RUNS`` times each.

    Both run in one READ ONLY transaction; times are medians, without the way to the client. *timeout_ms*
    limits each run; 0 = none. What keeps them from being measured is `RunTimes.reason`.
    """
    try:
        with open_session(conninfo) as connection:
            timed = time_in_turns(connection, (query, replace(query, text=sql)), PAIR_RUNS, timeout_ms)
    except ServerError as error:
        return RunTimes(reason=str(error))
    if isinstance(timed, Untimed):
        return RunTimes(reason=f"{_NAMES[timed.place]}: {timed.reason}")
    before, after = timed
    return RunTimes(before.time_ms, after.time_ms, before.blocks, after.blocks)
