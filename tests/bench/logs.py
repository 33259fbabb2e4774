"""How fast logs and seed scripts are read for loops, and in what memory; every entry is a statement."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.made_up_logs import FORMATS, write_log, write_script
from tests.bench.section import MIB, Options, Row
from tests.cli.program import environment

LOG_COLUMNS = ("file", "MB/s", "goal", "peak MB", "goal")
FILE_BYTES = 50_000_000
READING = (sys.executable, "-m", "tests.bench.log_reading")


def log_rows(_options: Options) -> Iterator[Row]:
    """Measure each format; rates are per second of CPU time, as reading waits for nothing."""
    with tempfile.TemporaryDirectory(prefix="pgtune-bench-") as folder:
        for ending in FORMATS:
            path = Path(folder) / f"server.{ending}"
            write_log(path, FILE_BYTES)
            yield _row(path, "at least 10")
        script = Path(folder) / "seed.sql"
        write_script(script, FILE_BYTES)
        yield _row(script, "at least 20")


def _row(path: Path, goal: str) -> Row:
    done = subprocess.run([*READING, str(path)], env=environment(), capture_output=True, check=True)
    figures = json.loads(done.stdout)
    assert figures["loops"], f"{path.name}: no loops found, though it is made of them"
    megabytes = path.stat().st_size / 1e6
    path.unlink()
    rate, peak = megabytes / figures["cpu_s"], figures["peak_bytes"] / MIB
    return f"{megabytes:.0f} MB, `{path.name}`", f"{rate:.1f}", goal, f"{peak:.0f}", "under 60"
