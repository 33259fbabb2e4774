"""Processes that open a shadow as pgtune does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgtune.embedded.postmaster import LifeLine

# Prints the data directory, keeps the shadow until a line comes in, then leaves.
_OPEN_SHADOW = """
import sys
from pgtune.shadow.server import open_shadow
from pgtune.sources.interrupt import cancel_on_signal
from tests.shadow.snapshots import quietly, schema_snapshot

snapshot = schema_snapshot("CREATE TABLE public.t (id int)")
with cancel_on_signal(), open_shadow(snapshot, None, 1, quietly) as shadow:
    print(shadow.databases[0].data, flush=True)
    sys.stdin.readline()
"""


class ShadowProcess:
    """Another process with a shadow of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line, "the process ended before it had a shadow"
        self.data = Path(line)

    def has_server(self) -> bool:
        """True while a process of its server lives."""
        life_line = self.data.with_name("data.alive")
        return life_line.exists() and LifeLine(life_line).is_held()

    def leave(self) -> int:
        """Let it end by itself; its exit code."""
        self.process.communicate("\n")
        return self.process.returncode


@contextmanager
def shadow_process() -> Iterator[ShadowProcess]:
    """Yield a process that has a shadow; it is killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", _OPEN_SHADOW],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    ) as process:
        try:
            yield ShadowProcess(process)
        finally:
            process.kill()
