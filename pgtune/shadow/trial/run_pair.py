"""A test database in, what both sides of the pair did on it out; nothing of it is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pgtune.model.equivalence import LoopPair, Pair, Row, TableRows
from pgtune.model.names import RelationName, quote_ident
from pgtune.model.test_schema import TestDatabase
from pgtune.parse.sql.keyed_select import keyed_select
from pgtune.parse.sql.ordering import SortKey
from pgtune.shadow.trial.exchange import Answer, Described, Exchange, Failure, Request
from pgtune.shadow.trial.load import Loader, array_literal, load_requests, loaders
from pgtune.shadow.trial.read_schema import PairSchema
from pgtune.shadow.trial.variants import BASE, Variant, arranged

# Timeout, memory, disk, too many nested calls: they say nothing of what a statement means.
_RESOURCES = frozenset({"57014", "53000", "53100", "53200", "53400", "54001"})
_END = (Request("ROLLBACK"),)  # only a warning where there is no transaction
_BEGIN_ANEW = (Request("ROLLBACK"), Request("BEGIN"), Request("SAVEPOINT start"))
_BACK_TO_START = Request("ROLLBACK TO SAVEPOINT start")
_SAVEPOINT, _BACK = Request("SAVEPOINT loaded"), Request("ROLLBACK TO SAVEPOINT loaded")
_NOTHING = Described((), (), ())  # is known of a statement that the server refuses
_CHECK_NOW = Request("SET CONSTRAINTS ALL IMMEDIATE")
_SET = "SELECT pg_catalog.set_config($1, $2, true)"
_START_SEQUENCE = "SELECT pg_catalog.setval($1::text::regclass, $2::bigint, false)"


@dataclass(frozen=True, slots=True)
class Run:
    """What one side did."""

    answers: tuple[Answer, ...]  # one for each statement that ran; a failure is the last
    tables: Mapping[RelationName, Answer]  # as they are afterwards, of pairs that write
    repeats: frozenset[int] = frozenset()  # turns of a loop whose values came before

    @property
    def failure(self) -> Failure | None:
        """The error that ended it."""
        return self.answers[-1].failure if self.answers else None


@dataclass(frozen=True, slots=True)
class Runs:
    """Both sides on the same rows."""

    original: Run
    rewritten: Run

    @property
    def ran_out(self) -> bool:
        """True where time or memory ended a side."""
        failures = (self.original.failure, self.rewritten.failure)
        return any(failure is not None and failure.sqlstate in _RESOURCES for failure in failures)


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """The rows could not be inserted."""

    failure: Failure


class PairRunner:
    """Runs one pair; its statements and those that load are parsed once."""

    def __init__(
        self, exchange: Exchange, pair: Pair, schema: PairSchema, keys: Sequence[SortKey] = ()
    ) -> None:
        """Prepare all statements; *keys* are those of the ORDER BY of the original's last."""
        self._exchange = exchange
        self._pair = pair
        self._schema = schema
        self._loaders = loaders(schema.tests)
        exchange.run([*_END, Request("DEALLOCATE ALL")])
        for loader in self._loaders:
            self._prepare(loader.prepared, loader.insert)
            self._prepare(_select_of(loader), loader.select)
        self._original = self._statements("original", sides_of(pair)[0])
        self._rewritten = self._statements("rewritten", sides_of(pair)[1])
        self._keyed = self._keyed_form(keys)

    def run(self, database: TestDatabase, variant: Variant = BASE) -> Runs | NotLoaded:
        """Load the rows and run both sides; then all is rolled back.

        A variant that is not BASE stays in the transaction of the last BASE, so that now() is the same.

        Raises:
            ConnectionLost: the server ended, or does not answer.
        """
        unnamed = bool(variant.off)  # a parsed statement keeps its plan
        rows = arranged(database, variant.order)
        _, load, original, _, rewritten, _ = self._exchange.run(
            _BEGIN_ANEW if variant is BASE else [],
            [*self._load(rows, variant), _SAVEPOINT],
            [*self._prelude(), *self._original_requests(rows, unnamed), *self._afterwards()],
            [_BACK],
            [*self._prelude(), *self._rewritten_requests(rows, unnamed), *self._afterwards()],
            [_BACK_TO_START],
        )
        if load[-1].failure:
            return NotLoaded(load[-1].failure)
        turns = len(rows.values) if isinstance(self._pair, LoopPair) else len(self._original)
        return Runs(
            replace(self._as_run(original, turns), repeats=_repeats(rows.values)),
            self._as_run(rewritten, len(self._rewritten)),
        )

    def keyed(self, database: TestDatabase) -> Answer | None:
        """Return the original's last result with the sort keys that are no output columns behind its own.

        It runs on the rows and in the transaction of the last `run`. None where there is no such form of
        the original, or it fails.

        Raises:
            ConnectionLost: the server ended, or does not answer.
        """
        if self._keyed is None:
            return None
        statements = (*self._original[:-1], self._keyed)
        _, answers, _ = self._exchange.run(
            list(self._load(database, BASE)),
            [*self._prelude(), *self._with_first_values(statements, database, unnamed=False)],
            [_BACK_TO_START],
        )
        return None if answers[-1].failure else answers[-1]

    def loaded(self, database: TestDatabase) -> tuple[TableRows, ...]:
        """Return the rows that the server takes of *database*, as it prints them."""
        _, load, selected, _ = self._exchange.run(
            _BEGIN_ANEW, list(self._load(database, BASE)), self._selects(), _END
        )
        if load and load[-1].failure:
            return ()
        return tuple(
            TableRows(loader.table.name, loader.columns, answer.rows)
            for loader, answer in zip(self._loaders, selected, strict=True)
        )

    def end(self) -> None:
        """End the transaction of the last run."""
        self._exchange.run(_END)

    def tidy(self) -> None:
        """Remove the dead rows that rolled back transactions leave."""
        names = [str(loader.table.name) for loader in self._loaders]
        self._exchange.run(_END, *([Request(f"VACUUM (INDEX_CLEANUP ON) {name}")] for name in names))

    def _prepare(self, name: str, text: str) -> Described | Failure:
        return self._exchange.prepare(name, text)

    def _statements(self, side: str, texts: Sequence[str]) -> tuple[_Statement, ...]:
        return tuple(self._statement(f"{side}_{number}", text) for number, text in enumerate(texts))

    def _statement(self, name: str, text: str) -> _Statement:
        described = self._prepare(name, text)
        return _Statement(name, text, described if isinstance(described, Described) else _NOTHING)

    def _keyed_form(self, keys: Sequence[SortKey]) -> _Statement | None:
        """Prepare the original's last statement with its hidden *keys*; ids that an INSERT gives may vary."""
        last = self._original[-1]
        names, types = last.described.names, last.described.types
        hidden = [key.text for key in keys if key.output_place(names) is None]
        text = keyed_select(last.text, hidden) if all(hidden) and hidden else None
        if text is None or self._schema.inserts:
            return None
        keyed = self._statement("keyed", text)
        found, width = keyed.described, len(names)
        is_wider = len(found.names) == width + len(hidden)
        is_same = (found.names[:width], found.types[:width]) == (names, types)
        return keyed if is_wider and is_same else None

    def _load(self, rows: TestDatabase, variant: Variant) -> Iterator[Request]:
        for method in variant.off:
            yield Request(_SET, (f"enable_{method}", "off"))
        triggers = [(relation, name) for relation, names in self._schema.triggers.items() for name in names]
        for relation, name in triggers:
            yield Request(f"ALTER TABLE {relation} DISABLE TRIGGER {quote_ident(name)}")
        yield from load_requests(self._loaders, rows.tables)
        if triggers:
            yield _CHECK_NOW  # else events are pending, and triggers cannot be enabled
        for relation, name in triggers:
            yield Request(f"ALTER TABLE {relation} ENABLE TRIGGER {quote_ident(name)}")

    def _prelude(self) -> Sequence[Request]:
        """Sequences go on after a rollback."""
        return [
            Request(_START_SEQUENCE, (sequence.name, str(sequence.first)))
            for sequence in self._schema.sequences
        ]

    def _afterwards(self) -> Sequence[Request]:
        return [_CHECK_NOW, *self._selects()] if self._schema.writes else []

    def _selects(self) -> Sequence[Request]:
        return [Request(prepared=_select_of(loader)) for loader in self._loaders]

    def _original_requests(self, rows: TestDatabase, unnamed: bool) -> Sequence[Request]:
        if isinstance(self._pair, LoopPair):
            (single,) = self._original
            return [single.request(turn, unnamed) for turn in rows.values]
        return self._with_first_values(self._original, rows, unnamed)

    def _rewritten_requests(self, rows: TestDatabase, unnamed: bool) -> Sequence[Request]:
        if isinstance(self._pair, LoopPair):
            (batch,) = self._rewritten
            arrays = tuple(
                array_literal([turn[number] for turn in rows.values]) for number in range(batch.parameters)
            )
            return [batch.request(arrays, unnamed)]
        return self._with_first_values(self._rewritten, rows, unnamed)

    def _with_first_values(
        self, statements: Sequence[_Statement], rows: TestDatabase, unnamed: bool
    ) -> Sequence[Request]:
        values = rows.values[0] if rows.values else ()
        return [statement.request(values, unnamed) for statement in statements]

    def _as_run(self, answers: Sequence[Answer], statements: int) -> Run:
        """Tell the statements' own answers from those of what stands around them."""
        own = answers[len(self._schema.sequences) :]
        if own and own[-1].failure:
            return Run(tuple(own), {})
        after = own[statements + 1 :]  # behind SET CONSTRAINTS
        names = [loader.table.name for loader in self._loaders]
        return Run(tuple(own[:statements]), dict(zip(names, after, strict=False)))


@dataclass(frozen=True, slots=True)
class _Statement:
    prepared: str
    text: str
    described: Described

    @property
    def parameters(self) -> int:
        """How many $1, $2, ... it has."""
        return len(self.described.parameters)

    def request(self, values: Row, unnamed: bool) -> Request:
        taken = values[: self.parameters]
        return Request(self.text, taken) if unnamed else Request(prepared=self.prepared, values=taken)


def sides_of(pair: Pair) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements of the original and of the other."""
    if isinstance(pair, LoopPair):
        return (pair.single,), (pair.batch,)
    return pair.original, pair.rewritten


def _repeats(values: Sequence[Row]) -> frozenset[int]:
    return frozenset(number for number, turn in enumerate(values) if turn in values[:number])


def _select_of(loader: Loader) -> str:
    return f"{loader.prepared}_rows"
