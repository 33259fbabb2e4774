"""What must hold for every plan of the corpus: 47 queries on PostgreSQL 12 to 18, in JSON and in text.

Origin: made for this project with the queries in tests/corpus/matrix's file names, one server per major,
EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS, WAL, MEMORY, SERIALIZE) as far as the major knows them. JSON and
text of a query are of two runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from pgtune.analysis.attribution import TIME_ROUNDING_MS, attribute
from pgtune.analysis.consumers import find_deferred
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import plan_rule_book
from pgtune.model.buffers import COUNTERS
from pgtune.model.charge import ChargedPlan
from pgtune.model.evidence import Evidence
from pgtune.model.plan import Plan, PlanNode
from pgtune.model.policy import Policy
from pgtune.model.review import Review
from tests.corpus_plans import (
    PAIRS,
    PATHS,
    changed,
    in_the_run_of,
    read_pair,
    read_plan,
    without_actuals,
    without_buffers,
    without_costs,
    without_times,
)

EVERYTHING = Policy(min_share=0.0)

# What the second run of a query did otherwise, by query: fields of its nodes.
OTHER_RUN = {
    "insert": {"buffers"},  # found its pages dirty, or had to extend the relation
    "merge": {"buffers"},
    "memoize": {"buffers"},  # the first run set hint bits
    "parallel": {"actual", "hash_table"},  # blocks are handed out as workers come
    "parbitmap": {"buffers", "heap_blocks"},  # workers split a lossy bitmap by chance
    "parhash": {"buffers", "hash_table"},  # temporary files depend on who filled which batch
    "tablesample": {"actual"},  # another sample
}

# What text does not print, or prints in another way, and what no rule may therefore stand on.
NOT_IN_TEXT = {"extra", "inner_unique", "children"}

# Keys that the model has no field for. A new one is a decision: give it a field, or add it here.
KNOWN_EXTRA = {
    "Async Capable",
    "Command",  # of SetOp
    "Conflict Arbiter Indexes",
    "Conflict Resolution",
    "Conflicting Tuples",
    "Function Call",
    "Grouping Sets",
    "Params Evaluated",  # up to 16
    "Sampling Method",
    "Sampling Parameters",
    "Single Copy",
    "Tuples Deleted",
    "Tuples Inserted",
    "Tuples Skipped",
    "Tuples Updated",
    "WAL Buffers Full",
    "WAL FPI",
    "WAL Records",
    "Window",  # 18 and later
}

every_plan = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
every_pair = pytest.mark.parametrize("stem", PAIRS)


def reviewed(plan: Plan) -> Review:
    return review(plan_rule_book(), Evidence((attribute(plan),)), EVERYTHING)


def test_corpus_is_there() -> None:
    assert len(PATHS) == 603
    assert len(PAIRS) == 277


@every_plan
def test_plan_reads_with_known_keys_only(path: Path) -> None:
    plan = read_plan(path)
    assert {key for node in plan.nodes() for key in node.extra} <= KNOWN_EXTRA
    assert not plan.extra
    assert plan.execution_ms is not None
    assert [node.number for node in plan.nodes()] == list(range(1, 1 + sum(1 for _ in plan.nodes())))


@every_plan
def test_own_buffers_sum_exactly_to_the_roots(path: Path) -> None:
    plan = read_plan(path)
    charges = attribute(plan).charges
    for counter in COUNTERS:
        own = [getattr(charge.own_buffers, counter) for charge in charges]
        assert min(own) >= 0, counter
        whole = getattr(plan.root.buffers, counter)
        assert sum(own) == (whole if counter.endswith("_blocks") else pytest.approx(whole)), counter


@every_plan
def test_own_times_sum_to_the_roots(path: Path) -> None:
    charged = attribute(read_plan(path))
    own = [charge.own_ms for charge in charged.charges if charge.own_ms is not None]
    assert len(own) == len(charged.nodes)
    assert min(own) >= 0
    assert sum(own) == pytest.approx(charged.charges[0].wall_ms)


@every_plan
def test_settled_times_are_within_rounding_of_the_printed_ones(path: Path) -> None:
    charged = attribute(read_plan(path))
    elsewhere = nodes_that_pay_for_subplans(charged)
    settled = settled_times(charged)
    for node in charged.nodes:
        if node.number in elsewhere:
            continue
        wall_ms = charged.charge(node).wall_ms
        assert wall_ms is not None
        assert node.actual is not None
        rounding_ms = TIME_ROUNDING_MS * (node.actual.loops + 1)  # the root's figure is kept as it is
        assert settled[node.number - 1] == pytest.approx(wall_ms, abs=rounding_ms), node.label


def nodes_that_pay_for_subplans(charged: ChargedPlan) -> set[int]:
    """Nodes below which an InitPlan or CTE hangs or is paid for: their own parts do not add up there."""
    parents = [getattr(charged.parent(node), "number", 0) for node in charged.nodes]
    deferred = find_deferred(charged.nodes, parents)
    paying = {number for plan in deferred for number in (plan.number, plan.owner, *plan.consumers)}
    for number in sorted(paying, reverse=True):
        paying |= {node.number for node in charged.ancestors(charged.nodes[number - 1])}
    return paying


def settled_times(charged: ChargedPlan) -> list[float]:
    """Time of each node with all below it, from the own parts."""
    sums = [charge.own_ms or 0.0 for charge in charged.charges]
    for node in reversed(charged.nodes):
        for child in node.children:
            sums[node.number - 1] += sums[child.number - 1]
    return sums


@every_pair
def test_text_reads_as_json_does(stem: str) -> None:
    pair = read_pair(stem)
    text = in_the_run_of(pair.text, pair.json)
    excused = NOT_IN_TEXT | OTHER_RUN.get(query_of(stem), set())
    compared = [field.name for field in fields(PlanNode) if field.name not in excused]
    for ours, theirs in zip(text.nodes(), pair.json.nodes(), strict=True):
        for name in compared:
            assert getattr(ours, name) == getattr(theirs, name), f"node {ours.number}, {name}"
    assert text.settings == pair.json.settings
    assert [trigger.name for trigger in pair.text.triggers] == [
        trigger.name for trigger in pair.json.triggers
    ]
    for name in ("planning_ms", "execution_ms", "serialization_ms", "planning_memory_kb"):
        assert (getattr(pair.text, name) is None) == (getattr(pair.json, name) is None), name


@every_pair
def test_text_and_json_have_the_same_charges_and_findings(stem: str) -> None:
    pair = read_pair(stem)
    text = in_the_run_of(pair.text, pair.json)
    text = with_fields_of(text, pair.json, OTHER_RUN.get(query_of(stem), set()))
    assert attribute(text).charges == attribute(pair.json).charges
    assert reviewed(text) == reviewed(pair.json)


def query_of(stem: str) -> str:
    """ "parallel" of "parallel.18"."""
    return stem.rpartition(".")[0]


def with_fields_of(plan: Plan, other: Plan, names: set[str]) -> Plan:
    others = {node.number: node for node in other.nodes()}
    return replace(
        plan,
        root=changed(
            plan.root,
            lambda node: replace(node, **{name: getattr(others[node.number], name) for name in names}),
        ),
    )


VARIANTS: dict[str, Callable[[Plan], Plan]] = {
    "as it is": lambda plan: plan,
    "TIMING OFF": without_times,
    "COSTS OFF": without_costs,
    "BUFFERS OFF": without_buffers,
    "COSTS OFF, TIMING OFF": lambda plan: without_costs(without_times(plan)),
    "no ANALYZE": without_actuals,
    "no ANALYZE, COSTS OFF": lambda plan: without_costs(without_actuals(plan)),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_rule_has_an_answer_to_every_plan(variant: str) -> None:
    for path in PATHS:
        found = reviewed(VARIANTS[variant](read_plan(path)))
        for finding in found.findings:
            assert 0 <= finding.share <= 1, (path.name, finding)
            assert "\n" not in finding.message, (path.name, finding)
            assert not finding.message.endswith("."), (path.name, finding)
            assert finding.detail == "" or finding.detail.endswith((".", ")")), (path.name, finding)
            assert finding.hint == "" or finding.hint.endswith("."), (path.name, finding)
        assert variant.startswith("no ANALYZE") == any("EXPLAIN ANALYZE" in s.missing for s in found.skipped)
