"""The sample and sets of indexes in, the throughput of a shop that reads and writes with each set out.

Each run gets a copy of its own, so that no run meets the rows and the bloat of another. The sets take turns,
so that a busy machine slows all of them.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psycopg

from pgtune.sources.disposable_copy import disposable_copy
from tests.cli.program import environment
from tests.postgres_server import embedded_binaries

CLIENTS = 2
ROUNDS = 3
WARM_UP_S = 4
RUN_S = 20


class Script(NamedTuple):
    weight: int
    lines: str


# The pages of a user are read, carts and sessions are written over and over, and now and then somebody asks
# for what the writes change (changed_at, last_seen_at): an index for that takes HOT away from the writes.
SCRIPTS: Mapping[str, Script] = {
    "orders_of_a_user": Script(
        800,
        """\\set user random(1, 50000)
        SELECT id, status, total, created_at FROM orders WHERE user_id = :user
        ORDER BY created_at DESC LIMIT 10;""",
    ),
    "open_cart": Script(
        2400,
        """\\set user random(1, 50000)
        SELECT id, items, total FROM carts WHERE user_id = :user AND status = 'open';""",
    ),
    "sessions_of_a_user": Script(
        1500,
        """\\set user random(1, 50000)
        SELECT device, started_at, last_seen_at FROM sessions WHERE user_id = :user
        ORDER BY started_at DESC LIMIT 5;""",
    ),
    "seen_just_now": Script(
        1,
        "SELECT count(*) FROM sessions WHERE last_seen_at > current_timestamp - interval '1 second';",
    ),
    "forgotten_carts": Script(
        3,
        """SELECT id, user_id, total FROM carts
        WHERE status = 'open' AND changed_at < '2024-12-01 08:00:00+00';""",
    ),
    "put_into_cart": Script(
        3300,
        """\\set cart random(1, 30000)
        UPDATE carts SET items = items + 1, changed_at = current_timestamp WHERE id = :cart;""",
    ),
    "sessions_go_on": Script(
        1600,
        """\\set first random(1, 199980)
        UPDATE sessions SET last_seen_at = current_timestamp, duration_s = duration_s + 5
        WHERE id BETWEEN :first AND :first + 19;""",
    ),
    "order_is_shipped": Script(
        396,
        """\\set order random(1, 600000)
        UPDATE orders SET status = 'shipped' WHERE id = :order;""",
    ),
}


def oltp_figures(dsn: str, sets: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, float]]:
    """The transactions per second of each set of CREATE INDEX statements on the sample at *dsn*.

    Nobody else may be connected to the sample when a run begins.
    """
    rates: dict[str, list[float]] = {name: [] for name in sets}
    for turn in range(ROUNDS):
        names = list(sets)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            rates[name].append(_rate(dsn, sets[name]))
    for name, measured in rates.items():
        yield name, statistics.median(measured)


def _rate(dsn: str, statements: Sequence[str]) -> float:
    with disposable_copy(dsn) as copy:
        with psycopg.connect(copy, autocommit=True) as connection:
            for statement in (*statements, "VACUUM (ANALYZE)", "CHECKPOINT"):
                connection.execute(statement.encode())
        run_scripts(copy, WARM_UP_S)
        return run_scripts(copy, RUN_S)


def run_scripts(dsn: str, seconds: int) -> float:
    """Let the clients work for *seconds* and return their transactions per second."""
    with tempfile.TemporaryDirectory(prefix="pgtune-oltp-") as folder:
        files = []
        for name, script in SCRIPTS.items():
            path = Path(folder) / f"{name}.sql"
            path.write_text(script.lines)
            files += ["-f", f"{path}@{script.weight}"]
        done = subprocess.run(
            [
                str(embedded_binaries() / "pgbench"),
                *("--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", f"--jobs={CLIENTS}"),
                *(f"--time={seconds}", "--random-seed=1", *files, dsn),
            ],
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    assert found is not None
    return float(found[1])
