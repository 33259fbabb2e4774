"""A connection beside the pool in; which of its backends the server has out, and one of them ended."""

from __future__ import annotations

import time

from pgtune.sources.connect import ServerConnection
from pgtune.sources.pools.visit import visit
from pgtune.sources.transaction import Timeouts

_TIMEOUTS = Timeouts(statement_ms=2_000, lock_ms=1_000)  # chosen: the view takes milliseconds
_ASK_AGAIN_S = 0.01  # chosen

_COUNT = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE application_name = %s"
_PID = "SELECT pg_catalog.pg_backend_pid()"
# The name is compared as well: a process id alone may be another session's by now.
_TERMINATE = (
    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
    " WHERE pid = %s AND application_name = %s"
)
_IS_THERE = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = %s AND application_name = %s"


class Watcher:
    """Knows the backends of one pool by their application_name, which nobody else has."""

    def __init__(self, connection: ServerConnection, application_name: str) -> None:
        self._connection = connection
        self._name = application_name
        self.most = 0  # that were seen at once

    def is_pooled(self) -> bool:
        """True when a pooler stands between: its server connections are not the pool's."""
        return self._ask(_PID) != self._connection.info.backend_pid

    def look(self) -> None:
        """Count the backends of the pool, for *most*."""
        self.most = max(self.most, self._ask(_COUNT, self._name))

    def count_left(self, patience_s: float) -> int:
        """Backends that are there after *patience_s*: one that has been closed takes a moment to end."""
        ends_s = time.monotonic() + patience_s
        while (left := self._ask(_COUNT, self._name)) and time.monotonic() < ends_s:
            time.sleep(_ASK_AGAIN_S)
        return left

    def terminate(self, pid: int, patience_s: float) -> bool:
        """End one backend of the pool; False where it is not one, or did not end within *patience_s*.

        Raises:
            psycopg.Error: no privilege.
        """
        if not self._ask(_TERMINATE, pid, self._name):
            return False
        ends_s = time.monotonic() + patience_s
        while self._ask(_IS_THERE, pid, self._name):
            if time.monotonic() > ends_s:
                return False
            time.sleep(_ASK_AGAIN_S)
        return True

    def _ask(self, query: str, *values: object) -> int:
        with visit(self._connection, _TIMEOUTS):
            row = self._connection.execute(query.encode(), values).fetchone()
        return 0 if row is None else int(row[0])
