"""Indexes of every kind for TPC-H, each with a query that uses it."""

from __future__ import annotations

from typing import NamedTuple

from pgtune.model.index import Index
from tests.bench_sizes import index


class Pair(NamedTuple):
    kind: str
    index: Index
    query: str


PAIRS = (
    Pair(
        "B-tree",
        index("lineitem", "l_partkey"),
        "SELECT sum(l_quantity) FROM lineitem WHERE l_partkey = 4711",
    ),
    Pair(
        "B-tree",
        index("orders", "o_custkey", "o_orderdate desc"),
        "SELECT * FROM orders WHERE o_custkey = 4711 ORDER BY o_orderdate DESC LIMIT 3",
    ),
    Pair(
        "B-tree",
        index("lineitem", "l_shipdate", "l_discount", "l_quantity"),
        "SELECT count(*) FROM lineitem WHERE l_shipdate < '1992-06-01' AND l_discount < 0.03",
    ),
    Pair(
        "B-tree",
        index("customer", "c_mktsegment"),
        "SELECT count(*) FROM customer WHERE c_mktsegment = 'BUILDING'",
    ),
    Pair(
        "INCLUDE",
        index("lineitem", "l_shipdate", include="l_extendedprice l_discount"),
        """SELECT sum(l_extendedprice * l_discount) FROM lineitem
        WHERE l_shipdate >= '1994-01-01' AND l_shipdate < '1995-01-01'""",
    ),
    Pair(
        "INCLUDE",
        index("partsupp", "ps_suppkey", include="ps_supplycost"),
        "SELECT sum(ps_supplycost) FROM partsupp WHERE ps_suppkey < 500",
    ),
    Pair(
        "partial",
        index("lineitem", "l_orderkey", where="l_commitdate < l_receiptdate"),
        "SELECT count(*) FROM lineitem WHERE l_commitdate < l_receiptdate AND l_orderkey < 40000",
    ),
    Pair(
        "partial",
        index("orders", "o_custkey", where="o_orderstatus = 'P'"),
        "SELECT * FROM orders WHERE o_orderstatus = 'P' AND o_custkey < 900",
    ),
    Pair(
        "expression",
        index("customer", "(substr(c_phone, 1, 2))"),
        "SELECT count(*) FROM customer WHERE substr(c_phone, 1, 2) = '13'",
    ),
    Pair(
        "expression",
        index("orders", "(upper(o_clerk))"),
        "SELECT * FROM orders WHERE upper(o_clerk) = 'CLERK#000000123'",
    ),
    # Of the columns that follow the order of the rows, only c_name has no primary key to be found by.
    Pair(
        "BRIN",
        index("customer", "c_name", method="brin"),
        "SELECT sum(c_acctbal) FROM customer WHERE c_name < 'Customer#000010000'",
    ),
    Pair(
        "BRIN",
        index("customer", "c_name", "c_custkey", method="brin"),
        "SELECT * FROM customer WHERE c_name = 'Customer#000010000'",
    ),
    Pair(
        "GIN",
        index("part", "p_name gin_trgm_ops", method="gin"),
        "SELECT * FROM part WHERE p_name LIKE '%chartreuse navy%'",
    ),
    Pair(
        "GIN",
        index("supplier", "s_comment gin_trgm_ops", method="gin"),
        "SELECT * FROM supplier WHERE s_comment LIKE '%Customer%Complaints%'",
    ),
    Pair(
        "GIN",
        index("part", "(to_tsvector('english', p_name))", method="gin"),
        "SELECT * FROM part WHERE to_tsvector('english', p_name) @@ to_tsquery('english', 'navy & plum')",
    ),
)
