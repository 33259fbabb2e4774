"""What a baseline accepts, when it no longer does, and what an update makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pgtune.model.baseline import Baseline, BaselineEntry, accept, update
from pgtune.model.diagnosis import Failure
from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place

TODAY = date(2026, 11, 21)
TOMORROW = TODAY + timedelta(days=1)
SORT = Outcome(
    "disk-sort", Severity.ERROR, OutcomeStatus.FOUND, "on disk", "q/a.sql:disk-sort", file="q/a.sql"
)
ENTRY = BaselineEntry("explain", "disk-sort", SORT.key, date(2026, 1, 1), None, "on disk", "q/a.sql")


def run(*some: Outcome, inputs: tuple[str, ...] = ("q",)) -> Outcomes:
    return Outcomes("explain", "0.0", some, Place("q/a.sql"), Severity.ERROR, inputs)


def test_what_is_accepted_does_not_fail_the_run() -> None:
    assert run(SORT).fails
    seen = accept(run(SORT), Baseline((ENTRY,)), TODAY)
    assert not seen.outcomes.fails
    assert seen.outcomes.accepted_keys == {SORT.key}
    assert seen.accepted == (ENTRY,)


def test_another_finding_of_the_same_rule_fails() -> None:
    other = replace(SORT, key="q/b.sql:disk-sort")
    assert accept(run(SORT, other), Baseline((ENTRY,)), TODAY).outcomes.found == (other,)


@pytest.mark.parametrize(("expires", "fails"), [(TODAY, True), (TOMORROW, False), (None, False)])
def test_an_entry_accepts_until_the_day_it_expires(expires: date | None, fails: bool) -> None:
    seen = accept(run(SORT), Baseline((replace(ENTRY, expires=expires),)), TODAY)
    assert seen.outcomes.fails is fails
    assert bool(seen.expired) is fails


def test_the_entry_of_another_command_accepts_nothing() -> None:
    seen = accept(run(SORT), Baseline((replace(ENTRY, command="equivalent"),)), TODAY)
    assert seen.outcomes.fails
    assert seen.stale == ()


@pytest.mark.parametrize(
    ("inputs", "is_stale"),
    [
        (("q",), True),
        (("q/",), True),
        (("q/a.sql",), True),
        ((".",), True),
        (("q/b.sql",), False),
        (("qq",), False),
    ],
)
def test_an_entry_is_stale_where_its_file_was_looked_at(inputs: tuple[str, ...], is_stale: bool) -> None:
    assert bool(accept(run(inputs=inputs), Baseline((ENTRY,)), TODAY).stale) is is_stale


def test_an_entry_is_not_stale_where_something_could_not_be_checked() -> None:
    server_wide = replace(ENTRY, file=None)
    unknown = replace(SORT, status=OutcomeStatus.UNKNOWN, key="disk-sort")
    failed = replace(run(), failures=(Failure(Place("q/a.sql"), "no", 3),))
    assert accept(run(inputs=()), Baseline((server_wide,)), TODAY).stale == (server_wide,)
    assert accept(run(unknown, inputs=()), Baseline((server_wide,)), TODAY).stale == ()
    assert accept(failed, Baseline((ENTRY,)), TODAY).stale == ()


def test_an_update_is_a_ratchet() -> None:
    gone = replace(ENTRY, key="q/gone.sql:disk-sort", file="q/gone.sql")
    expired = replace(ENTRY, key="q/old.sql:disk-sort", file="q/old.sql", expires=TODAY)
    elsewhere = replace(ENTRY, key="r/a.sql:disk-sort", file="r/a.sql")
    foreign = replace(ENTRY, command="pool-check", file=None)
    new = replace(SORT, key="q/new.sql:disk-sort", file="q/new.sql")
    old = replace(SORT, key=expired.key, file="q/old.sql")
    known = Baseline((gone, ENTRY, expired, elsewhere, foreign))
    result = update(known, run(SORT, new, old), TODAY, TOMORROW, "why")
    by_key = result.baseline.of("explain")
    assert by_key[ENTRY.key] == ENTRY
    assert gone.key not in by_key
    assert by_key[elsewhere.key] == elsewhere
    assert by_key[new.key].accepted == by_key[old.key].accepted == TODAY
    assert by_key[new.key].expires == TOMORROW
    assert by_key[new.key].reason == "why"
    assert foreign in result.baseline.entries
    assert [entry.key for entry in result.dropped] == [gone.key]
    assert [entry.key for entry in result.renewed] == [old.key]
    assert [entry.key for entry in result.added] == [new.key]
    assert not accept(run(SORT, new, old), result.baseline, TODAY).outcomes.fails
