"""Shapes of the text format that the corpus lacks, and lines that must not be taken for something else."""

import time

import pytest

from pgtune.errors import PlanError
from pgtune.parse.raw_plan import read_raw_plans


def _root(text: str) -> dict[str, object]:
    [plan] = read_raw_plans(text)
    return plan["Plan"]


def test_a_plan_without_costs_is_read() -> None:
    node = _root("Nested Loop Anti Join\n  ->  Seq Scan on t\n  ->  Index Scan Backward using i on s.t a\n")
    outer, inner = node["Plans"]
    assert (node["Node Type"], node["Join Type"]) == ("Nested Loop", "Anti")
    assert (outer["Parent Relationship"], inner["Parent Relationship"]) == ("Outer", "Inner")
    assert (inner["Scan Direction"], inner["Index Name"], inner["Schema"], inner["Alias"]) == (
        "Backward",
        "i",
        "s",
        "a",
    )


LITERAL = """x; (cost=1
->  Limit  (cost=0.00..1.00 rows=1 width=4)
[{"Plan": 1}]
  Buffers: shared hit=3

\x1b[31mé"""


def test_a_literal_may_hold_anything() -> None:
    node = _root(f"Seq Scan on t\n  Filter: (a = '{LITERAL}'::text)\n  Rows Removed by Filter: 3\n")
    assert node["Filter"] == f"(a = '{LITERAL}'::text)"
    assert node["Rows Removed by Filter"] == 3
    assert "Plans" not in node


def test_quoted_names_are_unquoted() -> None:
    node = _root('Index Scan using "my on ""using"" i" on "A.b"."Ünï ""x""" "a b"\n')
    assert (node["Index Name"], node["Schema"]) == ('my on "using" i', "A.b")
    assert (node["Relation Name"], node["Alias"]) == ('Ünï "x"', "a b")


def test_lists_are_split_outside_quotes_and_brackets() -> None:
    node = _root("Sort\n  Sort Key: a, f(b, 'x, y('), \"c, d\" DESC\n")
    assert node["Sort Key"] == ["a", "f(b, 'x, y(')", '"c, d" DESC']


def test_lines_of_a_worker_stay_with_the_worker() -> None:
    node = _root(
        "Sort (actual rows=9 loops=3)\n"
        "  Sort Method: quicksort  Memory: 25kB\n"
        "  Worker 0:  Sort Method: external merge  Disk: 99kB\n"
        "  Buffers: shared hit=7\n"
        "  Worker 0: actual rows=4 loops=1\n"
        "    Buffers: shared hit=3\n"
        "    JIT:\n"
        "      Functions: 2\n"
    )
    assert (node["Sort Method"], node["Sort Space Used"], node["Shared Hit Blocks"]) == ("quicksort", 25, 7)
    [worker] = node["Workers"]
    assert (worker["Sort Space Type"], worker["Sort Space Used"], worker["Shared Hit Blocks"]) == (
        "Disk",
        99,
        3,
    )
    assert worker["JIT"] == {"Functions": 2}


def test_incremental_sort_groups_have_the_shape_of_json() -> None:
    node = _root(
        "Incremental Sort\n"
        "  Full-sort Groups: 17  Sort Methods: quicksort, top-N heapsort"
        "  Average Memory: 32kB  Peak Memory: 33kB\n"
        "  Pre-sorted Groups: 3  Sort Method: external merge  Average Disk: 40kB  Peak Disk: 41kB\n"
    )
    assert node["Full-sort Groups"] == {
        "Group Count": 17,
        "Sort Methods Used": ["quicksort", "top-N heapsort"],
        "Sort Space Memory": {"Average Sort Space Used": 32, "Peak Sort Space Used": 33},
    }
    assert node["Pre-sorted Groups"]["Sort Space Disk"] == {
        "Average Sort Space Used": 40,
        "Peak Sort Space Used": 41,
    }


def test_original_numbers_of_a_hash_table_are_kept() -> None:
    grown = _root("Hash\n  Buckets: 8192 (originally 2048)  Batches: 4 (originally 1)  Memory Usage: 240kB\n")
    assert (grown["Hash Buckets"], grown["Original Hash Buckets"]) == (8192, 2048)
    assert (grown["Hash Batches"], grown["Original Hash Batches"]) == (4, 1)
    assert grown["Peak Memory Usage"] == 240
    assert _root("Hash\n  Buckets: 1024  Batches: 1  Memory Usage: 9kB\n")["Original Hash Buckets"] == 1024


def test_wal_keys_with_a_blank_are_read() -> None:
    node = _root("Insert on t\n  WAL: records=1 fpi=2 bytes=300 fpi bytes=200 buffers full=4\n")
    assert (node["WAL Records"], node["WAL Bytes"]) == (1, 300)
    assert (node["WAL FPI"], node["WAL FPI Bytes"], node["WAL Buffers Full"]) == (2, 200, 4)


def test_lines_of_19_are_read() -> None:
    node = _root(
        "Seq Scan on t\n"
        "  Prefetch: avg=1.20 max=3 capacity=16\n"
        "  I/O: count=3 waits=1 size=2.00 in-progress=1.50\n"
        "  InitPlan expr_1\n"
        "    ->  Result\n"
    )
    assert (node["Prefetch Capacity"], node["I/O Count"], node["Average I/O Size"]) == (16, 3, 2.0)
    assert node["Plans"][0]["Subplan Name"] == "InitPlan expr_1"


