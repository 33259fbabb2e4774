"""A log or seed script in; what reading it for loops takes out, as JSON.

``python -m tests.bench.log_reading PATH`` is a process of its own: its peak of memory is that of reading.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from pgtune.cli.loop_inputs import read_loops_of_files
from pgtune.cli.rewrite_log_inputs import logged_inputs
from pgtune.model.catalog import Catalog

SERVER_VERSION = 180000  # of a catalog without tables: none is needed to find loops
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)  # getrusage() would count the parent's memory too


def read(path: str) -> int:
    """Read the file as pgtune suggest-rewrites does; return the number of loops in it."""
    if path.endswith(".sql"):
        return len(read_loops_of_files([path]).loops)
    return len(logged_inputs([path], Catalog(SERVER_VERSION, {}), lambda _doing, _fraction: None).loops)


def main(path: str) -> None:
    start_s = time.process_time()
    loops = read(path)
    cpu_s = time.process_time() - start_s
    peak = PEAK.search(Path("/proc/self/status").read_text())
    assert peak is not None
    json.dump({"loops": loops, "cpu_s": cpu_s, "peak_bytes": int(peak[1]) * 1024}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
