"""Large plans: attribution and all rules together take time in proportion to the number of nodes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest

from pgtune.analysis.attribution import attribute
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import plan_rule_book
from pgtune.model.evidence import Evidence
from pgtune.model.plan import Plan
from pgtune.model.policy import Policy
from pgtune.parse.build_plan import build_plan

NODES = 5000
MAX_RATIO = 3.0  # for twice the nodes: 2 is linear, 4 quadratic; chosen

RawNode = dict[str, Any]
WORKERS = [
    {"Worker Number": number, "Actual Rows": 3, "Actual Loops": 1, "Actual Total Time": 1.0 + 20 * number}
    for number in range(2)
]


def raw_node(
    node_type: str,
    role: str,
    plans: Sequence[RawNode] = (),
    more: RawNode | None = None,
    rows: int = 1,
    loops: int = 1,
) -> RawNode:
    below_ms = sum(plan["Actual Total Time"] * plan["Actual Loops"] for plan in plans)
    return {
        "Node Type": node_type,
        "Parent Relationship": role,
        "Startup Cost": 0.0,
        "Total Cost": 10.0 + sum(plan["Total Cost"] for plan in plans),
        "Plan Rows": rows * 100,
        "Plan Width": 8,
        "Actual Startup Time": 0.001,
        "Actual Total Time": (1.0 + below_ms) / loops,
        "Actual Rows": rows,
        "Actual Loops": loops,
        "Shared Hit Blocks": 10 + sum(plan["Shared Hit Blocks"] for plan in plans),
        "Plans": list(plans),
        **(more or {}),
    }


def scan(role: str, number: int, more: RawNode | None = None, loops: int = 1) -> RawNode:
    about = {"Relation Name": f"events_{number}", "Alias": f"events_{number}", "Filter": "(a = 1)"}
    removed = {"Rows Removed by Filter": 90_000 // loops}
    return raw_node("Seq Scan", role, more=about | removed | (more or {}), rows=10, loops=loops)


def partitions(nodes: int) -> RawNode:
    return raw_node("Append", "Outer", [scan("Member", number) for number in range(nodes)], rows=10)


def joins(nodes: int) -> RawNode:
    """Chains of a hundred joins; each chain has 201 nodes."""
    return raw_node("Append", "Outer", [chain_of_joins(100) for _ in range(nodes // 201 + 1)], rows=10)


def chain_of_joins(length: int) -> RawNode:
    tree = scan("Outer", 0)
    for number in range(length):
        below = scan("Inner", number, loops=10)
        tree = raw_node("Nested Loop", "Outer", [tree, below], {"Join Type": "Inner"}, rows=10)
    return tree


def subplans_in_subplans(nodes: int) -> RawNode:
    tree = scan("SubPlan", 0, {"Subplan Name": "SubPlan 1"}, loops=1000)
    for number in range(1, nodes):
        tree = raw_node("Result", "SubPlan", [tree], {"Subplan Name": f"SubPlan {number + 1}"}, loops=1000)
    return raw_node("Result", "Outer", [tree])


def chain_of_ctes(nodes: int) -> RawNode:
    """Each CTE reads the one before it, which is part of the reader's time."""
    ctes = [scan("InitPlan", 0, {"Subplan Name": "CTE c0"})]
    ctes += [
        raw_node("Aggregate", "InitPlan", [reader_of_cte(number - 1)], {"Subplan Name": f"CTE c{number}"})
        for number in range(1, nodes // 2)
    ]
    return reader_of_cte(len(ctes) - 1) | {"Plans": ctes}


def reader_of_cte(number: int) -> RawNode:
    reader = raw_node("CTE Scan", "Outer", more={"CTE Name": f"c{number}", "Alias": "x"})
    return reader | {"Actual Total Time": float(number + 2), "Shared Hit Blocks": 10 * (number + 2)}


def joins_on_an_init_plan(nodes: int) -> RawNode:
    """Every scan of chains of joins mentions the same InitPlan."""
    chains = []
    for _ in range(nodes // 201):
        tree = scan("Outer", 0)
        for number in range(100):
            below = scan("Inner", number, {"Index Cond": "(a = $0)"})
            tree = raw_node("Hash Join", "Outer", [tree, below], {"Hash Cond": "(a.x = b.x)"})
        chains.append(tree)
    init_plan = scan("InitPlan", 0, {"Subplan Name": "InitPlan 1 (returns $0)"})
    return raw_node("Append", "Outer", [init_plan, *chains])


def parallel_joins(nodes: int) -> RawNode:
    gathers = []
    for _ in range(nodes // 202 + 1):
        tree = scan("Outer", 0, {"Workers": WORKERS}, loops=3)
        for number in range(100):
            below = scan("Inner", number, {"Parallel Aware": True, "Workers": WORKERS}, loops=3)
            more = {"Hash Cond": "(a.x = b.x)", "Workers": WORKERS}
            tree = raw_node("Hash Join", "Outer", [tree, below], more, loops=3)
        gathers.append(raw_node("Gather", "Outer", [tree], {"Workers Planned": 2, "Workers Launched": 1}))
    return raw_node("Append", "Outer", gathers)


SHAPES = {
    "partitions": partitions,
    "joins": joins,
    "SubPlans in SubPlans": subplans_in_subplans,
    "chain of CTEs": chain_of_ctes,
    "joins on an InitPlan": joins_on_an_init_plan,
    "parallel joins": parallel_joins,
}


def plan_of(shape: str, nodes: int) -> Plan:
    return build_plan({"Plan": SHAPES[shape](nodes), "Planning Time": 1.0, "Execution Time": 1.0e6})


def seconds_of_review(plan: Plan) -> float:
    """Of our own: what else the machine does is not counted."""
    start = time.process_time()
    review(plan_rule_book(), Evidence((attribute(plan),)), Policy())
    return time.process_time() - start


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_nodes_take_about_twice_the_time(shape: str) -> None:
    small, large = plan_of(shape, NODES), plan_of(shape, 2 * NODES)
    assert sum(1 for _ in large.nodes()) > 1.9 * NODES
    # The best of three each, in turns: what else the machine does only adds to a time.
    times = [(seconds_of_review(small), seconds_of_review(large)) for _ in range(3)]
    assert min(after for _, after in times) / min(before for before, _ in times) < MAX_RATIO
