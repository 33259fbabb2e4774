"""An EquivalentRequest in, a Verdict out: schema, scratch server, test, and the user's own rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pgtune import __version__
from pgtune.cli.database_snapshot import server_label, snapshot_of
from pgtune.cli.equivalent_inputs import PairInputs, PlacedStatement, read_pair
from pgtune.cli.equivalent_request import EquivalentRequest
from pgtune.cli.screen import bar_on_terminal, say
from pgtune.cli.target import OnProgress, open_target
from pgtune.errors import StatementError, StatementRefused, UsageError
from pgtune.model.equivalence_verdict import Verdict

if TYPE_CHECKING:
    from pgtune.model.equivalence import TestReport
    from pgtune.model.rewrite import DataCheck
    from pgtune.model.snapshot import Snapshot
    from pgtune.shadow.trial.schema_script import SchemaScript
    from pgtune.shadow.trial.trial import Trial

_UNKNOWN_TABLE = re.compile(r'relation ".*" does not exist')  # the server of a trial speaks English


def check_equivalence(request: EquivalentRequest) -> Verdict:
    """Do what the request says.

    Raises:
        UsageError: the request contradicts itself, or an input cannot be used.
        ServerError: a server cannot be reached or does not answer.
    """
    _check(request)
    inputs = read_pair(request.original, request.rewritten)
    schema, label = _schema(request)
    with bar_on_terminal() as on_progress:
        test, left_out = _tested(request, inputs, schema, label, on_progress)
        data = _on_data(request, inputs, on_progress) if request.data else None
    return Verdict(
        version=__version__,
        original=inputs.names[0],
        rewritten=inputs.names[1],
        schema=label,
        parameters=inputs.parameters,
        test=test,
        data=data,
        remarks=(*inputs.remarks, *left_out),
    )


def _check(request: EquivalentRequest) -> None:
    if request.schema is not None and request.snapshot is not None:
        raise UsageError("--schema: --snapshot gives the tables, too; leave one of them out")
    if request.data and (request.schema is not None or request.snapshot is not None):
        option = "--schema" if request.schema is not None else "--snapshot"
        raise UsageError(f"--data: {option} has no rows; name the database with --dsn instead")
    unused = set(request.params) if not request.data else set()
    if unused:
        raise UsageError(f"--param {min(unused)}: values are drawn for the test; they are for --data only")


def _schema(request: EquivalentRequest) -> tuple[Snapshot | SchemaScript, str]:
    """Where the tables come from, and what to call it."""
    if request.schema is not None:
        from pgtune.shadow.trial.schema_script import SchemaScript
        from pgtune.sources.files import read_input

        file = read_input(str(request.schema))
        return SchemaScript(file.name, file.text), file.name
    snapshot = snapshot_of(request.target, request.snapshot, request.postgres_bin, request.pool)
    return snapshot, server_label(snapshot, request.target, request.snapshot)


def _tested(
    request: EquivalentRequest,
    inputs: PairInputs,
    schema: Snapshot | SchemaScript,
    label: str,
    on_progress: OnProgress,
) -> tuple[TestReport, list[str]]:
    """The test's report, and what the scratch server lacks."""
    from pgtune.shadow.trial.open_trial import open_trial

    with open_trial(schema, request.postgres_bin, on_progress) as trial:
        for statement in (*inputs.original, *inputs.rewritten):
            _require_valid(trial, statement, label)
        on_progress("testing", 0.0)
        left_out = [f"not in the scratch database: {each.object}: {each.reason}" for each in trial.left_out]
        return trial.test(inputs.pair, request.limits), left_out


def _require_valid(trial: Trial, statement: PlacedStatement, label: str) -> None:
    """Raise an error that begins with the statement's place when the server refuses it."""
    try:
        trial.check(statement.text)
    except (StatementError, StatementRefused) as error:
        message = str(error)
        if unknown := _UNKNOWN_TABLE.match(message):
            message = f"{unknown[0]} in {label}; give its CREATE TABLE with --schema"
        raise StatementError(f"{statement.place}: {message}", error.context) from error


def _on_data(request: EquivalentRequest, inputs: PairInputs, on_progress: OnProgress) -> DataCheck:
    from pgtune.sources.transaction import Timeouts

    missing = [name for name in inputs.parameters if name not in request.params]
    values = None if missing else [request.params[name] for name in inputs.parameters]
    with open_target(request.target, request.pool, say, on_progress) as (server, _):
        on_progress("comparing on the database's rows", 0.0)
        return server.compare(inputs.pair, values, Timeouts(request.timeout_ms, request.lock_timeout_ms))
