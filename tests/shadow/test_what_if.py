"""Questions leave nothing behind, workers agree, and what cannot be planned is refused by name."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from math import inf, isfinite

import psycopg
import pytest

from pgtune.errors import StatementRefused
from pgtune.model.catalog import CatalogIndex
from pgtune.model.index import Index
from pgtune.model.names import RelationName
from pgtune.model.planner import Answer, Planner, Question
from pgtune.model.workload import Query
from pgtune.shadow.database import Shadow
from pgtune.shadow.what_if import session
from pgtune.shadow.what_if.what_if import open_planner
from tests.postgres_server import PostgresServer, wait_for
from tests.shadow.hollow_copies import connect, unchecked_server
from tests.shadow.what_if_world import (
    BY_CUSTOMER,
    CUSTOMER,
    KIND,
    NOTHING,
    OF_KIND,
    ORDERS,
    SLOW_TO_PLAN,
    World,
    add,
    column,
    fixed_sizes,
    loaded_world,
    queries,
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with unchecked_server() as server, loaded_world(server) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def elder_world(other_major: PostgresServer) -> Iterator[World]:
    with loaded_world(other_major) as loaded:
        yield loaded


def test_a_question_changes_nothing_for_the_next_one(world: World) -> None:
    other = Index(ORDERS, (column("placed"),))
    with open_planner(world.shadow, queries(BY_CUSTOMER), fixed_sizes) as planner:
        before = planner.answer([Question(0, NOTHING)])
        first, second = add(planner, CUSTOMER, other)
        assert planner.answer([Question(0, NOTHING)]) == before
        (shown,) = planner.answer([Question(0, frozenset({first, second}))])
        assert shown.used == {first}
        assert planner.answer([Question(0, NOTHING)]) == before
        assert planner.answer([Question(0, frozenset({second}))]) == before


def test_workers_agree_and_answers_keep_their_order(world: World) -> None:
    asked = queries(BY_CUSTOMER, OF_KIND, "SELECT 1 FROM orders WHERE id = 3")
    alone = Shadow(world.shadow.version_num, world.shadow.databases[1:], (), True)
    everything: list[list[Answer]] = []
    for shadow in (world.shadow, alone):
        with open_planner(shadow, asked, fixed_sizes) as planner:
            numbers = add(planner, CUSTOMER, KIND)
            questions = [
                Question(query.number, shown)
                for query in asked
                for shown in (NOTHING, frozenset(numbers), frozenset(numbers[:1]))
            ] * 20
            everything.append(list(planner.answer(questions)))
    assert everything[0] == everything[1]
    assert everything[0][:9] * 20 == everything[0]
    assert len({answer.cost for answer in everything[0]}) == 5


def test_indexes_of_partitions_count_as_their_parent(world: World) -> None:
    with open_planner(world.shadow, queries(OF_KIND), fixed_sizes) as planner:
        (made,) = planner.add([KIND])
        assert made is not None
        assert made.size.blocks == 2 * 80
        without, shown = planner.answer([Question(0, NOTHING), Question(0, frozenset({made.number}))])
        assert shown.used == {made.number}
        assert shown.cost < without.cost / 2
        assert planner.answer([Question(0, NOTHING)]) == [without]


def test_tables_keep_their_size_and_counts_when_indexes_are_added(world: World) -> None:
    counts = """
        SELECT relname, relpages, reltuples, relallvisible, pg_relation_size(oid) FROM pg_class
        WHERE relname IN ('orders', 'events_1', 'events_2') ORDER BY relname
    """
    with connect(world.shadow.databases[1].conninfo) as connection:
        before = connection.execute(counts).fetchall()
        assert 0 not in [row[4] for row in before]
        with open_planner(world.shadow, [], fixed_sizes) as planner:
            add(planner, CUSTOMER, KIND)
            assert connection.execute(counts).fetchall() == before


def test_equal_indexes_share_a_number_and_impossible_ones_have_none(world: World) -> None:
    impossible = Index(ORDERS, (column("nothing"),))
    no_opclass = Index(ORDERS, (column("total"),), access_method="gin")
    with open_planner(world.shadow, [], fixed_sizes) as planner:
        first, second, none, neither = planner.add([CUSTOMER, CUSTOMER, impossible, no_opclass])
        assert first == second is not None
        assert none is neither is None
        assert planner.add([CUSTOMER, impossible]) == [first, None]


def test_forgotten_indexes_are_not_opened_and_may_come_again(world: World) -> None:
    opened = """
        SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation
        WHERE pid = pg_backend_pid() AND relname LIKE 'pgtune%'
    """
    other = Index(ORDERS, (column("placed"),))
    with (
        open_planner(world.shadow, queries(BY_CUSTOMER, OF_KIND), fixed_sizes) as planner,
        connect(world.shadow.databases[0].conninfo) as connection,
    ):
        kept, *gone = add(planner, CUSTOMER, other, KIND)
        before = planner.answer([Question(0, frozenset({kept})), Question(1, NOTHING)])

        planner.forget(gone)

        assert planner.answer([Question(0, frozenset({kept})), Question(1, NOTHING)]) == before
        connection.execute("BEGIN")
        connection.execute("EXPLAIN SELECT FROM orders, events")
        assert connection.execute(opened).fetchone() == (1,)
        connection.execute("ROLLBACK")
        (again,) = add(planner, KIND)
        assert again not in (kept, *gone)
        assert planner.answer([Question(1, frozenset({again}))])[0].used == {again}


def test_an_operator_class_brings_its_extension(world: World) -> None:
    for database in world.shadow.databases:
        with connect(database.conninfo) as connection:
            connection.execute("DROP EXTENSION pg_trgm")
    trigrams = Index(ORDERS, (column("note", opclass="gin_trgm_ops"),), access_method="gin")
    with open_planner(
        world.shadow, queries("SELECT 1 FROM orders WHERE note LIKE '%abcdef%'"), fixed_sizes
    ) as planner:
        (number,) = add(planner, trigrams)
        assert planner.answer([Question(0, frozenset({number}))])[0].used == {number}


def test_existing_indexes_can_be_left_out(world: World) -> None:
    key = CatalogIndex(
        name=RelationName("public", "orders_pkey"),
        relation=ORDERS,
        access_method="btree",
        keys=(),
        include=(),
        predicate=None,
        unique=True,
        primary=True,
        constraint=None,
        valid=True,
        size_bytes=None,
        scans=None,
        definition="",
    )
    with open_planner(
        world.shadow, queries("SELECT * FROM orders WHERE id = 5", OF_KIND), fixed_sizes
    ) as planner:
        before = planner.answer([Question(0, NOTHING)])[0].cost
        (number,) = planner.number_existing([key])
        assert planner.number_existing([key]) == [number]
        there, gone, other = planner.answer(
            [Question(0, frozenset({number})), Question(0, NOTHING), Question(1, NOTHING)]
        )
        assert there == Answer(before, frozenset({number}))
        assert gone.cost > 10 * before
        assert isfinite(other.cost)


@pytest.mark.parametrize(
    ("text", "values", "cause"),
    [
        ("SELECT * FROM missing", (), 'relation "missing" does not exist'),
        ("SELECT 1; SELECT 2", (), "cannot insert multiple commands into a prepared statement"),
        ("SELECT $1::int + $2::int", ("1",), "it has 2 parameters, and 1 values are known"),
        ("SELECT * FROM orders WHERE id = $1", ("x",), 'invalid input syntax for type integer: "x"'),
        ("SELECT * FROM orders WHERE id = 1 / 0", (), "division by zero"),
    ],
)
def test_a_refused_query_costs_infinitely_much(
    text: str, values: tuple[str, ...], cause: str, world: World
) -> None:
    asked = [*queries(text, values=values), Query(1, "good", BY_CUSTOMER, "good")]
    with open_planner(world.shadow, asked, fixed_sizes) as planner:
        bad, good = planner.answer([Question(0, NOTHING), Question(1, NOTHING)])
        assert bad.cost == inf
        assert isfinite(good.cost)
        assert planner.refused == {0: cause}
        with pytest.raises(StatementRefused, match="query 0: "):
            planner.plan(Question(0, NOTHING))


@pytest.mark.parametrize("which", ["world", pytest.param("elder_world", marks=pytest.mark.other_major)])
def test_values_are_planned_as_constants_and_their_lack_as_any_value(
    which: str, request: pytest.FixtureRequest
) -> None:
    world: World = request.getfixturevalue(which)
    text = "SELECT * FROM orders WHERE status = $1 -- the status"
    asked = [
        Query(0, "bound", text, "", ("open",)),
        Query(1, "generic", text, "", None),
        Query(2, "literal", text.replace("$1", "'open'"), ""),
        Query(3, "null", text, "", (None,)),
    ]
    status = Index(ORDERS, (column("status"),))
    with open_planner(world.shadow, asked, fixed_sizes) as planner:
        shown = frozenset(add(planner, status))
        bound, generic, literally, null = planner.answer([Question(query.number, shown) for query in asked])
        assert planner.refused == {}
        assert bound == literally
        assert bound.used == shown
        assert generic.cost > bound.cost  # half of the table, not a fiftieth
        assert null.cost < bound.cost


def test_the_bare_plan_shows_conditions_that_indexes_hide(world: World) -> None:
    (query,) = queries("SELECT * FROM orders WHERE id = 5")
    with open_planner(world.shadow, [query], fixed_sizes) as planner:
        as_it_is, bare = planner.plans(query)
        assert as_it_is.root.node_type == "Index Scan"
        assert bare.root.node_type == "Seq Scan"


def test_what_takes_too_long_to_plan_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_SETTINGS", "SET statement_timeout = 50")
    with open_planner(world.shadow, queries(SLOW_TO_PLAN), fixed_sizes) as planner:
        assert planner.answer([Question(0, NOTHING)])[0].cost == inf
        assert planner.refused == {0: "planning it takes longer than 10 s"}


def test_an_interrupt_ends_what_is_asked_and_the_planner_goes_on(world: World) -> None:
    def interrupt() -> None:
        wait_for(lambda: _are_sleeping(world), timeout_s=10)
        signal.pthread_kill(main_thread, signal.SIGINT)

    main_thread = threading.get_ident()
    with open_planner(world.shadow, queries(SLOW_TO_PLAN, BY_CUSTOMER), fixed_sizes) as planner:
        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        with pytest.raises(KeyboardInterrupt):
            planner.answer([Question(0, NOTHING)] * 9)
        interrupting.join()
        assert not _are_sleeping(world)
        assert planner.refused == {}
        assert isfinite(planner.answer([Question(1, NOTHING)])[0].cost)


def _are_sleeping(world: World) -> bool:
    """True while both workers plan what takes long."""
    with connect(world.real) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        ).fetchone()
        return row == (2,)


def test_a_second_planner_finds_nothing_of_the_first(world: World) -> None:
    for _ in range(2):
        with open_planner(world.shadow, queries(BY_CUSTOMER), fixed_sizes) as planner:
            assert add(planner, CUSTOMER) == [0]
            assert planner.answer([Question(0, frozenset({0}))])[0].used == {0}


def test_the_role_that_plans_cannot_write_the_catalog(world: World) -> None:
    with (
        open_planner(world.shadow, [], fixed_sizes),
        connect(world.shadow.databases[0].planner_conninfo) as role,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        role.execute("UPDATE pg_index SET indisvalid = false")


def test_it_is_a_planner(world: World) -> None:
    with open_planner(world.shadow, [], fixed_sizes) as planner:
        checked: Planner = planner
        assert checked.answer([]) == []
