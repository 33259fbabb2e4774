"""What `pgtune suggest-rewrites` found, whole."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.model.batch import LoopAdvice
from pgtune.model.rewrite import Idea, Rewrite
from pgtune.model.workload import SkippedStatement, WorkloadOrigin


@dataclass(frozen=True, slots=True)
class RefutedRewrite:
    """A rewrite of ours that the test refuted: a bug of the rule, shown so that it is reported."""

    name: str  # of the query
    rule: str
    sql: str
    difference: str


@dataclass(frozen=True, slots=True)
class Examined:
    """How much was looked at."""

    origin: WorkloadOrigin
    statements: int  # read
    examined: int  # parsed and planned
    skipped: tuple[SkippedStatement, ...] = ()
    loops_seen: int = 0


@dataclass(frozen=True, slots=True)
class RewriteAdvice:
    """Rewrites and loops, what pays most first."""

    version: str  # of pgtune
    server: str  # "PostgreSQL 18.6 (embedded)"
    examined: Examined
    rewrites: tuple[Rewrite, ...]
    loops: tuple[LoopAdvice, ...]
    ideas: tuple[Idea, ...] = ()
    refuted: tuple[RefutedRewrite, ...] = ()
    allowed: tuple[str, ...] = ()  # keys that a "-- pgtune: allow" silences
    remarks: tuple[str, ...] = ()
    seed: int = 0
