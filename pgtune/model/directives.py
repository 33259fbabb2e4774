"""What a SQL file says to pgtune about one statement, in comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pgtune.model.allow import Allow


@dataclass(frozen=True, slots=True)
class Directives:
    """The ``-- pgtune: ...`` comments of one statement."""

    allows: tuple[Allow, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)  # SET LOCAL: {"work_mem": "64kB"}
    params: Mapping[str, str | None] = field(default_factory=dict)  # where --param gives none; None = NULL
    trips: tuple[str, ...] = ()  # rules that the statement is an example of
    needs: tuple[str, ...] = ()  # "allow-writes": without it the example shows less
    calls: float | None = None  # how often it runs, beside the other statements; None: not said
