"""Statements of pg_stat_statements, of SQL files or of logs in; the workload to find indexes for out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from pgtune.errors import StatementError, UsageError
from pgtune.model.directives import Directives
from pgtune.model.snapshot import StatementStatistics
from pgtune.model.workload import Query, SkippedStatement, Workload, WorkloadOrigin, Write
from pgtune.parse.directives import read_directives
from pgtune.parse.fingerprint import fingerprint
from pgtune.parse.log_workload import LoggedQuery
from pgtune.parse.normalized_sql import plannable_text
from pgtune.parse.parameters import find_parameters
from pgtune.parse.plannable_query import NotPlanned, PlannableQuery, plannable_query
from pgtune.parse.sql_split import Statement, read_script
from pgtune.parse.sql_tokens import Token, TokenKind
from pgtune.parse.written_columns import written_by

FINGERPRINT_BYTES = 8
SEVERAL_STATEMENTS = "several statements in one message: their times cannot be told apart"


@dataclass(frozen=True, slots=True)
class FileStatement:
    """One statement of a SQL file."""

    name: str  # "queries/a.sql", "queries/a.sql:12"
    statement: Statement
    file: str = ""  # "queries/a.sql"


@dataclass(slots=True)
class _Gathered:
    """What becomes of statements, in the order in which they come."""

    queries: list[Query] = field(default_factory=list)
    skipped: list[SkippedStatement] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)

    def skip(self, name: str, reason: str, text: str, total_ms: float | None) -> None:
        self.skipped.append(SkippedStatement(name, reason, text, total_ms))

    def add(self, query: Query, tokens: Sequence[Token], rows: float) -> None:
        """Take a query, and note what its *rows* rows are written to."""
        self.queries.append(query)
        self.note_writes(tokens, rows)

    def note_writes(self, tokens: Sequence[Token], rows: float) -> None:
        if rows:
            self.writes += [Write(one.relation, one.kind, one.columns, rows) for one in written_by(tokens)]

    def workload(
        self, origin: WorkloadOrigin, seen_ms: float | None, since: datetime | None = None
    ) -> Workload:
        return Workload(
            origin=origin,
            queries=tuple(self.queries),
            skipped=tuple(self.skipped),
            writes=tuple(self.writes),
            seen=len(self.queries) + len(self.skipped),
            seen_ms=seen_ms,
            since=since,
        )


def workload_of_statements(
    statements: Iterable[StatementStatistics], since: datetime | None = None
) -> Workload:
    """Return the workload that pg_stat_statements counted since *since*, the heaviest statement first.

    Its texts have ``$n`` for constants: they are planned without values.
    """
    gathered = _Gathered()
    ranked = sorted(statements, key=lambda one: (-one.total_ms, one.query_id or 0, one.text))
    for one in ranked:
        _add_counted(gathered, one)
    return gathered.workload(WorkloadOrigin.STATEMENTS, sum(one.total_ms for one in ranked), since)


def workload_of_files(
    statements: Iterable[FileStatement], params: Mapping[str, str | None] | None = None
) -> Workload:
    """Return the workload of the statements of SQL files, each called once unless its comment says otherwise.

    *params* and the statements' own ``-- pgtune: param`` give values; a statement that lacks one is planned
    without any.

    Raises:
        StatementError: a ``-- pgtune:`` comment is wrong.
    """
    gathered = _Gathered()
    for one in statements:
        _add_written(gathered, one, params or {})
    return gathered.workload(WorkloadOrigin.FILES, None)


def workload_of_logs(logged: Iterable[LoggedQuery]) -> Workload:
    """Return the workload of what server logs held, the heaviest query first."""
    gathered = _Gathered()
    ranked = sorted(logged, key=lambda one: (-one.total_ms, one.name))
    for one in ranked:
        _add_logged(gathered, one)
    return gathered.workload(WorkloadOrigin.LOGS, sum(one.total_ms for one in ranked))


def _add_counted(gathered: _Gathered, counted: StatementStatistics) -> None:
    identity = str(counted.query_id) if counted.query_id is not None else _hash(counted.text)
    name = f"query {identity}"
    found = plannable_query(counted.text)
    if isinstance(found, NotPlanned):
        gathered.skip(name, found.reason, counted.text, counted.total_ms)
        gathered.note_writes(found.tokens, float(counted.rows))
        return
    text = plannable_text(found.text, found.tokens, found.parameter_types)
    values = None if _has_placeholder(found.tokens) else ()
    query = Query(len(gathered.queries), name, text, identity, values, float(counted.calls), counted.total_ms)
    gathered.add(query, found.tokens, float(counted.rows))


def _add_written(gathered: _Gathered, given: FileStatement, params: Mapping[str, str | None]) -> None:
    directives = _directives(given)
    try:
        parametrised = find_parameters(given.statement.text)
    except StatementError as error:
        gathered.skip(given.name, f"cannot be read: {error}", given.statement.text, None)
        return
    known = {**directives.params, **params}
    complete = all(name in known for name in parametrised.names)
    values = tuple(known[name] for name in parametrised.names) if complete else None
    calls = 1.0 if directives.calls is None else directives.calls
    found = plannable_query(parametrised.text)
    if isinstance(found, NotPlanned):
        gathered.skip(given.name, found.reason, given.statement.text, None)
        gathered.note_writes(found.tokens, calls)
        return
    query = Query(
        len(gathered.queries),
        given.name,
        _typed(found) if values else plannable_text(found.text, found.tokens, found.parameter_types),
        _hash(fingerprint(found.text)),
        values,
        calls,
        allowed_rules=frozenset(allow.rule for allow in directives.allows),
    )
    gathered.add(query, found.tokens, calls)


def _directives(given: FileStatement) -> Directives:
    try:
        return read_directives(given.statement.comments)
    except UsageError as error:
        raise StatementError(f"{given.name}: {error}") from error


def _add_logged(gathered: _Gathered, logged: LoggedQuery) -> None:
    found = plannable_query(logged.text)
    if isinstance(found, NotPlanned) or _is_several(found):
        reason = found.reason if isinstance(found, NotPlanned) else SEVERAL_STATEMENTS
        gathered.skip(logged.name, reason, logged.text, logged.total_ms)
        gathered.note_writes(found.tokens, float(logged.calls))
        return
    query = Query(
        len(gathered.queries),
        logged.name,
        _typed(found),
        logged.query_id or _hash(fingerprint(found.text)),
        logged.values if _has_placeholder(found.tokens) else (),
        float(logged.calls),
        logged.total_ms,
    )
    gathered.add(query, found.tokens, float(logged.calls))


def _typed(query: PlannableQuery) -> str:
    """Give the parameters of a PREPARE the types that it declares."""
    if not query.parameter_types:
        return query.text
    return plannable_text(query.text, query.tokens, query.parameter_types)


def _is_several(query: PlannableQuery) -> bool:
    return any(token.text == ";" for token in query.tokens) and len(read_script(query.text).statements) > 1


def _has_placeholder(tokens: Iterable[Token]) -> bool:
    return any(token.kind is TokenKind.PLACEHOLDER for token in tokens)


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=FINGERPRINT_BYTES).hexdigest()


def file_statements(name: str, text: str) -> Iterator[FileStatement]:
    """Yield the statements of a SQL file, named after it, with the line where there are several.

    Raises:
        StatementError: a string, quoted name or comment does not end.
    """
    statements = read_script(text).statements
    for statement in statements:
        label = f"{name}:{statement.line}" if len(statements) > 1 else name
        yield FileStatement(label, statement, name)
