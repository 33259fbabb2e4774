"""A snapshot of the sample in, the same with as many different statements as wanted out.

They are what an object-relational mapper writes for an application: a few of them take most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from random import Random

from pgtune.model.snapshot import Snapshot, StatementStatistics

PG_STAT_STATEMENTS_MAX = 5000  # the default of pg_stat_statements.max
SEED = 18
HEAVIEST_MS = 3_600_000.0
TIME_EXPONENT = 1.5  # the n-th statement takes n ** -1.5 of the time of the first: half the time is in three
READ_MS = 50.0  # a call of a SELECT
OTHER_MS = 1.0  # a call of anything else
FIRST_QUERY_ID = 1_000_000

COLUMNS: Mapping[str, Sequence[str]] = {
    "carts": ("id", "user_id", "status", "items", "total", "note", "changed_at"),
    "events": ("id", "user_id", "kind", "amount", "occurred_at"),
    "order_items": ("order_id", "line_no", "product_id", "quantity", "unit_price"),
    "orders": ("id", "user_id", "status", "total", "country", "currency", "carrier", "created_at"),
    "products": ("id", "sku", "name", "category_id", "price", "discontinued"),
    "sessions": ("id", "user_id", "device", "started_at", "duration_s", "last_seen_at"),
    "users": ("id", "email", "name", "country", "city", "postcode", "plan", "created_at"),
}
JOINS = (
    ("orders", "user_id", "users", "id"),
    ("sessions", "user_id", "users", "id"),
    ("carts", "user_id", "users", "id"),
    ("order_items", "order_id", "orders", "id"),
    ("order_items", "product_id", "products", "id"),
)
WITHOUT_PLAN = ("BEGIN", "COMMIT", "SET application_name = $1", "SHOW server_version", "DISCARD ALL")


def large_workload_snapshot(sample: Snapshot, statements: int = PG_STAT_STATEMENTS_MAX) -> Snapshot:
    """Return the snapshot with so many statements instead of its own, the same ones each time.

    Of twenty, twelve read one table, three join, three write, one is an INSERT of values, one has no plan.
    """
    texts = islice(_texts(Random(SEED)), statements)
    counted = (_counted(rank, text) for rank, text in enumerate(texts, 1))
    return replace(sample, statements=tuple(counted), statements_missing=None)


def _counted(rank: int, text: str) -> StatementStatistics:
    total_ms = HEAVIEST_MS * rank**-TIME_EXPONENT
    calls = 1 + round(total_ms / (READ_MS if text.startswith("SELECT") else OTHER_MS))
    return StatementStatistics(FIRST_QUERY_ID + rank, text, calls, total_ms, rows=calls)


def _texts(random: Random) -> Iterator[str]:
    """Yield different texts without end."""
    makers: Sequence[Callable[[Random], str]] = (
        *(_lookup,) * 12,
        *(_join,) * 3,
        *(_update,) * 3,
        _insert,
    )
    seen: set[str] = set()
    for position in count():
        kind = position % 20
        text = makers[kind](random) if kind < len(makers) else _without_plan(position)
        while text in seen:
            text = makers[kind](random)
        seen.add(text)
        yield text


def _lookup(random: Random) -> str:
    table = random.choice(tuple(COLUMNS))
    order = f' ORDER BY "{table}"."{random.choice(COLUMNS[table])}" DESC'
    tail = random.choice(("", order, f"{order} LIMIT 20"))
    return f'SELECT {_listed(random, table)} FROM "{table}" WHERE {_conditions(random, table)}{tail}'


def _join(random: Random) -> str:
    many, key, one, target = random.choice(JOINS)
    return (
        f'SELECT {_listed(random, many)}, {_listed(random, one)} FROM "{many}" '
        f'INNER JOIN "{one}" ON "{many}"."{key}" = "{one}"."{target}" WHERE {_conditions(random, many)}'
    )


def _update(random: Random) -> str:
    table = random.choice(tuple(COLUMNS))
    written = ", ".join(f'"{column}" = "{column}"' for column in _some(random, COLUMNS[table]))
    return f'UPDATE "{table}" SET {written} WHERE {_conditions(random, table)}'


def _insert(random: Random) -> str:
    table = random.choice(tuple(COLUMNS))
    columns = ", ".join(f'"{column}"' for column in COLUMNS[table])
    numbers = count(1)
    rows = (
        ", ".join(f"${number}" for number in islice(numbers, len(COLUMNS[table])))
        for _ in range(random.randint(1, 100))
    )
    return f'INSERT INTO "{table}" ({columns}) VALUES ({"), (".join(rows)})'


def _without_plan(position: int) -> str:
    return f"{WITHOUT_PLAN[position // 20 % len(WITHOUT_PLAN)]} /* {position} */"


def _listed(random: Random, table: str) -> str:
    return ", ".join(
        f'"{table}"."{column}" AS "{table}_{column}"' for column in _some(random, COLUMNS[table])
    )


def _conditions(random: Random, table: str) -> str:
    columns = _some(random, COLUMNS[table])[:3]
    return " AND ".join(
        f'"{table}"."{column}" {random.choice(("=", "=", ">"))} ${number}'
        for number, column in enumerate(columns, 1)
    )


def _some(random: Random, columns: Sequence[str]) -> Sequence[str]:
    return random.sample(columns, random.randint(1, len(columns)))
