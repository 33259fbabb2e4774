"""A rule as a value: its name, its documentation, what it needs and how to run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgtune.model.finding import Note, Severity, Symptom, Unknown

if TYPE_CHECKING:
    from pgtune.model.rewrite import Change  # its imports take 0.03 s

UNUSED_ALLOW = "unused-allow"  # the finding about an allow comment that silences nothing

Check = Callable[..., "Iterator[Symptom | Note | Unknown | Change]"]  # a rule about SQL yields Changes


@dataclass(frozen=True, slots=True)
class Need:
    """One kind of evidence that a rule takes; without a required one the rule is skipped."""

    type: type
    required: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One module below ``pgtune/rules``."""

    name: str  # the file name with dashes; reads well after "allow"
    doc: str  # the module's docstring
    severity: Severity
    needs: tuple[Need, ...]
    thresholds: Mapping[str, float]  # names and defaults of the check's keyword-only parameters
    check: Check

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc.strip().splitlines()[0]
