"""A path and bytes in, a file with them out: whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from pgtune.errors import UsageError, system_cause

# The directory is closed, or the file is a mount of its own: it can only be overwritten.
_WRITTEN_IN_PLACE = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS})
_PUBLIC_MODE = 0o666  # less the umask
_PRIVATE_MODE = 0o600


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write beside *path* and rename, so that a reader never meets half a file; devices are written to.

    *private*: nobody but its owner may read a new file.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        target = path.resolve()  # a symbolic link stays one
        if target.exists() and not target.is_file():
            target.write_bytes(content)  # a device or a pipe
        else:
            _write_beside(target, content, _PRIVATE_MODE if private else _PUBLIC_MODE & ~_umask())
    except OSError as error:
        raise UsageError(
            f"{path}: {system_cause(error)}; name a file in a directory that can be written"
        ) from error


def _write_beside(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            Path(temporary).chmod(mode)
            Path(temporary).replace(path)
        except BaseException:  # also an interrupt: no half-written file stays behind
            Path(temporary).unlink()
            raise
    except OSError as error:
        if error.errno not in _WRITTEN_IN_PLACE or not path.is_file():
            raise
        path.write_bytes(content)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
