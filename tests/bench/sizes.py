"""Estimated sizes of indexes against those of really built ones, on TPC-H and on the sample."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.command import fresh_sample
from tests.bench.section import Options, Row, figure
from tests.bench.tpch import tpch_database
from tests.bench_sizes import SizeFigure, mean_error, size_figures


def size_rows(options: Options) -> Iterator[Row]:
    with tpch_database(options) as tpch, fresh_sample() as sample:
        figures = list(size_figures(tpch, sample))
    worst = max(figures, key=lambda each: each.error)
    yield figure("indexes built and weighed", f"{len(figures)}", "at least 40")
    yield figure("factor of error, geometric mean", f"{mean_error(figures):.3f}", "at most 1.10")
    yield figure(
        "factor of error, worst",
        f"{worst.error:.2f} `{worst.name}`",
        "at most 1.5, unless n_distinct is wrong",
    )
    over = [each for each in figures if each.error > 1.2]
    yield figure("factor of error above 1.2", f"{len(over)}")
    told = [each for each in over if each.with_true_distinct_bytes is not None]
    if told:
        most = max(map(_error_with_true_distinct, told))
        yield figure("the worst of these with the true number of distinct values", f"{most:.2f}")


def _error_with_true_distinct(size: SizeFigure) -> float:
    assert size.with_true_distinct_bytes is not None
    factor = size.with_true_distinct_bytes / size.real_bytes
    return max(factor, 1 / factor)
