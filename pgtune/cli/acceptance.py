"""The baseline that a run is seen through, and what is said about it on standard error."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pgtune.cli.screen import say
from pgtune.model.baseline import Acceptance, Baseline, BaselineEntry, accept
from pgtune.model.outcome import Outcomes
from pgtune.report.quantities import count_of
from pgtune.sources.baseline_file import read_baseline
from pgtune.sources.project_file import find_settings_file


@dataclass(frozen=True, slots=True)
class Known:
    """A baseline and the file that it stands in."""

    path: Path
    baseline: Baseline


def baseline_file(option: Path | None, setting: str | None, config: str | None) -> Path | None:
    """Return the file of the option, else of the settings, from whose directory it is named."""
    settings_file = find_settings_file(Path(), config)
    if option is not None or setting is None or settings_file is None:
        return option
    return Path(os.path.relpath(settings_file.parent / setting))


def read_known(option: Path | None, setting: str | None, config: str | None) -> Known | None:
    """Return the baseline of the option, else of the settings; None without either.

    Raises:
        InputError: it cannot be read.
    """
    path = baseline_file(option, setting, config)
    return None if path is None else Known(path, read_baseline(path))


def accept_known(outcomes: Outcomes, known: Known | None) -> Outcomes:
    """Mark what the baseline accepts, and say what of it has expired or is gone."""
    if known is None:
        return outcomes
    acceptance = accept(outcomes, known.baseline, datetime.now(UTC).date())
    _say(acceptance, known.path)
    return acceptance.outcomes


def _say(acceptance: Acceptance, path: Path) -> None:
    if acceptance.accepted:
        say(f"{_findings(acceptance.accepted)} accepted by {path}")
    for entry in acceptance.expired:
        say(f"{path}: {entry.key} was accepted until {entry.expires}; mend it or accept it again")
    if acceptance.stale:
        command = acceptance.outcomes.command
        found = count_of(len(acceptance.stale), "entry matches", "entries match")
        say(
            f"{path}: {found} nothing any more; drop what is gone: "
            f"pgtune baseline update --baseline {path} {command} ..."
        )


def _findings(entries: Sequence[BaselineEntry]) -> str:
    return count_of(len(entries), "finding", "findings")
