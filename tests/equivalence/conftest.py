"""Scratch servers for pairs of statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.equivalence.trials import Trials


@pytest.fixture(scope="package")
def trials() -> Iterator[Trials]:
    made = Trials()
    yield made
    made.close()
