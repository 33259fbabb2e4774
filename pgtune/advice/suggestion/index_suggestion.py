"""A workload, what is known of the database, and a planner in; advice on indexes out.

Candidates of all queries -> those that the planner uses -> what keeping each costs -> the best set within the
limits -> why.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from math import isfinite

from pgtune.advice.candidates.candidate_pool import Pool, find_pool
from pgtune.advice.selection.problem import Existing, Problem
from pgtune.advice.selection.query_weights import query_weights
from pgtune.advice.selection.selection import Selection, select
from pgtune.advice.selection.workload_writes import Kept, keeping_costs, workload_writes
from pgtune.advice.selection.write_cost import Machine, kept_candidate, kept_existing
from pgtune.advice.suggestion.droppable import droppable
from pgtune.advice.suggestion.recommendations import Chosen, drops, query_effects, recommendations
from pgtune.errors import PlanError, StatementRefused
from pgtune.model.buffers import BLOCK_BYTES
from pgtune.model.catalog import Catalog
from pgtune.model.finding import Finding
from pgtune.model.index_advice import (
    Coverage,
    Drop,
    Effort,
    IndexAdvice,
    Recommendation,
    ShadowNote,
    WriteCost,
)
from pgtune.model.index_limits import DEFAULT_BUDGET_SHARE, IndexLimits
from pgtune.model.index_need import IndexNeed
from pgtune.model.memory import parse_kb
from pgtune.model.planner import Planner, Question
from pgtune.model.snapshot import Snapshot
from pgtune.model.workload import Query, SkippedStatement, Workload

_CHOOSING_SHARE = 0.5  # of the time limit, at least; chosen
_NO_COST = "no cost: its tables are empty"  # a query that is planned, and has no weight
_TABLES = frozenset({"r", "m"})  # that have blocks of their own
# Defaults of guc_tables.c, for a snapshot that does not say.
_CACHE_KB = 4 * 1024 * 1024
_RANDOM_PAGE_COST = 4.0


@dataclass(frozen=True, slots=True)
class Case:
    """All that advice rests on, but the planner."""

    version: str  # pgtune's
    workload: Workload
    catalog: Catalog
    snapshot: Snapshot
    shadow: ShadowNote
    limits: IndexLimits
    review_existing: Callable[[Catalog], tuple[Finding, ...]]  # about the indexes that are there
    drop: bool
    workers: int


@dataclass(frozen=True, slots=True)
class Watch:
    """How the search reports and when it ends."""

    on_progress: Callable[[str, float], None]  # what is done, fraction of it
    on_asked: Callable[[int, float], None]  # questions so far, best saving so far
    # While it is open, Ctrl-C does not end pgtune but makes what it yields say True.
    interruptible: Callable[[], AbstractContextManager[Callable[[], bool]]]


def suggest_indexes(case: Case, planner: Planner, watch: Watch) -> IndexAdvice:
    """Return the set of indexes that pays best for the workload, within the limits.

    Raises:
        ServerError: the planner is gone.
    """
    started_s = time.monotonic()
    old = _droppable(case, planner)
    pool = find_pool(case.workload.queries, case.catalog, planner, watch.on_progress)
    # Every query may use every existing index: which tables it reads is the planner's to know.
    everywhere = frozenset(each.number for each in old)
    relevant = {query: wanted | everywhere for query, wanted in pool.relevant.items()}
    budget_bytes = case.limits.budget_bytes
    if budget_bytes is None:
        budget_bytes = _default_budget_bytes(case.catalog)
    weights = _weights(case.workload, planner, [Question(query, everywhere) for query in relevant])
    writes = _write_costs(case, pool, old)
    problem = Problem(
        weights=weights,
        candidates=pool.candidates,
        relevant=relevant,
        answers=pool.answers,
        write_costs={number: cost.cost for number, cost in writes.items()},
        droppable=old,
        budget_bytes=budget_bytes,
        max_indexes=case.limits.max_indexes,
        max_regression=case.limits.max_regression,
    )
    deadline_s = _deadline_s(started_s, case.limits.time_limit_ms / 1000)
    with watch.interruptible() as interrupted:  # before, there is no set to show
        selection = select(problem, planner, deadline_s, watch.on_asked, interrupted)
    chosen = Chosen(
        selection=selection,
        queries=case.workload.queries,
        weights=weights,
        relevant=relevant,
        write_costs=writes,
        catalog=case.catalog,
        extensions=frozenset(extension.name for extension in case.snapshot.extensions),
        droppable=everywhere,
    )
    effort = Effort(
        asked=selection.asked + pool.questions,
        saved_by_cache=selection.saved_by_cache,
        saved_by_bounds=selection.saved_by_bounds,
        elapsed_s=time.monotonic() - started_s,
        workers=case.workers,
    )
    return _advice(case, chosen, planner, budget_bytes, effort)


def _deadline_s(started_s: float, limit_s: float) -> float:
    """When choosing ends, of time.monotonic(): candidates that took long to find leave it some time."""
    return max(started_s + limit_s, time.monotonic() + limit_s * _CHOOSING_SHARE)


def _advice(case: Case, chosen: Chosen, planner: Planner, budget_bytes: int, effort: Effort) -> IndexAdvice:
    selection = chosen.selection
    recommended = recommendations(chosen, planner)
    dropped = drops(chosen)
    found = case.review_existing(_without(case.catalog, dropped))
    return IndexAdvice(
        version=case.version,
        shadow=case.shadow,
        coverage=_coverage(case.workload, selection, planner.refused),
        budget_bytes=budget_bytes,
        max_indexes=case.limits.max_indexes,
        recommendations=recommended,
        drops=dropped,
        rejections=selection.rejections,
        existing=tuple(finding for finding in found if not _is_served(finding.index_need, recommended)),
        effects=query_effects(chosen),
        base_cost=chosen.weighted_base,
        cost=sum(chosen.weights[query] * cost for query, cost in selection.costs.items()),
        write_cost=_total_write_cost(chosen) if case.workload.writes else None,
        certificate=selection.certificate,
        effort=effort,
    )


def _without(catalog: Catalog, dropped: Sequence[Drop]) -> Catalog:
    """The catalog as it will be: an index that goes makes no other one superfluous."""
    gone = {drop.index.name for drop in dropped}
    relations = {
        name: replace(relation, indexes=tuple(index for index in relation.indexes if index.name not in gone))
        for name, relation in catalog.relations.items()
    }
    return replace(catalog, relations=relations)


def _is_served(need: IndexNeed | None, recommended: Sequence[Recommendation]) -> bool:
    """True when a recommended index does what the finding wants one for."""
    if need is None or not need.columns:
        return False
    wanted = set(need.columns)
    indexes = (each.index for each in recommended if each.index.relation == need.relation)
    return any(
        index.predicate is None and {part.text for part in index.key[: len(wanted)]} == wanted
        for index in indexes
    )


def _total_write_cost(chosen: Chosen) -> float:
    return sum(cost.cost for number, cost in chosen.write_costs.items() if number in chosen.numbers)


def _droppable(case: Case, planner: Planner) -> tuple[Existing, ...]:
    """Existing indexes that the selection may leave out, under the planner's numbers.

    One that others use, and no query of the workload does, is not for this workload to judge.
    """
    if not case.drop:
        return ()
    existing = (index for relation in case.catalog.relations.values() for index in relation.indexes)
    needed = _used_names(case.workload.queries, planner)
    indexes = [index for index in droppable(existing) if index.name.name in needed or index.scans == 0]
    numbers = planner.number_existing(indexes)
    return tuple(Existing(number, index) for number, index in zip(numbers, indexes, strict=True))


def _used_names(queries: Sequence[Query], planner: Planner) -> frozenset[str]:
    """Names of the indexes in the plans that the queries have now."""
    used: set[str] = set()
    for query in queries:
        with suppress(StatementRefused, PlanError):  # told by planner.refused
            used.update(node.index_name for node in planner.plans(query)[0].nodes() if node.index_name)
    return frozenset(used)


def _weights(workload: Workload, planner: Planner, bare: Sequence[Question]) -> Mapping[int, float]:
    """Weights by what the queries cost as things are."""
    answers = zip(bare, planner.answer(bare), strict=True)
    costs = {question.query: answer.cost for question, answer in answers if isfinite(answer.cost)}
    return query_weights(workload, costs)


def _write_costs(case: Case, pool: Pool, old: Sequence[Existing]) -> Mapping[int, WriteCost]:
    """What keeping each candidate, and each index that may go, costs; nothing for tables not written to."""
    written = workload_writes(case.workload.writes, case.catalog, case.snapshot.table_usage)
    settings = case.snapshot.settings
    machine = Machine(
        version_num=case.snapshot.version_num,
        cache_bytes=(parse_kb(settings.get("effective_cache_size", "")) or _CACHE_KB) * 1024,
        random_page_cost=float(settings.get("random_page_cost", _RANDOM_PAGE_COST)),
    )
    kept = {
        each.number: Kept(
            each.index.relation,
            each.index.key[0].text,
            kept_candidate(each, written[each.index.relation].rows),
        )
        for each in pool.candidates
        if each.index.relation in written
    }
    for existing in old:
        index = existing.index
        kept[existing.number] = Kept(index.relation, index.keys[0].text, kept_existing(index))
    return keeping_costs(kept, written, case.catalog, machine)


def _default_budget_bytes(catalog: Catalog) -> int:
    blocks = sum(
        max(relation.activity.relpages, 0)
        for relation in catalog.relations.values()
        if relation.kind in _TABLES
    )
    return round(blocks * BLOCK_BYTES * DEFAULT_BUDGET_SHARE)


def _coverage(workload: Workload, selection: Selection, refused: Mapping[int, str]) -> Coverage:
    planned = [query for query in workload.queries if query.number in selection.base_costs]
    unplanned = tuple(
        SkippedStatement(query.name, refused.get(query.number, _NO_COST), query.text, query.total_ms)
        for query in workload.queries
        if query.number not in selection.base_costs
    )
    return Coverage(
        origin=workload.origin,
        planned=len(planned),
        seen=workload.seen,
        planned_ms=sum(query.total_ms or 0.0 for query in planned) if workload.is_timed else None,
        seen_ms=workload.seen_ms,
        skipped=(*workload.skipped, *unplanned),
    )
