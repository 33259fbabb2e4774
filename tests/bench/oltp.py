"""Transactions per second of a shop as it is, with advice that leaves writes out, and with the advice."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pgtune.model.snapshot import Snapshot
from pgtune.parse.statement_kind import StatementKind, statement_kind
from pgtune.sources.disposable_copy import disposable_copy
from pgtune.sources.snapshot_file import write_snapshot
from tests.bench.command import fresh_sample, run_json
from tests.bench.oltp_scripts import RUN_S, oltp_figures, run_scripts
from tests.bench.section import MIB, Options, Row
from tests.bench.tpch import connect
from tests.shadow.snapshots import snapshot_of

AS_IT_IS = "as it is"
# Without it one statement takes 99 % of the time, and nothing else of the workload matters.
THERE_ALREADY = ("CREATE INDEX ON orders (user_id, created_at)",)
OLTP_COLUMNS = ("indexes added", "number", "planned MB", "transactions per second", "of those before")

Set = tuple[Sequence[str], int]  # CREATE INDEX statements, bytes


def oltp_rows(_options: Options) -> Iterator[Row]:
    with fresh_sample() as dsn:
        counted = counted_snapshot(dsn)
        sets: dict[str, Set] = {
            AS_IT_IS: ((), 0),
            "advice with writes left out": advised(without_writes(counted)),
            "advice": advised(counted),
        }
        rates = dict(oltp_figures(dsn, {name: (*THERE_ALREADY, *added) for name, (added, _) in sets.items()}))
    for name, (added, size_bytes) in sets.items():
        share = rates[name] / rates[AS_IT_IS]
        size = f"{size_bytes / MIB:.1f}"
        yield (name, str(len(added)), size, f"{rates[name]:,.0f}", f"{share:.2f}")


def counted_snapshot(dsn: str) -> Snapshot:
    """A snapshot with what pg_stat_statements counted while the clients worked."""
    with disposable_copy(dsn) as copy:
        with connect(copy) as connection:
            for statement in (*THERE_ALREADY, "VACUUM (ANALYZE)", "SELECT pg_stat_statements_reset()"):
                connection.execute(statement.encode())
        run_scripts(copy, RUN_S)
        return snapshot_of(copy)


def without_writes(snapshot: Snapshot) -> Snapshot:
    """The same, but its statements that write have written no row."""
    statements = (
        each if statement_kind(each.text) is StatementKind.READ else replace(each, rows=0)
        for each in snapshot.statements
    )
    return replace(snapshot, statements=tuple(statements))


def advised(snapshot: Snapshot) -> Set:
    """What pgtune says to create."""
    with tempfile.TemporaryDirectory(prefix="pgtune-bench-") as folder:
        path = Path(folder) / "shop.pgtune"
        write_snapshot(path, snapshot)
        report = run_json("suggest-indexes", "--snapshot", str(path)).output
    statements = [index["action"]["sql"] for index in report["indexes"]]
    return [each.replace(" CONCURRENTLY", "", 1) for each in statements], report["size_bytes"]
