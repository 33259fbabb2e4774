"""A set of options in; the same with each replaced by a neighbour that is better, and its ties, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pgtune.advice.selection.bits import bits_of
from pgtune.advice.selection.choices import Choices
from pgtune.advice.selection.incumbent import Incumbent, Stop

# Chosen: sets whose values differ by less tie.
TIE_SHARE = 1e-6
# Chosen: sizes within this share are alike.
_SAME_SIZE_SHARE = 0.05
# Chosen: more neighbours of one option are not looked at.
_MOST_NEIGHBOURS = 12


def settle(
    choices: Choices, incumbent: Incumbent, relatives: Sequence[int], stop: Stop
) -> Mapping[int, Sequence[int]]:
    """Drop what is idle, take the preferred one of equals, and return the options that tie with a chosen one.

    *relatives* are, for each option, those with the same leading key. A lower option is preferred.
    """
    for option in sorted(bits_of(incumbent.chosen), reverse=True):
        if stop.reason() is None:
            _take_if_as_good(incumbent, incumbent.chosen & ~(1 << option))
    ties: dict[int, Sequence[int]] = {}
    for option in list(bits_of(incumbent.chosen & ~choices.existing)):
        if stop.reason() is None:
            alike = _alike(choices, incumbent, option, relatives[option])
            kept = min(option, *alike) if alike else option
            _take_if_as_good(incumbent, incumbent.chosen & ~(1 << option) | 1 << kept)
            ties[kept] = [other for other in (option, *alike) if other != kept]
    return {option: others for option, others in ties.items() if others}


def _alike(choices: Choices, incumbent: Incumbent, option: int, relatives: int) -> list[int]:
    """Relatives about as large that would do as well in the place of the option."""
    size = choices.sizes[option]
    near = [
        other
        for other in bits_of(relatives & ~incumbent.chosen)
        if abs(choices.sizes[other] - size) <= _SAME_SIZE_SHARE * size
    ]
    near = sorted(near, key=lambda other: (abs(choices.sizes[other] - size), other))[:_MOST_NEIGHBOURS]
    without = incumbent.chosen & ~(1 << option)
    values = incumbent.values([without | 1 << other for other in near])
    ceiling = incumbent.value * (1 + TIE_SHARE)
    return [other for other, value in zip(near, values, strict=True) if value <= ceiling]


def _take_if_as_good(incumbent: Incumbent, chosen: int) -> None:
    value = incumbent.values([chosen])[0]
    if chosen != incumbent.chosen and value <= incumbent.value * (1 + TIE_SHARE):
        incumbent.take(chosen, min(value, incumbent.value))
