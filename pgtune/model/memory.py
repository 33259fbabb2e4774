"""From what sorts, hashes and tuple stores used to the work_mem that would have sufficed; sizes in kB.

The constants were measured on PostgreSQL 15.18 and 18.6: the same rows with and without spilling, eight
row shapes from one integer to 1,000 bytes, and the smallest work_mem that kept them in memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pgtune.model.action import Action
from pgtune.model.catalog import Catalog
from pgtune.model.charge import ChargedPlan
from pgtune.model.plan import Plan, PlanNode

# A sorted row in memory is its form on disk plus array slot, chunk and tuple header: 9 to 38 bytes more
# in 18.6, 12 to 59 in 15.18; measured.
SORTED_ROW_OVERHEAD_BYTES = 60
# The same of a tuple store (18 only: earlier versions do not print it): 20 to 30 bytes; measured.
STORED_ROW_OVERHEAD_BYTES = 32
# The narrowest row takes this much in a tuple store's file: 20.1 bytes; measured.
STORED_ROW_MIN_BYTES = 20
# A row in a hash table: HJTUPLE_OVERHEAD and the header of a minimal tuple (nodeHash.c,
# ExecChooseHashTableSize, 15 and 18), the values, each rounded up to eight bytes, and a bucket pointer.
_HASHED_ROW_HEADER_BYTES = 16
_BUCKET_BYTES = 8
_MIN_BUCKETS = 1024
# The planner keeps 2 % for skewed values; need was 0.92 to 1.03 of the formula; measured.
_HASH_SLACK = 1.05

# From 15; taken where the version is not known, as 14, the last with another one, is out of support.
DEFAULT_HASH_MEM_MULTIPLIER = 2.0
_HASH_MEM_MULTIPLIER_BEFORE_15 = 1.0  # 13 and 14; 12 has no such setting and hashes in work_mem

MAX_WORK_MEM_KB = 1024 * 1024  # above, the query should do less rather than get more; chosen

_UNITS_KB = {"B": 1 / 1024, "kB": 1.0, "MB": 1024.0, "GB": 1024.0**2, "TB": 1024.0**3}
_SETTING = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?B)?\s*")


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """The settings that limit one sort or hash."""

    work_mem_kb: int | None  # None = not known
    hash_mem_multiplier: float


@dataclass(frozen=True, slots=True)
class WorkMemAdvice:
    """The work_mem that would have sufficed, as sentences and as SQL."""

    work_mem_kb: int
    hint: str
    action: Action | None  # None when that is more than a server should spare


def memory_settings(plan: Plan, catalog: Catalog | None) -> MemorySettings:
    """What the statement ran with, as far as the plan (SETTINGS) or the server says it."""
    known = {**(catalog.settings if catalog is not None else {}), **plan.settings}
    return MemorySettings(parse_kb(known.get("work_mem", "")), _multiplier(known, catalog))


def _multiplier(known: Mapping[str, str], catalog: Catalog | None) -> float:
    try:
        return max(1.0, float(known["hash_mem_multiplier"]))
    except (KeyError, ValueError):
        old = catalog is not None and catalog.version_num < 150000
        return _HASH_MEM_MULTIPLIER_BEFORE_15 if old else DEFAULT_HASH_MEM_MULTIPLIER


def parse_kb(setting: str) -> int | None:
    """A memory setting as SHOW prints it, in kB; a bare number is kB; None when it is no size."""
    match = _SETTING.fullmatch(setting)
    return round(float(match[1]) * _UNITS_KB[match[2] or "kB"]) if match else None


def format_kb(kb: float) -> str:
    """A size for people: ``27 kB``, ``4.1 MB``, ``1.5 GB``."""
    if kb < 1000:
        return f"{kb:.0f} kB"
    if kb < 1000 * 1024:
        megabytes = kb / 1024
        return f"{megabytes:.1f} MB" if megabytes < 10 else f"{megabytes:.0f} MB"
    return f"{kb / 1024**2:.1f} GB"


def format_setting(kb: int) -> str:
    """A size as a setting takes it: ``256kB``, ``24MB``."""
    return f"{kb}kB" if kb % 1024 else f"{kb // 1024}MB"


def sorted_kb(disk_kb: float, rows: float) -> float:
    """Memory that sorts in one process the ``rows`` that took ``disk_kb`` in its temporary file."""
    return disk_kb + rows * SORTED_ROW_OVERHEAD_BYTES / 1024


def stored_kb(disk_kb: float, rows: float) -> float:
    """Memory that keeps a tuple store which took ``disk_kb`` in its temporary file; at most ``rows`` rows."""
    rows = min(rows, disk_kb * 1024 / STORED_ROW_MIN_BYTES)
    return disk_kb + rows * STORED_ROW_OVERHEAD_BYTES / 1024


def hash_table_kb(rows: float, width: int) -> float:
    """Memory of a hash join's table with that many rows of ``width`` bytes in one batch."""
    row_bytes = _HASHED_ROW_HEADER_BYTES + _aligned(_HASHED_ROW_HEADER_BYTES) + _aligned(width)
    buckets = max(_MIN_BUCKETS, 1 << math.ceil(math.log2(max(1.0, rows))))
    return _HASH_SLACK * (rows * row_bytes + buckets * _BUCKET_BYTES) / 1024


