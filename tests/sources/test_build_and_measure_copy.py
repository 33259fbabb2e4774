"""A copy to build in is the same database, and is gone afterwards."""

from __future__ import annotations

import psycopg
import pytest

from pgtune.errors import StatementRefused
from pgtune.sources.build_and_measure import verify
from pgtune.sources.disposable_copy import COPY, disposable_copy
from tests.conftest import Database
from tests.sources.recommended_indexes import ORDERS, on, query

COPIES = f"SELECT count(*) FROM pg_database WHERE datname = '{COPY}'"
OF_A_USER = query("SELECT * FROM orders WHERE user_id = 8")


def test_what_is_measured_in_a_copy_changes_nothing_in_the_original(database: Database) -> None:
    database.execute("UPDATE orders SET total = total + 1")
    visible = "SELECT relallvisible + reltuples FROM pg_class WHERE relname = 'orders'"
    before = database.scalar(visible)
    with disposable_copy(database.conninfo) as copy:
        (measurement,) = verify(
            copy, "here", [on(ORDERS, "user_id")], (), [OF_A_USER], lambda _doing, _fraction: None, 1000
        ).measurements
        with psycopg.connect(copy) as connection:
            assert connection.execute(visible.encode()).fetchone() != (before,)
    assert measurement.after_blocks < measurement.before_blocks
    assert database.scalar(visible) == before
    assert database.scalar(COPIES) == 0


def test_the_copy_goes_whoever_is_connected_and_however_the_body_ends(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt), disposable_copy(database.conninfo) as copy:  # noqa: PT012
        left_open = psycopg.connect(copy)
        raise KeyboardInterrupt
    left_open.close()
    assert database.scalar(COPIES) == 0


def test_a_copy_that_is_there_already_is_refused_and_kept(database: Database) -> None:
    with disposable_copy(database.conninfo):
        with pytest.raises(StatementRefused) as refused, disposable_copy(database.conninfo):
            pass
        assert database.scalar(COPIES) == 1
    assert str(refused.value).endswith(f"if a run that was killed left it, run DROP DATABASE {COPY}")
    assert "\n" not in str(refused.value)


def test_a_session_on_the_original_is_the_obstacle(database: Database) -> None:
    with (
        database.connect(),
        pytest.raises(StatementRefused, match="close the other sessions and try again"),
        disposable_copy(database.conninfo),
    ):
        pass
    assert database.scalar(COPIES) == 0
