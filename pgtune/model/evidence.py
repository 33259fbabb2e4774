"""What is known about one statement, looked up by type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The plan, the catalog and whatever else was found out; each type at most once."""

    items: tuple[object, ...]
    missing: Mapping[type, str] = field(default_factory=dict)  # why an item is not there, as a phrase

    def find(self, kind: type[T]) -> T | None:
        """Return the item of that type, None when it is not known."""
        return next((item for item in self.items if isinstance(item, kind)), None)