def _aligned(width: int) -> int:
    return (width + 7) // 8 * 8


def spill_saving(plan: ChargedPlan, node: PlanNode, fraction: float) -> float:
    """Share of the statement that goes when the node no longer spills.

    That is ``fraction`` of the node's own part, or its time for temporary files where that was measured
    and is more (it is a sum over processes, so never more than the node's part).
    """
    buffers = plan.charge(node).own_buffers
    waited = plan.share_of_ms(buffers.temp_read_ms + buffers.temp_write_ms)
    return max(fraction * plan.share(node), min(waited, plan.share(node)))


def suggest_work_mem(needed_kb: float, settings: MemorySettings) -> WorkMemAdvice:
    """What to set so that a sort or tuple store of ``needed_kb`` stays in memory."""
    return _advice(_round_up(needed_kb, settings), "each sort and hash may take as much")


def suggest_hash_mem(needed_kb: float, settings: MemorySettings) -> WorkMemAdvice:
    """What to set so that a hash of ``needed_kb`` stays in memory: it may take a multiple of work_mem."""
    multiplier = settings.hash_mem_multiplier
    if multiplier == 1.0:
        return suggest_work_mem(needed_kb, settings)
    return _advice(
        _round_up(needed_kb / multiplier, settings),
        f"each sort may take as much, each hash {multiplier:g} times that (hash_mem_multiplier)",
    )


def _round_up(needed_kb: float, settings: MemorySettings) -> int:
    """A setting of at most two digits; at least twice the present one, which did not suffice."""
    if settings.work_mem_kb is not None and needed_kb <= settings.work_mem_kb:
        needed_kb = 2.0 * settings.work_mem_kb
    if needed_kb <= 1024:
        return 64 * math.ceil(needed_kb / 64)
    megabytes = math.ceil(needed_kb / 1024)
    step = int(10.0 ** max(0, len(str(megabytes)) - 2))
    return 1024 * step * math.ceil(megabytes / step)


def _advice(work_mem_kb: int, caution: str) -> WorkMemAdvice:
    setting = format_setting(work_mem_kb)
    if work_mem_kb > MAX_WORK_MEM_KB:
        hint = f"Read fewer rows or narrower ones: it would take work_mem = {setting} to stay in memory."
        return WorkMemAdvice(work_mem_kb, hint, None)
    hint = f"Set work_mem to {setting} for this statement or its role, not for the server: {caution}."
    return WorkMemAdvice(work_mem_kb, hint, Action(f"SET work_mem = '{setting}';", undo="RESET work_mem;"))
