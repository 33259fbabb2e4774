"""Runs of pgtune as a user starts it: a process, its wall time, its memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.cli.program import REPOSITORY, environment

PGTUNE = (sys.executable, "-m", "pgtune")
SAMPLE_QUERIES = REPOSITORY / "sample_queries"
RUNS = 9


class Run(NamedTuple):
    output: Any  # the JSON on standard output
    wall_s: float
    peak_bytes: int  # of pgtune's process


def median_s(command: Sequence[str], runs: int = RUNS) -> float:
    """Wall time of a command in seconds, the median after one warm-up."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, env=environment(), capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def run_json(*arguments: str, timeout_s: float = 600) -> Run:
    """Run pgtune with ``--report json``.

    Raises:
        subprocess.CalledProcessError: it failed, or took longer than the timeout: its exit code is then -9.
    """
    command = [*PGTUNE, *arguments, "--fail-on", "never", "--report", "json"]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start_s = time.perf_counter()
        process = subprocess.Popen(command, env=environment(), stdout=out, stderr=errors)
        watchdog = threading.Timer(timeout_s, process.kill)
        watchdog.start()
        _, status, usage = os.wait4(process.pid, 0)
        watchdog.cancel()
        wall_s = time.perf_counter() - start_s
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, stderr=errors.read().decode())
        return Run(json.load(out), wall_s, usage.ru_maxrss * 1024)


@contextmanager
def fresh_sample() -> Iterator[str]:
    """Yield the connection string of a sample made anew; its server is stopped afterwards."""
    subprocess.run([*PGTUNE, "sample", "reset"], env=environment(), capture_output=True, check=True)
    try:
        yield subprocess.run(
            [*PGTUNE, "sample", "dsn"], env=environment(), capture_output=True, text=True, check=True
        ).stdout.strip()
    finally:
        stop_sample()


def stop_sample() -> None:
    subprocess.run([*PGTUNE, "sample", "stop"], env=environment(), capture_output=True, check=True)
