"""SQL in, an Explained or a Failure per statement out, by way of a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pgtune.cli.diagnose import diagnose
from pgtune.cli.explain_request import ExplainRequest
from pgtune.cli.explain_target import Explainer
from pgtune.errors import StatementError
from pgtune.model.catalog import Catalog
from pgtune.model.diagnosis import Explained, Origin, Repeats
from pgtune.model.directives import Directives
from pgtune.model.names import RelationName
from pgtune.model.place import Place
from pgtune.model.plan import Plan
from pgtune.model.workload import Query
from pgtune.parse.directives import read_directives
from pgtune.parse.parameters import find_parameters
from pgtune.parse.server_plan import read_server_plan
from pgtune.parse.sql_split import Statement
from pgtune.parse.statement_kind import StatementKind, explained_statement, statement_kind
from pgtune.sources.explain_options import GENERIC_PLAN_VERSION_NUM, ExplainOptions, ExplainOutput

_UNDONE = "run and rolled back; not undone: sequence values, dead rows, and what foreign servers did"
_PLANNED_ONLY = "planned, not run, because it writes; --allow-writes runs it and rolls it back"


@dataclass(frozen=True, slots=True)
class Call:
    """A statement as the server gets it."""

    text: str  # with $1, $2, ...
    values: tuple[str | None, ...] | None  # None = values are missing
    missing: tuple[str, ...]  # names of parameters without a value
    directives: Directives


Advise = Callable[[Explained, Call, Catalog], Explained]


def is_explainable(statement: Statement) -> bool:
    """False for what has no plan: SET, BEGIN, CREATE INDEX."""
    return statement_kind(statement.text) is not StatementKind.UTILITY


def parameter_names(statement: Statement) -> tuple[str, ...]:
    """Names of the statement's parameters; none where it cannot be read, which explaining it will tell."""
    try:
        return find_parameters(statement.text).names
    except StatementError:
        return ()


def planned_query(number: int, statement: Statement, source: Place, request: ExplainRequest) -> Query | None:
    """The statement as a what-if question; None where it cannot be read, or has settings of its own."""
    try:
        call = _prepare(statement, request)
    except StatementError:
        return None
    if call.directives.settings:
        return None
    return Query(number, str(source), call.text, fingerprint="", values=call.values)


def explain_statement(
    server: Explainer,
    statement: Statement,
    source: Place,
    request: ExplainRequest,
    advise: Advise,
) -> Explained:
    """Explain one statement, as often as asked, diagnose its plan, and let *advise* add what may cure it.

    Raises:
        StatementError: no valid SQL, or a parameter without a value where the server needs one.
        ServerError: the server refused, gave up or went away.
    """
    call = _prepare(statement, request)
    if call.values is None:
        _refuse_missing_values(server, call)
    options = explain_options(call, request)
    outputs = [server.explain(call.text, call.values or (), options)]
    outputs += [
        server.explain(call.text, call.values or (), options)
        for _ in range(request.repeat - 1 if outputs[0].executed else 0)
    ]
    plans = [read_server_plan(output.json_text) for output in outputs]
    chosen = _median_run(plans)
    catalog = server.catalog(sorted(_relations(plans[chosen]), key=str))
    charged, review = diagnose(plans[chosen], catalog, request.policy, call.directives.allows)
    explained = Explained(
        source=source,
        origin=_origin(call, outputs[chosen]),
        plan=charged,
        review=review,
        query=statement.text,
        remarks=tuple(_remarks(call, outputs[chosen], request)),
        notices=outputs[chosen].notices,
        repeats=_repeats(plans),
    )
    return advise(explained, call, catalog)


def _prepare(statement: Statement, request: ExplainRequest) -> Call:
    text = statement.text
    if statement_kind(text) is StatementKind.EXPLAIN:
        text = explained_statement(text)
    directives = read_directives(statement.comments)
    parametrised = find_parameters(text)
    given: Mapping[str, str | None] = {**directives.params, **request.params}
    missing = [name for name in parametrised.names if name not in given]
    values = None if missing else tuple(given[name] for name in parametrised.names)
    return Call(parametrised.text, values, tuple(missing), directives)


def _refuse_missing_values(server: Explainer, call: Call) -> None:
    """Without values a statement can be planned (16 and later), but not run."""
    if server.version_num >= GENERIC_PLAN_VERSION_NUM:
        return
    raise StatementError(
        f"no value for {_missing(call)}; add {_param_options(call)}"
        " (PostgreSQL 16 and later also plan without)"
    )


def _missing(call: Call) -> str:
    return f"{'parameter' if len(call.missing) == 1 else 'parameters'} {', '.join(call.missing)}"


def _param_options(call: Call) -> str:
    return " ".join(f"--param {name}=VALUE" for name in call.missing)


def explain_options(call: Call, request: ExplainRequest) -> ExplainOptions:
    """How the statement is explained: without values it is planned and not run."""
    return ExplainOptions(
        analyze=request.analyze and call.values is not None,
        serialize=request.serialize,
        timeout_ms=request.timeout_ms,
        lock_timeout_ms=request.lock_timeout_ms,
        allow_writes=request.allow_writes,
        generic_plan=call.values is None,
        settings=call.directives.settings,
    )


def _relations(plan: Plan) -> set[RelationName]:
    return {node.relation for node in plan.nodes() if node.relation is not None}


def _median_run(plans: Sequence[Plan]) -> int:
    """The index of the warm run that took the median time; the only run when there is one."""
    if len(plans) == 1:
        return 0
    warm = sorted(range(1, len(plans)), key=lambda index: plans[index].execution_ms or 0.0)
    return warm[(len(warm) - 1) // 2]


def _repeats(plans: Sequence[Plan]) -> Repeats | None:
    times_ms = [plan.execution_ms for plan in plans if plan.execution_ms is not None]
    if len(times_ms) < 2:
        return None
    from statistics import median  # 8 ms to import, and most statements run once

    cold_ms, *warm_ms = times_ms
    return Repeats(cold_ms, tuple(warm_ms), median(warm_ms))


def _origin(call: Call, output: ExplainOutput) -> Origin:
    if call.values is None:
        return Origin.GENERIC
    return Origin.ANALYZED if output.executed else Origin.PLANNED


def _remarks(call: Call, output: ExplainOutput, request: ExplainRequest) -> Iterator[str]:
    if output.writes and request.snapshot is None:
        yield _UNDONE if output.executed else _PLANNED_ONLY
    if call.values is None:
        purpose = "run it" if request.snapshot is None else "plan it with values"
        yield f"planned without {_missing(call)} (generic plan); to {purpose}, add {_param_options(call)}"
