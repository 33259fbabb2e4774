"""A cache directory for shadows: shared within the test run, so that initdb runs once; or empty."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pgtune.embedded.sample import stop_sample


@pytest.fixture(scope="session")
def shadow_cache(sample_cache: Mapping[str, str]) -> Iterator[None]:
    """Lead pgtune to the cache of this test run."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in sample_cache.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def own_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache that nothing else uses, open to the server's account, which tmp_path is not."""
    directory = Path(tempfile.mkdtemp(prefix="pgtune-shadow-test-"))
    directory.chmod(0o711)
    monkeypatch.setenv("PGTUNE_CACHE_DIR", str(directory))
    yield directory
    stop_sample()  # where it was used: it was asked to stop, and is waited for now
    shutil.rmtree(directory)


@pytest.fixture
def empty_cache(own_cache: Path) -> Iterator[Path]:
    """A cache in which nothing but shadows is made."""
    yield own_cache
    assert os.listdir(own_cache) in ([], ["shadow"])  # noqa: PTH208
