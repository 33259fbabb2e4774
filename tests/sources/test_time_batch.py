"""Ways to do a loop's work are measured on real rows, and but for the one that commits nothing stays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from psycopg.conninfo import make_conninfo

from pgtune.advice.batches.batch_advice import batch_advice
from pgtune.cli.loop_ways import AUTOCOMMIT, ONE_TRANSACTION, LoopWork, loop_work, relations_of
from pgtune.errors import StatementError
from pgtune.model.batch import BatchTiming, LoopAdvice
from pgtune.model.catalog import Catalog
from pgtune.model.equivalence import Row
from pgtune.model.loop import Loop, LoopOrigin
from pgtune.parse.sql.turn import read_turn
from pgtune.sources.catalog import read_catalog
from pgtune.sources.time_batch import SLOW_TURNS, Sending, Way, WayTimes, time_ways
from pgtune.sources.turn_values import MAX_TURNS, TurnValues, turn_values
from tests.conftest import Database

INSERT = "INSERT INTO orders (id, user_id, status, total) VALUES ($1, $2, $3, $4)"
UPDATE = "UPDATE orders SET status = $1 WHERE id = $2"
DELETE = "DELETE FROM orders WHERE id = $1"
SELECT = "SELECT id, total FROM orders WHERE id = $1"
UPSERT = f"{INSERT} ON CONFLICT (id) DO UPDATE SET status = excluded.status"
ORDERS = "SELECT count(*) FROM orders"


def work_of(database: Database, text: str, values: Sequence[Row] = ()) -> LoopWork:
    turn = read_turn(text)
    loop = Loop(LoopOrigin.FILES, "seed.sql", turn.text, "f", 5000, tuple(values))
    with database.connect() as connection:
        catalog = read_catalog(connection, relations_of(LoopAdvice("", loop, None)))
        return loop_work(batch_advice(loop, catalog), catalog)


def measured(database: Database, work: LoopWork, timeout_ms: int = 60_000) -> WayTimes:
    return time_ways(database.conninfo, work.ways, work.source, timeout_ms)


def values_of(database: Database, work: LoopWork) -> TurnValues:
    with database.connect() as connection:
        return turn_values(connection, work.source)


def timing(times: WayTimes, way: str) -> BatchTiming:
    (found,) = [each for each in times.timings if each.way.startswith(way)]
    return found


def test_inserts_are_measured_in_each_way_with_keys_of_their_own(database: Database) -> None:
    times = measured(database, work_of(database, INSERT))
    assert times.unmeasured == ()
    names = [each.way for each in times.timings]
    assert names[:4] == [AUTOCOMMIT, ONE_TRANSACTION, "pipeline", "VALUES list, 1,000 rows"]
    assert set(names[4:]) == {"COPY", "unnest, 1,000 rows"}
    assert [each.round_trips for each in times.timings[:3]] == [1, 1, 0.001]
    assert all(each.rows_per_s > 0 for each in times.timings)
    committed = database.scalar(f"{ORDERS} WHERE id > 10000")
    assert committed == SLOW_TURNS  # the others were rolled back


@pytest.mark.parametrize(("text", "way"), [(UPDATE, "unnest"), (UPSERT, "unnest"), (SELECT, "= ANY")])
def test_a_batch_needs_fewer_round_trips(database: Database, text: str, way: str) -> None:
    before = database.scalar(ORDERS)
    times = measured(database, work_of(database, text))
    assert times.unmeasured == ()
    assert timing(times, AUTOCOMMIT).round_trips == 1
    assert timing(times, way).round_trips <= 0.001
    assert database.scalar(ORDERS) == before


def test_each_way_finds_the_rows_that_it_deletes(database: Database) -> None:
    work = work_of(database, DELETE)
    times = measured(database, work)
    assert times.unmeasured == ()
    assert timing(times, "= ANY").round_trips == 0.0001
    # Only the way that commits has deleted; what it warmed up with was undone.
    assert database.scalar(ORDERS) == 10_000 - SLOW_TURNS


def test_values_that_were_seen_come_first_and_rows_of_the_table_behind(database: Database) -> None:
    values = values_of(database, work_of(database, SELECT, [("77",), ("88",)]))
    assert (values.turns(0, 2), values.count) == ([[77], [88]], MAX_TURNS)
    assert len({turn[0] for turn in values.turns(0, values.count)}) == MAX_TURNS


def test_inserted_keys_are_new_and_what_refers_stays(database: Database) -> None:
    seen = [("1", "7", "pending", "9.50"), ("2", "8", "pending", "1.25")]
    turns = values_of(database, work_of(database, INSERT, seen)).turns(0, 3)
    assert turns == [
        [10_001, 7, "pending", "9.50"],
        [10_002, 8, "pending", "1.25"],
        [10_003, 7, "pending", "9.50"],
    ]


def test_keys_of_every_unique_index_are_new(database: Database) -> None:
    work = work_of(database, "INSERT INTO users (id, email) VALUES ($1, $2)", [("1", "a@b.c")])
    assert values_of(database, work).turns(0, 2) == [[1001, "a@b.c-1"], [1002, "a@b.c-2"]]
    assert measured(database, work).unmeasured == ()


def test_an_empty_table_gets_values_that_are_made_up(database: Database) -> None:
    database.execute(
        "CREATE TABLE events (id uuid PRIMARY KEY, at timestamptz, n int, data jsonb, ok bool, day date)"
    )
    work = work_of(database, "INSERT INTO events VALUES ($1, $2, $3, $4, $5, $6)")
    assert measured(database, work).unmeasured == ()
    assert database.scalar("SELECT count(DISTINCT id) FROM events") == SLOW_TURNS


def test_a_way_that_fails_does_not_hide_the_others(database: Database) -> None:
    work = work_of(database, SELECT)
    broken = Way("broken", "SELECT $1::int / 0", Sending.TURN)
    times = time_ways(database.conninfo, [broken, *work.ways], work.source, 60_000)
    assert times.unmeasured == ("broken: division by zero",)
    assert [each.way for each in times.timings] == [way.name for way in work.ways]


def test_a_statement_that_takes_too_long_says_so(database: Database) -> None:
    work = work_of(database, SELECT)
    slow = Way("slow", "SELECT pg_sleep(60), $1::int", Sending.TURN)
    assert time_ways(database.conninfo, [slow], work.source, 50) == WayTimes((), ("slow: over 0.05 s",))


def test_seen_values_that_the_server_refuses_give_way_to_those_of_the_table(database: Database) -> None:
    work = work_of(database, SELECT, [("7 pieces",), ("77",)])
    times = measured(database, work)
    assert {each.way for each in times.timings} == {way.name for way in work.ways}
    assert times.remark == (
        "measured with values like those of the table's rows, its own fail: "
        'invalid input syntax for type integer: "7 pieces"'
    )


def test_seen_values_that_fail_are_the_reason_where_the_table_gives_none(database: Database) -> None:
    database.execute("CREATE TABLE empty (id int PRIMARY KEY)")
    times = measured(database, work_of(database, "DELETE FROM empty WHERE id = $1", [("x",)]))
    assert times == WayTimes((), ('invalid input syntax for type integer: "x"',))


def test_a_turn_that_always_fails_is_one_reason(database: Database) -> None:
    database.execute("ALTER TABLE users ADD CONSTRAINT nobody CHECK (id < 0) NOT VALID")
    times = measured(database, work_of(database, "INSERT INTO users (id, email) VALUES ($1, $2)"))
    (reason,) = times.unmeasured
    assert 'violates check constraint "nobody"' in reason
    assert times.timings == ()


def test_keys_of_a_domain_are_new(database: Database) -> None:
    database.execute("CREATE DOMAIN small AS integer CHECK (value > 0)")
    database.execute("CREATE DOMAIN tiny AS small")
    database.execute("CREATE TABLE boxes (id tiny PRIMARY KEY)")
    database.execute("INSERT INTO boxes VALUES (1)")
    work = work_of(database, "INSERT INTO boxes (id) VALUES ($1)")
    assert values_of(database, work).turns(0, 2) == [[2], [3]]
    assert measured(database, work).unmeasured == ()


def test_what_gives_no_values_is_a_reason(database: Database) -> None:
    database.execute("CREATE TABLE empty (id int PRIMARY KEY)")
    times = measured(database, work_of(database, "DELETE FROM empty WHERE id = $1"))
    assert times == WayTimes((), ("no values for its parameters: none were seen, and the table gives none",))


def test_a_database_without_the_table_is_a_reason(database: Database, server: str) -> None:
    work = work_of(database, SELECT)
    times = time_ways(make_conninfo(server, dbname="postgres"), work.ways, work.source, 1000)
    (reason,) = times.unmeasured
    assert 'relation "orders" does not exist' in reason
    advice = LoopAdvice("", Loop(LoopOrigin.FILES, "seed.sql", SELECT, "f", 5000), None)
    with pytest.raises(StatementError, match="the database does not have its table"):
        loop_work(advice, Catalog(180000, {}))
