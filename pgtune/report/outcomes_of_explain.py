"""A Report of `pgtune explain` in, Outcomes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgtune.model.diagnosis import Explained, Report
from pgtune.model.finding import Finding, Severity
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place
from pgtune.report.outcome_keys import join_key, statement_key, with_unique_keys
from pgtune.report.source_path import source_path

COMMAND = "explain"


def outcomes_of_explain(
    report: Report, default_place: Place, fail_on: Severity | None, inputs: Sequence[str]
) -> Outcomes:
    """Return the findings that are not minor, and one that has passed for each plan without any."""
    found = (outcome for explained in report.explained for outcome in _outcomes(explained))
    return Outcomes(
        command=COMMAND,
        version=report.version,
        outcomes=tuple(with_unique_keys(found)),
        default_place=default_place,
        fail_on=fail_on,
        inputs=tuple(source_path(name) or name for name in inputs),
        failures=report.failures,
    )


def _outcomes(explained: Explained) -> Iterator[Outcome]:
    file = source_path(explained.source.name) or explained.source.name
    statement = None if explained.query is None else statement_key(explained.query)
    for finding in explained.review.findings:
        yield _finding(finding, explained.source, file, statement)
    if not explained.review.findings:
        yield Outcome(
            rule=COMMAND,
            severity=Severity.INFO,
            status=OutcomeStatus.PASSED,
            message="no findings",
            key=join_key(file, statement),
            place=explained.source,
            file=file,
        )


def _finding(finding: Finding, source: Place, file: str, statement: str | None) -> Outcome:
    return Outcome(
        rule=finding.rule,
        severity=finding.severity,
        status=OutcomeStatus.FOUND,
        message=finding.message,
        key=join_key(file, finding.key, statement),
        place=finding.place or source,
        file=file,
        detail=finding.detail,
        hint=finding.hint,
    )
