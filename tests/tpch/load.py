"""A scale factor -> the TPC-H tables with primary keys and statistics in an empty database.

python -m tests.tpch.load "host=/tmp dbname=tpch" --scale 1
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from pgtune.errors import ServerError

TABLES = ("region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem")
GENERATOR = "tpchgen-cli"
_HERE = Path(__file__).parent
_CHUNK_BYTES = 1 << 20
_NOT_ALL_VISIBLE = """
SELECT oid::regclass::text, relpages, relallvisible
FROM pg_class
WHERE oid = ANY (%s::regclass[]) AND (relpages = 0 OR relallvisible <> relpages)
ORDER BY relname
"""


def find_generator() -> str | None:
    """The path of tpchgen-cli beside this Python, else on PATH; None when it is not installed."""
    return shutil.which(GENERATOR, path=sysconfig.get_path("scripts")) or shutil.which(GENERATOR)


def generate(folder: Path, scale: float) -> None:
    """Write ``<table>.csv`` of the eight tables to *folder*; the same scale gives the same bytes.

    Raises:
        FileNotFoundError: tpchgen-cli is not installed.
    """
    generator = find_generator()
    if generator is None:
        raise FileNotFoundError(f"{GENERATOR}: not installed; run pip install {GENERATOR}")
    options = ["--scale-factor", f"{scale:g}", "--output-dir", str(folder), "--overwrite", "--quiet"]
    subprocess.run([generator, "csv", *options], check=True)


def load(conninfo: str, folder: Path) -> None:
    """Create the tables, fill them from the files of `generate`, add the keys, VACUUM and ANALYZE once.

    Raises:
        ServerError: VACUUM left pages that are not all-visible, so index-only scans would be costed wrongly.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        # VACUUM marks no page whose rows were committed asynchronously and are not flushed yet.
        connection.execute("SET synchronous_commit = on")
        connection.execute((_HERE / "schema.sql").read_bytes())
        for table in TABLES:
            _copy(connection, table, folder / f"{table}.csv")
        # Named, so that the tables of others in this database keep their statistics.
        names = sql.SQL(", ").join(map(sql.Identifier, TABLES))
        # Since 16, COPY leaves up to 63 pages unused at the end, which never become all-visible.
        connection.execute(sql.SQL("VACUUM (FULL) {}").format(names))
        connection.execute((_HERE / "keys.sql").read_bytes())
        connection.execute(sql.SQL("VACUUM (ANALYZE, FREEZE) {}").format(names))
        _require_all_visible(connection)


def _copy(connection: psycopg.Connection[tuple[object, ...]], table: str, file: Path) -> None:
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER)").format(sql.Identifier(table))
    with file.open("rb") as source, connection.cursor().copy(statement) as copy:
        while chunk := source.read(_CHUNK_BYTES):
            copy.write(chunk)


def _require_all_visible(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    found = connection.execute(_NOT_ALL_VISIBLE, [list(TABLES)]).fetchall()
    if found:
        listed = ", ".join(f"{table} {visible} of {pages}" for table, pages, visible in found)
        raise ServerError(f"TPC-H: pages not all-visible: {listed}; end older transactions and VACUUM again")


def main() -> None:
    parser = argparse.ArgumentParser(description="Load TPC-H into an empty database.")
    parser.add_argument("conninfo", help="libpq connection string of an empty database")
    parser.add_argument("--scale", type=float, default=1.0, help="scale factor; 1 is 1.1 GB of files")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pgtune-tpch-") as folder:
        generate(Path(folder), arguments.scale)
        load(arguments.conninfo, Path(folder))


if __name__ == "__main__":
    main()
