"""A Verdict of `pgtune equivalent` in, Outcomes out: one, at the rewritten file."""

from __future__ import annotations

from pgtune.model.equivalence import Outcome as Equivalence
from pgtune.model.equivalence_verdict import Verdict
from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place
from pgtune.report.equivalence_phrases import detail_lines, headline
from pgtune.report.outcome_keys import join_key
from pgtune.report.source_path import source_path

COMMAND = "equivalent"
DIFFERENT_RESULTS = "different-results"
_STATUS = {
    Equivalence.EQUAL: OutcomeStatus.PASSED,
    Equivalence.DIFFERENT: OutcomeStatus.FOUND,
    Equivalence.UNDECIDED: OutcomeStatus.UNKNOWN,
}


def outcomes_of_verdict(verdict: Verdict, default_place: Place) -> Outcomes:
    """Return the one outcome; a difference is an error."""
    original, rewritten = (source_path(name) or name for name in (verdict.original, verdict.rewritten))
    outcome = Outcome(
        rule=DIFFERENT_RESULTS,
        severity=Severity.ERROR,
        status=_STATUS[verdict.outcome],
        message=headline(verdict),
        key=join_key(rewritten, DIFFERENT_RESULTS, original),
        place=Place(verdict.rewritten),
        file=rewritten,
        detail=" ".join(detail_lines(verdict)),
    )
    return Outcomes(
        command=COMMAND,
        version=verdict.version,
        outcomes=(outcome,),
        default_place=default_place,
        fail_on=Severity.ERROR,
        inputs=(rewritten,),
    )
