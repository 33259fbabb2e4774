"""Statistics of columns in, how many different values or combinations there really are out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, expm1, log1p

ROWS_PER_TARGET = (
    300  # rows, and at most as many blocks, that ANALYZE samples for 1 of the target (analyze.c)
)
CLUSTERED = 0.999  # correlation from which equal values are taken to lie side by side; chosen
BISECTIONS = 60


def combinations(distincts: Iterable[float], rows: float) -> float:
    """Return how many combinations *rows* rows show of columns that do not depend on each other."""
    found = 1.0
    for distinct in sorted(distincts, reverse=True):
        found *= expected_distinct(distinct, rows / found) if found > 1 else max(1.0, min(distinct, rows))
    return found


def expected_distinct(possible: float, rows: float) -> float:
    """Return how many of so many equally likely values *rows* draws show."""
    if rows <= 1 or possible <= 1:
        return max(1.0, min(rows, possible))
    return max(1.0, min(rows, -possible * expm1(rows * log1p(-1 / possible))))


def kept_distinct(distinct: float, rows: float, kept: float) -> float:
    """Return how many of the values of *rows* rows are left when *kept* rows are, whatever their values."""
    if kept >= rows or distinct <= 0:
        return distinct
    return max(1.0, -distinct * expm1(rows / distinct * log1p(-kept / rows)))


def clustered_distinct(
    estimated: float, rows: float, blocks: int, correlation: float, statistics_target: int
) -> float:
    """Correct ANALYZE's n_distinct of a column whose equal values lie in the same blocks.

    ANALYZE reads at most 300 * target blocks and takes its rows from these alone. Where equal values are
    neighbours it meets them more often than in a sample of the whole table, and its estimator
    (compute_scalar_stats in analyze.c; Haas and Stokes) takes them for more frequent than they are. This
    finds the frequency for which that estimator says *estimated*. All counts are of rows that are not NULL.
    """
    sampled = ROWS_PER_TARGET * statistics_target
    if abs(correlation) < CLUSTERED or blocks <= sampled or rows <= sampled or estimated <= 1:
        return estimated
    low, high = 1.0, rows  # rows of one value
    for _ in range(BISECTIONS):
        middle = (low * high) ** 0.5
        if _analyzed(middle, rows, blocks, sampled) > estimated:
            low = middle
        else:
            high = middle
    return max(estimated, rows / high)


def unseen(counts: Sequence[int]) -> float:
    """Return how many different values a sample missed, from how often it shows each (Chao)."""
    once = sum(1 for count in counts if count == 1)
    twice = sum(1 for count in counts if count == 2)
    return once * (once - 1) / (2 * (twice + 1))


def _analyzed(frequency: float, rows: float, blocks: int, sampled: int) -> float:
    """What ANALYZE would say of a table in which each value has *frequency* neighbouring rows."""
    block_share = sampled / blocks
    rows_per_block = rows / blocks
    row_share = sampled / (rows * block_share)  # of the rows in the blocks read
    runs = max(1.0, frequency / rows_per_block)  # blocks that hold one value
    run = frequency / runs
    none: float = 1 - block_share * (1 - (1 - row_share) ** run)
    one: float = block_share * run * row_share * (1 - row_share) ** (run - 1)
    values = rows / frequency
    seen: float = values * (1 - none**runs)
    once: float = values * runs * one * none ** (runs - 1)
    return sampled * seen / (sampled - once + once * sampled / rows)


def poisson_shares(mean: float) -> Sequence[tuple[int, float]]:
    """Return (frequency, share of the values) for values that are drawn at random, *mean* times each.

    Values that were never drawn are not among them.
    """
    rate = _rate(mean)
    share = exp(-rate)
    seen = 1 - share
    shares, frequency = [], 0
    while frequency < mean or share > 1e-4:
        frequency += 1
        share *= rate / frequency
        shares.append((frequency, share / seen))
    return shares


def _rate(mean: float) -> float:
    """The rate whose Poisson distribution without 0 has this mean; mean > 1."""
    low, high = 0.0, mean
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if middle / -expm1(-middle) < mean:
            low = middle
        else:
            high = middle
    return high
