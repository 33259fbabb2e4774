"""Findings with new indexes in; the same out, the indexes kept only where the planner gains by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isinf

from pgtune.advice.accesses.accesses import accesses
from pgtune.advice.candidates.candidate_indexes import candidates
from pgtune.advice.hints.create_action import create_action
from pgtune.advice.hints.index_hints import refer_to
from pgtune.advice.hints.index_trial import Trial, Trials
from pgtune.advice.hints.proof_phrases import say_dropped, say_instead, say_refused, say_unplannable, say_used
from pgtune.advice.index_naming import IndexNames
from pgtune.model.action import Action, Proof
from pgtune.model.catalog import Catalog
from pgtune.model.finding import Finding
from pgtune.model.index import Index
from pgtune.model.index_need import Purpose
from pgtune.model.names import RelationName
from pgtune.model.planner import Planner
from pgtune.model.workload import Query

MIN_SAVING = 0.05  # of the statement's cost, for an index to be worth its upkeep; chosen
MIN_SAVING_INSTEAD = 0.10  # for another index than the one that the plan suggests; chosen


def can_be_tried(finding: Finding) -> bool:
    """True for a finding with new indexes whose use would show in the statement's plan."""
    need = finding.index_need
    # Foreign keys are checked by queries of their own.
    return bool(finding.indexes) and need is not None and need.purpose is not Purpose.REFERENCE


def prove(
    findings: Sequence[Finding], query: Query, planner: Planner, catalog: Catalog
) -> tuple[Finding, ...]:
    """Return the findings of *query*'s plan, those with new indexes as the planner judges these.

    What it uses gets its figures and Proof.PLANNED. What it does not gain by is replaced by an index that it
    does gain by, or dropped. What it cannot be asked about stays as it is, with the reason.

    Raises:
        ServerError: the planner is gone.
    """
    if not any(can_be_tried(finding) for finding in findings):
        return tuple(findings)
    proof = _Proof(query, planner, catalog, findings)
    proven = [proof.of(finding) if can_be_tried(finding) else finding for finding in findings]
    useless = {
        refer_to(before): f'The index that was tried for "{before.rule}" ({before.at}) does not help here.'
        for before, after in zip(findings, proven, strict=True)
        if before.action is not None and after.action is None
    }
    return tuple(replace(finding, hint=useless.get(finding.hint, finding.hint)) for finding in proven)


class _Proof:
    """One query's findings before the planner."""

    def __init__(self, query: Query, planner: Planner, catalog: Catalog, findings: Sequence[Finding]) -> None:
        self._query = query
        self._planner = planner
        self._catalog = catalog
        self._trials = Trials(planner, query)
        self._names = IndexNames(catalog)
        for index in (index for finding in findings for index in finding.indexes):
            self._names.choose(index)  # so that no other index gets the name

    def of(self, finding: Finding) -> Finding:
        """The finding as the planner judges its indexes."""
        if isinf(self._trials.cost_before):
            reason = self._planner.refused.get(self._query.number, "it has no plan")
            return _with_sentence(finding, say_unplannable(reason))
        wanted = self._trials.known(finding.indexes)
        if len(wanted) < len(finding.indexes):
            return _with_sentence(finding, say_refused(finding.indexes))
        trial = self._trials.of(wanted)
        if trial.saving >= MIN_SAVING and len(trial.used) == len(wanted):
            return self._used(finding, trial)
        for instead in self._instead(finding, trial):
            if instead.used and instead.saving >= MIN_SAVING_INSTEAD:
                return self._replaced(finding, instead)
        return replace(finding, hint=say_dropped(finding.indexes, trial), action=None, indexes=())

    def _instead(self, finding: Finding, trial: Trial) -> Iterator[Trial]:
        """What else could serve: a part of what is wanted, the keys alone, the planner's own favourites."""
        if trial.used:
            yield self._trials.of(trial.used)
        if any(index.include for index in finding.indexes):
            bare = [replace(index, include=()) for index in finding.indexes]
            yield self._trials.of(self._trials.known(bare))
        favourites = self._trials.of(self._trials.known(self._candidates(finding.indexes[0].relation)))
        yield self._trials.of(favourites.used)

    def _candidates(self, relation: RelationName) -> tuple[Index, ...]:
        """Indexes on the relation that the query could use, whatever the finding wants."""
        _, bare = self._planner.plans(self._query)
        own = (access for access in accesses(bare, self._catalog) if access.relation == relation)
        return tuple(dict.fromkeys(index for access in own for index in candidates(access)))

    def _used(self, finding: Finding, trial: Trial) -> Finding:
        proven = _with_sentence(finding, say_used(trial, self._trials.scan(trial)))
        return replace(proven, action=_planned(finding.action, trial))

    def _replaced(self, finding: Finding, trial: Trial) -> Finding:
        named = [(index, self._names.choose(index)) for index in trial.indexes]
        action = create_action(named, (), finding.indexes[0].relation)
        sentences = (say_instead(finding.indexes), say_used(trial, self._trials.scan(trial)))
        return replace(
            finding, hint=" ".join(sentences), action=_planned(action, trial), indexes=trial.indexes
        )


def _with_sentence(finding: Finding, sentence: str) -> Finding:
    return replace(finding, hint=f"{finding.hint} {sentence}".strip())


def _planned(action: Action | None, trial: Trial) -> Action | None:
    if action is None:
        return None
    return replace(
        action,
        proof=Proof.PLANNED,
        planned_cost_before=trial.cost_before,
        planned_cost_after=trial.cost_after,
        index_bytes=trial.size_bytes,
    )
