"""The SQL that a finding proposes is run on PostgreSQL, and the finding is gone."""

from __future__ import annotations

import pytest

from tests.conftest import Database
from tests.test_rules import LIVE, explain, live_catalog, run_rule

_NAMES = ("disabled-node", "heap-fetches", "lossy-bitmap", "stale-statistics")


@pytest.mark.parametrize("name", _NAMES)
def test_running_the_proposed_sql_removes_the_finding(name: str, database: Database) -> None:
    case = next(case for case in LIVE if case.path.stem == name)
    query = case.text("query") or ""
    with database.connect() as connection:
        connection.execute((case.text("setup") or "").encode())
        plan = explain(connection, query)
        before = run_rule(name, plan, live_catalog(connection, plan)).findings
        for finding in before:
            assert finding.action is not None
            connection.execute(finding.action.sql.encode())
        plan = explain(connection, query)
        after = run_rule(name, plan, live_catalog(connection, plan)).findings
    assert [finding.rule for finding in before] == [name]
    assert after == ()


def test_the_memory_proposed_for_a_bitmap_is_no_more_than_twice_what_it_needs(database: Database) -> None:
    case = next(case for case in LIVE if case.path.stem == "lossy-bitmap")
    with database.connect() as connection:
        connection.execute((case.text("setup") or "").encode())
        plan = explain(connection, case.text("query") or "")
        (finding,) = run_rule("lossy-bitmap", plan).findings
        assert finding.action is not None
        connection.execute(finding.action.sql.encode())
        connection.execute(
            "SELECT set_config(name, (setting::int / 2) || 'kB', false) FROM pg_settings"
            " WHERE name = 'work_mem'"
        )
        half = explain(connection, case.text("query") or "")
    assert half.root.heap_blocks is not None
    assert half.root.heap_blocks.lossy > 0
