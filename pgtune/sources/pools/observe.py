"""A connection string in; everything that a server tells of its sessions out, over one connection.

Behind a pooler a second connection is opened for a moment, to tell whether sessions are shared.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from pgtune.errors import StatementRefused
from pgtune.model.pools.counters import CounterWindow, History, Sample
from pgtune.model.pools.server_facts import (
    KeepaliveSettings,
    MemorySettings,
    Route,
    SessionBoundStatements,
    TimeoutsByRole,
)
from pgtune.model.pools.sessions import ConnectionLimits, SessionPeaks, Sessions
from pgtune.model.pools.slots import ConnectionSlots, ReservedSlotUsers
from pgtune.sources.connect import OnNotice, ServerConnection, connect, describe_target
from pgtune.sources.disposable_session import target_of
from pgtune.sources.pools.asked_server import AskedServer, read_server
from pgtune.sources.pools.counters import read_counters
from pgtune.sources.pools.history import read_history
from pgtune.sources.pools.machine_memory import local_memory_bytes
from pgtune.sources.pools.over_time import OverTime, found_over_time, sample_of
from pgtune.sources.pools.refused import refused_session
from pgtune.sources.pools.role_timeouts import DeclaredRole, read_timeouts
from pgtune.sources.pools.route import Arrival, is_remote, read_route
from pgtune.sources.pools.server_settings import ServerSettings, read_settings
from pgtune.sources.pools.session_statements import read_session_statements
from pgtune.sources.pools.sessions import read_limits, read_reserved_slot_users, read_sessions
from pgtune.sources.pools.setting_facts import keepalives, memory, slots
from pgtune.sources.pools.visit import translated, visit
from pgtune.sources.pools.watch import watch
from pgtune.sources.transaction import Timeouts

OLDEST_VERSION_NUM = 120000
_TIMEOUTS = Timeouts(statement_ms=10_000, lock_ms=5_000)  # chosen: the views take milliseconds
_REFUSED = "the server had no slot free for pgtune"
_KINDS: tuple[type, ...] = (
    ConnectionSlots,
    ReservedSlotUsers,
    Sessions,
    ConnectionLimits,
    TimeoutsByRole,
    KeepaliveSettings,
    MemorySettings,
    Route,
    SessionBoundStatements,
    CounterWindow,
    SessionPeaks,
    History,
)
_Found = Mapping[type, object]  # evidence by its type, or a text: why it is not known


@dataclass(frozen=True, slots=True)
class ObserveRequest:
    """What to look at, and for how long."""

    timeouts: Timeouts = _TIMEOUTS
    watch_s: float = 0.0
    declared_roles: tuple[DeclaredRole, ...] = ()
    ram_bytes: int | None = None  # as declared; None: that of our machine where the server shares it
    history: Path | None = None  # of earlier runs; it is read, and never written


@dataclass(frozen=True, slots=True)
class Observation:
    """Evidence, and for what is missing the reason; each kind is in one of the two."""

    version_num: int | None  # None: the server refused us
    server: str  # system identifier, else host:port
    items: tuple[object, ...]
    missing: Mapping[type, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    sample: Sample | None = None  # for the history; None where sessions are hidden


def observe(conninfo: str, request: ObserveRequest, on_notice: OnNotice) -> Observation:
    """Return what the server behind *conninfo* (of prepare_conninfo) tells.

    A server that has no slot free is no error but a RefusedSession, at once.

    Raises:
        InputError: the history cannot be read.
        ConnectError: unreachable, wrong password, unknown database.
        StatementRefused: older than 12, or no privilege.
        StatementCancelled: a view took longer than the timeout.
        ConnectionLost: the server went away.
    """
    started_s = time.monotonic()
    opened = _open(conninfo, on_notice)
    if isinstance(opened, Observation):
        return opened
    with opened as connection:
        _refuse_old(connection)
        with translated(target_of(connection), request.timeouts):
            return _observed(connection, conninfo, request, started_s)


def _open(conninfo: str, on_notice: OnNotice) -> ServerConnection | Observation:
    """Connect; a server without a free slot is not asked again and again, other failures are connect()'s."""
    try:
        return _answering(psycopg.connect(conninfo, autocommit=True, prepare_threshold=None))
    except psycopg.Error as error:
        refused = refused_session(error, conninfo)
        if refused is not None:
            missing = dict.fromkeys(_KINDS, _REFUSED)
            return Observation(None, describe_target(error, conninfo), (refused,), missing)
    return connect(conninfo, on_notice)


def _answering(connection: ServerConnection) -> ServerConnection:
    """Ask for an answer: a pooler lets us in before it has a server connection for us."""
    try:
        connection.execute("SELECT 1")
    except BaseException:  # also an interrupt: the session does not outlive us
        connection.close()
        raise
    return connection


def _refuse_old(connection: ServerConnection) -> None:
    version_num = connection.info.server_version
    if version_num < OLDEST_VERSION_NUM:
        raise StatementRefused(
            f"server at {target_of(connection)}: PostgreSQL {version_num // 10000} is too old; "
            f"sessions are looked at from {OLDEST_VERSION_NUM // 10000} on"
        )


def _observed(
    connection: ServerConnection, conninfo: str, request: ObserveRequest, started_s: float
) -> Observation:
    with visit(connection, request.timeouts):
        asked = read_server(connection)
    arrival = Arrival(asked.backend_pid, asked.backend_age_s, time.monotonic() - started_s)
    earlier = () if request.history is None else read_history(request.history, asked.identity)
    watched = watch(connection, asked, request.timeouts, request.watch_s)
    settings = read_settings(connection, request.timeouts, asked.role)
    with visit(connection, request.timeouts):
        timeouts = read_timeouts(connection, asked, settings, request.declared_roles)
        found = _found_now(connection, asked)
        counters = read_counters(connection)
    sessions = found[Sessions]
    sample = sample_of(asked.identity, sessions, counters) if isinstance(sessions, Sessions) else None
    found = {
        **found,
        **_found_in_settings(connection, asked, settings, request),
        **found_over_time(OverTime(watched, counters, sample, earlier, asked.needs_monitor)),
        TimeoutsByRole: timeouts.found,
        Route: read_route(connection, conninfo, arrival),  # the last: it may lose the connection
    }
    return Observation(
        version_num=connection.info.server_version,
        server=asked.identity,
        items=tuple(item for item in found.values() if not isinstance(item, str)),
        missing={kind: reason for kind, reason in found.items() if isinstance(reason, str)},
        remarks=timeouts.remarks,
        sample=sample,
    )


def _found_now(connection: ServerConnection, asked: AskedServer) -> _Found:
    return {
        Sessions: read_sessions(connection) if asked.sees_all_sessions else asked.needs_monitor,
        ConnectionLimits: read_limits(connection),
        ReservedSlotUsers: read_reserved_slot_users(connection),
        SessionBoundStatements: read_session_statements(connection, asked),
    }


def _found_in_settings(
    connection: ServerConnection, asked: AskedServer, settings: ServerSettings, request: ObserveRequest
) -> _Found:
    ram_bytes = request.ram_bytes
    if ram_bytes is None and not is_remote(connection):
        ram_bytes = local_memory_bytes(asked.backend_pid)
    return {
        ConnectionSlots: slots(settings),
        KeepaliveSettings: keepalives(settings, is_remote=is_remote(connection)),
        MemorySettings: memory(settings, ram_bytes),
    }
