"""Rewrites and loops that pay in; the same, tested on generated databases, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pgtune.advice.rewrites.checked import Checked, idea_of, judge
from pgtune.cli.rewrite_request import RewriteRequest
from pgtune.cli.screen import say
from pgtune.cli.target import OnProgress, open_target
from pgtune.errors import PgtuneError
from pgtune.model.batch import LoopAdvice
from pgtune.model.equivalence import Pair, QueryPair, TestReport
from pgtune.model.rewrite import DataCheck, Idea, Label, Rewrite
from pgtune.model.rewrite_advice import RefutedRewrite
from pgtune.model.snapshot import Snapshot
from pgtune.model.workload import Query

if TYPE_CHECKING:
    from pgtune.advice.rewrites.search import Chain, Found
    from pgtune.shadow.trial.trial import Trial
    from pgtune.sources.postgres import Server


@dataclass(slots=True)
class Trials:
    """A scratch server, which is started for the first test, and the database for --data."""

    request: RewriteRequest
    snapshot: Snapshot
    on_progress: OnProgress
    remarks: list[str] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _trial: Trial | None = None
    _server: Server | None = None

    @staticmethod
    @contextmanager
    def open(request: RewriteRequest, snapshot: Snapshot, on_progress: OnProgress) -> Iterator[Trials]:
        """Yield the trials; what was started is stopped afterwards."""
        with ExitStack() as stack:
            yield Trials(request, snapshot, on_progress, _stack=stack)

    def test(self, pair: Pair) -> TestReport | None:
        """Test a pair; None where the schema cannot be made here, which becomes a remark."""
        from pgtune.shadow.trial.open_trial import open_trial

        try:
            if self._trial is None:
                opened = open_trial(self.snapshot, self.request.postgres_bin, self.on_progress)
                self._trial = self._stack.enter_context(opened)
            return self._trial.test(pair, self.request.limits)
        except PgtuneError as error:
            self.remarks.append(f"not tested: {error}")
            return None

    def compare_on_data(self, query: Query, sql: str) -> DataCheck | None:
        """Compare on the user's rows, if that was asked for.

        Raises:
            ServerError: the database cannot be reached, or went away.
        """
        if not self.request.data:
            return None
        from pgtune.sources.transaction import Timeouts

        if self._server is None:
            request = self.request
            opened = open_target(request.target, request.pool, say, self.on_progress)
            self._server, _ = self._stack.enter_context(opened)
        timeouts = Timeouts(self.request.timeout_ms, self.request.lock_timeout_ms)
        return self._server.compare(QueryPair((query.text,), (sql,)), query.values, timeouts)


def try_rewrites(
    trials: Trials, found: Sequence[tuple[Query, Found]], lines: Mapping[str, int]
) -> tuple[list[Rewrite], list[Idea], list[RefutedRewrite]]:
    """Test each chain that pays; a text that the server refused counts as refuted."""
    checked = [
        (_try(trials, query, each.chain, lines.get(query.name))) for query, each in found if each.chain
    ]
    ideas = [
        idea_of(query, lines.get(query.name), applied, why)
        for query, each in found
        for applied, why in each.ideas
    ]
    broken = [
        RefutedRewrite(query.name, applied.rule, applied.change.sql or "", f"the server refuses it: {why}")
        for query, each in found
        for applied, why in each.broken
    ]
    return (
        [each.rewrite for each in checked if each.rewrite],
        [*(each.idea for each in checked if each.idea), *ideas],
        [*(each.refuted for each in checked if each.refuted), *broken],
    )


def _try(trials: Trials, query: Query, chain: Chain, line: int | None) -> Checked:
    trials.on_progress(f"testing {chain.applied[0].rule}", 0.0)
    test = trials.test(QueryPair((query.text,), (chain.sql,)))
    return judge(query, line, chain, test, trials.compare_on_data(query, chain.sql))


def try_loops(trials: Trials, loops: Sequence[LoopAdvice]) -> list[LoopAdvice]:
    """Test each batch against its loop; one that differs is not offered."""
    return [_try_loop(trials, each) for each in loops]


def _try_loop(trials: Trials, advice: LoopAdvice) -> LoopAdvice:
    pair = next((each.pair for each in (advice.batch, *advice.others) if each and each.pair), None)
    if pair is None:
        return advice
    trials.on_progress(f"testing {advice.rule}", 0.0)
    test = trials.test(pair)
    if test is None:
        return advice
    if test.counterexample is not None:
        refused = f"the test refuted it: {test.counterexample.difference}"
        return replace(advice, batch=None, others=(), refused=refused, test=test)
    return replace(advice, test=test, label=Label.TESTED if test.is_tested else Label.UNVERIFIED)
