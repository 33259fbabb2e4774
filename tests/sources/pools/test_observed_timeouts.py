"""A role's timeouts are those that its sessions really start with."""

from __future__ import annotations

import psycopg
import pytest

from pgtune.model.pools.server_facts import (
    MemorySettings,
    RoleTimeouts,
    SettingSource,
    Timeout,
    TimeoutsByRole,
)
from tests.postgres_server import PostgresServer
from tests.sources.pools.seen import execute, observation, one


def _of(server: PostgresServer, role: str, conninfo: str | None = None) -> RoleTimeouts:
    seen = observation(conninfo or server.conninfo(), declared_roles=((role, "postgres"),))
    (timeouts,) = (each for each in one(seen, TimeoutsByRole).all if each.role == role)
    return timeouts


def _begins_with(server: PostgresServer, role: str, setting: str) -> float:
    with psycopg.connect(server.conninfo(user=role)) as connection:
        row = connection.execute(
            "SELECT extract(epoch FROM current_setting(%s)::interval)::float8", [setting]
        ).fetchone()
    assert row is not None
    return float(row[0])


@pytest.fixture
def clean_database(small_server: PostgresServer) -> object:
    yield None
    execute(small_server, "ALTER DATABASE {} RESET ALL", "postgres")
    execute(small_server, "ALTER ROLE ALL RESET ALL")


@pytest.mark.usefixtures("clean_database")
def test_the_role_in_the_database_goes_before_the_role_the_database_and_the_server(
    small_server: PostgresServer, role: str
) -> None:
    expected = [Timeout(0.0, SettingSource.SERVER)]
    found = [_of(small_server, role).statement]
    for statement, names, timeout in (
        ("ALTER ROLE ALL SET statement_timeout = '1h'", (), Timeout(3600.0, SettingSource.SERVER)),
        (
            "ALTER DATABASE {} SET statement_timeout = '1.5min'",
            ("postgres",),
            Timeout(90.0, SettingSource.DATABASE),
        ),
        ("ALTER ROLE {} SET statement_timeout = '20s'", (role,), Timeout(20.0, SettingSource.ROLE)),
        (
            "ALTER ROLE {} IN DATABASE {} SET statement_timeout = 500",
            (role, "postgres"),
            Timeout(0.5, SettingSource.ROLE_IN_DATABASE),
        ),
    ):
        execute(small_server, statement, *names)
        expected.append(timeout)
        found.append(_of(small_server, role).statement)
        assert _begins_with(small_server, role, "statement_timeout") == timeout.seconds
    assert found == expected


def test_a_setting_of_the_configuration_file_is_the_servers(small_server: PostgresServer, role: str) -> None:
    timeouts = _of(small_server, role)
    assert timeouts.lock == Timeout(7.0, SettingSource.SERVER)
    assert timeouts.idle_session == Timeout(0.0, SettingSource.SERVER)
    assert timeouts.transaction == Timeout(0.0, SettingSource.SERVER)


def test_what_our_own_session_asked_for_is_not_taken_for_the_servers(
    small_server: PostgresServer, role: str
) -> None:
    ours = f"{small_server.conninfo()} options='-c lock_timeout=1s -c statement_timeout=2s -c work_mem=9MB'"
    timeouts = _of(small_server, role, ours)
    assert timeouts.lock == Timeout(7.0, SettingSource.SERVER)
    assert timeouts.statement == Timeout(0.0, SettingSource.SERVER)
    assert one(observation(ours), MemorySettings).work_mem_bytes == 5 * 2**20


def test_a_setting_that_our_role_hides_is_unknown_where_the_files_may_not_be_read(
    small_server: PostgresServer, role: str
) -> None:
    execute(small_server, "ALTER ROLE {} SET lock_timeout = '1s'", role)
    execute(small_server, "ALTER ROLE {} SET work_mem = '9MB'", role)
    seen = observation(small_server.conninfo(user=role), declared_roles=((role, None),))
    assert "GRANT pg_read_all_settings" in seen.missing[TimeoutsByRole]
    assert "work_mem" in seen.missing[MemorySettings]


def test_superusers_set_their_own_and_are_not_told(small_server: PostgresServer) -> None:
    with psycopg.connect(small_server.conninfo()):
        seen = observation(small_server.conninfo(), declared_roles=(("postgres", None),))
    assert "postgres" not in {each.role for each in one(seen, TimeoutsByRole).all}


def test_connected_roles_are_looked_at_undeclared_and_by_anyone(
    small_server: PostgresServer, role: str
) -> None:
    with psycopg.connect(small_server.conninfo(user=role)):
        seen = observation(small_server.conninfo(user=role))
    assert [(each.role, each.database) for each in one(seen, TimeoutsByRole).all] == [(role, "postgres")]


def test_a_declared_role_that_is_not_there_is_remarked(small_server: PostgresServer) -> None:
    seen = observation(small_server.conninfo(), declared_roles=(("ghost", None), (None, "postgres")))
    assert seen.remarks == ('Role "ghost" is declared and cannot log in to the server, or does not exist.',)
