"""What each node costs by itself, against truths worked out by hand."""

from __future__ import annotations

import pytest

from pgtune.analysis.attribution import attribute
from pgtune.model.charge import ChargedPlan, MeasuredPlan, TimedPlan
from pgtune.parse.plans import parse_plans


def charged(text: str) -> ChargedPlan:
    (plan,) = parse_plans(text)
    return attribute(plan)


def own_times(text: str) -> dict[str, float]:
    """{label, with the subplan's name where it has one: own ms}."""
    nodes = charged(text).nodes
    names = [f"{node.subplan_name}: {node.label}" if node.subplan_name else node.label for node in nodes]
    assert len(set(names)) == len(names)
    return dict(zip(names, own_list(text), strict=True))


def own_list(text: str) -> list[float]:
    """Own ms of each node, in the order of the text."""
    return [round(charge.own_ms or 0.0, 3) for charge in charged(text).charges]


def own_hits(text: str) -> list[int]:
    return [charge.own_buffers.shared_hit_blocks for charge in charged(text).charges]


def test_children_run_as_often_as_their_loops_say() -> None:
    assert own_times("""
Nested Loop (actual time=0.1..100.000 rows=10 loops=1)
  ->  Seq Scan on a (actual time=0.1..20.000 rows=10 loops=1)
  ->  Index Scan using b_pkey on b (actual time=0.1..7.000 rows=1 loops=10)
        Index Cond: (id = a.id)
""") == {"Nested Loop": 10, "Seq Scan on a": 20, "Index Scan using b_pkey on b": 70}


def test_subplan_is_part_of_the_node_that_it_hangs_on() -> None:
    assert own_times("""
Seq Scan on a (actual time=0.1..100.000 rows=10 loops=1)
  SubPlan 1
    ->  Aggregate (actual time=8.0..8.000 rows=1 loops=10)
          ->  Seq Scan on b (actual time=0.1..5.000 rows=1 loops=10)
""") == {"Seq Scan on a": 20, "SubPlan 1: Aggregate": 30, "Seq Scan on b": 50}


def test_never_executed_nodes_cost_nothing() -> None:
    assert own_times("""
Append (actual time=0.1..10.000 rows=10 loops=1)
  ->  Seq Scan on a (actual time=0.1..8.000 rows=10 loops=1)
  ->  Seq Scan on b (never executed)
""") == {"Append": 2, "Seq Scan on a": 8, "Seq Scan on b": 0}


CTE = """
Hash Join (actual time=1.0..30.000 rows=10 loops=1)
  Hash Cond: (x.id = x_1.id)
  Buffers: shared hit=100
  CTE x
    ->  Seq Scan on a (actual time=0.1..10.000 rows=1000 loops=1)
          Buffers: shared hit=90
  ->  CTE Scan on x (actual time=0.1..13.000 rows=1000 loops=1)
        Buffers: shared hit=90
  ->  Hash (actual time=2.0..2.000 rows=10 loops=1)
        ->  CTE Scan on x x_1 (actual time=0.1..1.500 rows=10 loops=1)
              Filter: (id < 10)
"""


def test_cte_is_paid_by_the_scan_that_ran_it() -> None:
    assert own_list(CTE) == [15, 10, 3, 0.5, 1.5]
    assert own_hits(CTE) == [10, 90, 0, 0, 0]


def test_two_scans_that_each_ran_a_part_of_a_cte_both_pay() -> None:
    plan = """
Nested Loop (actual time=1.0..30.000 rows=10 loops=1)
  Buffers: shared hit=175
  CTE x
    ->  Seq Scan on a (actual time=0.1..10.000 rows=1000 loops=1)
          Buffers: shared hit=175
  ->  CTE Scan on x (actual time=0.1..9.000 rows=800 loops=1)
        Buffers: shared hit=155
  ->  CTE Scan on x x_1 (actual time=0.1..4.000 rows=1000 loops=1)
        Buffers: shared hit=20
"""
    assert own_hits(plan) == [0, 175, 0, 0]
    join, cte, first, second = own_list(plan)
    assert (join, cte, first + second) == (17, 10, 3)


def test_cte_that_reads_a_cte() -> None:
    plan = """
CTE Scan on y (actual time=0.1..20.000 rows=10 loops=1)
  Buffers: shared hit=50
  CTE x
    ->  Seq Scan on a (actual time=0.1..10.000 rows=1000 loops=1)
          Buffers: shared hit=50
  CTE y
    ->  Aggregate (actual time=18.0..18.000 rows=10 loops=1)
          Buffers: shared hit=50
          ->  CTE Scan on x (actual time=0.1..14.000 rows=1000 loops=1)
                Buffers: shared hit=50
"""
    expected = {"CTE Scan on y": 2, "CTE x: Seq Scan on a": 10, "CTE y: Aggregate": 4, "CTE Scan on x": 4}
    assert own_times(plan) == expected
    assert own_hits(plan) == [0, 50, 0, 0]


