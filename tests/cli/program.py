"""Running pgtune as a user does: a process with arguments, standard input, two outputs and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.sample_cache import VARIABLE

REPOSITORY = Path(__file__).parents[2]
# Nothing of the machine's own configuration may lead pgtune to a server.
_FOREIGN = (
    "PGTUNE_DSN",
    "DATABASE_URL",
    "PGHOST",
    "PGHOSTADDR",
    "PGSERVICE",
    "PGDATABASE",
    "PGPORT",
    "PGUSER",
)


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    if VARIABLE in os.environ:  # a test run: its shadows are made in its own cache
        kept["PGTUNE_CACHE_DIR"] = os.environ[VARIABLE]
    return {**kept, "NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY), **more}


def pgtune(
    *arguments: str, stdin: str | bytes = "", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Result:
    """Run pgtune to its end; outputs are read as UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "pgtune", *arguments],
        input=stdin if isinstance(stdin, bytes) else stdin.encode(),
        capture_output=True,
        cwd=cwd,
        env={**environment(), **(env or {})},
        timeout=120,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())
