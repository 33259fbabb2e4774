"""What a role may not see is unknown, never ok."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgtune.analysis.rule_book import pool_rule_book
from pgtune.model.pools.counters import History
from pgtune.model.pools.server_facts import SessionBoundStatements
from pgtune.model.pools.sessions import SessionPeaks, Sessions
from tests.cli.pool_checked import Checked, pool_check, role, sessions
from tests.cli.program import pgtune
from tests.postgres_server import server_of

FLEET = """
[fleet.services.api]
replicas = 2
pool = {kind = "psycopg_pool", max_size = 5, min_size = 2, check = true, role = "guest"}
"""
NEEDS_MONITOR = {
    "connection-churn",
    "connection-limit-near",
    "idle-connections",
    "idle-in-transaction",
    "leaking-connections",
    "missing-timeout",  # what sessions show that a timeout is needed for
    "session-state-through-pooler",
    "slots-nearly-used",
    "undeclared-connections",
}
NEEDS_MORE = {  # options that are not given here, or a longer look
    "clients-waiting",
    "connections-left-open",
    "dead-connection-handed-out",
    "pool-oversized",
    "pool-too-small",
    "queued-requests",
    "slow-acquire",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Connection string of a superuser, where pg_stat_statements is installed."""
    settings = {"max_connections": "100", "shared_preload_libraries": "pg_stat_statements"}
    with server_of(settings) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        yield conninfo


def checked_as(conninfo: str, folder: Path) -> Checked:
    """The second of two runs with a history, and a window of its own."""
    for _ in range(2):
        checked = pool_check(folder, FLEET, "--watch", "1s", "--history", "pool.jsonl", conninfo=conninfo)
    return checked


def unknown(checked: Checked) -> set[str]:
    return {rule for rule, status in checked.statuses.items() if status == "unknown"}


def test_without_pg_monitor_nothing_that_needs_it_is_ok(server: str, tmp_path: Path) -> None:
    with role(server, "guest") as conninfo, sessions(server, 3) as others:
        others[0].execute("BEGIN")  # hidden from guest, like all that others do
        checked = checked_as(conninfo, tmp_path)
    assert (checked.code, checked.complaints) == (0, {})
    assert unknown(checked) == NEEDS_MONITOR | NEEDS_MORE
    reasons = {rule: checked.check(rule)["missing"] for rule in NEEDS_MONITOR}
    assert {rule for rule, reason in reasons.items() if "GRANT pg_monitor TO guest" not in str(reason)} == {
        "missing-timeout"
    }


def test_every_rule_that_requires_hidden_evidence_is_among_them() -> None:
    hidden = {Sessions, SessionPeaks, History, SessionBoundStatements}
    requiring = {
        rule.name
        for rule in pool_rule_book()
        if any(need.type in hidden and need.required for need in rule.needs)
    }
    assert requiring
    assert requiring <= NEEDS_MONITOR


def test_with_pg_monitor_all_of_them_are_checked(server: str, tmp_path: Path) -> None:
    with role(server, "guest", monitor=True) as conninfo:
        checked = checked_as(conninfo, tmp_path)
    assert unknown(checked) == NEEDS_MORE
    assert checked.complaints == {}


def test_the_terminal_says_what_to_grant(server: str, tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(FLEET)
    with role(server, "guest") as conninfo:
        done = pgtune(
            "pool-check", "--dsn", conninfo, "--report", "terminal", "--report", "json=a.json", cwd=tmp_path
        )
    assert done.code == 0
    assert "GRANT pg_monitor TO guest" in " ".join(done.out.split())
    assert json.loads((tmp_path / "a.json").read_text())["fails"] is False