def test_cte_inside_a_cte() -> None:
    plan = """
CTE Scan on outside (actual time=0.1..20.000 rows=10 loops=1)
  Buffers: shared hit=50
  CTE outside
    ->  CTE Scan on inside (actual time=0.1..16.000 rows=1000 loops=1)
          Buffers: shared hit=50
          CTE inside
            ->  Seq Scan on a (actual time=0.1..10.000 rows=1000 loops=1)
                  Buffers: shared hit=50
"""
    expected = {
        "CTE Scan on outside": 4,
        "CTE outside: CTE Scan on inside": 6,
        "CTE inside: Seq Scan on a": 10,
    }
    assert own_times(plan) == expected
    assert own_hits(plan) == [0, 0, 50]


@pytest.mark.parametrize(
    ("name", "mention"),
    [
        pytest.param("InitPlan 1 (returns $0)", "$0", id="up to 16"),
        pytest.param("InitPlan 11 (returns $12)", "$12", id="two digits"),
        pytest.param("InitPlan 1 (returns $0,$1)", "$1", id="two columns"),
        pytest.param("InitPlan 1", "(InitPlan 1).col1", id="17 and 18"),
        pytest.param("InitPlan 11", "(InitPlan 11).col2", id="17, two digits"),
        pytest.param("InitPlan expr_1", "(InitPlan expr_1).col1", id="19, named"),
    ],
)
def test_init_plan_is_paid_by_the_node_that_uses_its_value(name: str, mention: str) -> None:
    plan = f"""
Limit (actual time=80.0..80.000 rows=5 loops=1)
  Buffers: shared hit=7346
  {name}
    ->  Aggregate (actual time=46.0..46.000 rows=1 loops=1)
          Buffers: shared hit=3866
  ->  Nested Loop (actual time=79.0..79.000 rows=5 loops=1)
        Buffers: shared hit=7346
        ->  Seq Scan on a (actual time=1.0..10.000 rows=5 loops=1)
              Filter: (x > $1234)
              Buffers: shared hit=1000
        ->  Seq Scan on b (actual time=67.0..67.000 rows=5 loops=1)
              Filter: (amt > {mention})
              Buffers: shared hit=6346
"""
    assert own_times(plan) == {
        "Limit": 1,
        f"{name}: Aggregate": 46,
        "Nested Loop": 2,
        "Seq Scan on a": 10,
        "Seq Scan on b": 21,
    }
    assert own_hits(plan) == [0, 3866, 0, 1000, 2480]


def test_init_plan_that_nobody_seems_to_use_is_paid_by_its_owner() -> None:
    assert own_times("""
Result (actual time=50.0..50.000 rows=1 loops=1)
  InitPlan 1 (returns $0)
    ->  Aggregate (actual time=46.0..46.000 rows=1 loops=1)
""") == {"Result": 4, "InitPlan 1 (returns $0): Aggregate": 46}


def test_gather_evaluates_the_parameters_of_its_workers() -> None:
    assert own_times("""
Gather (actual time=60.0..60.000 rows=30 loops=1)
  Workers Planned: 2
  Workers Launched: 2
  InitPlan 1 (returns $0)
    ->  Aggregate (actual time=50.0..50.000 rows=1 loops=1)
  ->  Parallel Seq Scan on b (actual time=5.0..6.000 rows=10 loops=3)
        Filter: (amt > $0)
""") == {"Gather": 4, "InitPlan 1 (returns $0): Aggregate": 50, "Parallel Seq Scan on b": 6}


def test_processes_below_a_gather_run_side_by_side() -> None:
    plan = """
Gather (actual time=1.0..40.000 rows=30 loops=1)
  Workers Planned: 2
  Workers Launched: 2
  Buffers: shared hit=30
  ->  Nested Loop (actual time=5.0..30.000 rows=10 loops=3)
        Buffers: shared hit=30
        ->  Parallel Seq Scan on a (actual time=5.0..6.000 rows=10 loops=3)
              Buffers: shared hit=12
        ->  Index Scan using b_pkey on b (actual time=0.5..2.000 rows=1 loops=30)
              Buffers: shared hit=18
"""
    assert own_times(plan) == {
        "Gather": 10,
        "Nested Loop": 4,
        "Parallel Seq Scan on a": 6,
        "Index Scan using b_pkey on b": 20,
    }
    assert own_hits(plan) == [0, 0, 12, 18]


def test_leader_that_does_not_take_part_is_no_process() -> None:
    assert own_times("""
Gather (actual time=1.0..40.000 rows=20 loops=1)
  Workers Planned: 2
  Workers Launched: 2
  ->  Parallel Seq Scan on a (actual time=5.0..36.000 rows=10 loops=2)
""") == {"Gather": 4, "Parallel Seq Scan on a": 36}