def test_plan_level_lines_of_old_and_new_servers() -> None:
    [plan] = read_raw_plans(
        "Result  (cost=0.00..0.01 rows=1 width=4) (actual time=0.001..0.001 rows=1 loops=1)\n"
        "Planning time: 1.5 ms\n"
        "JIT:\n"
        "  Options: Inlining false, Optimization true\n"
        "  Timing: Generation 1.234 ms (Deform 0.300 ms), Total 5.2 ms\n"
        "Settings: search_path = 'a, \"b'' c\"', work_mem = '4MB'\n"
        "Trigger for constraint x on t: time=1.250 calls=3\n"
        "Total runtime: 3.25 ms\n"
    )
    assert (plan["Planning Time"], plan["Execution Time"]) == (1.5, 3.25)
    assert plan["JIT"]["Options"] == {"Inlining": False, "Optimization": True}
    assert plan["JIT"]["Timing"] == {"Generation": {"Deform": 0.3, "Total": 1.234}, "Total": 5.2}
    assert plan["Settings"] == {"search_path": 'a, "b\' c"', "work_mem": "4MB"}
    assert plan["Triggers"] == [{"Constraint Name": "x", "Relation": "t", "Time": 1.25, "Calls": 3}]


def test_nodes_of_forks_and_extensions_are_kept() -> None:
    greenplum = _root(
        "Gather Motion 3:1  (slice1; segments: 3)  (cost=0.00..431.00 rows=1 width=4)\n  ->  Limit\n"
    )
    assert (greenplum["Node Type"], greenplum["Senders"], greenplum["Plan Rows"]) == ("Gather Motion", 3, 1)
    citus = _root(
        "Custom Scan (Citus Adaptive)  (cost=0.00..0.00 rows=9 width=36)\n"
        "  Task Count: 32\n"
        "  ->  Task\n"
        "        Node: host=localhost port=9701\n"
        "        ->  Seq Scan on orders_102008 orders\n"
    )
    assert (citus["Custom Plan Provider"], citus["Task Count"]) == ("Citus Adaptive", 32)
    [task] = citus["Plans"]
    assert (task["Node Type"], task["Plans"][0]["Relation Name"]) == ("Task", "orders_102008")
    assert _root("My Own Node\n  ->  Seq Scan on t\n")["Node Type"] == "My Own Node"


def test_unknown_lines_are_kept_where_they_stood() -> None:
    [plan] = read_raw_plans("Limit\n  what is this\n  New Counter: 12\n  ->  Result\nand this\n")
    assert plan["Plan"]["Extra Lines"] == ["what is this"]
    assert plan["Plan"]["New Counter"] == 12
    assert plan["Extra Lines"] == ["and this"]


def test_target_tables_of_a_modify_table() -> None:
    node = _root('Update on p\n  Update on p1 p_1\n  Update on s."p 2" p_2\n  ->  Append\n')
    assert node["Target Tables"] == [
        {"Relation Name": "p1", "Alias": "p_1"},
        {"Relation Name": "p 2", "Schema": "s", "Alias": "p_2"},
    ]


def test_query_text_above_the_plan_is_kept() -> None:
    [plan] = read_raw_plans(
        "Query Text: select *\nfrom t where a = 'Sort';\nSeq Scan on t\n  Filter: (a = 'Sort'::text)\n"
    )
    assert plan["Query Text"] == "select *\nfrom t where a = 'Sort';"


@pytest.mark.parametrize(
    "text",
    [
        "Limit\n  ->  Seq Scan on t  (cost=0.00..1.0",
        "Limit\n  Filter: (a = 'x\nfoo",
        "Limit\n  Filter: ((a = 1) AND",
    ],
)
def test_a_text_plan_that_breaks_off_inside_a_line_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match=r"cut off at line 2"):
        read_raw_plans(text)


def test_ten_thousand_nodes_take_no_longer_per_node_than_one_thousand() -> None:
    node = (
        "  ->  Index Scan using i on s.t x  (cost=0.00..1.00 rows=1 width=4) (actual rows=1 loops=1)\n"
        "        Output: a, f(b, c), 'x,y'::text\n"
        "        Filter: (x.b = 'it''s (a'::text)\n"
        "        Buffers: shared hit=3 read=4\n"
    )

    def seconds(nodes: int) -> float:
        started = time.perf_counter()
        assert len(_root("Append\n" + node * nodes)["Plans"]) == nodes
        return time.perf_counter() - started

    best = {nodes: min(seconds(nodes) for _ in range(3)) for nodes in (1_000, 10_000)}
    assert best[10_000] < 40 * best[1_000]  # 10 when linear, 100 when quadratic


def test_depth_is_not_limited_by_the_stack() -> None:
    lines = ["Limit", *(f"{' ' * depth}->  Limit" for depth in range(2, 5_002))]
    node, depth = _root("\n".join(lines)), 0
    while "Plans" in node:
        [node], depth = node["Plans"], depth + 1
    assert depth == 5_000
