"""Outcomes in, a GitLab code quality report out.

GitLab shows one finding of each fingerprint, and takes a changed fingerprint for a new finding.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes
from pgtune.report.outcome_phrases import body, location
from pgtune.report.visible import visible_line

_SEVERITIES = {Severity.INFO: "info", Severity.WARNING: "minor", Severity.ERROR: "major"}


def render_gitlab(outcomes: Outcomes) -> str:
    """Return the array of findings that are not accepted, ending in a newline; empty where there is none."""
    found = [_finding(outcome, outcomes) for outcome in outcomes.found]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _finding(outcome: Outcome, outcomes: Outcomes) -> Mapping[str, Any]:
    path, line = location(outcome.place, outcomes)
    named = f"{outcomes.command}:{outcome.key}".encode("utf-8", "backslashreplace")
    return {
        "description": body(outcome),
        "check_name": outcome.rule,
        "fingerprint": hashlib.sha256(named).hexdigest(),
        "severity": _SEVERITIES[outcome.severity],
        "location": {"path": visible_line(path), "lines": {"begin": line}},
    }
