"""Settings mean to pgtune what they mean to the server."""

from __future__ import annotations

import psycopg
import pytest

from pgtune.sources.pools.machine_memory import local_memory_bytes
from pgtune.sources.pools.setting_text import setting_bytes, setting_seconds
from tests.postgres_server import PostgresServer


@pytest.mark.parametrize("text", ["0", "1500", "1500ms", " 2 s", "1.5min", "2h", "1d", "250000us", "1e3"])
def test_times(small_server: PostgresServer, text: str) -> None:
    with psycopg.connect(small_server.conninfo()) as connection:
        connection.execute("SELECT set_config('lock_timeout', %s, true)", [text])
        row = connection.execute(
            "SELECT setting, unit FROM pg_settings WHERE name = 'lock_timeout'"
        ).fetchone()
    assert row is not None
    assert setting_seconds(text, "ms") == setting_seconds(*row)
    assert setting_seconds(*row) == int(row[0]) / 1000


@pytest.mark.parametrize("text", ["64", "64kB", "1.5 MB", "2GB", "131072B"])
def test_sizes(small_server: PostgresServer, text: str) -> None:
    with psycopg.connect(small_server.conninfo()) as connection:
        connection.execute("SELECT set_config('work_mem', %s, true)", [text])
        row = connection.execute("SELECT setting, unit FROM pg_settings WHERE name = 'work_mem'").fetchone()
    assert row is not None
    assert setting_bytes(text, "kB") == int(row[0]) * 1024


def test_a_unit_may_have_a_number_and_minus_one_is_kept() -> None:
    assert setting_bytes("16384", "8kB") == 128 * 2**20
    assert setting_bytes("-1", "kB") == -1


@pytest.mark.parametrize("text", ["", "five", "5 parsecs", "0x10", "5min 3s"])
def test_what_cannot_be_read_is_not_known(text: str) -> None:
    assert setting_seconds(text, "ms") is None


def test_a_process_that_is_no_server_tells_nothing_of_the_machine() -> None:
    assert local_memory_bytes(1) is None
