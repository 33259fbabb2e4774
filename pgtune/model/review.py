"""The outcome of running all rules on one statement."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.model.finding import Finding, Note


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that could not be checked: that is not the same as clean."""

    rule: str
    missing: tuple[str, ...]  # kinds of evidence, as a person calls them


@dataclass(frozen=True, slots=True)
class Review:
    """Findings by falling share; minor ones are below the policy's smallest share."""

    findings: tuple[Finding, ...]
    minor: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    allowed: tuple[Finding, ...] = ()  # silenced by an allow comment
