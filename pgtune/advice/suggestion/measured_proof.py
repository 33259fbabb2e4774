"""Index advice and what was measured of it in; the advice with that as its proof out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from pgtune.model.action import Proof
from pgtune.model.index_advice import IndexAdvice, Measurement, Recommendation, Verification

# Chosen: less than this is noise, in either direction.
FASTER_SHARE = 0.05
SLOWER_SHARE = 0.10
NOTICEABLE_MS = 1.0


def with_measurements(advice: IndexAdvice, verification: Verification) -> IndexAdvice:
    """Put what was measured into the advice.

    An index counts as measured when a query that is to use it ran faster. A query that ran slower is named in
    a remark.
    """
    measurements = verification.measurements
    faster = {each.query.number for each in measurements if _is_faster(each)}
    return replace(
        advice,
        recommendations=tuple(_proven(each, faster) for each in advice.recommendations),
        verification=verification,
        remarks=(*advice.remarks, *_slower(verification)),
    )


def _is_faster(measured: Measurement) -> bool:
    saved_ms = measured.before_ms - measured.after_ms
    did_less = measured.after_blocks < measured.before_blocks or saved_ms > NOTICEABLE_MS
    return did_less and saved_ms > measured.before_ms * FASTER_SHARE


def _proven(recommendation: Recommendation, faster: Collection[int]) -> Recommendation:
    gaining = (effect.query.number for effect in recommendation.effects if effect.change < 0)
    if not any(number in faster for number in gaining):
        return recommendation
    return replace(recommendation, action=replace(recommendation.action, proof=Proof.MEASURED))


def _slower(verification: Verification) -> Iterator[str]:
    for measured in verification.measurements:
        before_ms, after_ms = measured.before_ms, measured.after_ms
        if after_ms > before_ms * (1 + SLOWER_SHARE) and after_ms - before_ms > NOTICEABLE_MS:
            times = f"{before_ms:.3g} ms -> {after_ms:.3g} ms"
            yield f"{measured.query.name} ran slower with the new indexes: {times}"
