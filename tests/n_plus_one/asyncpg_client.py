"""What programs do with asyncpg: row by row, and at once."""

from __future__ import annotations

import asyncio
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from tests.n_plus_one.shop_schema import TURNS


async def _connect(dsn: str) -> Any:
    import asyncpg

    given = conninfo_to_dict(dsn)
    return await asyncpg.connect(
        host=given["host"], port=int(given["port"] or 0), user=given["user"], database=given["dbname"]
    )


def fetch_loop(dsn: str) -> None:
    async def run() -> None:
        connection = await _connect(dsn)
        for row in await connection.fetch("SELECT * FROM users ORDER BY id LIMIT $1", TURNS):
            await connection.fetch("SELECT total FROM orders WHERE user_id = $1", row["id"])
        await connection.close()

    asyncio.run(run())


def executemany(dsn: str) -> None:
    async def run() -> None:
        connection = await _connect(dsn)
        rows = [(str(turn),) for turn in range(4000)]
        await connection.executemany("INSERT INTO logs (data) VALUES ($1)", rows)
        await connection.close()

    asyncio.run(run())
