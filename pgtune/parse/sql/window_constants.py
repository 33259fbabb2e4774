"""A syntax tree in, the numbers in its window functions and frames out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from pgtune.parse.sql.folded_constants import Constant, folded

_ROWS_APART = frozenset({"ROWS", "GROUPS"})


def rows_of_windows(tree: exp.Expr) -> Iterator[Constant]:
    """Yield how many rows frames span and how far functions look: ``ROWS 6 PRECEDING``, ``lag(a, 3)``."""
    for window in tree.find_all(exp.Window):
        yield from _numbers(window.this.args.values())
        frame = window.args.get("spec")
        if frame is not None and _unit(frame) in _ROWS_APART:
            yield from _numbers(frame.args.values())


def values_of_frames(tree: exp.Expr) -> Iterator[tuple[exp.Column, Constant]]:
    """Yield the column that ``ORDER BY at RANGE '6 days' PRECEDING`` adds the constant to."""
    for window in tree.find_all(exp.Window):
        frame, order = window.args.get("spec"), window.args.get("order")
        if frame is None or order is None or _unit(frame) in _ROWS_APART:
            continue
        for column in order.find_all(exp.Column):
            for constant in _constants(frame.args.values()):
                yield column, constant


def _unit(frame: exp.Expr) -> str:
    return str(frame.args.get("kind", "")).upper()


def _numbers(nodes: Iterable[object]) -> Iterator[Constant]:
    return (constant for constant in _constants(nodes) if constant.is_number)


def _constants(nodes: Iterable[object]) -> Iterator[Constant]:
    for node in nodes:
        constant = folded(node) if isinstance(node, exp.Expr) else None
        if constant is not None:
            yield constant
