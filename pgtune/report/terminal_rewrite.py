"""A pointer to a rewrite, drawn for people below the findings of its statement."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from pgtune.model.diagnosis import Explained
from pgtune.model.finding import Finding
from pgtune.report.rewrite_pointer_phrases import UNVERIFIED_HERE, pointer_line
from pgtune.report.visible import visible, visible_line


def draw_pointer(
    explained: Explained, findings: Sequence[Finding], console: Console, *, with_sql: bool
) -> None:
    """Draw the pointer under the number after those of *findings*, which are numbered from 1."""
    pointer = explained.rewrite
    if pointer is None:
        return
    number = len(findings) + 1
    beaten = [f"[{position}]" for position, finding in enumerate(findings, 1) if pointer.beats(finding)]
    console.print()
    line = pointer_line(pointer, explained.source, beaten)
    console.print(Text(f"[{number}] {visible_line(line)}", "blue"))
    if with_sql:
        console.print(Text(f"-- [{number}] {UNVERIFIED_HERE}", "dim"), soft_wrap=True)
        console.print(Text(visible(pointer.sql), "green"), soft_wrap=True)
