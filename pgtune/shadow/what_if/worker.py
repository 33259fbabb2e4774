"""Questions about one database of the shadow in, the planner's answers out."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager

from pgtune.model.catalog import CatalogIndex
from pgtune.model.plan import Plan
from pgtune.model.planner import Answer
from pgtune.model.workload import Query
from pgtune.parse.server_plan import read_server_plan
from pgtune.shadow.database import ShadowDatabase
from pgtune.shadow.what_if.numbered_index import NumberedIndex, existing_indexes
from pgtune.shadow.what_if.session import Session, connect_planner
from pgtune.shadow.what_if.visibility import TOGGLE, forget, install_toggle
from pgtune.sources.connect import ServerConnection, connect

# Measured: 12 us for a plan of 17 kB, where json.loads takes 44 us. The root's total cost comes first; in
# strings of a plan the quotes are escaped, so nothing that a query holds looks like a key.
_TOTAL_COST = re.compile(rb'"Total Cost": ([0-9.]+)')
_INDEX_NAME = re.compile(rb'"Index Name": ("(?:[^"\\]|\\.)*")')
_WITHOUT_INDEXES = (
    b"SET LOCAL enable_indexscan = off",
    b"SET LOCAL enable_indexonlyscan = off",
    b"SET LOCAL enable_bitmapscan = off",
)
_WHOLE_PLAN = "VERBOSE, FORMAT JSON"


@contextmanager
def open_worker(database: ShadowDatabase) -> Iterator[Worker]:
    """Yield a worker for *database*, in which it installs what shows and hides indexes.

    Raises:
        ServerError: the shadow does not answer.
    """
    with (
        closing(connect(database.conninfo, lambda _: None)) as superuser,
        closing(connect_planner(database)) as connection,
    ):
        install_toggle(superuser, connection.info.user)
        yield Worker(database, superuser, Session(connection))


class Worker:
    """Knows the numbered indexes of its database under their OIDs there, which differ between databases."""

    def __init__(self, database: ShadowDatabase, superuser: ServerConnection, session: Session) -> None:
        self.database = database
        self.superuser = superuser
        self.session = session
        self._indexes: dict[int, NumberedIndex] = {}
        self._existing: list[NumberedIndex] = []
        self._numbers: dict[str, frozenset[int]] = {}  # by name in a plan, which lacks the schema
        self._opened: dict[int, frozenset[int]] = {}  # OIDs, by Query.number

    @property
    def numbers(self) -> Mapping[str, frozenset[int]]:
        """Numbers by names of indexes in plans."""
        return self._numbers

    def learn(self, indexes: Iterable[NumberedIndex]) -> None:
        """Answer questions that name *indexes* from now on."""
        for index in indexes:
            self._indexes[index.number] = index
            if index.exists:
                self._existing.append(index)
            for name in index.names:
                self._numbers[name] = self._numbers.get(name, frozenset()) | {index.number}

    def forget(self, numbers: Collection[int]) -> None:
        """No question names the hypothetical indexes of these numbers any more."""
        forget(self.superuser, [oid for number in numbers for oid in self._indexes.pop(number).oids])

    def learn_existing(self, indexes: Mapping[CatalogIndex, int]) -> None:
        """Answer questions that leave some of *indexes* out from now on."""
        names = {str(index.name): number for index, number in indexes.items()}
        self.learn(existing_indexes(self.superuser, names))

    def answer(self, query: Query, shown: frozenset[int]) -> Answer:
        """Return cost and used indexes of *query*'s plan when the numbered indexes *shown* are there.

        Raises:
            StatementRefused: the server cannot plan it.
            ConnectionLost: the server ended.
        """
        plan = self.session.explain(query, self._toggle(query, shown))
        cost = _TOTAL_COST.search(plan)
        # Without a cost it is a statement that has no plan.
        return Answer(float(cost[1]) if cost else float("inf"), self._used(plan, shown))

    def plan(self, query: Query, shown: frozenset[int]) -> Plan:
        """Return the whole plan; raises as `answer` does, and PlanError for a statement without a plan."""
        return _read(self.session.explain(query, self._toggle(query, shown), _WHOLE_PLAN))

    def bare_plan(self, query: Query) -> Plan:
        """Return the plan without any use of indexes; raises as `plan` does."""
        return _read(self.session.explain(query, _WITHOUT_INDEXES, _WHOLE_PLAN))

    def _toggle(self, query: Query, shown: Collection[int]) -> tuple[bytes, ...]:
        """Return the call that shows what is new and hides what exists and is not to be there."""
        oids = [oid for number in shown for oid in self._new(number)]
        hidden = [index.oids for index in self._existing if index.number not in shown]
        if hidden:
            opened = self._opened_for(query)
            oids += [oid for each in hidden if not opened.isdisjoint(each) for oid in each]
        if not oids:
            return ()
        return (f"SELECT {TOGGLE}('{{{','.join(map(str, dict.fromkeys(oids)))}}}')".encode(),)

    def _new(self, number: int) -> tuple[int, ...]:
        index = self._indexes[number]
        return () if index.exists else index.oids

    def _opened_for(self, query: Query) -> frozenset[int]:
        """Return what planning *query* opens: to hide another index would be work for nothing."""
        opened = self._opened.get(query.number)
        if opened is None:
            opened = self._opened[query.number] = self.session.locked_relations(query)
        return opened

    def _used(self, plan: bytes, shown: frozenset[int]) -> frozenset[int]:
        names = {json.loads(name) for name in _INDEX_NAME.findall(plan)}
        return shown & frozenset[int]().union(*(self._numbers.get(name, frozenset()) for name in names))


def _read(json_text: bytes) -> Plan:
    return read_server_plan(json_text.decode())
