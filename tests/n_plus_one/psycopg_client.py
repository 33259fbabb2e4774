"""What programs do with psycopg 3: row by row, and at once."""

from __future__ import annotations

import psycopg

from tests.n_plus_one.shop_schema import TURNS


def n_plus_one(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        orders = connection.execute("SELECT id, user_id FROM orders ORDER BY id LIMIT %s", [TURNS]).fetchall()
        for _, user_id in orders:
            connection.execute("SELECT id, name FROM users WHERE id = %s", [user_id])


def lookups_with_any(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        for start in range(0, 600, 4):
            orders = connection.execute(
                "SELECT id, user_id FROM orders WHERE id = ANY(%s)", [list(range(start, start + 4))]
            ).fetchall()
            ids = [user_id for _, user_id in orders]
            connection.execute("SELECT id, name FROM users WHERE id = ANY(%s)", [ids])


def insert_loop(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for turn in range(TURNS):
            connection.execute("INSERT INTO logs (data) VALUES (%s)", [f"it's {turn}"])


def update_loop_with_literals(dsn: str) -> None:
    """As psycopg2 does: the simple protocol, with the values in the text."""
    with psycopg.connect(dsn) as connection:
        cursor = psycopg.ClientCursor(connection)
        for turn in range(TURNS):
            cursor.execute("UPDATE users SET name = %s WHERE id = %s", [f"it's {turn}", turn + 1])


def executemany(dsn: str) -> None:
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO logs (data) VALUES (%s)", [[str(turn)] for turn in range(4000)])


def failing_inserts(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for turn in range(TURNS):
            try:
                connection.execute("INSERT INTO users VALUES (%s, %s)", [turn + 1, f"taken {turn}"])
            except psycopg.errors.UniqueViolation:
                continue


def polling(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(TURNS):
            connection.execute("SELECT data FROM logs WHERE id = %s", [1])


def two_loops_at_once(dsn: str) -> None:
    """Two sessions whose statements alternate in the log."""
    with psycopg.connect(dsn, autocommit=True) as one, psycopg.connect(dsn) as other:
        for turn in range(TURNS):
            one.execute("DELETE FROM logs WHERE id = %s", [turn])
            other.execute("SELECT total FROM orders WHERE user_id = %s", [turn])
