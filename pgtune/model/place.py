"""Where something is written: a file of the user's and a line in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The place that a statement, a plan or a declaration comes from."""

    name: str  # file as the user wrote it, or "standard input"
    line: int | None = None  # 1-based; None when the file holds one thing

    def __str__(self) -> str:
        return self.name if self.line is None else f"{self.name}:{self.line}"
