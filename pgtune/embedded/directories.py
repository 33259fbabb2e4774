"""Environment and user -> the directories of the embedded server: cache, socket, schema."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from pgtune.embedded.account import ServerAccount
from pgtune.errors import EmbeddedError, system_cause

CACHE_VARIABLE = "PGTUNE_CACHE_DIR"
# For root whose home is closed to the server's account: survives a reboot, and /root stays 0700.
ROOT_CACHE_DIRECTORY = Path("/var/tmp/pgtune-root")  # noqa: S108 its owner is checked
# sockaddr_un.sun_path holds 108 bytes on Linux, 104 on macOS and the BSDs, with the closing zero.
MAX_SOCKET_PATH_BYTES = 103
SOCKET_NAME = ".s.PGSQL.5432"


def cache_directory(account: ServerAccount | None) -> Path:
    """The directory for all of pgtune's caches, made if it is missing.

    It is ``PGTUNE_CACHE_DIR``, else the user's cache directory, else, for root with a closed home,
    ``/var/tmp/pgtune-root``.

    Raises:
        EmbeddedError: it cannot be made or written, or the server's account cannot reach it.
    """
    named = os.environ.get(CACHE_VARIABLE)
    directory = (
        Path(named).expanduser().absolute()
        if named
        else platformdirs.user_cache_path("pgtune", appauthor=False)
    )
    with cache_errors(directory):
        if account is None:
            return _own_directory(directory, 0o700)
        if _lets_pass(directory, account):
            return _own_directory(directory, 0o711)
        if not named:
            return _own_directory(ROOT_CACHE_DIRECTORY, 0o711)
    raise EmbeddedError(
        f'cache directory "{directory}": closed to user "{account.name}", who runs PostgreSQL for root; '
        f"set {CACHE_VARIABLE} to a directory that every user may pass"
    )


@contextmanager
def cache_errors(directory: Path) -> Iterator[None]:
    """Turn an OSError of the block into one line that names the variable which moves the cache."""
    try:
        yield
    except OSError as error:
        raise EmbeddedError(
            f'cache directory "{error.filename or directory}": {system_cause(error)}; '
            f"set {CACHE_VARIABLE} to a directory that you can write to"
        ) from error


def socket_directory(data: Path, account: ServerAccount | None) -> Path | None:
    """A directory of mode 0700 with a path short enough for a socket, or None when there can be none.

    The name is a hash of *data*, so that each data directory has its own.

    Raises:
        EmbeddedError: another user made a directory of that name first.
    """
    if sys.platform == "win32":
        return None
    owner = os.geteuid()
    name = f"pgtune-{owner}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:10]}"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    for parent in map(Path, filter(None, (runtime, tempfile.gettempdir(), "/tmp"))):  # noqa: S108 checked below
        directory = parent / name
        if len(os.fsencode(directory / SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES:
            continue
        if (
            not parent.is_dir()
            or not os.access(parent, os.W_OK)
            or (account and not account.can_traverse(parent))
        ):
            continue
        directory.mkdir(mode=0o700, exist_ok=True)
        _refuse_foreign(directory, {owner, account.uid if account else owner})
        directory.chmod(0o700)
        return directory
    return None


def schema_directory() -> Path:
    """The directory with the SQL of the sample: inside the installed package, else in the source tree."""
    installed = Path(__file__).with_name("schema")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "sample_queries" / "schema"


def _lets_pass(directory: Path, account: ServerAccount) -> bool:
    return account.can_traverse(next(path for path in (directory, *directory.parents) if path.is_dir()))


def _own_directory(directory: Path, mode: int) -> Path:
    if not directory.exists():
        directory.mkdir(parents=True)
        directory.chmod(mode)
    if os.name == "posix":
        _refuse_foreign(directory, {os.geteuid()})
    with tempfile.TemporaryFile(dir=directory):  # can it be written?
        pass
    return directory


def _refuse_foreign(directory: Path, owners: set[int]) -> None:
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners:
        raise EmbeddedError(
            f'directory "{directory}": not a directory of ours; remove it, or set {CACHE_VARIABLE}'
        )
