"""Every batch leaves and returns what its loop does: from the same state, with keys that repeat and NULLs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
import pytest

from pgtune.advice.batches.batch_advice import batch_advice
from pgtune.model.batch import BatchForm
from pgtune.model.catalog import Catalog
from tests.advice.batches.loop_and_batch import (
    Connection,
    differences,
    live_catalog,
    loop_of,
    own_database,
    run_batch,
    run_loop,
)

SCHEMA = """
CREATE TABLE items (
    id int PRIMARY KEY, code text UNIQUE, owner int, price numeric(10,2), amount int NOT NULL DEFAULT 0,
    note text DEFAULT 'none', short varchar(5), state text NOT NULL DEFAULT 'new',
    touched timestamptz DEFAULT now(), tags text[], "Order" int
);
CREATE TABLE stock (
    item int, place int, amount int, total bigint NOT NULL DEFAULT 0, first_note text, last_note text,
    state text DEFAULT 'fresh', UNIQUE (item, place)
);
CREATE TABLE events (
    id bigserial PRIMARY KEY, kind text NOT NULL, item int, body text, at timestamptz DEFAULT now()
);
CREATE TABLE loose (a int, b int, c text);
CREATE TABLE rounded (k numeric(6,1) PRIMARY KEY, v text, w timestamp(0));
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE DOMAIN small AS int CHECK (VALUE < 1000);
CREATE TABLE people (
    id small PRIMARY KEY, mood mood DEFAULT 'ok', double_id int GENERATED ALWAYS AS (id * 2) STORED
);
CREATE TABLE trail (n int);
CREATE TABLE watched (id int PRIMARY KEY, v int);
CREATE FUNCTION note_it() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO trail VALUES (NEW.id); NEW.v := NEW.v + 1; RETURN NEW; END $$;
CREATE TRIGGER note BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION note_it();
INSERT INTO items (id, code, owner, price, amount)
SELECT n, 'c' || n, n % 2, n, n FROM generate_series(1, 4) AS n;
INSERT INTO stock VALUES
    (1, 1, 10, 5, 'a', 'b'), (2, 1, NULL, 0, NULL, 'z'), (NULL, 1, 3, 0, 'n', 'n'), (3, 2, 0, 1, 'q', 'q');
