"""One scratch server for all tests of trials: a pair leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgtune.shadow.trial.open_trial import open_trial
from pgtune.shadow.trial.schema_script import SchemaScript
from pgtune.shadow.trial.trial import Trial
from tests.shadow.snapshots import quietly

SHOP = Path(__file__).with_name("shop.sql")


@pytest.fixture(scope="session")
def trial(shadow_cache: None) -> Iterator[Trial]:
    """A trial on the tables of shop.sql."""
    with open_trial(SchemaScript("shop.sql", SHOP.read_text()), None, quietly) as opened:
        yield opened
