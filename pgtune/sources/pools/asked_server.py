"""One transaction in; which server answers, as which role, and what that role may see, out."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.model.names import quote_ident
from pgtune.sources.connect import ServerConnection
from pgtune.sources.disposable_session import target_of
from pgtune.sources.snapshot_queries import fetch_row


@dataclass(frozen=True, slots=True)
class AskedServer:
    """The server, as seen by the role that pgtune connected as."""

    identity: str  # the cluster's system identifier, else host:port
    role: str
    database: str
    backend_pid: int
    backend_age_s: float
    sees_all_sessions: bool

    @property
    def needs_monitor(self) -> str:
        """Why the sessions of others are not known, as a phrase."""
        return f"needs pg_monitor: GRANT pg_monitor TO {quote_ident(self.role)}"


def read_server(connection: ServerConnection) -> AskedServer:
    """Return who answers.

    Raises:
        psycopg.Error: the server refused.
    """
    row = fetch_row(connection, "pools/server")
    assert row is not None  # our own session
    identity = target_of(connection)
    if row["may_identify"]:
        identifier = fetch_row(connection, "pools/system_identifier")
        assert identifier is not None
        # A standby counts for itself, so it is another server than its primary.
        identity = identifier["system_identifier"] + (" standby" if row["in_recovery"] else "")
    return AskedServer(
        identity=identity,
        role=row["role"],
        database=row["database"],
        backend_pid=row["backend_pid"],
        backend_age_s=row["backend_age_s"],
        sees_all_sessions=row["sees_all_sessions"],
    )
