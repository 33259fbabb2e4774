"""What an index costs the writes of its table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pgtune.advice.selection.query_weights import query_weights
from pgtune.advice.selection.write_cost import (
    LOST_HOT_COST,
    RANDOM_ENTRY_COST,
    UNITS_PER_MS,
    KeptIndex,
    Machine,
    TableWrites,
    kept_candidate,
    write_cost,
)
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_shape import IndexSize
from pgtune.model.names import RelationName
from pgtune.model.planner import Hypothetical
from pgtune.model.workload import Query, Workload, WorkloadOrigin, Write, WriteKind

RELATION = RelationName("public", "orders")
MACHINE = Machine(version_num=180000, cache_bytes=1 << 30)
INDEX = KeptIndex("btree", frozenset({"customer", "status"}), size_bytes=1 << 20, entries_per_row=1.0)


def writes(
    *updates: Write, inserted: float = 0, updated: float = 0, hot: float = 0, indexes: int = 2
) -> TableWrites:
    return TableWrites(inserted, updated, hot, updates, rows=1000, row_bytes=100, indexes=indexes)


def updating(column: str, rows: float) -> Write:
    return Write(RELATION, WriteKind.UPDATE, frozenset({column, "note"}), rows)


def test_each_inserted_row_is_an_entry() -> None:
    found = write_cost(INDEX, writes(inserted=500), MACHINE)
    assert (found.entries, found.hot_updates_lost) == (500, 0)
    assert found.cost == pytest.approx(500 * RANDOM_ENTRY_COST)


def test_an_entry_is_weighed_against_the_row() -> None:
    entry_bytes = (1 << 20) / 1000
    found = write_cost(INDEX, writes(inserted=500), MACHINE)
    assert found.bytes_per_table_byte == pytest.approx(entry_bytes / 100)


def test_hot_updates_of_other_columns_cost_nothing() -> None:
    found = write_cost(INDEX, writes(updating("note", 500), updated=500, hot=500), MACHINE)
    assert found.cost == 0
    assert found.updates == ()


def test_updates_that_are_not_hot_anyway_are_entries() -> None:
    found = write_cost(INDEX, writes(updating("note", 500), updated=500, hot=200), MACHINE)
    assert (found.entries, found.hot_updates_lost) == (300, 0)


def test_an_update_that_loses_hot_is_paid_in_every_index() -> None:
    found = write_cost(INDEX, writes(updating("status", 400), updated=500, hot=500, indexes=2), MACHINE)
    assert found.hot_updates_lost == 400
    assert found.cost == pytest.approx(400 * (RANDOM_ENTRY_COST * 3 + LOST_HOT_COST))
    assert found.updates == ("status",)


def test_brin_keeps_updates_hot_since_16() -> None:
    brin = replace(INDEX, access_method="brin")
    table = writes(updating("status", 9), updated=9, hot=9)
    assert write_cost(brin, table, MACHINE).hot_updates_lost == 0
    assert write_cost(brin, table, replace(MACHINE, version_num=150000)).hot_updates_lost == 9


def test_an_index_larger_than_the_cache_costs_more() -> None:
    table = writes(inserted=100)
    large = replace(INDEX, size_bytes=10 << 30)
    assert write_cost(large, table, MACHINE).cost > 2 * write_cost(INDEX, table, MACHINE).cost


def test_values_that_arrive_in_order_cost_less() -> None:
    table = writes(inserted=100)
    ascending = write_cost(INDEX, table, MACHINE, correlation=1.0)
    assert ascending.cost < write_cost(INDEX, table, MACHINE).cost


def test_predicate_and_expressions_count_as_columns_and_the_predicate_as_fewer_entries() -> None:
    parts = (IndexPart("lower(name)", is_expression=True), IndexPart("id"))
    index = Index(RELATION, parts, include=("note",), predicate="\"State\" = 'open'")
    kept = kept_candidate(Hypothetical(0, index, IndexSize(10, 1, 100.0)), rows=1000)
    assert {"name", "id", "note", "State"} <= kept.columns
    assert "open" not in kept.columns
    assert kept.entries_per_row == pytest.approx(0.1)


def query(number: int, calls: float, total_ms: float | None) -> Query:
    return Query(number, f"q{number}", "SELECT 1", str(number), calls=calls, total_ms=total_ms)


def test_a_timed_workload_weighs_by_time_alone_whatever_the_plans_cost() -> None:
    timed = Workload(WorkloadOrigin.STATEMENTS, (query(0, 10, 900.0), query(1, 10, 100.0)))
    weights = query_weights(timed, {0: 5.0, 1: 5000.0})
    assert weights[0] * 5.0 == pytest.approx(900.0 * UNITS_PER_MS)
    assert weights[1] * 5000.0 == pytest.approx(100.0 * UNITS_PER_MS)


def test_a_workload_without_times_weighs_by_calls() -> None:
    untimed = Workload(WorkloadOrigin.FILES, (query(0, 3, None), query(1, 1, 7.0)))
    assert query_weights(untimed, {0: 5.0, 1: 2.0}) == {0: 3, 1: 1}
