"""Chains that pay and what testing them found in; rewrites, ideas and refuted ones out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pgtune.advice.rewrites.search import Chain
from pgtune.model.equivalence import Outcome, TestReport
from pgtune.model.rewrite import AppliedRule, DataCheck, Idea, Label, Rewrite, label_of
from pgtune.model.rewrite_advice import RefutedRewrite
from pgtune.model.workload import Query
from pgtune.parse.sql.splice import side_by_side

DATA_DIFFERS = "the results differ on the database"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one chain: exactly one of the three is there."""

    rewrite: Rewrite | None = None
    idea: Idea | None = None
    refuted: RefutedRewrite | None = None


def judge(
    query: Query, line: int | None, chain: Chain, test: TestReport | None, data: DataCheck | None
) -> Checked:
    """Give the chain the label that its checks allow; without one it is an idea."""
    rules = ", ".join(each.rule for each in chain.applied)
    if test is not None and test.outcome is Outcome.DIFFERENT:
        difference = test.counterexample.difference if test.counterexample else "the results differ"
        return Checked(refuted=RefutedRewrite(query.name, rules, chain.sql, difference))
    if data is not None and data.is_equal is False:
        return Checked(refuted=RefutedRewrite(query.name, rules, chain.sql, data.reason or DATA_DIFFERS))
    label = label_of(chain.applied, test, data)
    if label is Label.UNVERIFIED:
        why = test.reason if test is not None and test.reason else "not tested"
        last = chain.applied[-1]
        shown = replace(last, change=replace(last.change, sql=chain.sql))
        return Checked(idea=idea_of(query, line, shown, why, test))
    return Checked(
        rewrite=Rewrite(
            query=query,
            line=line,
            sql=chain.sql,
            applied=chain.applied,
            before=chain.before,
            after=chain.after,
            label=label,
            test=test,
            data=data,
            diff=tuple(side_by_side(query.text, chain.sql)),
            key=f"{chain.applied[0].rule}:{query.fingerprint}",
        )
    )


def idea_of(
    query: Query, line: int | None, applied: AppliedRule, why: str, test: TestReport | None = None
) -> Idea:
    """Return advice that is not offered to apply, with the reason."""
    return Idea(query, line, applied, why, test, key=f"{applied.rule}:{query.fingerprint}")
