"""Files and logs of any size are read without holding them; what cannot be read is named."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from pgtune.cli.loop_inputs import read_loops_of_files
from pgtune.cli.rewrite_log_inputs import logged_inputs
from pgtune.errors import InputError
from pgtune.model.catalog import Catalog

MAX_PEAK_BYTES = 6_000_000


def test_a_large_seed_script_is_not_held(tmp_path: Path) -> None:
    script = tmp_path / "seed.sql"
    with script.open("w", encoding="utf-8") as file:
        for number in range(40_000):
            file.write(f"INSERT INTO logs (id, data) VALUES ({number}, '{'x' * 200} {number}');\n")
    tracemalloc.start()
    try:
        found = read_loops_of_files([str(tmp_path)])
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < MAX_PEAK_BYTES < script.stat().st_size
    (loop,) = found.loops
    assert (loop.turns, found.statements) == (40_000, 40_000)


def test_progress_is_told(tmp_path: Path) -> None:
    script = tmp_path / "seed.sql"
    script.write_text("".join(f"SELECT {number}, '{'x' * 5000}';\n" for number in range(4000)))
    told: list[tuple[str, float]] = []
    read_loops_of_files([str(script)], on_progress=lambda doing, fraction: told.append((doing, fraction)))
    assert told
    assert all(doing == f"reading {script}" and 0 < fraction <= 1 for doing, fraction in told)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n", "a plan, or no SQL; give the statements"),
        ("2026-11-21 03:00:00 UTC [7] LOG:  ready\n", "a server log; give it with --logs"),
        ("SELECT 1;\nSELECT 'x;\n", "line 2: string has no closing quote"),
    ],
)
def test_what_is_no_sql_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "input.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as raised:
        read_loops_of_files([str(path)])
    assert str(raised.value).startswith(f"{path}: ")


def test_a_log_without_statements_says_what_to_set(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("2026-11-21 03:00:00.000 UTC [7] LOG:  database system is ready to accept connections\n")
    with pytest.raises(InputError, match="set log_min_duration_statement = 0, or log_statement = 'all'"):
        logged_inputs([str(log)], Catalog(180000, {}), lambda *_: None)
