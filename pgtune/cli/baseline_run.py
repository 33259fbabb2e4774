"""A command of pgtune in, what it finds without any baseline out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pgtune import __version__
from pgtune.errors import ServerError, UsageError
from pgtune.model.finding import Severity
from pgtune.model.outcome import Outcome, Outcomes, OutcomeStatus
from pgtune.model.place import Place
from pgtune.report.outcome_phrases import LEVELS
from pgtune.report.sarif import KEY_NAME

COMMANDS = ("equivalent", "explain", "pool-check", "suggest-indexes", "suggest-rewrites")
_OWN_OPTION = "--baseline"
_SEVERITIES = {level: severity for severity, level in LEVELS.items()}
_COULD_NOT_CHECK = 3


def run_for_baseline(command: Sequence[str], config: str | None) -> Outcomes:
    """Run the command in a process of its own, with its messages on our standard error.

    Raises:
        UsageError: it is no command that finds anything, or its usage is wrong.
        ServerError: it could not check.
    """
    _check(command)
    with tempfile.TemporaryDirectory(prefix="pgtune-baseline-") as folder:
        report = Path(folder) / "findings.sarif"
        more = ["--report", f"sarif={report}", _OWN_OPTION, os.devnull]
        if config is not None:
            more += ["--config", config]
        words = [sys.executable, "-m", "pgtune", command[0], *more, *command[1:]]
        done = subprocess.run(words, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - pgtune itself
        if done.returncode not in (0, 1):
            _refuse(command[0], done.returncode)
        return _outcomes(command[0], json.loads(report.read_text(encoding="utf-8")))


def _check(command: Sequence[str]) -> None:
    if command[0] not in COMMANDS:
        raise UsageError(f"{command[0]}: no command that has findings; use {', '.join(COMMANDS)}")
    if any(word.split("=")[0] == _OWN_OPTION for word in command):
        raise UsageError(f"{_OWN_OPTION}: behind the command; give it before {command[0]}")


def _refuse(name: str, code: int) -> None:
    message = f"{name}: ended with exit code {code}; mend that first, the baseline is as it was"
    raise ServerError(message) if code == _COULD_NOT_CHECK else UsageError(message)


def _outcomes(command: str, log: Mapping[str, Any]) -> Outcomes:
    """Read back what the SARIF report of the same pgtune says."""
    (run,) = log["runs"]
    (invocation,) = run["invocations"]
    unknown = (each for each in invocation["toolExecutionNotifications"] if "associatedRule" in each)
    return Outcomes(
        command=command,
        version=__version__,
        outcomes=(*map(_finding, run["results"]), *map(_unknown, unknown)),
        default_place=Place(command),
        fail_on=None,
        inputs=tuple(run["properties"]["inputs"]),
    )


def _finding(result: Mapping[str, Any]) -> Outcome:
    return Outcome(
        rule=result["ruleId"],
        severity=_SEVERITIES[result["level"]],
        status=OutcomeStatus.FOUND,
        message=result["message"]["text"].partition("\n")[0],
        key=result["partialFingerprints"][KEY_NAME],
        file=result["properties"]["file"],
    )


def _unknown(notification: Mapping[str, Any]) -> Outcome:
    rule = notification["associatedRule"]["id"]
    text = notification["message"]["text"]
    return Outcome(rule, Severity.INFO, OutcomeStatus.UNKNOWN, text, key=rule)
