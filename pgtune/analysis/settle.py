"""From inclusive figures to exclusive ones that are never negative and sum to the root's.

Each node's figure contains those of the nodes it ran. A node's own part is its figure less those;
InitPlans and CTEs are taken, once, from the nodes that ran them. Printed times are rounded means, so
the children of a node may claim more than it has: then the children give way, those first whose
rounding is coarsest. Block counts are exact and need no such repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.analysis.consumers import Deferred


@dataclass(frozen=True, slots=True)
class Ledger:
    """Who pays for whom; numbers start at 1, entry n - 1 belongs to node n."""

    children: tuple[tuple[int, ...], ...]  # those whose figure is part of the node's own
    parents: tuple[int, ...]  # 0 for the root
    deferred: tuple[Deferred, ...]


def settle(ledger: Ledger, inclusive: Sequence[float], rounding: Sequence[float]) -> list[float]:
    """Return each node's own part of its ``inclusive`` figure.

    Args:
        ledger: Who pays for whom.
        inclusive: Figures with children included, entry n - 1 for node n.
        rounding: How far each figure may be off, in the same unit.
    """
    figures = list(inclusive)
    own = [0.0] * len(figures)
    settled = _settle_below(1, ledger, figures, rounding, own)
    for deferred in _consumers_first(ledger.deferred, settled):
        _charge(deferred, ledger, figures, own)
        settled |= _settle_below(deferred.number, ledger, figures, rounding, own)
    return own


def _settle_below(
    root: int, ledger: Ledger, figures: list[float], rounding: Sequence[float], own: list[float]
) -> set[int]:
    """Work out the own parts from ``root`` down; return the numbers of the nodes done."""
    done: set[int] = set()
    stack = [root]
    while stack:
        number = stack.pop()
        children = ledger.children[number - 1]
        claimed = sum(figures[child - 1] for child in children)
        if claimed > figures[number - 1]:
            _give_way(children, claimed - figures[number - 1], figures, rounding)
            own[number - 1] = 0.0
        else:
            own[number - 1] = figures[number - 1] - claimed
        done.add(number)
        stack.extend(children)
    return done


def _give_way(
    children: Sequence[int], excess: float, figures: list[float], rounding: Sequence[float]
) -> None:
    """Lower the children's figures by ``excess``: first within their rounding, then the largest."""
    for child in sorted(children, key=lambda child: -rounding[child - 1]):
        part = min(excess, rounding[child - 1], figures[child - 1])
        figures[child - 1] -= part
        excess -= part
    for child in sorted(children, key=lambda child: -figures[child - 1]):
        part = min(excess, figures[child - 1])
        figures[child - 1] -= part
        excess -= part


def _consumers_first(deferred: Sequence[Deferred], settled: set[int]) -> Iterator[Deferred]:
    """Yield each sub-plan once its consumers are in ``settled``, which grows meanwhile."""
    waiting = list(deferred)
    while waiting:
        ready = (d for d in waiting if settled.issuperset(d.consumers))
        chosen = next(ready, waiting[-1])  # a later CTE can read an earlier one, not the other way round
        waiting.remove(chosen)
        yield chosen


def _charge(deferred: Deferred, ledger: Ledger, figures: list[float], own: list[float]) -> None:
    """Take the sub-plan's figure from its consumers' own parts, or from the nodes above its owner."""
    owed = figures[deferred.number - 1]
    for payer in _payers(deferred, ledger, owed, own):
        part = min(owed, own[payer - 1])
        own[payer - 1] -= part
        owed -= part
    if owed > 0 and not deferred.writes:
        figures[deferred.number - 1] -= owed


def _payers(deferred: Deferred, ledger: Ledger, owed: float, own: list[float]) -> Iterator[int]:
    """The deepest consumer that can pay alone, then the others by what they have, then upwards."""
    alone = [number for number in deferred.consumers if own[number - 1] >= owed]
    yield from alone[:1]
    yield from sorted(deferred.consumers, key=lambda number: -own[number - 1])
    above = deferred.owner
    while above:
        yield above
        above = ledger.parents[above - 1]
