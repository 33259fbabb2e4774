"""A RewriteRequest in, RewriteAdvice out: inputs, shadow, search, tests, measurements."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pgtune import __version__
from pgtune.cli.database_snapshot import server_label, snapshot_of
from pgtune.cli.rewrite_inputs import RewriteInputs, recorded_inputs, written_inputs
from pgtune.cli.rewrite_request import RewriteRequest
from pgtune.cli.screen import bar_on_terminal
from pgtune.cli.target import OnProgress
from pgtune.errors import StatementError, StatementRefused, UsageError
from pgtune.model.rewrite_advice import Examined, RewriteAdvice
from pgtune.model.workload import Query, SkippedStatement

if TYPE_CHECKING:
    from pgtune.advice.rewrites.search import Found
    from pgtune.model.batch import LoopAdvice
    from pgtune.model.catalog import Catalog
    from pgtune.model.rewrite import Rewrite
    from pgtune.model.snapshot import Snapshot
    from pgtune.shadow.database import Shadow

_SHOWN_REASONS = 3  # why nothing can be looked at; chosen


@dataclass(frozen=True, slots=True)
class Examination:
    """What the rules and the planner say of each query, before anything is tested."""

    catalog: Catalog
    found: tuple[tuple[Query, Found], ...]
    skipped: tuple[SkippedStatement, ...]
    allowed: tuple[str, ...]  # keys of what a comment silences
    loops: tuple[LoopAdvice, ...]
    inputs: RewriteInputs


def suggest_rewrites(request: RewriteRequest) -> RewriteAdvice:
    """Do what the request says.

    Raises:
        UsageError: the request contradicts itself, or an input cannot be used.
        ServerError: a server cannot be reached or does not answer.
    """
    _check(request)
    if request.measure_dsn is not None:
        from pgtune.sources.disposable_copy import check_copyable

        check_copyable(request.measure_dsn)
    with bar_on_terminal() as on_progress:
        inputs = written_inputs(request, on_progress)
        snapshot = snapshot_of(request.target, request.snapshot, request.postgres_bin, request.pool)
        examination = _examine(request, snapshot, inputs, on_progress)
        advice = _tested(request, snapshot, examination, on_progress)
    if request.measure or request.measure_dsn is not None:
        from pgtune.cli.rewrite_measurement import measured

        advice = measured(request, advice, snapshot.statistics)
    return advice


def _check(request: RewriteRequest) -> None:
    own_database = not request.target.embedded or request.snapshot is not None
    if request.measure and request.measure_dsn is None and own_database:
        raise UsageError(
            "--measure runs what it measures: name a database that you can spare with --measure-dsn"
        )
    if request.data and request.snapshot is not None:
        raise UsageError("--data: a snapshot has no rows; name the database with --dsn")


def _examine(
    request: RewriteRequest, snapshot: Snapshot, inputs: RewriteInputs | None, on_progress: OnProgress
) -> Examination:
    """Ask the rules about each query, and the planner of a shadow about what they write."""
    from pgtune.shadow.server import open_shadow
    from pgtune.shadow.shadow_catalog import shadow_catalog

    with open_shadow(snapshot, request.postgres_bin, 1, on_progress) as shadow:
        catalog = shadow_catalog(shadow, snapshot)
        known = inputs or recorded_inputs(request, snapshot, catalog, on_progress)
        searched = _search(request, shadow, catalog, known, on_progress)
    loops = _loop_advice(known, catalog, request)
    kept = tuple(each for each in loops if each.rule not in _allowed_rules(each))
    silenced = tuple(each.key for each in loops if each not in kept)
    return Examination(
        catalog=catalog,
        found=tuple(searched.found),
        skipped=tuple(searched.skipped),
        allowed=(*searched.allowed, *silenced),
        loops=kept,
        inputs=known,
    )


def _allowed_rules(advice: LoopAdvice) -> frozenset[str]:
    return frozenset(allow.rule for allow in advice.loop.allows)


@dataclass(slots=True)
class _Searched:
    """What became of the queries so far."""

    found: list[tuple[Query, Found]] = field(default_factory=list)
    skipped: list[SkippedStatement] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def skip(self, query: Query, reason: str) -> None:
        self.skipped.append(SkippedStatement(query.name, reason, query.text, query.total_ms))


def _search(
    request: RewriteRequest, shadow: Shadow, catalog: Catalog, inputs: RewriteInputs, on_progress: OnProgress
) -> _Searched:
    from pgtune.advice.rewrites.pricing import Pricing
    from pgtune.advice.rewrites.search import Rulings, search
    from pgtune.analysis.rule_book import sql_rule_book
    from pgtune.shadow.what_if.what_if import open_planner

    rulings = Rulings(sql_rule_book(), request.policy, catalog)
    searched = _Searched()
    queries = inputs.workload.queries
    with open_planner(shadow, queries) as planner:
        pricing = Pricing(planner)
        for done, query in enumerate(queries):
            on_progress("looking for rewrites", done / len(queries))
            allowed = frozenset(allow.rule for allow in inputs.allows.get(query.name, ()))
            if refusal := planner.refused.get(query.number):
                searched.skip(query, f"cannot be planned: {refusal}")
                continue
            try:
                silenced = rulings.silenced(query, allowed)
                found = search(query, replace(rulings, left_out=allowed), pricing)
            except StatementError as error:
                searched.skip(query, str(error))
                continue
            searched.allowed += (f"{rule}:{query.fingerprint}" for rule in silenced)
            searched.found.append((query, found))
    if not searched.found and not inputs.loops:
        reasons = list(dict.fromkeys(each.reason for each in searched.skipped))
        raise StatementRefused(f"no statement can be looked at ({'; '.join(reasons[:_SHOWN_REASONS])})")
    return searched


def _loop_advice(inputs: RewriteInputs, catalog: Catalog, request: RewriteRequest) -> tuple[LoopAdvice, ...]:
    from pgtune.advice.batches.batch_advice import batch_advice

    policy = request.policy
    advised = (batch_advice(loop, catalog) for loop in inputs.loops)
    return tuple(
        replace(each, severity=policy.severities.get(each.rule, each.severity))
        for each in advised
        if each.rule not in policy.ignored
    )


def _tested(
    request: RewriteRequest, snapshot: Snapshot, examination: Examination, on_progress: OnProgress
) -> RewriteAdvice:
    from pgtune.cli.rewrite_trials import Trials, try_loops, try_rewrites

    with Trials.open(request, snapshot, on_progress) as trials:
        rewrites, ideas, refuted = try_rewrites(trials, examination.found, examination.inputs.lines)
        loops = try_loops(trials, examination.loops)
    inputs = examination.inputs
    skipped = (*inputs.workload.skipped, *examination.skipped)
    examined = Examined(
        origin=inputs.workload.origin,
        statements=inputs.workload.seen,
        examined=inputs.workload.seen - len(skipped),
        skipped=skipped,
        loops_seen=len(inputs.loops),
    )
    return RewriteAdvice(
        version=__version__,
        server=server_label(snapshot, request.target, request.snapshot),
        examined=examined,
        rewrites=tuple(sorted(rewrites, key=_saved, reverse=True)),
        loops=tuple(sorted(loops, key=lambda each: (not each.loop.is_sure, -each.loop.turns))),
        ideas=tuple(ideas),
        refuted=tuple(refuted),
        allowed=examination.allowed,
        remarks=(*inputs.remarks, *trials.remarks),
        seed=request.limits.seed,
    )


def _saved(rewrite: Rewrite) -> float:
    """What it takes off the workload: milliseconds where they are known, else planner units."""
    query = rewrite.query
    weight = query.total_ms if query.total_ms is not None else rewrite.before.cost * query.calls
    return weight * (1 - 1 / rewrite.cost_factor)
