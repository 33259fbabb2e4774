"""An explained statement in; the same with its indexes tried, and a pointer to a rewrite that pays, out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pgtune.cli.explain_request import ExplainRequest
from pgtune.cli.explain_statements import Call, explain_options
from pgtune.cli.explain_target import Explainer
from pgtune.cli.hint_trial import HintTrial
from pgtune.errors import StatementError
from pgtune.model.catalog import Catalog
from pgtune.model.diagnosis import Explained, RewritePointer
from pgtune.model.plan import Plan
from pgtune.model.planner import Question
from pgtune.model.workload import Query
from pgtune.parse.server_plan import read_server_plan

if TYPE_CHECKING:
    from pgtune.advice.rewrites.pricing import Pricing, TextPlanner
    from pgtune.sources.explain_options import ExplainOptions

# Planner units of a statement without findings, below which no rewrite is sought: it takes some 50 ms, and
# looking takes 0.2 s for the first statement, nearly all to import sqlglot, measured; chosen.
MIN_COST = 10_000.0
SEARCH_S = 1.0  # for which other texts of one statement are planned: dozens, but of large joins; chosen


class Cures:
    """Adds to explained statements what may cure them."""

    def __init__(self, explainer: Explainer, trial: HintTrial, request: ExplainRequest) -> None:
        self._explainer = explainer
        self._trial = trial
        self._request = request
        self._end_s = 0.0  # of the search for one statement
        self._shadow_pricing: Pricing | None = None  # one, as its planner is one

    def add(self, number: int, explained: Explained, call: Call, catalog: Catalog) -> Explained:
        """Judge the indexes of the statement of that number, then look for a rewrite."""
        tried = replace(explained, review=self._trial.prove(number, explained.review, catalog))
        if not (tried.review.findings or _cost(tried) >= MIN_COST):
            return tried
        return replace(tried, rewrite=self._rewrite(number, tried, call, catalog))

    def _rewrite(
        self, number: int, explained: Explained, call: Call, catalog: Catalog
    ) -> RewritePointer | None:
        """What the rules about SQL make of the statement, where the planner gains by it."""
        from pgtune.advice.rewrites.search import Rulings, search
        from pgtune.analysis.rule_book import sql_rule_book

        query = Query(number, str(explained.source), call.text, fingerprint="", values=call.values)
        allowed = frozenset(allow.rule for allow in call.directives.allows)
        self._end_s = time.monotonic() + SEARCH_S
        rulings = Rulings(sql_rule_book(), self._request.policy, catalog, left_out=allowed)
        try:
            chain = search(query, rulings, self._pricing(number, call)).chain
        except StatementError:  # sqlglot cannot read it, or it is planned no more
            return None
        if chain is None:
            return None
        return RewritePointer(chain.sql, chain.applied, chain.before.cost, chain.after.cost)

    def _pricing(self, number: int, call: Call) -> Pricing:
        """Ask the shadow where it tried the statement's indexes, so that costs compare; else the server."""
        from pgtune.advice.rewrites.pricing import Pricing

        planner = self._trial.planner_of(number)
        if planner is None:
            options = replace(explain_options(call, self._request), analyze=False)
            return Pricing(self._timed(_ServerPlans(self._explainer, options)))
        if self._shadow_pricing is None:
            self._shadow_pricing = Pricing(self._timed(planner))
        return self._shadow_pricing

    def _timed(self, planner: TextPlanner) -> TextPlanner:
        from pgtune.advice.rewrites.timed_planner import TimedPlanner

        return TimedPlanner(planner, lambda: time.monotonic() > self._end_s)


@dataclass(frozen=True, slots=True)
class _ServerPlans:
    """The server that explains, as what plans texts; it runs none of them."""

    explainer: Explainer
    options: ExplainOptions
    _queries: dict[int, Query] = field(default_factory=dict)

    def learn(self, queries: Sequence[Query]) -> None:
        """Take more queries to ask about."""
        self._queries.update({query.number: query for query in queries})

    def plan(self, question: Question) -> Plan:
        """Plan the query; raises as `Server.explain` does."""
        query = self._queries[question.query]
        output = self.explainer.explain(query.text, query.values or (), self.options)
        return read_server_plan(output.json_text)


def _cost(explained: Explained) -> float:
    estimate = explained.plan.plan.root.estimate
    return 0.0 if estimate is None else estimate.total_cost
