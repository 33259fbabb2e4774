"""A running shadow as its users see it: databases to ask, and what could not be restored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pgtune.embedded.account import ServerAccount


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of the snapshot that the shadow lacks, and why."""

    object: str  # "extension postgis", "statistics of public.orders.total"
    reason: str


@dataclass(frozen=True, slots=True)
class ShadowDatabase:
    """One copy of the snapshot; its tables have sizes and statistics, and no rows."""

    conninfo: str  # of a superuser
    planner_conninfo: str  # of the role that owns what was restored and has no other privilege
    data: Path  # data directory of the server
    account: ServerAccount | None  # who owns the files; None: the user who called us


@dataclass(frozen=True, slots=True)
class Shadow:
    """A throw-away server that plans as the server of the snapshot does."""

    version_num: int  # of the shadow's own PostgreSQL: 180006 = 18.6
    databases: tuple[ShadowDatabase, ...]  # equal copies, one for each worker
    left_out: tuple[LeftOut, ...]
    same_major: bool  # False: the server of the snapshot may plan otherwise
