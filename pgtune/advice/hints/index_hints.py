"""Findings that want an index in; the same findings with its SQL and what it does out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pgtune.advice.accesses.existing_indexes import Fit, Match, nearest_index
from pgtune.advice.accesses.scan_columns import Mentions
from pgtune.advice.hints.create_action import create_action
from pgtune.advice.hints.index_candidates import Candidate, find_candidates, used_index
from pgtune.advice.hints.index_phrases import describe, say_arm, say_existing, say_nothing
from pgtune.advice.hints.index_target import Target, find_target
from pgtune.advice.index_naming import IndexNames
from pgtune.model.catalog import Catalog
from pgtune.model.charge import ChargedPlan
from pgtune.model.finding import Finding
from pgtune.model.index import Index
from pgtune.model.index_need import Purpose
from pgtune.model.names import RelationName
from pgtune.model.plan import Role


@dataclass(frozen=True, slots=True)
class _Proposal:
    """One wanted index and what there is of it."""

    candidate: Candidate
    match: Match | None

    @property
    def served(self) -> bool:
        return self.match is not None and self.match.fit is Fit.SERVES


@dataclass(frozen=True, slots=True)
class _Wish:
    """A finding, what its index is for, and the proposals for it."""

    finding: Finding
    target: Target | None
    proposals: tuple[_Proposal, ...]

    def new_indexes(self) -> Iterator[Index]:
        """The indexes that would have to be created."""
        for proposal in self.proposals:
            if proposal.match is None or proposal.match.fit not in (Fit.SERVES, Fit.INVALID):
                yield proposal.candidate.index


def advise(findings: Sequence[Finding], plan: ChargedPlan, catalog: Catalog | None) -> tuple[Finding, ...]:
    """Return the findings, those with an index need with an action or a reason why there is none.

    An index is proposed once: other findings that it serves refer to it. Findings that need no index come
    back as they are.
    """
    if all(finding.index_need is None for finding in findings):
        return tuple(findings)
    mentions = Mentions(plan)
    wishes = [_wish(finding, mentions, catalog) for finding in findings]
    rivals = _by_relation(wishes)
    names = IndexNames(catalog)
    advised = []
    for position, wish in enumerate(wishes):
        if wish.target is None or not wish.proposals:
            advised.append(_unadvised(wish))
            continue
        other = _proposed_elsewhere(position, wishes, rivals[wish.target.relation])
        advised.append(_referring(wish, other) if other is not None else _advised(wish, wish.target, names))
    return tuple(advised)


def _wish(finding: Finding, mentions: Mentions, catalog: Catalog | None) -> _Wish:
    if finding.index_need is None or finding.action is not None:
        return _Wish(finding, None, ())
    target = find_target(finding.index_need, mentions, catalog)
    if target is None:
        return _Wish(finding, None, ())
    proposals = tuple(_Proposal(each, nearest_index(each, target)) for each in find_candidates(target))
    return _Wish(finding, target, proposals)


def _unadvised(wish: _Wish) -> Finding:
    if wish.target is None:
        return wish.finding
    reason = say_nothing(wish.target)
    return replace(wish.finding, hint=reason) if reason else wish.finding


def _by_relation(wishes: Sequence[_Wish]) -> Mapping[RelationName, list[int]]:
    """Map relations to the positions of the wishes for an index on them."""
    positions: dict[RelationName, list[int]] = {}
    for position, wish in enumerate(wishes):
        if wish.target is not None:
            positions.setdefault(wish.target.relation, []).append(position)
    return positions


def _proposed_elsewhere(position: int, wishes: Sequence[_Wish], rivals: Sequence[int]) -> Finding | None:
    """Another finding whose new indexes do all that those of the wish at *position* would."""
    own = tuple(wishes[position].new_indexes())
    for other_position in rivals:
        other = wishes[other_position]
        theirs = tuple(other.new_indexes())
        if other_position == position or not own:
            continue
        covered = all(any(their.covers(index) for their in theirs) for index in own)
        mutual = all(any(index.covers(their) for index in own) for their in theirs)
        if covered and (not mutual or other_position < position):
            return other.finding
    return None


def _referring(wish: _Wish, other: Finding) -> Finding:
    return replace(wish.finding, hint=refer_to(other))


def refer_to(other: Finding) -> str:
    """The hint of a finding that the index of another one serves."""
    return f'The index proposed for "{other.rule}" ({other.at}) serves here too.'


def _advised(wish: _Wish, target: Target, names: IndexNames) -> Finding:
    sentences: list[str] = []
    created: list[tuple[Index, str]] = []
    rebuilt: list[RelationName] = []
    for proposal in wish.proposals:
        match = proposal.match
        if match is not None and match.fit is Fit.INVALID:
            rebuilt.append(match.index.name)
        elif not proposal.served:
            created.append((proposal.candidate.index, names.choose(proposal.candidate.index)))
            sentences.append(describe(proposal.candidate, target))
        if match is not None and proposal.served and len(wish.proposals) > 1:
            sentences.append(say_arm(match))
        elif match is not None:
            sentences.append(say_existing(match, used_index(target)))
    if target.table is None and target.purpose is not Purpose.REFERENCE:  # its rule knows that there is none
        sentences.append("Existing indexes were not checked.")
        if target.scan is not None and target.scan.role is Role.MEMBER:
            sentences.append(f"If {target.relation} is a partition, make it on the partitioned table.")
    return replace(
        wish.finding,
        hint=" ".join(dict.fromkeys(sentences)),
        action=create_action(created, rebuilt, target.relation) if created or rebuilt else None,
        indexes=() if rebuilt else tuple(index for index, _ in created),
    )
