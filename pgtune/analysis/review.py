"""Run the rules on the evidence and rank what they saw.

Evidence in, Review out:

1. A rule whose evidence is missing is *skipped*, which is not *clean*.
2. Symptoms with one cause become one finding: the one that saves most; the others are named in ``also``.
3. Findings are ranked by the share of the statement that they could save; those that are not about a
   statement by severity and by the disk space that they free.
4. Allow comments silence findings; one that silences nothing is itself a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pgtune.analysis.causes import one_per_cause
from pgtune.model.allow import Allow
from pgtune.model.charge import ChargedPlan, MeasuredPlan, TimedPlan
from pgtune.model.evidence import Evidence
from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.finding import Finding, Note, Severity, Symptom, Unknown
from pgtune.model.policy import Policy
from pgtune.model.review import Review, Skipped
from pgtune.model.rewrite import Change
from pgtune.model.rule import UNUSED_ALLOW, Rule

_EVIDENCE_NAMES: dict[type, str] = {
    MeasuredPlan: "EXPLAIN ANALYZE",
    TimedPlan: "EXPLAIN (ANALYZE, TIMING)",
    ExistingIndexes: "the existing indexes",
}


def review(rules: Iterable[Rule], evidence: Evidence, policy: Policy, allows: Sequence[Allow] = ()) -> Review:
    """Run every rule that is not ignored; return findings by falling share."""
    seen: list[tuple[Rule, Symptom]] = []
    notes: list[Note] = []
    skipped: list[Skipped] = []
    for rule in rules:
        if rule.name in policy.ignored:
            continue
        missing = _missing(rule, evidence)
        if missing:
            skipped.append(Skipped(rule.name, missing))
            continue
        for result in _run(rule, evidence, policy):
            if isinstance(result, Note):
                notes.append(result)
            elif isinstance(result, Symptom):
                seen.append((rule, result))
            elif isinstance(result, Unknown):
                skipped.append(Skipped(rule.name, (result.message,)))
    plan = evidence.find(ChargedPlan)
    if plan is None:
        policy = replace(policy, min_share=0.0)  # shares are of a statement: without one nothing is minor
    ranked = sorted(
        (_finding(rule, symptom, also, plan, policy) for rule, symptom, also in one_per_cause(seen, plan)),
        key=_rank,
    )
    return _apply_allows(ranked, notes, skipped, policy, allows)


def _rank(finding: Finding) -> tuple[float, int, int, int, str, str]:
    """Sorts the most important first, and the same way in each run."""
    node = finding.node or 0
    return -finding.share, -finding.severity, -finding.frees_bytes, node, finding.rule, finding.key


def _missing(rule: Rule, evidence: Evidence) -> tuple[str, ...]:
    return tuple(
        evidence.missing.get(need.type) or _EVIDENCE_NAMES.get(need.type, f"the {need.type.__name__.lower()}")
        for need in rule.needs
        if need.required and evidence.find(need.type) is None
    )


def _run(rule: Rule, evidence: Evidence, policy: Policy) -> Iterator[Symptom | Note | Unknown | Change]:
    arguments = [evidence.find(need.type) for need in rule.needs]
    return rule.check(*arguments, **policy.thresholds.get(rule.name, {}))


def _finding(
    rule: Rule, symptom: Symptom, also: tuple[str, ...], plan: ChargedPlan | None, policy: Policy
) -> Finding:
    share = max(0.0, min(1.0, symptom.saves))
    node = plan.nodes[symptom.node - 1] if plan is not None and symptom.node is not None else None
    name = symptom.object or (node.object_name or node.node_type if node is not None else "statement")
    place = f"node {node.number}: {node.label}" if node is not None else "statement"
    return Finding(
        rule=rule.name,
        severity=min(policy.severities.get(rule.name, rule.severity), symptom.max_severity),
        at=symptom.at or place,
        node=symptom.node,
        message=symptom.message,
        detail=symptom.detail,
        hint=symptom.hint,
        action=symptom.action,
        saving_ms=share * plan.total_ms if plan is not None and plan.total_ms is not None else None,
        share=share,
        key=f"{rule.name}:{name}",
        index_need=symptom.index_need,
        frees_bytes=symptom.frees_bytes,
        also=also,
        place=symptom.place,
    )


def _apply_allows(
    ranked: Sequence[Finding],
    notes: Sequence[Note],
    skipped: Sequence[Skipped],
    policy: Policy,
    allows: Sequence[Allow],
) -> Review:
    permitted = {allow.rule for allow in allows}
    fired = {name for finding in ranked for name in (finding.rule, *finding.also)}
    shown = [finding for finding in ranked if finding.rule not in permitted]
    unused = [_unused(allow, policy) for allow in allows if allow.rule not in fired]
    if UNUSED_ALLOW in policy.ignored:
        unused = []
    return Review(
        findings=(*(f for f in shown if f.share >= policy.min_share), *unused),
        minor=tuple(f for f in shown if f.share < policy.min_share),
        notes=tuple(sorted(notes, key=lambda note: note.node or 0)),
        skipped=tuple(skipped),
        allowed=tuple(finding for finding in ranked if finding.rule in permitted),
    )


def _unused(allow: Allow, policy: Policy) -> Finding:
    return Finding(
        rule=UNUSED_ALLOW,
        severity=policy.severities.get(UNUSED_ALLOW, Severity.WARNING),
        at=f"line {allow.line}",
        node=None,
        message=f'"allow {allow.rule}" silences nothing',
        detail="",
        hint="Remove the comment.",
        action=None,
        saving_ms=None,
        share=0.0,
        key=f"{UNUSED_ALLOW}:{allow.rule}",
    )
