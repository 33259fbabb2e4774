"""Inline permission for a rule to fire: ``-- pgtune: allow rule-name reason``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allow:
    """One allow comment in a SQL file."""

    rule: str
    reason: str  # may be empty
    line: int  # 1-based, in the file