INSERT INTO events (kind, item, body) SELECT 'k' || n % 3, n % 4, 'b' || n FROM generate_series(1, 12) AS n;
INSERT INTO loose VALUES (1, 1, 'x'), (1, 1, 'x'), (2, 1, 'y'), (NULL, 2, 'z'), (2, NULL, NULL);
INSERT INTO rounded VALUES (1.5, 'a'), (2.0, 'b');
INSERT INTO people SELECT n FROM generate_series(1, 3) AS n;
"""
TABLES = (
    '(SELECT id, code, owner, price, amount, note, short, state, touched = now(), "Order", tags FROM items)',
    "stock",
    "(SELECT kind, item, body FROM events)",  # ids come from a sequence
    "loose",
    "rounded",
    "people",
    "watched",
    "trail",
)
DRAWS = 25  # of turns, for each statement
INTS = (1, 2, 2, 3, 5, 6, None)
PAIRS = (1, 1, 1, 2, None)
KEYS = (1, 2, 3, 4, 5, 6)
TEXTS = ("a", "b", "c1", "", None)
DECIMALS = ("1.5", "1.54", "1.46", "2", "7")
FRESH = tuple(range(100, 130))


@dataclass(frozen=True, slots=True)
class Case:
    statement: str
    form: BatchForm
    pools: tuple[Sequence[object], ...]  # that the values of $1, $2, ... are drawn from


UNNEST, ANY, LATERAL, COPY, VALUES = (
    BatchForm.UNNEST,
    BatchForm.ANY,
    BatchForm.LATERAL,
    BatchForm.COPY,
    BatchForm.VALUES,
)
CASES = (
    # row-by-row-insert
    Case("INSERT INTO loose (a, b, c) VALUES ($1, $2, $3)", COPY, (INTS, INTS, TEXTS)),
    Case("INSERT INTO loose VALUES ($1, 7, $2)", UNNEST, (INTS, TEXTS)),
    Case("INSERT INTO loose (a, b) VALUES ($1, $1)", UNNEST, (INTS,)),
    Case(
        "INSERT INTO loose (c, a) VALUES (upper($2::text) || '!', $1 ) RETURNING a, c", UNNEST, (INTS, TEXTS)
    ),
    Case(
        "INSERT INTO events (kind, body, at) VALUES ('x', $1, DEFAULT) RETURNING kind, body", UNNEST, (TEXTS,)
    ),
    Case("INSERT INTO items (id, tags) VALUES ($1, $2)", COPY, (FRESH, ("{a,b}", "{}", None, "{c,NULL}"))),
    Case(
        "INSERT INTO items (id, tags) VALUES ($1, $2) RETURNING id, tags",
        VALUES,
        (FRESH, ('{a,"q\\\\"uote"}', "{}", None)),
    ),
    Case("INSERT INTO items (id, short) VALUES ($1, $2)", COPY, (FRESH, ("abc", "abcdef   ", "abcde   "))),
    Case("INSERT INTO people (id, mood) VALUES ($1, $2)", COPY, (FRESH, ("sad", "glad", None))),
    Case("INSERT INTO people VALUES ($1, 'sad', DEFAULT)", UNNEST, (FRESH,)),
    Case("INSERT INTO watched (id, v) VALUES ($1, $2) RETURNING v", UNNEST, (FRESH, INTS)),
    Case(
        "INSERT INTO loose (a, c) VALUES ((SELECT v.id FROM items v WHERE v.code = $1), $2)",
        UNNEST,
        (("c1", "c2", "c9"), TEXTS),
    ),
    Case('INSERT INTO items (id, "Order") VALUES ($1, $2)', COPY, (FRESH, INTS)),
    # row-by-row-upsert
    Case(
        "INSERT INTO items (id, note) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id",
        UNNEST,
        (KEYS, TEXTS),
    ),
    Case(
        "INSERT INTO items (id, code) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
        UNNEST,
        (KEYS, ("c1", "u", None)),
    ),
    Case(
        "INSERT INTO items (id, note) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET note = excluded.note",
        UNNEST,
        (KEYS, TEXTS),
    ),
    Case(
        "INSERT INTO items AS i (id, owner, note, price) VALUES ($1, $2, $3, 9.5)"
        " ON CONFLICT ON CONSTRAINT items_pkey DO UPDATE SET note = $3, price = excluded.price",
        UNNEST,
        (KEYS, INTS, TEXTS),
    ),
    Case(
        "INSERT INTO items (id, state) VALUES ($1, 'made') ON CONFLICT (id) DO UPDATE SET state = 'changed',"
        " note = 'again'",
        UNNEST,
        (KEYS,),
    ),
    Case(
        "INSERT INTO items (id, note) VALUES ($1, $2) ON CONFLICT (id)"
        " DO UPDATE SET note = excluded.note, touched = CURRENT_TIMESTAMP RETURNING id",
        UNNEST,
        (KEYS, TEXTS),
    ),
    Case(
        "INSERT INTO items (id, amount) VALUES ($1, $2) ON CONFLICT (id)"
        " DO UPDATE SET amount = items.amount + excluded.amount, state = 'sum'",
        UNNEST,
        (KEYS, KEYS),
    ),
    Case(
        "INSERT INTO items AS i (id, amount) VALUES ($1, 1)"
        " ON CONFLICT (id) DO UPDATE SET amount = i.amount + 1",
        UNNEST,
        (KEYS,),
    ),
    Case(
        "INSERT INTO items (id, amount, note) VALUES ($1, 3, $2) ON CONFLICT (id)"
        " DO UPDATE SET amount = excluded.amount + items.amount",
        UNNEST,
        (KEYS, TEXTS),
    ),
    Case(
        "INSERT INTO stock (item, place, amount, first_note, last_note) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (place, item) DO UPDATE SET amount = stock.amount + excluded.amount,"
        " last_note = excluded.last_note, state = 'old'",
        UNNEST,
        (INTS, (1, 2, None), INTS, TEXTS, TEXTS),
    ),
    Case(
        "INSERT INTO stock (item, place, last_note, first_note) VALUES ($1, 1, $2, $2)"
        " ON CONFLICT (item, place) DO UPDATE SET last_note = excluded.last_note",
        UNNEST,
        (INTS, TEXTS),
    ),
    Case(
        "INSERT INTO stock (item, place, total) VALUES ($1, $2, $3) ON CONFLICT (item, place)"
        " DO UPDATE SET total = stock.total + $3",
        UNNEST,
        (INTS, (1, 2, None), KEYS),
    ),
    Case(
        "INSERT INTO rounded (k, v) VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        UNNEST,
        (DECIMALS, TEXTS),
    ),
    Case(
        "INSERT INTO people (id, mood) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET mood = 'glad'",
        UNNEST,
        (KEYS, ("sad", "ok", None)),
    ),
    # row-by-row-update
    Case("UPDATE items SET note = $1 WHERE id = $2", UNNEST, (TEXTS, INTS)),
    Case(
        "UPDATE items SET note = $1, price = $2, owner = NULL WHERE $3 = id", UNNEST, (TEXTS, DECIMALS, INTS)
    ),
    Case("UPDATE items AS i SET (note, owner) = ($1, $2) WHERE i.id = $3", UNNEST, (TEXTS, INTS, INTS)),
    Case("UPDATE items SET price = amount * $1::numeric WHERE id = $2", UNNEST, (KEYS, INTS)),
    Case("UPDATE items SET amount = amount + $1 WHERE id = $2", UNNEST, (KEYS, INTS)),
    Case("UPDATE items SET owner = owner - $1, note = $3 WHERE id = $2", UNNEST, (INTS, INTS, TEXTS)),
    Case("UPDATE items SET amount = items.amount - 2, note = 'low' WHERE id = $1", UNNEST, (INTS,)),
    Case("UPDATE items SET amount = amount + 1 WHERE owner = $1 AND price > 1", UNNEST, ((0, 1, 1, None),)),
    Case("UPDATE loose SET c = $3 WHERE a = $1 AND b = $2", UNNEST, (PAIRS, PAIRS, TEXTS)),
    Case("UPDATE items SET state = 'done' WHERE id = $1", ANY, (INTS,)),
    Case("UPDATE items SET state = 'done' WHERE id = $1 AND price < $2", UNNEST, (INTS, DECIMALS)),
    Case("UPDATE loose SET c = 'hit' WHERE a = $1 AND b = $2", UNNEST, (PAIRS, PAIRS)),
    Case("UPDATE items SET note = $1 WHERE id = $2 RETURNING id, owner", UNNEST, (TEXTS, INTS)),
    Case("UPDATE loose SET c = 'r' WHERE a = $1 AND b = $2", UNNEST, (PAIRS, PAIRS)),
    Case('UPDATE items SET "Order" = $1 WHERE id = $2', UNNEST, (INTS, INTS)),
    Case("UPDATE people SET mood = $1 WHERE id = $2", UNNEST, (("sad", "glad"), INTS)),
    # row-by-row-delete
    Case("DELETE FROM items WHERE id = $1", ANY, (INTS,)),
    Case("DELETE FROM items WHERE id = $1 AND price > 1 RETURNING *", ANY, (INTS,)),
    Case("DELETE FROM loose WHERE a = $1 AND b = $2 RETURNING c", UNNEST, (INTS, INTS)),
    Case("DELETE FROM loose AS l WHERE l.a = $1 AND (l.b > 1 OR c = 'x')", ANY, (INTS,)),
    Case("DELETE FROM items WHERE id = $1 AND amount > $2 RETURNING *", UNNEST, (INTS, INTS)),
    # row-by-row-select
    Case("SELECT * FROM items WHERE id = $1", ANY, (INTS,)),
    Case("SELECT body, item FROM events WHERE item = $1 AND kind <> 'k0'", ANY, (INTS,)),
    Case("SELECT i.code, e.body FROM items i JOIN events e ON e.item = i.id WHERE i.id = $1", ANY, (INTS,)),
    Case("SELECT c FROM loose WHERE a = $1 AND b = $2", UNNEST, (PAIRS, PAIRS)),
    Case("SELECT body FROM events WHERE item = $1 ORDER BY id DESC LIMIT 2", LATERAL, (INTS,)),
    Case("SELECT body FROM events WHERE item = $1 ORDER BY id LIMIT $2 OFFSET 1", LATERAL, (INTS, (0, 1, 2))),
    Case("SELECT count(*), max(body) FROM events WHERE item = $1", LATERAL, (INTS,)),
    Case("SELECT kind, count(*) FROM events WHERE item = $1 GROUP BY kind", LATERAL, (INTS,)),
    Case("SELECT body FROM events WHERE item = $1 AND kind > $2", LATERAL, (INTS, ("k0", "k1", None))),
    Case("SELECT DISTINCT kind FROM events WHERE item IN ($1, $2)", LATERAL, (INTS, INTS)),
    Case(
        "WITH e AS (SELECT * FROM events WHERE item = $1) SELECT body FROM e UNION SELECT kind FROM e",
        LATERAL,
        (INTS,),
    ),
)


@pytest.fixture(scope="module")
def conninfo(server: str) -> Iterator[str]:
    with own_database(server, SCHEMA) as own:
        yield own


@pytest.fixture(scope="module")
def connection(conninfo: str) -> Iterator[Connection]:
    with psycopg.connect(conninfo, autocommit=True) as own:
        yield own


@pytest.fixture(scope="module")
def catalog(conninfo: str) -> Catalog:
    with psycopg.connect(conninfo, autocommit=True) as own:
        return live_catalog(own)


def _draws(case: Case) -> Iterator[list[tuple[object, ...]]]:
    """Yield turns: none, one, and many with values that repeat."""
    chance = random.Random(case.statement)
    yield []
    for _ in range(DRAWS):
        count = chance.choice((1, 2, 3, 5, 9))
        columns = [
            chance.sample(pool, count) if pool is FRESH else [chance.choice(pool) for _ in range(count)]
            for pool in case.pools
        ]
        yield list(zip(*columns, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.statement)
def test_the_batch_does_what_the_loop_does(connection: Connection, catalog: Catalog, case: Case) -> None:
    advice = batch_advice(loop_of(case.statement), catalog)

    assert advice.refused is None
    assert advice.batch is not None
    assert advice.batch.form is case.form
    assert advice.batch.pair is not None
    before = run_loop(connection, advice.batch.pair, [], TABLES)
    effective = 0
    for turns in _draws(case):
        assert not differences(connection, advice.batch.pair, turns, TABLES)
        after = run_batch(connection, advice.batch.pair, turns, TABLES)
        effective += not after.error and after != before
    assert effective >= DRAWS // 4  # else the draws show nothing
