"""Durations as messages print them."""

from __future__ import annotations

import pytest

from pgtune.model.durations import format_s


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (1.5, "1.5 s"),
        (30, "30 s"),
        (60, "1 min"),
        (350, "350 s"),
        (480, "8 min"),
        (3600, "1 h"),
        (5400, "90 min"),
    ],
)
def test_a_duration_is_printed_in_the_largest_unit_that_states_it_exactly(seconds: float, text: str) -> None:
    assert format_s(seconds) == text
