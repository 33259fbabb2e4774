"""What the session beside the pool counts, and what it refuses to end."""

from __future__ import annotations

import psycopg

from pgtune.sources.connect import connect
from pgtune.sources.pools.exercise_watcher import Watcher
from tests.conftest import Database

NAME = "pgtune exercise 0123abcd"


def test_connections_of_the_pool_are_counted_until_they_are_closed(database: Database) -> None:
    with connect(database.conninfo, print) as beside:
        watcher = Watcher(beside, NAME)
        with (
            psycopg.connect(database.conninfo, application_name=NAME),
            psycopg.connect(database.conninfo, application_name=NAME),
        ):
            watcher.look()
            assert watcher.count_left(patience_s=0.05) == 2
        assert watcher.count_left(patience_s=2.0) == 0
        assert watcher.most == 2


def test_a_session_of_another_name_is_not_ended(database: Database) -> None:
    with connect(database.conninfo, print) as beside, database.connect() as bystander:
        assert not Watcher(beside, NAME).terminate(bystander.info.backend_pid, patience_s=0.05)
        assert bystander.execute("SELECT 1").fetchone() == (1,)
