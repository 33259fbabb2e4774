"""Files, directories and standard input in, one Report out: each input goes the way of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pgtune import __version__
from pgtune.cli.explain_request import ExplainRequest
from pgtune.cli.log_progress import counted_lines
from pgtune.cli.screen import bar_on_terminal, progress_bar, say, say_traceback
from pgtune.errors import InputError, NothingToExplain, PgtuneError
from pgtune.model.catalog import Catalog
from pgtune.model.diagnosis import Explained, Failure, Origin, Report
from pgtune.model.place import Place
from pgtune.model.workload import Query
from pgtune.parse.input_kind import HEAD_CHARS, InputKind, classify
from pgtune.parse.sql_split import Statement, read_script
from pgtune.sources.files import STDIN, find_inputs, is_regular_file, open_lines, read_input

if TYPE_CHECKING:
    from pgtune.cli.explain_statements import Call
    from pgtune.cli.explain_target import ExplainTarget

_FILES_BEFORE_BAR = 2  # a bar for one file would only flicker


@dataclass(slots=True)
class _Outcome:
    """What has been found out so far."""

    explained: list[Explained] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def fail(self, source: Place, error: PgtuneError) -> None:
        say_traceback(error)
        message = str(error).removeprefix(f"{source.name}: ")
        self.failures.append(Failure(source, message, error.exit_code, error.context))


@dataclass(frozen=True, slots=True)
class _Task:
    """One statement waiting for the server."""

    source: Place
    statement: Statement


def explain_inputs(paths: Sequence[str], request: ExplainRequest, *, everything: bool) -> Report:
    """Explain all inputs; one that cannot be checked is a Failure and does not stop the others."""
    outcome = _Outcome()
    tasks: list[_Task] = []
    for given in paths:
        for path in _find(given, outcome):
            try:
                tasks += _read(path, request, outcome, everything=everything)
            except NothingToExplain as error:
                if path == given:
                    outcome.fail(Place(_display_name(path)), error)
                else:  # found in a directory, which may hold migrations as well
                    outcome.remarks.append(str(error))
            except InputError as error:
                outcome.fail(Place(_display_name(path)), error)
    server = _explain_tasks(tasks, request, outcome) if tasks else None
    outcome.remarks += _useless_params(tasks, request)
    return Report(
        version=__version__,
        server=server,
        explained=tuple(outcome.explained),
        failures=tuple(outcome.failures),
        remarks=tuple(outcome.remarks),
    )


def _find(given: str, outcome: _Outcome) -> tuple[str, ...]:
    try:
        return find_inputs(given)
    except InputError as error:
        outcome.fail(Place(given), error)
        return ()


def _display_name(path: str) -> str:
    return "standard input" if path == STDIN else path


def _read(path: str, request: ExplainRequest, outcome: _Outcome, *, everything: bool) -> list[_Task]:
    """Explain plans and logs at once; return the statements, which need a server."""
    if is_regular_file(path) and classify(path, _head(path)) is InputKind.LOG:
        with bar_on_terminal() as on_progress:
            lines = counted_lines(open_lines(path), path, on_progress)
            _explain_log(path, lines, request, outcome, everything=everything)
        return []
    file = read_input(path)
    kind = classify(file.name, file.text[:HEAD_CHARS])
    if kind is InputKind.SQL:
        return _read_sql(file.name, file.text, outcome)
    if kind is InputKind.LOG:
        _explain_log(
            file.name, iter(file.text.splitlines(keepends=True)), request, outcome, everything=everything
        )
    else:
        _explain_plans(file.name, file.text, request, outcome)
    return []


def _head(path: str) -> str:
    head, size = [], 0
    for line in open_lines(path):
        head.append(line)
        size += len(line)
        if size >= HEAD_CHARS:
            break
    return "".join(head)[:HEAD_CHARS]


def _read_sql(name: str, text: str, outcome: _Outcome) -> list[_Task]:
    from pgtune.cli.explain_statements import is_explainable

    script = read_script(text)
    many = len(script.statements) > 1
    tasks, passed = [], len(script.skipped)
    for statement in script.statements:
        if is_explainable(statement):
            tasks.append(_Task(Place(name, statement.line if many else None), statement))
        else:
            passed += 1
    if not tasks:
        raise NothingToExplain(
            f"{name}: no statement that EXPLAIN takes; give SELECT, INSERT, UPDATE, DELETE or MERGE"
        )
    if passed:
        noun = "statement or command" if passed == 1 else "statements or commands"
        outcome.remarks.append(f"{name}: {passed} {noun} without a plan skipped")
    return tasks


def _explain_plans(name: str, text: str, request: ExplainRequest, outcome: _Outcome) -> None:
    from pgtune.cli.diagnose import diagnose
    from pgtune.parse.plans import parse_plans

    plans = parse_plans(text)
    for position, plan in enumerate(plans, 1):
        charged, review = diagnose(plan, None, request.policy)
        label = name if len(plans) == 1 else f"{name} (plan {position})"
        outcome.explained.append(Explained(Place(label), Origin.READ, charged, review, query=plan.query_text))


def _explain_log(
    name: str, lines: Iterator[str], request: ExplainRequest, outcome: _Outcome, *, everything: bool
) -> None:
    from pgtune.cli.explain_logs import TOP_QUERIES, explain_log

    found = explain_log(name, lines, request.policy, None if everything else TOP_QUERIES)
    outcome.explained += found.explained
    outcome.remarks += found.remarks


def _explain_tasks(tasks: Sequence[_Task], request: ExplainRequest, outcome: _Outcome) -> str | None:
    """Explain statements on the server; return what it is called, None when it could not be reached."""
    from pgtune.cli.explain_target import open_explain_target

    # Where a snapshot is asked, no server is started that is worth a line.
    opening = progress_bar if request.snapshot is None else bar_on_terminal
    with ExitStack() as stack:
        try:
            with opening() as on_progress:
                target = stack.enter_context(open_explain_target(request, say, on_progress))
        except PgtuneError as error:
            outcome.fail(Place("server" if request.snapshot is None else str(request.snapshot)), error)
            return None
        outcome.remarks += target.remarks
        _explain_each(tasks, target, request, outcome)
        return target.label


def _explain_each(
    tasks: Sequence[_Task], target: ExplainTarget, request: ExplainRequest, outcome: _Outcome
) -> None:
    from pgtune.cli.cures import Cures
    from pgtune.cli.explain_statements import explain_statement
    from pgtune.cli.hint_trial import HintTrial

    with ExitStack() as stack:
        on_progress = stack.enter_context(bar_on_terminal())
        trial = HintTrial(target, lambda: _queries(tasks, request), stack, on_progress)
        cures = Cures(target.explainer, trial, request)
        for number, task in enumerate(tasks):
            _report_progress(on_progress, task, number, len(tasks))
            advise = partial(cures.add, number) if request.try_cures else _as_it_is
            try:
                explained = explain_statement(target.explainer, task.statement, task.source, request, advise)
                outcome.explained.append(explained)
            except PgtuneError as error:
                outcome.fail(task.source, error)
        outcome.remarks += trial.remarks


def _as_it_is(explained: Explained, call: Call, catalog: Catalog) -> Explained:
    del call, catalog
    return explained


def _queries(tasks: Sequence[_Task], request: ExplainRequest) -> tuple[Query, ...]:
    """The statements as what-if questions name them: by their position."""
    from pgtune.cli.explain_statements import planned_query

    found = (planned_query(number, task.statement, task.source, request) for number, task in enumerate(tasks))
    return tuple(query for query in found if query is not None)


def _useless_params(tasks: Sequence[_Task], request: ExplainRequest) -> Iterator[str]:
    if not request.params:
        return
    from pgtune.cli.explain_statements import parameter_names

    used = {name for task in tasks for name in parameter_names(task.statement)}
    for name in request.params:
        if name not in used:
            yield f"--param {name}: no statement has a parameter of that name"


def _report_progress(on_progress: Callable[[str, float], None], task: _Task, done: int, count: int) -> None:
    if count >= _FILES_BEFORE_BAR:
        on_progress(f"explaining {task.source}", done / count)
