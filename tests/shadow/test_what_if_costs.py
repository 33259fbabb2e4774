"""A hollow index costs what a built one costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from pgtune.model.index import Index
from pgtune.model.index_shape import IndexSize
from pgtune.model.planner import Question
from pgtune.shadow.what_if.what_if import open_planner
from pgtune.sources.connect import ServerConnection
from tests.postgres_server import PostgresServer
from tests.shadow.hollow_copies import connect, stored_files, unchecked_server
from tests.shadow.what_if_world import (
    BY_CUSTOMER,
    CUSTOMER,
    NOTHING,
    ORDERS,
    World,
    add,
    column,
    loaded_world,
    queries,
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with unchecked_server() as server, loaded_world(server) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def elder_world(other_major: PostgresServer) -> Iterator[World]:
    with loaded_world(other_major) as loaded:
        yield loaded


@pytest.mark.parametrize(
    ("index", "text", "tolerance"),
    [
        (CUSTOMER, BY_CUSTOMER, 0.01),
        (Index(ORDERS, (column("customer"),), ("total",)), BY_CUSTOMER, 0.01),
        (
            Index(ORDERS, (column("placed", descending=True, nulls_first=True),)),
            "SELECT * FROM orders ORDER BY placed DESC LIMIT 10",
            0.01,
        ),
        (
            Index(ORDERS, (column("placed"), column("customer"))),
            "SELECT customer FROM orders WHERE placed BETWEEN '2020-02-01' AND '2020-02-20'",
            0.01,
        ),
        (
            Index(ORDERS, (column("customer"),), predicate="status = 'open'"),
            "SELECT * FROM orders WHERE status = 'open' AND customer < 90",
            0.01,
        ),
        (
            Index(ORDERS, (column("lower(note)", is_expression=True, label="lower"),)),
            "SELECT * FROM orders WHERE lower(note) = 'x'",
            0.01,
        ),
        (
            Index(ORDERS, (column("tags"),), access_method="gin"),
            "SELECT * FROM orders WHERE tags @> '{5}'",
            0.10,
        ),
        (
            Index(ORDERS, (column("note", opclass="gin_trgm_ops"),), access_method="gin"),
            "SELECT * FROM orders WHERE note LIKE '%abcdef%'",
            0.10,
        ),
        (
            Index(ORDERS, (column("placed"),), access_method="brin"),
            "SELECT * FROM orders WHERE placed = '2020-03-01'",
            0.10,
        ),
        (Index(ORDERS, (column("customer"),), access_method="hash"), BY_CUSTOMER, 0.10),
    ],
    ids=["plain", "include", "descending", "two", "partial", "expression", "gin", "trigram", "brin", "hash"],
)
def test_a_hollow_index_costs_what_a_built_one_costs(
    index: Index, text: str, tolerance: float, world: World
) -> None:
    _compare_with_built(index, text, tolerance, world)


@pytest.mark.other_major
@pytest.mark.parametrize("index", [CUSTOMER, replace(CUSTOMER, include=("total",))], ids=["plain", "include"])
def test_so_it_does_on_another_major(index: Index, elder_world: World) -> None:
    _compare_with_built(index, BY_CUSTOMER, 0.01, elder_world)


def _compare_with_built(index: Index, text: str, tolerance: float, world: World) -> None:
    built_cost, size, built_plan = _build(world, index, text)

    def real_size(connection: ServerConnection, indexes: Sequence[Index]) -> Sequence[IndexSize]:
        return [size]

    (query,) = queries(text)
    with open_planner(world.shadow, [query], real_size) as planner:
        (number,) = add(planner, index)
        without, with_index = planner.answer([Question(0, NOTHING), Question(0, frozenset({number}))])
        assert with_index.used == {number}
        assert with_index.cost < without.cost
        assert with_index.cost == pytest.approx(built_cost, rel=tolerance)
        assert planner.plan(Question(0, frozenset({number}))).root.node_type == built_plan


def _build(world: World, index: Index, text: str) -> tuple[float, IndexSize, str]:
    """Cost and root of the real plan with the index really built, and its real size."""
    with connect(world.real) as connection:
        connection.execute(index.create_sql("built").encode())
        try:
            connection.execute("VACUUM orders")
            row = connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode()).fetchone()
            assert row is not None
            plan = row[0][0]["Plan"]  # type: ignore[index]
            return (
                plan["Total Cost"],
                stored_files(world.server, world.real)["built"][1].size,
                plan["Node Type"],
            )
        finally:
            connection.execute("DROP INDEX built")
