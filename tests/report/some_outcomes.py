"""Outcomes made by hand: one of each status, and texts that want to be something else than text."""

from __future__ import annotations

from dataclasses import replace

from pgtune.model.diagnosis import Failure
from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place

EVIL = "\x1b]0;owned\x07\u202e\udcff\ufffe\r\n::error::a,b:c 100% ]]> <b>&amp;</b> --"

OVER_BUDGET = Outcome(
    rule="fleet-over-budget",
    severity=Severity.ERROR,
    status=OutcomeStatus.FOUND,
    message="the fleet can ask for 260 connections, the server has 97",
    key="fleet-over-budget:server",
    place=Place("deploy/pgtune.toml", 12),
    detail="13 pods of api take 20 each.",
    hint="The largest max_size that fits is 6.",
)
SORT = Outcome(
    rule="disk-sort",
    severity=Severity.WARNING,
    status=OutcomeStatus.FOUND,
    message="Sort of 50,000 rows takes 4.2 MB on disk",
    key="q/a.sql:disk-sort:Sort:002acc972e10",
    place=Place("q/a.sql", 4),
    file="q/a.sql",
)
ACCEPTED = replace(SORT, status=OutcomeStatus.ACCEPTED, reason="nightly report")
PASSED = Outcome(
    "idle-in-transaction",
    Severity.INFO,
    OutcomeStatus.PASSED,
    "none of 12 sessions",
    key="idle-in-transaction",
)
UNKNOWN = Outcome(
    "role-limit", Severity.INFO, OutcomeStatus.UNKNOWN, "not known: pg_stat_activity", key="role-limit"
)
EVIL_ONE = replace(SORT, message=EVIL, detail=EVIL, key=EVIL, place=Place(f"q/{EVIL}.sql", 3))


def outcomes(*some: Outcome, fail_on: Severity | None = Severity.ERROR, **more: object) -> Outcomes:
    return replace(
        Outcomes("pool-check", "0.0", some, Place("pyproject.toml"), fail_on),
        **more,  # type: ignore[arg-type] # each field has a type of its own
    )


FAILURE = Failure(Place("q/b.sql", 7), 'relation "x" does not exist', 3, "SELECT * FROM x\n              ^")
CASES = {
    "Nothing was found": outcomes(PASSED),
    "A finding stands at the line that declares it, or at the settings file": outcomes(
        OVER_BUDGET, replace(OVER_BUDGET, key="fleet-over-budget:role", place=None)
    ),
    "Accepted and unknown are neither found nor passed": outcomes(ACCEPTED, PASSED, UNKNOWN),
    "What does not fail the run is no failure of a test": outcomes(SORT, OVER_BUDGET),
    "An input that could not be checked": outcomes(failures=(FAILURE,)),
    "Text that wants to be markup stays text": outcomes(EVIL_ONE),
}
