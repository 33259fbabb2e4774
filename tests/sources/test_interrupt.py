"""A signal under a running query: exit code, and no backend left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import Database
from tests.postgres_server import wait_for

SCRIPT = """
import sys
from pgtune.sources.interrupt import cancel_on_signal
from pgtune.sources.postgres import open_server

with cancel_on_signal(), open_server(sys.argv[1]) as server:
    server.explain("SELECT pg_sleep(60)")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to handle")
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_the_query_and_leaves_no_backend(database: Database, signum: int, code: int) -> None:
    ours = (
        "SELECT count(*) FROM pg_stat_activity"
        f" WHERE application_name = 'pgtune' AND datname = '{database.name}'"
    )
    running = f"{ours} AND state = 'active' AND query LIKE '%ANALYZE%pg_sleep%'"
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, database.conninfo], stderr=subprocess.PIPE, text=True
    )
    try:
        assert wait_for(lambda: database.scalar(running) == 1, timeout_s=10)
        sent_s = time.monotonic()
        process.send_signal(signum)
        _, stderr = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == code
    assert stderr == ""
    assert time.monotonic() - sent_s < 2
    assert wait_for(lambda: database.scalar(ours) == 0, timeout_s=2)
