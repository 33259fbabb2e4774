"""From when on like statements are a loop."""

from __future__ import annotations

from dataclasses import dataclass

MIN_TURNS = 5  # in one run; chosen
MIN_DISTINCT = 3  # tuples of values; fewer is polling, or a cache that is missing; chosen
MIN_RUN_MS = 50.0  # from the begin of a run to its end, the client's time included; chosen
MIN_TURNS_IN_LOG = 100  # of one statement in runs: then it is a loop however short they are; chosen
MAX_GAP_MS = 500.0  # a longer pause between two turns: another request, or a human; chosen
MAX_PERIOD = 4  # statements that take turns: A B C D A B C D; chosen


@dataclass(frozen=True, slots=True)
class LoopLimits:
    """What a run of like statements needs to be reported."""

    min_turns: int = MIN_TURNS
    min_run_ms: float = MIN_RUN_MS  # of logs; a file has no times
    min_turns_in_log: int = MIN_TURNS_IN_LOG


DEFAULT_LIMITS = LoopLimits()
