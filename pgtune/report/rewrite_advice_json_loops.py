"""A loop with its batch as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgtune.model.batch import Batch, BatchTiming, LoopAdvice
from pgtune.model.loop import Loop, Parent
from pgtune.report.rewrite_advice_loops import is_offered
from pgtune.report.rewrite_advice_where import where_of_loop

MS_DIGITS = 3
RATE_DIGITS = 4  # of rows and round trips for each row or turn


def loop_to_json(advice: LoopAdvice, test: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the loop, its batch and *test*, the report of their test."""
    return {
        "key": advice.key,
        "rule": advice.rule,
        "severity": str(advice.severity),
        "message": advice.message,
        "where": where_of_loop(advice.loop),
        "label": advice.label.value,
        "is_offered": is_offered(advice),
        "loop": _loop(advice.loop),
        "batch": None if advice.batch is None else _batch(advice.batch),
        "others": [_batch(batch) for batch in advice.others],
        "refused": advice.refused,
        "test": test,
        "timings": [_timing(timing) for timing in advice.timings],
        "saved_round_trips": advice.saved_round_trips,
        "saved_ms": _rounded(advice.saved_ms, MS_DIGITS),
    }


def _loop(loop: Loop) -> Mapping[str, Any]:
    """The loop without the values of its turns: a log's are not for every reader."""
    return {
        "origin": loop.origin.value,
        "is_sure": loop.is_sure,
        "text": loop.text,
        "fingerprint": loop.fingerprint,
        "turns": loop.turns,
        "runs": loop.runs,
        "transaction": loop.transaction.value,
        "total_ms": _rounded(loop.total_ms, MS_DIGITS),
        "gap_ms": _rounded(loop.gap_ms, MS_DIGITS),
        "rows_per_turn": _rounded(loop.rows_per_turn, RATE_DIGITS),
        "queries_per_s": _rounded(loop.queries_per_s, RATE_DIGITS),
        "parent": None if loop.parent is None else _parent(loop.parent),
        "cycle": list(loop.cycle),
        "differs": loop.differs,
    }


def _parent(parent: Parent) -> Mapping[str, Any]:
    return {
        "text": parent.text,
        "place": parent.place,
        "column": parent.column,
        "parameter": parent.parameter,
    }


def _batch(batch: Batch) -> Mapping[str, Any]:
    return {
        "form": batch.form.value,
        "sql": batch.sql,
        "rows_per_call": batch.rows_per_call,
        "conditions": list(batch.conditions),
        "cautions": list(batch.cautions),
        "tested_sql": None if batch.pair is None else batch.pair.batch,
        "calls": dict(batch.calls or {}),
    }


def _timing(timing: BatchTiming) -> Mapping[str, Any]:
    return {
        "way": timing.way,
        "rows_per_s": round(timing.rows_per_s, RATE_DIGITS),
        "round_trips_per_row": round(timing.round_trips, RATE_DIGITS),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
