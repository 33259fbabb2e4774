"""Who is running us -> the account that PostgreSQL may run as, and what that account can reach."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pgtune.errors import EmbeddedError

# PostgreSQL refuses to run as root; the first of these that exists runs it then.
UNPRIVILEGED_NAMES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """The account that owns the data directory when pgtune runs as root."""

    name: str
    uid: int
    gid: int

    def can_traverse(self, directory: Path) -> bool:
        """True when *directory* and all above it let the account pass, by their mode alone (no ACLs)."""
        return all(self._has(path, stat.S_IXOTH) for path in (directory, *directory.parents))

    def can_read(self, file: Path) -> bool:
        """True when the account may open *file*."""
        return self._has(file, stat.S_IROTH) and self.can_traverse(file.parent)

    def _has(self, path: Path, bit_for_others: int) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & bit_for_others << 6)
        if status.st_gid == self.gid:
            return bool(status.st_mode & bit_for_others << 3)
        return bool(status.st_mode & bit_for_others)


def server_account() -> ServerAccount | None:
    """The account to switch to, or None when the server can run as the user who called us.

    Raises:
        EmbeddedError: we are root and the machine has no unprivileged account.
    """
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    for name in UNPRIVILEGED_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerAccount(name, entry.pw_uid, entry.pw_gid)
    tried = " or ".join(f'"{name}"' for name in UNPRIVILEGED_NAMES)
    raise EmbeddedError(
        f"embedded PostgreSQL: it cannot run as root and there is no account {tried}; "
        "run pgtune as another user or name a database with --dsn"
    )


def identity(account: ServerAccount | None) -> Mapping[str, Any]:
    """Keyword arguments that make ``subprocess`` run a program as *account*."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": ()}


def hand_over(path: Path, account: ServerAccount | None) -> None:
    """Make *account* the owner of *path*; with None nothing changes."""
    if account is not None:
        os.chown(path, account.uid, account.gid)