def test_node_that_one_of_three_processes_ran_has_a_third_of_its_time() -> None:
    assert own_times("""
Gather (actual time=1.0..40.000 rows=30 loops=1)
  Workers Planned: 2
  Workers Launched: 2
  ->  Parallel Append (actual time=5.0..30.000 rows=10 loops=3)
        ->  Seq Scan on a (actual time=5.0..60.000 rows=30 loops=1)
        ->  Parallel Seq Scan on b (actual time=5.0..8.000 rows=10 loops=3)
""") == {"Gather": 10, "Parallel Append": 2, "Seq Scan on a": 20, "Parallel Seq Scan on b": 8}


def test_data_modifying_cte_that_nobody_reads_costs_its_own_time_beyond_the_roots() -> None:
    plan = """
Result (actual time=0.001..0.001 rows=1 loops=1)
  CTE w
    ->  Insert on t (actual time=2.060..21.524 rows=50000 loops=1)
          Buffers: shared hit=500
          ->  Function Scan on generate_series i (actual time=2.007..4.176 rows=50000 loops=1)
Execution Time: 22.854 ms
"""
    assert own_list(plan) == pytest.approx([0, 17.348, 4.176], abs=0.002)
    assert own_hits(plan) == [0, 500, 0]


def test_reader_of_a_data_modifying_cte_pays_for_what_it_asked() -> None:
    plan = """
Limit (actual time=1.838..1.850 rows=10 loops=1)
  CTE w
    ->  Insert on t (actual time=1.835..21.296 rows=50000 loops=1)
          ->  Function Scan on generate_series i (actual time=1.824..4.197 rows=50000 loops=1)
  ->  CTE Scan on w (actual time=1.837..1.842 rows=10 loops=1)
Execution Time: 22.508 ms
"""
    times = own_times(plan)
    assert times["CTE Scan on w"] == 0
    assert times["CTE w: Insert on t"] == pytest.approx(17.099, abs=0.002)


def test_shares_are_of_planning_and_execution() -> None:
    plan = charged("""
Nested Loop (actual time=0.1..100.000 rows=10 loops=1)
  ->  Seq Scan on a (actual time=0.1..20.000 rows=10 loops=1)
  ->  Seq Scan on b (actual time=0.1..7.000 rows=1 loops=10)
Planning Time: 50.000 ms
Execution Time: 150.000 ms
""")
    assert isinstance(plan, TimedPlan)
    assert plan.total_ms == 200
    assert [plan.share(node) for node in plan.nodes] == pytest.approx([0.05, 0.1, 0.35])
    assert plan.share_below(plan.plan.root) == pytest.approx(0.5)


def test_without_timing_shares_are_of_the_cost_over_all_expected_loops() -> None:
    plan = charged("""
Nested Loop (cost=0.00..1000.00 rows=10 width=8) (actual rows=10 loops=1)
  ->  Seq Scan on a (cost=0.00..100.00 rows=20 width=8) (actual rows=10 loops=1)
  ->  Seq Scan on b (cost=0.00..40.00 rows=1 width=8) (actual rows=1 loops=10)
""")
    assert isinstance(plan, MeasuredPlan)
    assert not isinstance(plan, TimedPlan)
    assert [plan.share(node) for node in plan.nodes] == pytest.approx([0.1, 0.1, 0.8])


def test_without_analyze_nothing_is_measured() -> None:
    plan = charged("Seq Scan on a (cost=0.00..100.00 rows=20 width=8)")
    assert not isinstance(plan, MeasuredPlan)
    assert plan.share(plan.plan.root) == 1
    assert plan.total_ms is None


def test_without_times_and_costs_shares_are_of_the_blocks() -> None:
    plan = charged("""
Nested Loop (actual rows=10 loops=1)
  Buffers: shared hit=100
  ->  Seq Scan on a (actual rows=10 loops=1)
        Buffers: shared hit=10
  ->  Seq Scan on b (actual rows=1 loops=10)
        Buffers: shared hit=90
""")
    assert [plan.share(node) for node in plan.nodes] == pytest.approx([0, 0.1, 0.9])


def test_cheap_rescans_do_not_hide_what_was_run_once_below_them() -> None:
    """A Memoize that prints 0.000 ms per loop may have used 150 ms in 300,000 loops."""
    times = own_times("""
Nested Loop (actual time=0.1..229.654 rows=299940 loops=1)
  ->  Index Only Scan using o_cust on o (actual time=0.1..54.219 rows=300000 loops=1)
  ->  Memoize (actual time=0.000..0.000 rows=1 loops=300000)
        ->  Index Only Scan using c_pkey on c (actual time=0.003..0.003 rows=1 loops=5000)
""")
    assert times["Index Only Scan using c_pkey on c"] == pytest.approx(15, abs=2.5)
    assert sum(times.values()) == pytest.approx(229.654)
