"""The TPC-H queries fit the schema and the generated rows."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.tpch.load import GENERATOR, TABLES, find_generator, generate, load

QUERIES = sorted((Path(__file__).parent / "queries").glob("q*.sql"))
# The specification fixes these row counts per scale factor 1; lineitem's is near 6,000,000.
ROWS_AT_ONE_HUNDREDTH = {
    "region": 5,
    "nation": 25,
    "part": 2_000,
    "supplier": 100,
    "partsupp": 8_000,
    "customer": 1_500,
    "orders": 15_000,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_generator() is None:
        pytest.skip(f"{GENERATOR} is not installed")
    folder = tmp_path_factory.mktemp("tpch")
    generate(folder, 0.01)
    return folder


@pytest.fixture
def tpch(database: Database, files: Path) -> Database:
    database.execute("DROP TABLE orders, users")
    load(database.conninfo, files)
    return database


def test_every_query_can_be_planned(tpch: Database) -> None:
    assert len(QUERIES) == 22
    with tpch.connect() as connection:
        for query in QUERIES:
            connection.execute(b"EXPLAIN " + query.read_bytes())


def test_tables_hold_the_rows_of_their_scale_and_nothing_but_primary_keys(tpch: Database) -> None:
    counts = {table: tpch.scalar(f"SELECT count(*) FROM {table}") for table in TABLES}
    assert counts.pop("lineitem") == 60_175
    assert counts == ROWS_AT_ONE_HUNDREDTH
    assert tpch.scalar("SELECT count(*) FROM pg_index WHERE indrelid >= 16384 AND NOT indisprimary") == 0
    assert tpch.scalar("SELECT count(*) FROM pg_statistic WHERE starelid = 'lineitem'::regclass") == 16


def test_query_6_finds_the_revenue_that_the_file_holds(tpch: Database, files: Path) -> None:
    with (files / "lineitem.csv").open(newline="") as lines:
        expected = sum(
            Decimal(line["l_extendedprice"]) * Decimal(line["l_discount"])
            for line in csv.DictReader(lines)
            if line["l_shipdate"].startswith("1994-")
            and Decimal("0.05") <= Decimal(line["l_discount"]) <= Decimal("0.07")
            and Decimal(line["l_quantity"]) < 24
        )
    assert expected > 1_000_000
    assert tpch.scalar((Path(__file__).parent / "queries" / "q06.sql").read_text()) == expected
