"""Pairs of statements in, reports on whether they mean the same out: run on a scratch server's database."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from pgtune.advice.equivalence.column_values import sentinel_literals
from pgtune.advice.equivalence.databases import loop_databases, test_databases
from pgtune.advice.equivalence.table_plan import drawable
from pgtune.model.catalog import Catalog
from pgtune.model.equivalence import LoopPair, Outcome, Pair, ResultColumn, TestLimits, TestReport
from pgtune.model.names import RelationName
from pgtune.model.test_schema import ParameterType, TestTable
from pgtune.parse.sql.constants import mined_constants
from pgtune.parse.sql.mined_constants import MinedConstants
from pgtune.parse.sql.ordering import top_level_order
from pgtune.shadow.database import LeftOut
from pgtune.shadow.trial.comparison import Comparison
from pgtune.shadow.trial.constant_plans import read_no_table
from pgtune.shadow.trial.counterexample import find_counterexample
from pgtune.shadow.trial.exchange import Exchange
from pgtune.shadow.trial.judge import Judge
from pgtune.shadow.trial.partitions import add_default_partitions
from pgtune.shadow.trial.read_schema import PairSchema, SchemaReader, words_of
from pgtune.shadow.trial.run_pair import PairRunner, sides_of
from pgtune.shadow.trial.statement_facts import StatementFacts, StatementReader
from pgtune.shadow.trial.try_pair import report_of, try_pair
from pgtune.shadow.trial.undetermined import undetermined
from pgtune.sources.catalog import read_catalog
from pgtune.sources.connect import ServerConnection, connect

_IDS_DIFFER = "not compared: ids that sequences give"

Hidden = Mapping[RelationName, frozenset[str]]


class Trial:
    """A database with the tables of a schema, empty, that pairs of statements are tried on.

    *planner_conninfo* is of the role that owns the tables and has no other privilege; *observer* is a
    superuser's session that reads the catalogs and nothing else.
    """

    def __init__(
        self,
        exchange: Exchange,
        observer: ServerConnection,
        planner_conninfo: str,
        left_out: tuple[LeftOut, ...],
    ) -> None:
        self._exchange = exchange
        self._catalogs = SchemaReader(observer)
        self._statements = StatementReader(exchange, self._catalogs)
        self._planner_conninfo = planner_conninfo
        self.version_num = observer.info.server_version  # 180006 = 18.6
        self.left_out = left_out  # what of the schema is missing here

    def test(self, pair: Pair, limits: TestLimits = TestLimits()) -> TestReport:
        """Try the pair on generated databases.

        Raises:
            StatementError: a statement is not valid.
            StatementRefused: it names an unknown table, or is none that reads or writes rows.
            ConnectionLost: the server ended.
        """
        question = self._question(pair)
        if refused := _not_drawable(question.schema):
            return TestReport(Outcome.UNDECIDED, 0, 0, 0, 0, limits.seed, 0.0, refused)
        report = self._try(question, limits, question.uncompared)
        if report.outcome is Outcome.EQUAL or not question.ids:
            return report
        hidden = {
            name: question.uncompared.get(name, frozenset()) | question.ids.get(name, frozenset())
            for name in {*question.uncompared, *question.ids}
        }
        again = self._try(question, limits, hidden)
        return replace(again, remarks=(*again.remarks, _IDS_DIFFER))

    def check(self, statement: str) -> None:
        """Have the server parse *statement*; nothing is run.

        Raises:
            StatementError: it is not valid SQL.
            StatementRefused: an unknown table or column, or no statement that reads or writes rows.
            ConnectionLost: the server ended.
        """
        self._statements.read(statement)

    def columns(self, statement: str) -> tuple[ResultColumn, ...]:
        """Return the columns of the result; none for a statement that returns no rows.

        Raises:
            StatementError, StatementRefused, ConnectionLost: as `check`.
        """
        return self._statements.read(statement).columns

    def catalog(self, names: Collection[RelationName]) -> Catalog:
        """Return what the catalogs say of the relations called *names*.

        Raises:
            ConnectError: the server ended.
        """
        with connect(self._planner_conninfo, lambda _: None) as connection:
            return read_catalog(connection, names)

    def _question(self, pair: Pair) -> _Question:
        originals, others = sides_of(pair)
        statements = (*originals, *others)
        facts = [self._statements.read(statement) for statement in statements]
        locked = [one for each in facts for one in each.locked]
        add_default_partitions(self._exchange, self._catalogs, locked)
        schema = self._catalogs.read(statements, locked)
        mentioned = frozenset(word for statement in statements for word in words_of(statement))
        return _Question(
            pair=pair,
            statements=statements,
            original=tuple(facts[: len(originals)]),
            rewritten=tuple(facts[len(originals) :]),
            schema=schema,
            uncompared=_unnamed(_volatile_columns(schema), mentioned) if schema.inserts else {},
            ids=_unnamed(schema.given_by_sequence, mentioned) if schema.inserts else {},
            undetermined=undetermined(statements, self._catalogs.volatile_within(mentioned)),
        )

    def _try(self, question: _Question, limits: TestLimits, hidden: Hidden) -> TestReport:
        is_loop = isinstance(question.pair, LoopPair)
        make = loop_databases if is_loop else test_databases
        mined = mined_constants(question.statements)
        stream = make(question.schema.tests, mined, question.parameters, limits.seed)
        keys = () if is_loop else top_level_order(question.statements[len(question.original) - 1])
        judge = Judge(
            PairRunner(self._exchange, question.pair, question.schema, keys),
            Comparison(is_loop, question.schema.writes, hidden),
            keys,
            time.monotonic() + limits.time_limit_ms / 1000,
        )
        tally = try_pair(judge, stream, limits)
        is_constant = not tally.not_empty and self._is_constant(question)
        report = report_of(tally, limits, question.undetermined, is_constant=is_constant)
        remarks = (*question.remarks(), *_sentinel_remarks(mined), *report.remarks)
        example = None
        if tally.refutation:
            example = find_counterexample(judge, tally.refutation, self._statements)
        judge.runner.end()
        elapsed_ms = (time.monotonic() - tally.started_s) * 1000
        return replace(report, remarks=remarks, elapsed_ms=elapsed_ms, counterexample=example)

    def _is_constant(self, question: _Question) -> bool:
        """Tell whether both sides return the same whatever the rows are, as their plans show."""
        words = {word for statement in question.statements for word in words_of(statement)}
        return not self._catalogs.called(words) and read_no_table(self._exchange, question.statements)


@dataclass(frozen=True, slots=True)
class _Question:
    """A pair with all that is known before it runs."""

    pair: Pair
    statements: tuple[str, ...]  # of both sides, the original's first
    original: tuple[StatementFacts, ...]
    rewritten: tuple[StatementFacts, ...]
    schema: PairSchema
    uncompared: Hidden  # columns with volatile defaults
    ids: Hidden  # columns that sequences fill
    undetermined: str | None

    @property
    def parameters(self) -> tuple[ParameterType, ...]:
        """Of $1, $2, ...: each as the first statement takes it that has it; of a loop, as the turn does."""
        sides = self.original if isinstance(self.pair, LoopPair) else (*self.original, *self.rewritten)
        longest = max((facts.parameters for facts in sides), key=len)
        return tuple(
            next((facts.parameters[number - 1] for facts in sides if number in facts.used), unused)
            for number, unused in enumerate(longest, 1)
        )

    def remarks(self) -> Iterator[str]:
        """Yield what is worth to know besides the outcome."""
        for relation, columns in self.uncompared.items():
            yield f"not compared, as each run gives another value: {relation}.{', '.join(sorted(columns))}"
        if isinstance(self.pair, LoopPair):
            return
        for mine, other in zip(self.original, self.rewritten, strict=False):
            for number, (ours, theirs) in enumerate(zip(mine.columns, other.columns, strict=False), 1):
                if ours.type != theirs.type:
                    yield f"column {number} is {theirs.type}, was {ours.type}"
            for number in sorted(mine.used & other.used):
                have, gets = mine.parameters[number - 1], other.parameters[number - 1]
                if have.type != gets.type:
                    yield f"${number} is {gets.type}, was {have.type}"


def _sentinel_remarks(mined: MinedConstants) -> Iterator[str]:
    if literals := sentinel_literals(mined):
        yield f"taken to be beyond all rows: {', '.join(literals)}; a row with that value is not tried"


def _not_drawable(schema: PairSchema) -> str | None:
    for table in schema.tests.tables:
        for column in table.columns:
            if not drawable(column) and column.default is None:
                return f"no values can be made for {table.name}.{column.name} of type {column.type}"
    return None


def _volatile_columns(schema: PairSchema) -> Hidden:
    return {table.name: _volatile_defaults(table) for table in schema.tests.tables}


def _volatile_defaults(table: TestTable) -> frozenset[str]:
    return frozenset(column.name for column in table.columns if column.has_volatile_default)


def _unnamed(columns: Hidden, mentioned: Collection[str]) -> Hidden:
    """Return the *columns* that no statement names; tables without any are left out."""
    left = {name: frozenset(found - set(mentioned)) for name, found in columns.items()}
    return {name: found for name, found in left.items() if found}
