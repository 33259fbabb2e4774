"""Running rules on evidence: what is found once, what is skipped, what is silenced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from pgtune.analysis.attribution import attribute
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import find_rule, plan_rule_book
from pgtune.errors import UsageError
from pgtune.model.allow import Allow
from pgtune.model.catalog import Catalog
from pgtune.model.charge import ChargedPlan, MeasuredPlan, TimedPlan
from pgtune.model.evidence import Evidence
from pgtune.model.finding import Cause, Note, Severity, Symptom
from pgtune.model.policy import Policy
from pgtune.model.rule import Check, Need, Rule
from pgtune.parse.plans import parse_plans

MEASURED = """
Sort (cost=0.00..100.00 rows=9 width=8) (actual time=0.1..60.000 rows=10 loops=1)
  ->  Seq Scan on orders (cost=0.00..40.00 rows=20 width=8) (actual time=0.1..20.000 rows=10 loops=1)
Planning Time: 40.000 ms
Execution Time: 60.000 ms
"""
PLANNED = "Seq Scan on orders (cost=0.00..100.00 rows=20 width=8)"
SYMPTOM = Symptom(message="is slow", node=2, saves=0.2, cause=Cause.ACCESS_PATH)


def evidence(text: str, *more: object) -> Evidence:
    (plan,) = parse_plans(text)
    return Evidence((attribute(plan), *more))


def rule(
    name: str, *results: Symptom | Note, needs: type = ChargedPlan, optional: type | None = None
) -> Rule:
    def check(*_: object) -> Iterator[Symptom | Note]:
        yield from results

    needed = (Need(needs, required=True), *((Need(optional, required=False),) if optional else ()))
    return made_rule(name, check, needed)


def made_rule(
    name: str, check: Check, needs: tuple[Need, ...], thresholds: Mapping[str, float] | None = None
) -> Rule:
    return Rule(name, "Doc.", Severity.WARNING, needs, thresholds or {}, check)


def test_finding_says_what_it_saves_and_where() -> None:
    (found,) = review([rule("slow", SYMPTOM)], evidence(MEASURED), Policy()).findings
    assert found.at == "node 2: Seq Scan on orders"
    assert found.share == 0.2
    assert found.saving_ms == pytest.approx(20)
    assert found.key == "slow:orders"


def test_without_times_a_finding_has_a_share_but_no_saving() -> None:
    (found,) = review([rule("slow", replace(SYMPTOM, node=1))], evidence(PLANNED), Policy()).findings
    assert (found.share, found.saving_ms) == (0.2, None)


def test_share_is_never_more_than_the_whole_statement() -> None:
    (found,) = review([rule("slow", replace(SYMPTOM, saves=7.5))], evidence(MEASURED), Policy()).findings
    assert found.share == 1


def test_one_cause_is_one_finding_of_the_rule_that_saves_most() -> None:
    rules = [rule("small", SYMPTOM), rule("large", replace(SYMPTOM, saves=0.5)), rule("tiny", SYMPTOM)]
    (found,) = review(rules, evidence(MEASURED), Policy()).findings
    assert found.rule == "large"
    assert found.also == ("small", "tiny")


def test_symptoms_elsewhere_with_their_cause_at_one_node_are_one_finding() -> None:
    at_the_join = replace(SYMPTOM, node=1, cause_node=2, saves=0.6)
    (found,) = review(
        [rule("scan", SYMPTOM), rule("join", at_the_join)], evidence(MEASURED), Policy()
    ).findings
    assert (found.rule, found.node, found.also) == ("join", 1, ("scan",))


def test_two_causes_at_one_node_are_two_findings() -> None:
    rules = [rule("path", SYMPTOM), rule("memory", replace(SYMPTOM, cause=Cause.MEMORY))]
    assert len(review(rules, evidence(MEASURED), Policy()).findings) == 2


def test_statement_wide_symptoms_of_different_rules_are_different_findings() -> None:
    whole = replace(SYMPTOM, node=None, cause=Cause.STATEMENT)
    triggers = [replace(whole, object="a"), replace(whole, object="b")]
    found = review([rule("jit", whole), rule("trigger", *triggers)], evidence(MEASURED), Policy()).findings
    assert sorted(finding.key for finding in found) == ["jit:statement", "trigger:a", "trigger:b"]
    assert {finding.at for finding in found} == {"statement"}


def test_findings_are_ranked_by_what_they_save() -> None:
    symptoms = [replace(SYMPTOM, saves=saves, cause_node=n) for n, saves in enumerate((0.1, 0.5, 0.3))]
    found = review([rule("slow", *symptoms)], evidence(MEASURED), Policy()).findings
    assert [finding.share for finding in found] == [0.5, 0.3, 0.1]


@pytest.mark.parametrize(
    ("text", "needs", "missing"),
    [
        (PLANNED, MeasuredPlan, "EXPLAIN ANALYZE"),
        (PLANNED, TimedPlan, "EXPLAIN (ANALYZE, TIMING)"),
        (MEASURED, Catalog, "the catalog"),
    ],
)
def test_rule_without_its_evidence_is_skipped_not_clean(text: str, needs: type, missing: str) -> None:
    found = review([rule("slow", SYMPTOM, needs=needs)], evidence(text), Policy())
    assert found.findings == ()
    assert [(skipped.rule, skipped.missing) for skipped in found.skipped] == [("slow", (missing,))]


def test_rule_with_evidence_that_found_nothing_is_not_skipped() -> None:
    found = review([rule("slow", needs=TimedPlan)], evidence(MEASURED), Policy())
    assert (found.findings, found.skipped) == ((), ())


def test_optional_evidence_is_none_when_it_is_missing() -> None:
    taken: list[object] = []

    def check(plan: object, catalog: object) -> Iterator[Symptom | Note]:
        taken.append(catalog)
        yield from ()

    needs = (Need(ChargedPlan, required=True), Need(Catalog, required=False))
    catalog = Catalog(180000, {})
    for items in ((), (catalog,)):
        assert not review([made_rule("slow", check, needs)], evidence(MEASURED, *items), Policy()).skipped
    assert taken == [None, catalog]


def test_notes_are_kept_in_the_order_of_the_plan() -> None:
    rules = [rule("slow", Note("second", 2)), rule("sort", Note("first", 1), Note("whole", None))]
    notes = review(rules, evidence(MEASURED), Policy()).notes
    assert [note.message for note in notes] == ["whole", "first", "second"]


def test_allow_silences_the_finding_and_keeps_it_apart() -> None:
    found = review(
        [rule("slow", SYMPTOM)], evidence(MEASURED), Policy(), [Allow("slow", "it is a report", 3)]
    )
    assert found.findings == ()
    assert [finding.rule for finding in found.allowed] == ["slow"]


def test_allow_that_silences_nothing_is_a_finding() -> None:
    (found,) = review([rule("slow")], evidence(MEASURED), Policy(), [Allow("slow", "", 3)]).findings
    assert (found.rule, found.at, found.share) == ("unused-allow", "line 3", 0)
    assert found.message == '"allow slow" silences nothing'


def test_allow_of_a_rule_that_saw_the_same_cause_is_used() -> None:
    rules = [rule("small", SYMPTOM), rule("large", replace(SYMPTOM, saves=0.5))]
    found = review(rules, evidence(MEASURED), Policy(), [Allow("small", "", 1)])
    assert [finding.rule for finding in found.findings] == ["large"]


def test_unused_allow_can_be_ignored() -> None:
    policy = Policy(ignored=frozenset({"unused-allow"}))
    assert review([rule("slow")], evidence(MEASURED), policy, [Allow("slow", "", 3)]).findings == ()


def test_ignored_rule_does_not_run_and_is_not_skipped() -> None:
    policy = Policy(ignored=frozenset({"slow"}))
    found = review([rule("slow", SYMPTOM, needs=TimedPlan)], evidence(PLANNED), policy)
    assert (found.findings, found.skipped) == ((), ())


def test_policy_sets_thresholds_by_rule() -> None:
    def check(plan: MeasuredPlan, *, min_rows: float = 100) -> Iterator[Symptom | Note]:
        yield replace(SYMPTOM, message=f"more than {min_rows} rows")

    rules = [
        made_rule(name, check, (Need(MeasuredPlan, required=True),), {"min_rows": 100})
        for name in ("one", "two")
    ]
    found = {
        finding.message
        for name in rules
        for finding in review(
            [name], evidence(MEASURED), Policy(thresholds={"two": {"min_rows": 5}})
        ).findings
    }
    assert found == {"more than 100 rows", "more than 5 rows"}


def test_policy_sets_severities_by_rule() -> None:
    policy = Policy(severities={"slow": Severity.ERROR})
    (found,) = review([rule("slow", SYMPTOM)], evidence(MEASURED), policy).findings
    assert found.severity is Severity.ERROR


def test_findings_below_the_smallest_share_are_minor() -> None:
    found = review([rule("slow", replace(SYMPTOM, saves=0.009))], evidence(MEASURED), Policy())
    assert found.findings == ()
    assert [finding.share for finding in found.minor] == [0.009]


def test_rule_names_are_file_names_with_dashes() -> None:
    names = [each.name for each in plan_rule_book()]
    assert "seq-scan-discards" in names
    assert names == sorted(names)
    assert all("_" not in name for name in names)


def test_unknown_rule_is_named_with_its_neighbours() -> None:
    with pytest.raises(
        UsageError, match='rule "seq-scan-discard" does not exist; did you mean seq-scan-discards'
    ):
        find_rule("seq-scan-discard")
