"""Sessions, limits and slots are those of the server, and what is hidden is not said to be fine."""

from __future__ import annotations

import psycopg

from pgtune.model.pools.counters import CounterWindow, History
from pgtune.model.pools.server_facts import (
    KeepaliveSettings,
    MemorySettings,
    Route,
    SessionBoundStatements,
    TimeoutsByRole,
)
from pgtune.model.pools.sessions import (
    ConnectionLimit,
    ConnectionLimits,
    Limited,
    SessionPeaks,
    Sessions,
    SessionState,
)
from pgtune.model.pools.slots import ConnectionSlots, ReservedSlotUsers, SlotsOrigin
from tests.postgres_server import PostgresServer
from tests.sources.pools.seen import execute, observation, one, settle


def test_sessions_of_others_are_told_with_state_age_and_locks(
    small_server: PostgresServer, role: str
) -> None:
    execute(small_server, "CREATE TABLE {} ()", role)
    execute(small_server, "GRANT ALL ON {} TO {}", role, role)
    conninfo = f"{small_server.conninfo(user=role)} application_name=api"
    with psycopg.connect(conninfo) as idle, psycopg.connect(conninfo) as holding:
        idle.execute("SELECT 1")
        idle.rollback()
        holding.execute(b"INSERT INTO %s DEFAULT VALUES" % role.encode())
        sessions = one(observation(small_server.conninfo()), Sessions)
        by_pid = {session.pid: session for session in sessions.all if session.role == role}
        assert by_pid.keys() == {idle.info.backend_pid, holding.info.backend_pid}
        resting, working = by_pid[idle.info.backend_pid], by_pid[holding.info.backend_pid]
    assert resting.state is SessionState.IDLE
    assert resting.transaction_age_s is None
    assert not resting.holds_locks
    assert working.state is SessionState.IDLE_IN_TRANSACTION
    assert working.is_idle_in_transaction
    assert working.holds_locks
    assert working.waits_for == "Client"
    assert working.transaction_age_s is not None
    assert working.state_age_s is not None
    assert 0 < working.state_age_s < working.transaction_age_s < working.age_s < 60
    assert {(each.application_name, each.database, each.client_address) for each in by_pid.values()} == {
        ("api", "postgres", None)
    }
    execute(small_server, "DROP TABLE {}", role)


def test_a_session_that_only_read_holds_no_lock_that_matters(small_server: PostgresServer) -> None:
    with psycopg.connect(small_server.conninfo()) as reading:
        reading.execute("SELECT count(*) FROM pg_class")
        sessions = one(observation(small_server.conninfo()), Sessions)
        (session,) = (each for each in sessions.all if each.pid == reading.info.backend_pid)
    assert session.is_idle_in_transaction
    assert session.is_superuser
    assert not session.holds_locks


def test_background_processes_and_pgtune_itself_are_no_sessions(small_server: PostgresServer) -> None:
    settle(small_server)
    with psycopg.connect(small_server.conninfo()) as other:
        sessions = one(observation(small_server.conninfo()), Sessions)
        assert [session.pid for session in sessions.all] == [other.info.backend_pid]
    assert sessions.own == 1


def test_a_role_without_pg_monitor_learns_what_it_lacks(small_server: PostgresServer, role: str) -> None:
    with psycopg.connect(small_server.conninfo()) as other:
        other.execute("SELECT 1")  # idle in transaction, and not to be seen
        seen = observation(small_server.conninfo(user=role))
    told = f"needs pg_monitor: GRANT pg_monitor TO {role}"
    hidden = (Sessions, SessionPeaks, SessionBoundStatements, History)
    assert {kind: seen.missing[kind] for kind in hidden} == dict.fromkeys(hidden, told)
    assert seen.sample is None
    for kind in (ConnectionSlots, ConnectionLimits, ReservedSlotUsers, TimeoutsByRole, KeepaliveSettings):
        one(seen, kind)


def test_pg_monitor_suffices(small_server: PostgresServer, role: str) -> None:
    execute(small_server, "GRANT pg_monitor TO {}", role)
    with psycopg.connect(small_server.conninfo()) as other:
        other.execute("SELECT 1")
        seen = observation(small_server.conninfo(user=role))
        (session,) = (each for each in one(seen, Sessions).all if each.pid == other.info.backend_pid)
    assert session.is_idle_in_transaction
    assert one(seen, SessionPeaks).by_client["postgres", ""] >= 1
    one(seen, SessionBoundStatements)


