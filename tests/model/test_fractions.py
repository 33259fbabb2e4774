"""Fractions in messages never round to everything while something is left."""

from __future__ import annotations

import pytest

from pgtune.model.fractions import percent


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (599_984, 600_000, "99.9%"),
        (600_000, 600_000, "100%"),
        (1, 3, "33.3%"),
        (0, 5, "0.0%"),
        (0, 0, "100%"),
    ],
)
def test_percent(part: float, whole: float, text: str) -> None:
    assert percent(part, whole) == text
