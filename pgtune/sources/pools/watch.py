"""A connection and a time in; what changed meanwhile out: peaks of sessions, and counters before and after.

The connection stays open in between, and no transaction does.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pgtune.model.pools.counters import SessionCounters
from pgtune.sources.connect import ServerConnection
from pgtune.sources.pools.asked_server import AskedServer
from pgtune.sources.pools.counters import read_counters
from pgtune.sources.pools.visit import visit
from pgtune.sources.snapshot_queries import fetch_rows
from pgtune.sources.transaction import Timeouts

_EVERY_S = 1.0  # chosen: one sample a second is no load, and a burst of a second is seen

Client = tuple[str, str]  # role, application_name


@dataclass(frozen=True, slots=True)
class Watched:
    """Samples of a while; none, and no counters, where nothing was watched."""

    samples: int = 0
    most: Mapping[Client, int] | None = None  # None: the role does not see others' sessions
    before: SessionCounters | None = None


def watch(connection: ServerConnection, asked: AskedServer, timeouts: Timeouts, duration_s: float) -> Watched:
    """Sample the server for *duration_s*; the caller takes the counters afterwards.

    Raises:
        psycopg.Error: the server refused.
    """
    if duration_s <= 0:
        return Watched()
    deadline_s = time.monotonic() + duration_s
    with visit(connection, timeouts):
        before = read_counters(connection)
    samples, most = 0, Counter[Client]()
    while (left_s := deadline_s - time.monotonic()) > 0:
        if asked.sees_all_sessions:
            with visit(connection, timeouts):
                most |= _clients(connection)
            samples += 1
        time.sleep(min(_EVERY_S, left_s))
    return Watched(samples, most if asked.sees_all_sessions else None, before)


def _clients(connection: ServerConnection) -> Counter[Client]:
    rows = fetch_rows(connection, "pools/clients")
    return Counter({(row["role"], row["application_name"]): row["sessions"] for row in rows})
