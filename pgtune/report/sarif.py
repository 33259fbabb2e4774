"""Outcomes in, SARIF 2.1.0 out, for code scanning.

GitHub refuses a whole file in which one result has no location, and takes at most 25,000 results of a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pgtune.model.diagnosis import Failure
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place
from pgtune.report.outcome_phrases import LEVELS, body, location
from pgtune.report.quantities import count_of
from pgtune.report.rule_help import RuleHelp, rule_help
from pgtune.report.visible import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
KEY_NAME = "pgtuneKey/v1"  # of the fingerprint; raised when keys are made otherwise
MAX_RESULTS = 25_000  # GitHub's
ROOT = "%SRCROOT%"

_Json = Mapping[str, Any]


def render_sarif(outcomes: Outcomes) -> str:
    """Return one log with one run, ending in a newline; findings by falling severity."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(outcomes)]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(outcomes: Outcomes) -> _Json:
    found = sorted((each for each in outcomes.outcomes if each.is_finding), key=lambda each: -each.severity)
    shown = found[:MAX_RESULTS]
    unknown = [each for each in outcomes.outcomes if each.status is OutcomeStatus.UNKNOWN]
    rules = rule_help(frozenset(each.rule for each in (*found, *unknown)))
    positions = {rule.name: position for position, rule in enumerate(rules)}
    driver = {"name": "pgtune", "version": outcomes.version, "rules": [_rule(rule) for rule in rules]}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"pgtune/{outcomes.command}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The directory that pgtune ran in."}}},
        "invocations": [_invocation(outcomes, len(found) - len(shown))],
        "results": [_result(each, outcomes, positions[each.rule]) for each in shown],
        "properties": {"command": outcomes.command, "inputs": [visible(name) for name in outcomes.inputs]},
    }


def _rule(rule: RuleHelp) -> _Json:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.about},
        "help": {"text": rule.text, "markdown": rule.markdown},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": ["postgresql"]},
    }


def _invocation(outcomes: Outcomes, left_out: int) -> _Json:
    notifications = [_failure(failure, outcomes) for failure in outcomes.failures]
    notifications += [_unknown(each) for each in outcomes.outcomes if each.status is OutcomeStatus.UNKNOWN]
    if left_out:
        text = (
            f"Left out: {count_of(left_out, 'finding', 'findings')} beyond {MAX_RESULTS:,}, the least severe."
        )
        notifications.append({"level": "warning", "message": {"text": text}})
    return {"executionSuccessful": not outcomes.failures, "toolExecutionNotifications": notifications}


def _failure(failure: Failure, outcomes: Outcomes) -> _Json:
    text = visible(f"{failure.source}: {failure.message}")
    return {
        "level": "error",
        "message": {"text": text},
        "locations": _locations(failure.source, outcomes),
    }


def _unknown(outcome: Outcome) -> _Json:
    return {"level": "note", "message": {"text": body(outcome)}, "associatedRule": {"id": outcome.rule}}


def _result(outcome: Outcome, outcomes: Outcomes, rule_index: int) -> _Json:
    return {
        "ruleId": outcome.rule,
        "ruleIndex": rule_index,
        "level": LEVELS[outcome.severity],
        "message": {"text": body(outcome)},
        "locations": _locations(outcome.place, outcomes),
        "partialFingerprints": {KEY_NAME: visible(outcome.key)},
        "suppressions": list(_suppressions(outcome)),
        "properties": {"file": None if outcome.file is None else visible(outcome.file)},
    }


def _suppressions(outcome: Outcome) -> Iterator[_Json]:
    if outcome.status is OutcomeStatus.ACCEPTED:
        yield {"kind": "external", "status": "accepted", "justification": visible(outcome.reason)}


def _locations(place: Place | None, outcomes: Outcomes) -> Sequence[_Json]:
    path, line = location(place, outcomes)
    artifact = {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": ROOT}
    return [{"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}]
