"""Estimated against real sizes of indexes: ``python -m tests.bench_sizes TPCH_CONNINFO SAMPLE_CONNINFO``.

Each index is built by a plain CREATE INDEX, weighed and dropped again, one at a time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import exp, log
from typing import Any, NamedTuple

import psycopg

from pgtune.advice.sizes.index_size import index_size
from pgtune.model.index import Index, IndexPart
from pgtune.model.index_shape import IndexShape
from pgtune.model.names import RelationName
from pgtune.shadow.shapes.index_shapes import read_shapes

NAME = "pgtune_bench_sizes_idx"
TOLERATED = 1.2  # factor of error from which the values are counted
EXPRESSION = "("  # a key part that starts with it is an expression


class SizeFigure(NamedTuple):
    name: str
    estimated_bytes: int
    real_bytes: int
    with_true_distinct_bytes: int | None = None  # the estimate, where it was bad, from counted values

    @property
    def factor(self) -> float:
        return self.estimated_bytes / self.real_bytes

    @property
    def error(self) -> float:
        """1.0: exact; 2.0: half or double."""
        return max(self.factor, 1 / self.factor)


def index(table: str, *key: str, include: str = "", where: str | None = None, method: str = "btree") -> Index:
    """An index from short words: "a desc", "b gin_trgm_ops", "(lower(c))"."""
    return Index(
        RelationName("public", table),
        tuple(_part(text) for text in key),
        tuple(include.split()),
        where,
        method,
    )


def _part(text: str) -> IndexPart:
    if text.startswith(EXPRESSION):
        return IndexPart(text[1:-1], is_expression=True)
    column, _, word = text.partition(" ")
    if word == "desc":
        return IndexPart(column, descending=True, nulls_first=True)
    return IndexPart(column, opclass=word or None)


TPCH = (
    index("lineitem", "l_shipdate"),
    index("lineitem", "l_orderkey"),
    index("lineitem", "l_partkey"),
    index("lineitem", "l_suppkey"),
    index("lineitem", "l_receiptdate desc"),
    index("lineitem", "l_partkey", "l_suppkey"),
    index("lineitem", "l_orderkey", "l_suppkey"),
    index("lineitem", "l_suppkey", "l_shipdate"),
    index("lineitem", "l_shipdate", "l_discount", "l_quantity"),
    index("lineitem", "l_extendedprice"),
    index("lineitem", "l_shipmode"),
    index("lineitem", "l_returnflag", "l_linestatus"),
    index("lineitem", "l_comment"),
    index("lineitem", "l_shipdate", include="l_extendedprice l_discount"),
    index("lineitem", "l_partkey", include="l_quantity l_extendedprice"),
    index("lineitem", "l_orderkey", where="l_commitdate < l_receiptdate"),
    index("lineitem", "l_shipdate", where="l_shipmode IN ('AIR', 'REG AIR')"),
    index("lineitem", "(EXTRACT(year FROM l_shipdate))"),
    index("lineitem", "(l_extendedprice * (1 - l_discount))"),
    index("lineitem", "l_shipdate", method="brin"),
    index("lineitem", "l_orderkey", "l_comment", method="brin"),
    index("orders", "o_orderdate"),
    index("orders", "o_custkey"),
    index("orders", "o_custkey", "o_orderdate desc"),
    index("orders", "o_clerk"),
    index("orders", "o_comment"),
    index("orders", "o_totalprice"),
    index("orders", "o_orderpriority"),
    index("orders", "o_orderdate", include="o_custkey o_orderkey"),
    index("orders", "o_custkey", where="o_orderstatus = 'P'"),
    index("orders", "(upper(o_clerk))"),
    index("orders", "(date_trunc('month', o_orderdate::timestamp))"),
    index("orders", "(CASE WHEN o_totalprice > 100000 THEN o_custkey END)"),
    index("orders", "o_comment gin_trgm_ops", method="gin"),
    index("customer", "c_mktsegment"),
    index("customer", "c_name"),
    index("customer", "c_address"),
    index("customer", "c_phone"),
    index("customer", "c_nationkey", "c_acctbal"),
    index("customer", "(substr(c_phone, 1, 2))"),
    index("part", "p_name"),
    index("part", "p_brand", "p_container"),
    index("part", "p_type", "p_size"),
    index("part", "p_retailprice"),
    index("part", "p_name gin_trgm_ops", method="gin"),
    index("part", "(to_tsvector('english', p_name))", method="gin"),
    index("partsupp", "ps_suppkey"),
    index("partsupp", "ps_suppkey", include="ps_supplycost"),
    index("partsupp", "ps_supplycost"),
    index("partsupp", "ps_comment"),
    index("supplier", "s_name"),
    index("supplier", "s_comment"),
    index("supplier", "s_comment gin_trgm_ops", method="gin"),
)

SAMPLE = (
    index("orders", "user_id"),
    index("orders", "user_id", "created_at desc"),
    index("orders", "total"),
    index("orders", "carrier", "currency"),
    index("orders", "created_at", where="status = 'pending'"),
    index("orders", "user_id", include="status total"),
    index("orders", "created_at", method="brin"),
    index("order_items", "product_id"),
    index("order_items", "product_id", include="quantity unit_price"),
    index("logs", "logged_at"),
    index("logs", "data", method="gin"),
    index("logs", "data jsonb_path_ops", method="gin"),
    index("logs", "(data ->> 'path')"),
    index("logs", "(data ->> 'level')"),
    index("users", "(lower(email))"),
    index("products", "name"),
)


def size_figures(tpch: str, sample: str) -> Iterator[SizeFigure]:
    """Estimate, build, weigh and drop every index, the larger ones of TPC-H in some seconds each."""
    for conninfo, indexes in ((tpch, TPCH), (sample, SAMPLE)):
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for wanted, shape in zip(indexes, read_shapes(connection, indexes), strict=True):
                yield _figure(connection, wanted, shape)


def _figure(connection: psycopg.Connection[Any], wanted: Index, shape: IndexShape) -> SizeFigure:
    statement = wanted.create_sql(NAME).replace(" CONCURRENTLY", "")
    figure = SizeFigure(
        statement.removeprefix(f"CREATE INDEX {NAME} ON public.").rstrip(";"),
        index_size(shape).size_bytes,
        _built_bytes(connection, statement),
    )
    if wanted.access_method != "btree" or figure.error <= TOLERATED:
        return figure
    true_shape = replace(
        shape, key_distinct=_true_distinct(connection, wanted), common_keys=0.0, common_rows=0.0
    )
    return figure._replace(with_true_distinct_bytes=index_size(true_shape).size_bytes)


def _built_bytes(connection: psycopg.Connection[Any], statement: str) -> int:
    connection.execute(f"DROP INDEX IF EXISTS public.{NAME}".encode())
    connection.execute(statement.encode())
    try:
        return _scalar(connection, f"SELECT pg_relation_size('public.{NAME}')")
    finally:
        connection.execute(f"DROP INDEX public.{NAME}".encode())


def _true_distinct(connection: psycopg.Connection[Any], wanted: Index) -> int:
    key = ", ".join(part.text for part in wanted.key)
    where = f" WHERE {wanted.predicate}" if wanted.predicate else ""
    return _scalar(
        connection, f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM {wanted.relation}{where}) AS d"
    )


def _scalar(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def mean_error(figures: Sequence[SizeFigure]) -> float:
    """The geometric mean of the factors of error."""
    return exp(sum(log(figure.error) for figure in figures) / len(figures))


def main() -> None:
    figures = []
    for figure in size_figures(*sys.argv[1:3]):
        figures.append(figure)
        known = figure.with_true_distinct_bytes
        note = f"  with the true n_distinct {known / figure.real_bytes:.3f}" if known is not None else ""
        print(f"{figure.factor:6.3f} {figure.real_bytes / 2**20:8.1f} MB  {figure.name}{note}", flush=True)
    worst = max(figures, key=lambda figure: figure.error)
    print(f"{len(figures)} indexes, geometric mean {mean_error(figures):.3f}, worst {worst.error:.3f}")


if __name__ == "__main__":
    main()
