"""What is known about one statement, looked up by type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The plan, the catalog and whatever else was found out; each type at most once."""

    items: tuple[object, ...]

    def find(self, kind: type[T]) -> T | None:
        """Return the item of that type, None when it is not known."""
        return next((item for item in self.items if isinstance(item, kind)), None)
