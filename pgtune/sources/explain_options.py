"""How to explain and what came of it; the EXPLAIN options that each server version knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GENERIC_PLAN_VERSION_NUM = 160000


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """How to explain."""

    analyze: bool = True
    serialize: bool = False  # measure the conversion of the result to text, 17 and later
    timeout_ms: int = 60_000  # 0 = none
    lock_timeout_ms: int = 5_000  # 0 = none
    allow_writes: bool = False
    generic_plan: bool = False  # plan without values, 16 and later; never executed
    settings: Mapping[str, str] = field(default_factory=dict)  # of this statement alone: {"work_mem": "64kB"}


@dataclass(frozen=True, slots=True)
class ExplainOutput:
    """What the server answered."""

    json_text: str  # EXPLAIN (FORMAT JSON) as sent
    notices: tuple[str, ...]  # "WARNING: ...", in order of arrival
    wall_ms: float  # of the last EXPLAIN, as the client saw it, round trip included
    executed: bool
    writes: bool  # it changes or locks rows: planned only, unless writes are allowed


def explain_prefix(version_num: int, options: ExplainOptions, *, analyze: bool, writes: bool) -> str:
    """Return ``EXPLAIN (...) `` with every option that the server's version knows."""
    wanted = (
        (True, "FORMAT JSON"),
        (True, "VERBOSE"),
        (version_num >= 120000, "SETTINGS"),
        (analyze, "ANALYZE"),
        (analyze, "BUFFERS"),
        (analyze and writes and version_num >= 130000, "WAL"),
        (options.generic_plan, "GENERIC_PLAN"),
        (version_num >= 170000, "MEMORY"),
        (analyze and options.serialize and version_num >= 170000, "SERIALIZE TEXT"),
        (analyze and version_num >= 190000, "IO"),
    )
    return f"EXPLAIN ({', '.join(option for use, option in wanted if use)}) "
