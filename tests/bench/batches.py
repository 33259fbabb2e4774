"""Ways to do the work of a loop in; the rows per second of each, near and far from the server, out."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pgtune.advice.batches.batch_advice import batch_advice
from pgtune.cli.loop_ways import LoopWork, loop_work, name_of, relations_of
from pgtune.model.batch import LoopAdvice
from pgtune.model.loop import Loop, LoopOrigin, Transaction
from pgtune.parse.sql.turn import read_turn
from pgtune.sources.catalog import read_catalog
from pgtune.sources.disposable_copy import disposable_copy
from pgtune.sources.disposable_session import open_session
from pgtune.sources.time_batch import time_ways
from tests.bench.command import fresh_sample
from tests.bench.latency_proxy import delayed
from tests.bench.section import Options, Row
from tests.bench.tpch import connect

TURNS = 10_000
ROUNDS = 3
ONE_WAY_S = 0.0005
TIMEOUT_MS = 60_000
# Loops as programs have them: events, changes, what has ended, look-ups, counters.
STOCK = (
    "CREATE TABLE stock (item integer PRIMARY KEY, amount integer NOT NULL)",
    "INSERT INTO stock SELECT i, i % 100 FROM generate_series(1, 100000) AS i",
    "VACUUM (ANALYZE) stock",
)
WORK: Mapping[str, str] = {
    "INSERT": "INSERT INTO logs (data) VALUES ($1)",
    "UPDATE by key": "UPDATE carts SET items = $1 WHERE id = $2",
    "DELETE by key": "DELETE FROM sessions WHERE id = $1",
    "SELECT by key": "SELECT id, total FROM orders WHERE id = $1",
    "UPSERT": "INSERT INTO stock (item, amount) VALUES ($1, $2)"
    " ON CONFLICT (item) DO UPDATE SET amount = excluded.amount",
}
BATCH_COLUMNS = (
    "work",
    "way",
    "round trips a row",
    "rows/s",
    "rows/s at 1 ms",
    "of the best",
    "of the best at 1 ms",
    "pgtune's choice",
)


class Rates(NamedTuple):
    """Medians, by way."""

    near: Mapping[str, float]
    far: Mapping[str, float]
    round_trips: Mapping[str, float]


def batch_rows(_options: Options) -> Iterator[Row]:
    with fresh_sample() as dsn:
        for name, text in WORK.items():
            with disposable_copy(dsn) as copy, delayed(copy, ONE_WAY_S) as far:
                with connect(copy) as connection:
                    for statement in STOCK:
                        connection.execute(statement.encode())
                advice, work = advised(copy, text)
                yield from table_rows(name, advice, measure(copy, far, work))


def advised(dsn: str, text: str) -> tuple[LoopAdvice, LoopWork]:
    """What pgtune advises for 10,000 turns of *text*, and all that there is to measure."""
    turn = read_turn(text)
    loop = Loop(LoopOrigin.FILES, "bench.sql", turn.text, "bench", TURNS, transaction=Transaction.ONE)
    with open_session(dsn) as connection:
        catalog = read_catalog(connection, relations_of(LoopAdvice("", loop, None)))
    advice = batch_advice(loop, catalog)
    return advice, loop_work(advice, catalog)


def measure(near: str, far: str, work: LoopWork) -> Rates:
    """The medians of rounds in which both distances take turns."""
    found: dict[str, dict[str, list[float]]] = {near: {}, far: {}}
    round_trips: dict[str, float] = {}
    for _ in range(ROUNDS):
        for dsn, rates in found.items():
            times = time_ways(dsn, work.ways, work.source, TIMEOUT_MS)
            assert not times.unmeasured, times.unmeasured
            for timing in times.timings:
                rates.setdefault(timing.way, []).append(timing.rows_per_s)
                round_trips[timing.way] = timing.round_trips
    medians = {
        dsn: {way: statistics.median(each) for way, each in rates.items()} for dsn, rates in found.items()
    }
    return Rates(medians[near], medians[far], round_trips)


def table_rows(name: str, advice: LoopAdvice, rates: Rates) -> Iterator[Row]:
    chosen = None if advice.batch is None else name_of(advice.batch)
    best_near, best_far = max(rates.near.values()), max(rates.far.values())
    for way, near in rates.near.items():
        far = rates.far[way]
        yield (
            name,
            way,
            f"{rates.round_trips[way]:g}",
            f"{near:,.0f}",
            f"{far:,.0f}",
            f"{near / best_near:.0%}",
            f"{far / best_far:.0%}",
            "yes" if way == chosen else "",
        )
