"""One transaction and the server's settings in; the timeouts that each role's sessions start with out.

The strongest of: the role's in the database, the role's, the database's, the server's (process_settings of
src/backend/utils/init/postinit.c). ALTER ROLE ALL counts as the server's; ALTER ROLE ALL IN DATABASE as the
database's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pgtune.model.pools.server_facts import RoleTimeouts, SettingSource, Timeout, TimeoutsByRole
from pgtune.sources.connect import ServerConnection
from pgtune.sources.pools.asked_server import AskedServer
from pgtune.sources.pools.server_settings import ServerSettings
from pgtune.sources.snapshot_queries import Row, fetch_rows

DeclaredRole = tuple[str | None, str | None]  # role, database; None: not declared
_Changed = Mapping[tuple[str | None, str | None], Mapping[str, str]]  # (role, database) -> setting -> text
_NAMES = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
    "transaction_timeout",
)


@dataclass(frozen=True, slots=True)
class ReadTimeouts:
    """Timeouts or why they are not known, and what is odd about the declared roles, as sentences."""

    found: TimeoutsByRole | str
    remarks: tuple[str, ...]


def read_timeouts(
    connection: ServerConnection,
    asked: AskedServer,
    settings: ServerSettings,
    declared: Iterable[DeclaredRole],
) -> ReadTimeouts:
    """Return the timeouts of roles that are connected or *declared*; superusers set their own.

    A declared role without a database is taken to use ours. Anyone may read these settings.

    Raises:
        psycopg.Error: the server refused.
    """
    known = {row["role"]: row for row in fetch_rows(connection, "pools/login_roles")}
    wanted = {(role, database or asked.database) for role, database in declared if role is not None}
    remarks = tuple(
        f'Role "{role}" is declared and cannot log in to the server, or does not exist.'
        for role in sorted({role for role, _ in wanted} - known.keys())
    )
    pairs = sorted((wanted | _seen(known.values())) - _unlimited(known, wanted))
    hidden = settings.hidden(_NAMES)
    if pairs and hidden:
        return ReadTimeouts(hidden, remarks)
    changed = _changed(fetch_rows(connection, "pools/role_settings"))
    found = (_timeouts(role, database, changed, settings) for role, database in pairs)
    return ReadTimeouts(TimeoutsByRole(tuple(found)), remarks)


def _seen(rows: Iterable[Row]) -> set[tuple[str, str]]:
    return {
        (row["role"], database) for row in rows if not row["is_superuser"] for database in row["databases"]
    }


def _unlimited(known: Mapping[str, Row], wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of *wanted*, those that are superusers or no login roles."""
    return {(role, database) for role, database in wanted if role not in known or known[role]["is_superuser"]}


def _changed(rows: Iterable[Row]) -> _Changed:
    return {
        (row["role"], row["database"]): dict(setting.split("=", 1) for setting in row["settings"])
        for row in rows
    }


def _timeouts(role: str, database: str, changed: _Changed, settings: ServerSettings) -> RoleTimeouts:
    statement, lock, idle_in_transaction, idle_session, transaction = (
        _timeout(name, role, database, changed, settings) for name in _NAMES
    )
    assert statement is not None  # older than the oldest version that is asked
    assert lock is not None
    assert idle_in_transaction is not None
    return RoleTimeouts(role, database, statement, lock, idle_in_transaction, idle_session, transaction)


def _timeout(
    name: str, role: str, database: str, changed: _Changed, settings: ServerSettings
) -> Timeout | None:
    """The strongest level's value; None where the version lacks the setting."""
    if name not in settings:
        return None
    levels = (
        ((role, database), SettingSource.ROLE_IN_DATABASE),
        ((role, None), SettingSource.ROLE),
        ((None, database), SettingSource.DATABASE),
        ((None, None), SettingSource.SERVER),
    )
    for level, source in levels:
        text = changed.get(level, {}).get(name)
        seconds = None if text is None else settings.in_seconds(name, text)
        if seconds is not None:
            return Timeout(seconds, source)
    return Timeout(settings.seconds(name), SettingSource.SERVER)
