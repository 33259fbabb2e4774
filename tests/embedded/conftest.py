"""A cache directory of its own for each test, and processes that use the sample as pgtune does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sample_process import USE_SAMPLE, User, open_cache


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache directory; tmp_path is closed to the server's account."""
    with open_cache() as directory:
        monkeypatch.setenv("PGTUNE_CACHE_DIR", str(directory))
        yield directory


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """A schema that loads at once: table t with the rows 1 to 100."""
    directory = tmp_path / "schema"
    directory.mkdir()
    (directory / "1_t.sql").write_text(
        "CREATE TABLE t (id int);\nINSERT INTO t SELECT generate_series(1, 100);\n"
    )
    return directory


@pytest.fixture
def use_sample(cache: Path, schema: Path) -> Iterator[Callable[..., User]]:
    """Start another process that uses the sample; all are killed at the end."""
    users: list[User] = []

    def start(schema: Path = schema, pythonpath: tuple[Path, ...] = ()) -> User:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*pythonpath, *sys.path)))}
        process = subprocess.Popen(
            [sys.executable, "-c", USE_SAMPLE, schema],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,
        )
        users.append(User(process))
        return users[-1]

    yield start
    for user in users:
        user.process.kill()
        user.process.wait()
        for pipe in (user.process.stdin, user.process.stdout, user.process.stderr):
            assert pipe is not None
            pipe.close()
