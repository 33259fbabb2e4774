"""A server process and a connection to it in; refuses a pooler that lends that process to other clients.

pg_dump sets search_path and switches timeouts off for its session. In a pool by transaction, the next client
would inherit that.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg.conninfo import make_conninfo

from pgtune.errors import StatementRefused

_PROBE = "pgtune.session"  # a setting that nobody else has


def refuse_shared_sessions(announced_pid: int, backend_pid: int, parameters: Mapping[str, str]) -> None:
    """Return when a session is the client's own.

    *announced_pid* is what the connection was told at its start, *backend_pid* what pg_backend_pid() says.
    They differ behind a proxy. One that keeps sessions apart passes on what a client asks for at the start.

    Raises:
        StatementRefused: the server process is shared.
    """
    if announced_pid != backend_pid and not _start_options_arrive(parameters):
        raise StatementRefused(
            f"server at {parameters['host']}:{parameters['port']}: a connection pooler shares its sessions, "
            "and pg_dump would leave its settings to other clients; connect to PostgreSQL itself"
        )


def _start_options_arrive(parameters: Mapping[str, str]) -> bool:
    options = f"{parameters.get('options', '')} -c {_PROBE}=own".strip()
    try:
        with psycopg.connect(
            make_conninfo("", **{**parameters, "options": options}), autocommit=True
        ) as connection:
            row = connection.execute("SELECT pg_catalog.current_setting(%s, true)", [_PROBE]).fetchone()
    except psycopg.OperationalError:  # PgBouncer refuses options that it does not know
        return False
    return row == ("own",)
