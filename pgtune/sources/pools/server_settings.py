"""A connection in, the server's own settings out: as they are before a role or database changes them.

pg_settings shows what our session has, and our role may have settings of its own. Where it does, the
configuration files tell what the server has (a setting on postgres's command line is not seen then), if the
role may read them; else the setting is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pgtune.model.names import quote_ident
from pgtune.sources.connect import ServerConnection
from pgtune.sources.pools.setting_text import setting_bytes, setting_seconds
from pgtune.sources.pools.visit import visit
from pgtune.sources.snapshot_queries import Row, fetch_row, fetch_rows
from pgtune.sources.transaction import Timeouts

# pg_settings.source of what no role, database or connection has changed.
_OWN_SOURCES = frozenset(
    {"default", "environment variable", "configuration file", "command line", "global", "override"}
)
# What rolled_back() sets for its transaction; it would hide the value that the session began with.
_GUARDS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@dataclass(frozen=True, slots=True)
class ServerSetting:
    """One setting; ``value`` without a unit is in ``unit``, None where the role's own hides it."""

    value: str | None
    unit: str


class ServerSettings:
    """Settings by name; those that the server's version lacks are not there."""

    def __init__(self, by_name: Mapping[str, ServerSetting], role: str) -> None:
        self._by_name = by_name
        self._role = role

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def hidden(self, names: Iterable[str]) -> str | None:
        """Why one of *names* is not known, as a phrase; None when all are, or are unknown to the version."""
        for name in names:
            if name in self and self._by_name[name].value is None:
                grantee = quote_ident(self._role)
                return (
                    f"the server's {name} is hidden behind that of role {grantee}: "
                    f"GRANT pg_read_all_settings TO {grantee} (15 and later)"
                )
        return None

    def number(self, name: str, default: float = 0.0) -> float:
        """A setting without a unit, or in its own; *default* where the version lacks it."""
        return float(self._value(name)) if name in self else default

    def size_bytes(self, name: str) -> int:
        """A setting of memory; -1 stands for another setting."""
        size = setting_bytes(self._value(name), self._by_name[name].unit)
        assert size is not None  # the server accepted it
        return size

    def seconds(self, name: str) -> float:
        """A setting of time."""
        seconds = self.in_seconds(name, self._value(name))
        assert seconds is not None  # the server accepted it
        return seconds

    def in_seconds(self, name: str, text: str) -> float | None:
        """What *text* would mean as a value of *name*; None when it cannot be read."""
        return setting_seconds(text, self._by_name[name].unit)

    def _value(self, name: str) -> str:
        value = self._by_name[name].value
        assert value is not None  # hidden() was asked before
        return value


def read_settings(connection: ServerConnection, timeouts: Timeouts, role: str) -> ServerSettings:
    """Return the settings that pools and sessions depend on; takes a transaction of its own.

    Raises:
        psycopg.Error: the server refused.
    """
    with visit(connection, timeouts):
        calls = ", ".join(["pg_catalog.set_config(%s, NULL, true)"] * len(_GUARDS))
        connection.execute(f"SELECT {calls}".encode(), _GUARDS)
        rows = fetch_rows(connection, "pools/settings")
        files = _files(connection) if any(not _is_own(row) for row in rows) else None
    by_name = {row["name"]: ServerSetting(_own_value(row, files), row["unit"] or "") for row in rows}
    return ServerSettings(by_name, role)


def _files(connection: ServerConnection) -> Mapping[str, str] | None:
    """Settings of the configuration files; None where the role may not read them."""
    privilege = fetch_row(connection, "pools/may_read_files")
    if privilege is None or not privilege["may_read"]:
        return None
    return {row["name"]: row["value"] for row in fetch_rows(connection, "pools/file_settings")}


def _is_own(row: Row) -> bool:
    return row["source"] in _OWN_SOURCES


def _own_value(row: Row, files: Mapping[str, str] | None) -> str | None:
    if _is_own(row):
        return str(row["value"])
    return None if files is None else files.get(row["name"], row["boot_val"])
