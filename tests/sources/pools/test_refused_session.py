"""A server without a free slot is found out at once, and by its own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress

import psycopg
import pytest

from pgtune.errors import ConnectError
from pgtune.model.pools.sessions import Sessions
from pgtune.model.pools.slots import ConnectionSlots, Refusal, RefusedSession
from pgtune.sources.pools.refused import refused_session
from tests.postgres_server import PostgresServer
from tests.sources.pools.seen import execute, observation, one, settle


@pytest.fixture
def exhausted(small_server: PostgresServer, role: str) -> Iterator[ExitStack]:
    """All ordinary slots are taken."""
    settle(small_server)
    with ExitStack() as held:
        _connect_until_refused(small_server.conninfo(user=role), held)
        yield held


def _connect_until_refused(conninfo: str, held: ExitStack) -> None:
    with suppress(psycopg.OperationalError):
        while True:
            held.enter_context(psycopg.connect(conninfo))


@pytest.mark.usefixtures("exhausted")
def test_only_reserved_slots_are_left(small_server: PostgresServer, role: str) -> None:
    seen = observation(small_server.conninfo(user=role))
    refused = one(seen, RefusedSession)
    assert refused.refusal is Refusal.RESERVED
    assert refused.message == (
        "remaining connection slots are reserved for roles "
        'with privileges of the "pg_use_reserved_connections" role'
    )
    assert seen.version_num is None
    assert seen.server == f"{small_server.directory}:5432"
    assert seen.missing[Sessions] == seen.missing[ConnectionSlots] == "the server had no slot free for pgtune"


def test_the_superusers_slots_are_taken_as_well(small_server: PostgresServer, exhausted: ExitStack) -> None:
    _connect_until_refused(small_server.conninfo(), exhausted)
    assert one(observation(small_server.conninfo()), RefusedSession) == RefusedSession(
        Refusal.SERVER, "sorry, too many clients already"
    )


def test_limits_of_role_and_database(small_server: PostgresServer, role: str) -> None:
    execute(small_server, "ALTER ROLE {} CONNECTION LIMIT 0", role)
    seen = observation(small_server.conninfo(user=role))
    assert one(seen, RefusedSession) == RefusedSession(
        Refusal.ROLE, f'too many connections for role "{role}"'
    )
    execute(small_server, "ALTER ROLE {} CONNECTION LIMIT -1", role)
    execute(small_server, "CREATE DATABASE {} CONNECTION LIMIT 0", role)
    try:
        seen = observation(small_server.conninfo(dbname=role, user=role))
        assert one(seen, RefusedSession).refusal is Refusal.DATABASE
    finally:
        execute(small_server, "DROP DATABASE {}", role)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("sorry, too many clients already", Refusal.SERVER),
        (
            "remaining connection slots are reserved for non-replication superuser connections",
            Refusal.RESERVED,
        ),
        ("remaining connection slots are reserved for roles with the SUPERUSER attribute", Refusal.RESERVED),
        ("no more connections allowed (max_client_conn)", Refusal.POOLER),
    ],
)
def test_words_of_other_majors_and_of_the_pooler(words: str, refusal: Refusal) -> None:
    error = psycopg.OperationalError(
        f'connection to server at "127.0.0.1", port 5432 failed: FATAL:  {words}\nMultiple attempts failed'
    )
    assert refused_session(error, "password=sorry") == RefusedSession(refusal, words.replace("sorry", "***"))


def test_other_failures_stay_failures(small_server: PostgresServer) -> None:
    with pytest.raises(ConnectError, match='database "no_such" does not exist'):
        observation(small_server.conninfo(dbname="no_such"))
    assert refused_session(psycopg.OperationalError("FATAL:  password authentication failed"), "") is None
