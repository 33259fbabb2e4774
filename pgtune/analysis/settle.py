"""From inclusive figures to exclusive ones that are never negative and sum to the root's.

Each node's figure contains those of the nodes it ran. A node's own part is its figure less those;
InitPlans and CTEs are taken, once, from the nodes that ran them. Printed times are rounded means, so
the children of a node may claim more than it has: a Memoize of 300,000 loops prints 0.000 ms and its
child of 5,000 loops 0.003 ms, which are 0 and 15 ms. Then both give way, as far as their roundings allow:
first, from the leaves up, each figure learns how far it can go down and is raised to what its children
need; then, from the root down, children share what their parent has. Block counts are exact and need no
such repair.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pgtune.analysis.consumers import Deferred


@dataclass(frozen=True, slots=True)
class Ledger:
    """Who pays for whom; numbers start at 1, entry n - 1 belongs to node n."""

    children: tuple[tuple[int, ...], ...]  # those whose figure is part of the node's own
    parents: tuple[int, ...]  # 0 for the root
    deferred: tuple[Deferred, ...]


@dataclass(frozen=True, slots=True)
class _Claims:
    """Figures that fit their children's; entry n - 1 for node n."""

    wanted: list[float]  # at most the rounding above what is printed
    least: list[float]  # at least the rounding below it, and what the children need at least


def settle(ledger: Ledger, inclusive: Sequence[float], rounding: Sequence[float]) -> list[float]:
    """Return each node's own part of its ``inclusive`` figure.

    Args:
        ledger: Who pays for whom.
        inclusive: Figures with children included, entry n - 1 for node n.
        rounding: How far each figure may be off, in the same unit.
    """
    claims = _claims(ledger, inclusive, rounding)
    figures = claims.wanted
    figures[0] = inclusive[0]  # what the own parts sum to
    own = [0.0] * len(figures)
    queue = _Queue(ledger.deferred)
    queue.settled(_settle_below(1, ledger, figures, claims.least, own))
    for deferred in queue:
        _charge(deferred, ledger, figures, own)
        queue.settled(_settle_below(deferred.number, ledger, figures, claims.least, own))
    return own


def _claims(ledger: Ledger, inclusive: Sequence[float], rounding: Sequence[float]) -> _Claims:
    """Leaves first; a node has a higher number than its parent."""
    wanted, least = list(inclusive), list(inclusive)
    for number in range(len(inclusive), 0, -1):
        children = [child - 1 for child in ledger.children[number - 1]]
        printed, room = inclusive[number - 1], rounding[number - 1]
        needed = sum(least[child] for child in children)
        least[number - 1] = min(max(printed - room, needed, 0), printed + room)
        excess = sum(wanted[child] for child in children) - printed
        if excess > 0 and room > 0:
            part = room / (room + sum(rounding[child] for child in children))
            wanted[number - 1] = max(printed + min(room, excess * part), least[number - 1])
    return _Claims(wanted, least)


def _settle_below(
    root: int, ledger: Ledger, figures: list[float], least: Sequence[float], own: list[float]
) -> list[int]:
    """Work out the own parts from ``root`` down; return the numbers of the nodes done."""
    done: list[int] = []
    stack = [root]
    while stack:
        number = stack.pop()
        children = ledger.children[number - 1]
        claimed = sum(figures[child - 1] for child in children)
        if claimed > figures[number - 1]:
            _give_way(children, claimed - figures[number - 1], figures, least)
            own[number - 1] = 0.0
        else:
            own[number - 1] = figures[number - 1] - claimed
        done.append(number)
        stack.extend(children)
    return done


def _give_way(children: Sequence[int], excess: float, figures: list[float], least: Sequence[float]) -> None:
    """Lower the children's figures by ``excess``: first all towards their least, then the largest."""
    slack = {child: max(0, figures[child - 1] - least[child - 1]) for child in children}
    total = sum(slack.values())
    if total > 0:
        for child in children:
            figures[child - 1] -= slack[child] * min(1, excess / total)
        excess -= min(excess, total)
    for child in sorted(children, key=lambda child: -figures[child - 1]):
        part = min(excess, figures[child - 1])
        figures[child - 1] -= part
        excess -= part


class _Queue:
    """Sub-plans in the order in which they can be charged: each after the nodes that pay for it."""

    def __init__(self, deferred: Sequence[Deferred]) -> None:
        self._deferred = deferred
        payers = [plan.consumers or (plan.owner,) for plan in deferred]
        self._unsettled = [len(numbers) for numbers in payers]
        self._waiting: dict[int, list[int]] = {}  # positions in _deferred by number of a payer
        for position, numbers in enumerate(payers):
            for number in numbers:
                self._waiting.setdefault(number, []).append(position)
        self._ready: list[int] = []

    def settled(self, numbers: Iterable[int]) -> None:
        """Tell which nodes have their own parts now."""
        for number in numbers:
            for position in self._waiting.pop(number, ()):
                self._unsettled[position] -= 1
                if not self._unsettled[position]:
                    heapq.heappush(self._ready, position)

    def __iter__(self) -> Iterator[Deferred]:
        taken: set[int] = set()
        last = len(self._deferred) - 1
        while len(taken) < len(self._deferred):
            while last in taken:
                last -= 1
            # A later CTE can read an earlier one, not the other way round.
            position = heapq.heappop(self._ready) if self._ready else last
            if position not in taken:
                taken.add(position)
                yield self._deferred[position]


def _charge(deferred: Deferred, ledger: Ledger, figures: list[float], own: list[float]) -> None:
    """Take the sub-plan's figure from its consumers' own parts, or from the nodes above its owner."""
    owed = figures[deferred.number - 1]
    for payer in _payers(deferred, ledger, owed, own):
        part = min(owed, own[payer - 1])
        own[payer - 1] -= part
        owed -= part
        if owed <= 0:
            return
    if not deferred.writes:
        figures[deferred.number - 1] -= owed


def _payers(deferred: Deferred, ledger: Ledger, owed: float, own: list[float]) -> Iterator[int]:
    """The likeliest consumer that can pay alone, then the others by what they have, then upwards."""
    alone = [number for number in deferred.consumers if own[number - 1] >= owed]
    yield from alone[:1]
    yield from sorted(deferred.consumers, key=lambda number: -own[number - 1])
    above = deferred.owner
    while above:
        yield above
        above = ledger.parents[above - 1]
