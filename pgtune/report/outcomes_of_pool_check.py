"""A PoolCheck in, Outcomes out: findings, and checks that have passed or could not be made."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.finding import Finding, Severity
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place
from pgtune.model.pools.pool_check import CheckResult, PoolCheck, Status
from pgtune.report.outcome_keys import with_unique_keys
from pgtune.report.pool_check_phrases import title

COMMAND = "pool-check"


def outcomes_of_pool_check(check: PoolCheck, default_place: Place) -> Outcomes:
    """Return every check that had something to look at, or should have had."""
    found = (outcome for result in check.results for outcome in _outcomes(result, check.accepted))
    return Outcomes(
        command=COMMAND,
        version=check.version,
        outcomes=tuple(with_unique_keys(found)),
        default_place=default_place,
        fail_on=check.fail_on,
    )


def _outcomes(result: CheckResult, accepted: frozenset[str]) -> Iterator[Outcome]:
    for finding in result.findings:
        yield _finding(finding, accepted)
    if result.missing:
        yield _of_rule(
            result, OutcomeStatus.UNKNOWN, f"not known: {', '.join(dict.fromkeys(result.missing))}"
        )
    elif result.status is Status.OK:
        yield _of_rule(result, OutcomeStatus.PASSED, "; ".join(result.fine))


def _finding(finding: Finding, accepted: frozenset[str]) -> Outcome:
    return Outcome(
        rule=finding.rule,
        severity=finding.severity,
        status=OutcomeStatus.ACCEPTED if finding.key in accepted else OutcomeStatus.FOUND,
        message=title(finding),
        key=finding.key,
        place=finding.place,
        detail=finding.detail,
        hint=finding.hint,
    )


def _of_rule(result: CheckResult, status: OutcomeStatus, message: str) -> Outcome:
    return Outcome(result.rule, Severity.INFO, status, message, key=result.rule)
