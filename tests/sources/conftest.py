"""The Server of one test's database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgtune.sources.postgres import Server, open_server
from tests.conftest import Database


@pytest.fixture
def opened(database: Database) -> Iterator[Server]:
    with open_server(database.conninfo) as server:
        yield server
