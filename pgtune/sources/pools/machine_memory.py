"""A server's process id in; the memory of the machine out, where the server runs on ours."""

from __future__ import annotations

import re
from pathlib import Path

_MEMINFO_TOTAL = re.compile(r"^MemTotal:\s+(\d+) kB$", re.MULTILINE)
_PROCESSES = Path("/proc")
_MEMINFO = Path("/proc/meminfo")
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")  # cgroup 2, as a container sees its own


def local_memory_bytes(backend_pid: int) -> int | None:
    """Return the memory that server and pgtune share; None when the server's process is not to be seen here.

    A tunnel makes a distant server look local, so the address is not asked. A container's limit counts.
    """
    try:
        command = (_PROCESSES / str(backend_pid) / "cmdline").read_bytes()
        total = _MEMINFO_TOTAL.search(_MEMINFO.read_text(encoding="ascii"))
    except OSError:
        return None
    if total is None or not command.startswith(b"postgres"):
        return None
    return min(int(total[1]) * 1024, _container_limit_bytes() or int(total[1]) * 1024)


def _container_limit_bytes() -> int | None:
    try:
        text = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None  # "max": no limit
