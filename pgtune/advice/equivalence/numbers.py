"""A number in, the numbers of a type at it and next to it out."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from pgtune.advice.equivalence.value_type import Family, ValueType

_RANGES = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
    "oid": (0, 2**32 - 1),
}
_MAX_EXPONENT = 30  # of a number that is tried; chosen
_EXACT_STEP = Decimal("0.5")  # binary fractions add up to the same in any order
SMALL = ("1", "2", "3", "0", "-1")
FRACTIONS = ("1", "2", "0", "-1", "0.5", "1.25")


def fitted_number(text: str, kind: ValueType) -> tuple[str, ...]:
    """Return *text* as a number of the type; of a fraction that it cannot hold those on both sides."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return ()
    if not number.is_finite() or number.adjusted() > _MAX_EXPONENT:
        return ()
    if kind.family is Family.INTEGER:
        low, high = _RANGES[kind.name]
        below = int(number // 1) if number >= 0 else -int(-number // 1)
        both = {below, below if number == below else below + (1 if number > 0 else -1)}
        return tuple(str(each) for each in sorted(both) if low <= each <= high)
    printed = _printed(number, kind)
    return () if printed is None else (printed,)


def numbers_around(text: str, kind: ValueType) -> tuple[str, ...]:
    """Return the next smaller and greater numbers, by one and by the smallest step; the half and zero."""
    number = Decimal(text)
    step = _step(kind)
    candidates = [number - 1, number + 1, number - step, number + step, number / 2, number * 2, -number]
    return tuple(dict.fromkeys(each for number in candidates for each in fitted_number(str(number), kind)))


def numbers_from(text: str, kind: ValueType, step: int, count: int) -> tuple[str, ...]:
    """Return *count* numbers, *step* apart, from *text* on; fewer at the end of the type's range."""
    candidates = (str(Decimal(text) + turn * step) for turn in range(count))
    return tuple(dict.fromkeys(each for number in candidates for each in fitted_number(number, kind)))


def extreme_numbers(kind: ValueType) -> tuple[str, ...]:
    """Return the least and the greatest number of the type, or very large ones."""
    if kind.family is Family.INTEGER:
        return tuple(str(each) for each in _RANGES[kind.name])
    if kind.precision is None:
        return ("99999999999999999999", "-99999999999999999999", "0.00000000000000000001")
    largest = (Decimal(10) ** kind.precision - 1).scaleb(-(kind.scale or 0))
    return (f"{largest:f}", f"{-largest:f}")


def integer_limits() -> frozenset[str]:
    """Return the least and greatest numbers of all integer types."""
    return frozenset(str(each) for limits in _RANGES.values() for each in limits if each)


def combined_numbers(texts: tuple[str, ...], kind: ValueType) -> tuple[str, ...]:
    """Return what two of them make: ``a + 1 = 2``, ``a * 3 = 12``, ``a / 10 = 4``, ``a % 7 = 2``."""
    numbers = [Decimal(text) for text in texts]
    pairs = [(left, right) for left in numbers for right in numbers if left != right]
    results = [left - right for left, right in pairs] + [left + right for left, right in pairs]
    results += [left * right for left, right in pairs]
    results += [left / right for left, right in pairs if right]
    return tuple(dict.fromkeys(each for result in results for each in fitted_number(str(result), kind)))


def _step(kind: ValueType) -> Decimal:
    if kind.family is Family.FLOAT:
        return _EXACT_STEP
    if kind.family is Family.NUMERIC:
        return Decimal(1).scaleb(-(2 if kind.scale is None else kind.scale))
    return Decimal(1)


def _printed(number: Decimal, kind: ValueType) -> str | None:
    if kind.scale is None or kind.precision is None:
        return f"{number.normalize():f}" if number else "0"
    rounded = number.quantize(Decimal(1).scaleb(-kind.scale), rounding=ROUND_HALF_UP)
    if rounded and rounded.adjusted() >= kind.precision - kind.scale:
        return None
    return f"{rounded or abs(rounded):f}"
