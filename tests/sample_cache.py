"""The sample database of one test run: made once, shared by all workers, removed at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest

VARIABLE = "PGTUNE_TEST_CACHE_DIR"  # set from outside, it is used and kept


def pytest_configure(config: pytest.Config) -> None:
    """Choose the directory before workers start: they inherit the environment."""
    if VARIABLE not in os.environ:
        folder = _made("pgtune-tests-")
        os.environ[VARIABLE] = folder
        config.stash[_OWN] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove what it left."""
    folder = config.stash.get(_OWN, None)
    if folder is None:
        return
    _remove(folder)
    del os.environ[VARIABLE]


def _made(prefix: str) -> str:
    # Not pytest's own temporary directory, which the account that runs PostgreSQL for root cannot enter.
    folder = tempfile.mkdtemp(prefix=prefix)
    os.chmod(folder, 0o755)  # noqa: PTH101
    return folder


def _remove(folder: str) -> None:
    if os.listdir(folder):  # noqa: PTH208
        subprocess.run(
            [sys.executable, "-m", "pgtune", "sample", "stop"],
            env={**os.environ, "PGTUNE_CACHE_DIR": folder},
            capture_output=True,
            check=False,
        )
    shutil.rmtree(folder, ignore_errors=True)


_OWN = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def sample_cache() -> dict[str, str]:
    """Environment that leads pgtune to the embedded PostgreSQL of this test run."""
    return {"PGTUNE_CACHE_DIR": os.environ[VARIABLE]}


@pytest.fixture(scope="module")
def own_sample() -> Iterator[dict[str, str]]:
    """The same for one module, which may start and stop its server while others use theirs."""
    folder = _made("pgtune-own-sample-")
    try:
        yield {"PGTUNE_CACHE_DIR": folder}
    finally:
        _remove(folder)
