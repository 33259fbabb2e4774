"""A date, timestamp, year, month or interval in, dates and timestamps at it and around it out."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, date, datetime, time, timedelta

from pgtune.advice.equivalence.value_type import ValueType
from pgtune.parse.sql.folded_constants import moved_by

WORDS = ("now", "today", "yesterday", "tomorrow")  # the server takes them for values
COMMON = (
    "2024-01-01",
    "2024-01-02",
    "2024-02-29",
    "2023-12-31",
    "2024-01-01 12:00:00",  # with the first a day, with the next a minute has two moments
    "2024-01-01 12:00:01",
)
_YEAR = re.compile(r"[12]\d{3}")
_MONTH = re.compile(r"([12]\d{3})[-/]?(0[1-9]|1[0-2])")  # of to_char(placed, 'YYYY-MM')
_DATED = re.compile(r"\d{4}-\d\d-\d\d")
_SMALL = re.compile(r"[1-9]|[12]\d|3[01]")
_INTERVAL = re.compile(r"[+-]?\d+ [a-z]+", re.IGNORECASE)
_BASE_YEAR = 2024
_MAX_MOVED = 4  # moments that each interval is added to; chosen
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


def fitted_moment(text: str, kind: ValueType) -> tuple[str, ...]:
    """Return *text* as values of a date or timestamp type: a year or month as days of it, 5 as one of May."""
    if text in WORDS:
        return tuple(word for word in WORDS if kind.name != "date" or word != "now")
    return tuple(dict.fromkeys(printed(moment, kind) for moment in _moments(text)))


def combined_moments(texts: Sequence[str], kind: ValueType) -> tuple[str, ...]:
    """Return days of the years and small numbers among *texts*, and moments that are intervals apart."""
    years = [int(text) for text in texts if _YEAR.fullmatch(text)]
    small = [int(text) for text in texts if _SMALL.fullmatch(text)]
    days = [
        datetime(year, month, day)  # noqa: DTZ001
        for year in years
        for month in small
        if month <= 12
        for day in (1, *small)
        if day <= monthrange(year, month)[1]
    ]
    return tuple(dict.fromkeys(printed(moment, kind) for moment in (*days, *_apart(texts))))


def _apart(texts: Sequence[str]) -> Iterator[datetime]:
    """Yield moments for each interval among *texts*.

    Two that are so far apart, for ``ends - starts > '1 hour'``, and what lies so far before and after the
    moments among *texts*, for ``starts + '1 month' > '2024-03-31'``.
    """
    written = [text for text in texts if _DATED.match(text)]
    for interval in (text for text in texts if _INTERVAL.fullmatch(text)):
        later = moved_by(COMMON[0], interval, 1)
        if later is not None:
            yield datetime.fromisoformat(COMMON[0])
            yield datetime.fromisoformat(later)
        for moment in written[:_MAX_MOVED]:
            moved = (moved_by(moment, interval, sign) for sign in (-1, 1))
            yield from (datetime.fromisoformat(each) for each in moved if each is not None)


def moments_around(text: str, kind: ValueType) -> tuple[str, ...]:
    """Return what lies just before and after, and where its day, month and year begin and end."""
    if text in WORDS:
        return ("1999-12-31", "2999-12-31")
    moment = datetime.fromisoformat(text)
    if not 1 < moment.year < MAXYEAR:
        return ()
    candidates = _days_around(moment) if kind.name == "date" else _times_around(moment)
    return tuple(dict.fromkeys(printed(each, kind) for each in candidates))


def moments_from(text: str, kind: ValueType, step: int, count: int) -> tuple[str, ...]:
    """Return *count* moments, *step* days apart, from *text* on; none for a word or at the calendar's end."""
    if text in WORDS or not 1 < datetime.fromisoformat(text).year < MAXYEAR:
        return ()
    moment = datetime.fromisoformat(text)
    return tuple(printed(moment + turn * step * _DAY, kind) for turn in range(count))


def printed(moment: datetime, kind: ValueType) -> str:
    """Return the value of that type; timestamps without a time zone are of the session's."""
    return moment.date().isoformat() if kind.name == "date" else moment.isoformat(" ")


def days_after(count: int) -> str:
    """Return the day that is *count* days after the first of COMMON."""
    return (date.fromisoformat(COMMON[0]) + count * _DAY).isoformat()


def _moments(text: str) -> Iterator[datetime]:
    if _YEAR.fullmatch(text):
        year = int(text)
        yield from (datetime(year, 1, 1), datetime(year, 12, 31), datetime(year, 6, 15, 12))  # noqa: DTZ001
    elif (month := _MONTH.fullmatch(text)) is not None:
        first = datetime(int(month[1]), int(month[2]), 1)  # noqa: DTZ001
        yield from (first, first.replace(day=monthrange(first.year, first.month)[1], hour=12))
    elif _SMALL.fullmatch(text):
        number = int(text)
        yield datetime(_BASE_YEAR, 1, number)  # noqa: DTZ001
        if number <= 12:
            yield datetime(_BASE_YEAR, number, 1)  # noqa: DTZ001
            yield datetime(_BASE_YEAR - 1, number, 1)  # noqa: DTZ001
    else:
        try:
            yield datetime.fromisoformat(text)
        except ValueError:
            return


def _days_around(moment: datetime) -> list[datetime]:
    month_end = moment.replace(day=monthrange(moment.year, moment.month)[1])
    return [
        moment - _DAY,
        moment + _DAY,
        moment.replace(day=1),
        month_end,
        moment.replace(month=1, day=1),
        moment.replace(month=12, day=31),
        moment.replace(year=moment.year + 1, month=1, day=1),
    ]


def _times_around(moment: datetime) -> list[datetime]:
    midnight = datetime.combine(moment.date(), time(), moment.tzinfo)
    return [
        moment - _TICK,
        moment + _TICK,
        midnight,
        midnight + _DAY / 2,
        midnight + _DAY - _TICK,
        midnight + _DAY,
        midnight - _DAY,
        *(_days_around(midnight)[2:]),
    ]
