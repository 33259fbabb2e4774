"""Numbers as people read them."""

from __future__ import annotations

import pytest

from pgtune.report.quantities import (
    format_bytes,
    format_count,
    format_factor,
    format_ms,
    format_saving,
    format_share,
)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0.0, "0.000 ms"),
        (0.0421, "0.042 ms"),
        (4.126, "4.13 ms"),
        (41.26, "41.3 ms"),
        (412.6, "413 ms"),
        (4126.0, "4.13 s"),
        (41260.0, "41.3 s"),
        (125_000.0, "2 min 5 s"),
        (119_999.0, "2 min 0 s"),
    ],
)
def test_times(ms: float, text: str) -> None:
    assert format_ms(ms) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (8192, "8.0 kB"), (49152, "48 kB"), (1.2 * 1024**2, "1.2 MB"), (3 * 1024**4, "3.0 TB")],
)
def test_sizes(count: float, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (0.01, "0.01"), (1.5, "1.5"), (600, "600"), (12345, "12,345"), (12_000_000, "12 M")],
)
def test_counts(count: float, text: str) -> None:
    assert format_count(count) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0.0 %"), (0.0001, "<0.1 %"), (0.004, "0.4 %"), (0.0996, "10 %"), (0.99, "99 %")]
)
def test_shares(share: float, text: str) -> None:
    assert format_share(share) == text


@pytest.mark.parametrize(
    ("estimated", "actual", "text"),
    [(10, 19, ""), (10, 120, "×12"), (120, 10, "÷12"), (0, 0, ""), (1, 0, ""), (50_000, 0, "÷50,000")],
)
def test_factors_of_an_estimate(estimated: float, actual: float, text: str) -> None:
    assert format_factor(estimated, actual) == text


def test_a_saving_without_times_is_of_the_cost() -> None:
    assert format_saving(None, 0.5) == "50 % of the cost"
    assert format_saving(40.9, 0.99) == "40.9 ms (99 %)"
