"""A database for what-if questions, loaded and as hollow copies, and short ways to ask about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pgtune.model.index import Index, IndexPart
from pgtune.model.index_shape import IndexSize
from pgtune.model.names import RelationName
from pgtune.model.workload import Query
from pgtune.shadow.database import Shadow
from pgtune.shadow.what_if.what_if import ShadowPlanner
from pgtune.sources.connect import ServerConnection
from tests.postgres_server import PostgresServer
from tests.shadow.hollow_copies import create_database, hollow_shadow

NOTHING: frozenset[int] = frozenset()
ORDERS, EVENTS = RelationName("public", "orders"), RelationName("public", "events")
ROWS = 40_000
SCHEMA = f"""
CREATE EXTENSION pg_trgm;
CREATE FUNCTION nap() RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$BEGIN PERFORM pg_sleep(60); END$$;
CREATE TABLE orders (
    id int PRIMARY KEY, customer int NOT NULL, status text NOT NULL, placed date NOT NULL,
    note text NOT NULL, tags int[] NOT NULL, total numeric NOT NULL
);
INSERT INTO orders
SELECT i, i * 7919 % 4000, CASE WHEN i % 50 = 0 THEN 'open' ELSE 'done' END, date '2020-01-01' + i / 40,
       'parcel ' || md5(i::text), ARRAY[i % 700, i % 900], i % 977
FROM generate_series(1, {ROWS}) AS i;
CREATE TABLE events (at date NOT NULL, kind int NOT NULL, payload text) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
INSERT INTO events
SELECT date '2020-01-01' + i % 700, i % 500, md5(i::text) FROM generate_series(1, {ROWS}) AS i;
"""


def column(name: str, **more: object) -> IndexPart:
    return IndexPart(name, **more)  # type: ignore[arg-type]


CUSTOMER = Index(ORDERS, (column("customer"),))
KIND = Index(EVENTS, (column("kind"),), partitioned=True)
BY_CUSTOMER = "SELECT total FROM orders WHERE customer = 17"
SLOW_TO_PLAN = "SELECT nap()"  # an immutable function is called when its call is planned
OF_KIND = "SELECT count(*) FROM events WHERE kind = 3"


@dataclass(frozen=True, slots=True)
class World:
    """A loaded database and two hollow copies of it."""

    server: PostgresServer
    real: str  # connection string
    shadow: Shadow


@contextmanager
def loaded_world(server: PostgresServer) -> Iterator[World]:
    real = create_database(server, "real", SCHEMA)
    with hollow_shadow(server, "real", copies=2) as shadow:
        yield World(server, real, shadow)


def queries(*texts: str, values: tuple[str | None, ...] | None = ()) -> Sequence[Query]:
    return [Query(number, f"query {number}", text, text, values) for number, text in enumerate(texts)]


def fixed_sizes(connection: ServerConnection, indexes: Sequence[Index]) -> Sequence[IndexSize]:
    return [IndexSize(80, 1, ROWS, 60, 19, 900) for _ in indexes]


def add(planner: ShadowPlanner, *indexes: Index) -> list[int]:
    made = planner.add(indexes)
    return [each.number for each in made if each is not None]