def test_every_kind_of_evidence_is_there_or_has_its_reason(small_server: PostgresServer) -> None:
    seen = observation(small_server.conninfo())
    assert {type(item) for item in seen.items}.isdisjoint(seen.missing)
    assert seen.missing.keys() == {CounterWindow, History}
    assert "--watch" in seen.missing[CounterWindow]
    assert seen.version_num is not None
    assert seen.version_num >= 180000


def test_slots_and_who_may_take_the_reserved_ones(small_server: PostgresServer, role: str) -> None:
    execute(small_server, "GRANT pg_use_reserved_connections TO {}", role)
    seen = observation(small_server.conninfo())
    assert one(seen, ConnectionSlots) == ConnectionSlots(SlotsOrigin.SERVER, 14, 3, 2)
    assert one(seen, ReservedSlotUsers).roles == (role,)


def test_limits_of_roles_and_databases_but_not_of_superusers(small_server: PostgresServer, role: str) -> None:
    execute(small_server, "ALTER ROLE {} CONNECTION LIMIT 5", role)
    execute(small_server, "ALTER ROLE {} CONNECTION LIMIT 4", "postgres")
    execute(small_server, "ALTER DATABASE {} CONNECTION LIMIT 9", "postgres")
    try:
        limits = one(observation(small_server.conninfo(user=role)), ConnectionLimits).all
    finally:
        execute(small_server, "ALTER DATABASE {} CONNECTION LIMIT -1", "postgres")
        execute(small_server, "ALTER ROLE {} CONNECTION LIMIT -1", "postgres")
    assert limits == (
        ConnectionLimit(Limited.DATABASE, "postgres", 9),
        ConnectionLimit(Limited.ROLE, role, 5),
    )


def test_settings_are_the_servers_in_plain_units(small_server: PostgresServer) -> None:
    seen = observation(small_server.conninfo(), ram_bytes=2**34)
    memory = one(seen, MemorySettings)
    assert memory.work_mem_bytes == 5 * 2**20
    assert memory.shared_buffers_bytes == 128 * 2**20
    assert memory.hash_mem_multiplier == 2.0
    assert memory.autovacuum_work_mem_bytes == -1
    assert memory.ram_bytes == 2**34
    keepalives = one(seen, KeepaliveSettings)
    assert keepalives.tcp_keepalives_idle_s == 90  # over a socket, SHOW says 0
    assert keepalives.client_connection_check_interval_ms == 0
    assert not keepalives.is_remote


def test_the_memory_of_a_machine_that_we_share_with_the_server_is_seen(small_server: PostgresServer) -> None:
    ram_bytes = one(observation(small_server.conninfo()), MemorySettings).ram_bytes
    assert ram_bytes is not None
    assert ram_bytes > 2**28


def test_a_direct_connection_is_not_taken_for_a_pooled_one(small_server: PostgresServer) -> None:
    route = one(observation(small_server.conninfo()), Route)
    assert not route.is_pooled
    assert route.backend_age_at_connect_s == 0
    assert route.is_shared_by_transaction is None
    assert route.libpq_version >= 120000


def test_one_connection_is_all_it_takes(small_server: PostgresServer) -> None:
    log = small_server.directory / "log"
    before = log.stat().st_size
    observation(small_server.conninfo(), watch_s=0.1)
    added = log.read_bytes()[before:].decode()
    assert added.count("connection authorized:") == 1
    assert "application_name=pgtune" in added


def test_another_major_is_asked_what_it_knows(other_major: PostgresServer) -> None:
    seen = observation(other_major.conninfo(), watch_s=0.05)
    assert seen.version_num is not None
    assert one(seen, ConnectionSlots).max_connections == 40
    if seen.version_num < 160000:
        assert seen.missing[ReservedSlotUsers] == "reserved_connections came with PostgreSQL 16"
    if seen.version_num >= 140000:
        assert one(seen, CounterWindow).seconds > 0
    (timeouts,) = one(
        observation(other_major.conninfo(), declared_roles=(("plain", None),)), TimeoutsByRole
    ).all or (None,)
    assert timeouts is None  # there is no such role
