"""Numbers as people read them: times, blocks, shares, factors."""

from __future__ import annotations

from pgtune.model.buffers import BLOCK_BYTES

_UNITS = ("B", "kB", "MB", "GB", "TB")
_SECOND_MS = 1000.0
_MINUTE_MS = 60_000.0


def format_ms(ms: float) -> str:
    """Three significant digits or whole milliseconds: "0.042 ms", "41.3 ms", "4.13 s", "2 min 5 s"."""
    if ms < 10:
        return f"{ms:.3f} ms" if ms < 1 else f"{ms:.2f} ms"
    if ms < _SECOND_MS:
        return f"{ms:.1f} ms" if ms < 100 else f"{ms:.0f} ms"
    if ms < _MINUTE_MS:
        return f"{ms / _SECOND_MS:.2f} s" if ms < 10_000 else f"{ms / _SECOND_MS:.1f} s"
    minutes, seconds = divmod(round(ms / _SECOND_MS), 60)
    return f"{minutes} min {seconds} s"


def format_bytes(count: float) -> str:
    """Binary units as PostgreSQL spells them: "8 kB", "1.2 MB"."""
    for unit in _UNITS[:-1]:
        if count < 1024:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} {_UNITS[-1]}"


def format_blocks(blocks: int) -> str:
    """A number of blocks as the memory that they are; empty for none."""
    return format_bytes(blocks * BLOCK_BYTES) if blocks else ""


def format_count(count: float) -> str:
    """A number of rows or of cost units: "600", "12,345", "12 M", "1.5", "0.01"."""
    if count >= 10_000_000:
        return f"{count / 1_000_000:,.0f} M"
    if count >= 10 or count == int(count):
        return f"{count:,.0f}"
    return f"{count:.1f}" if count >= 0.1 else f"{count:.2g}"


def format_share(share: float) -> str:
    """A share as a percentage: "99 %", "0.4 %", "<0.1 %"."""
    percent = share * 100
    if percent >= 9.95:
        return f"{percent:.0f} %"
    if percent >= 0.05 or percent == 0:
        return f"{percent:.1f} %"
    return "<0.1 %"


def format_saving(saving_ms: float | None, share: float) -> str:
    """What a finding could save: "40.9 ms (99 %)", or the share alone when nothing was timed."""
    return (
        f"{format_ms(saving_ms)} ({format_share(share)})"
        if saving_ms is not None
        else f"{format_share(share)} of the cost"
    )


def format_factor(estimated: float, actual: float) -> str:
    """How far an estimate is off: "×12" more rows than estimated, "÷12" fewer; empty within a factor of 2."""
    estimated, actual = max(1.0, estimated), max(1.0, actual)
    if actual >= 2 * estimated:
        return f"×{actual / estimated:,.0f}"
    if estimated >= 2 * actual:
        return f"÷{estimated / actual:,.0f}"
    return ""


def count_of(count: float, one: str, several: str) -> str:
    """A number with its noun: "1 index", "1,200 indexes"."""
    return f"{format_count(count)} {one if count == 1 else several}"
