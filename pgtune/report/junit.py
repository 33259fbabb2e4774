"""Outcomes in, JUnit XML out, for the test reports of CI systems.

There is no specification. GitLab reads ``classname`` and the text of an element, not its ``message``: so the
class is the rule and the text is in the body.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from pgtune.model.diagnosis import Failure
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.report.outcome_phrases import body, location
from pgtune.report.visible import visible, visible_line

_NOT_IN_XML = re.compile(r"[\ufffe\uffff]")  # what visible() leaves and XML 1.0 has no way to write


def render_junit(outcomes: Outcomes) -> str:
    """Return one suite; what does not fail the run is no failure here either."""
    suite = ET.Element("testsuite", name=f"pgtune {outcomes.command}")
    for outcome in outcomes.outcomes:
        _add_outcome(suite, outcome, outcomes)
    for failure in outcomes.failures:
        _add_failure(suite, failure, outcomes)
    suite.set("tests", str(len(suite)))
    for counted, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(counted, str(len(suite.findall(f"testcase/{tag}"))))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_outcome(suite: ET.Element, outcome: Outcome, outcomes: Outcomes) -> None:
    path, line = location(outcome.place, outcomes)
    case = ET.SubElement(
        suite, "testcase", classname=_text(outcome.rule), name=_line(outcome.key), file=_line(path)
    )
    text = _text(visible(f"{path}:{line}\n{body(outcome)}"))
    if outcomes.is_failing(outcome):
        found = ET.SubElement(case, "failure", type=str(outcome.severity), message=_line(outcome.message))
        found.text = text
    elif outcome.status in (OutcomeStatus.ACCEPTED, OutcomeStatus.UNKNOWN):
        ET.SubElement(case, "skipped", message=_line(outcome.reason or outcome.message)).text = text
    else:
        ET.SubElement(case, "system-out").text = text


def _add_failure(suite: ET.Element, failure: Failure, outcomes: Outcomes) -> None:
    path, _ = location(failure.source, outcomes)
    case = ET.SubElement(
        suite, "testcase", classname=outcomes.command, name=_line(str(failure.source)), file=_line(path)
    )
    error = ET.SubElement(case, "error", type="could not check", message=_line(failure.message))
    error.text = _text(visible(f"{failure.message}\n{failure.context}".rstrip()))


def _line(text: str) -> str:
    return _text(visible_line(text))


def _text(text: str) -> str:
    return _NOT_IN_XML.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
