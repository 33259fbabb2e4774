"""What other commands than `pgtune suggest-rewrites` say of rewrites, the same in every report."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from pgtune.model.diagnosis import RewritePointer
from pgtune.model.place import Place
from pgtune.model.rewrite import AppliedRule
from pgtune.model.rewrite_choice import RewriteChoice
from pgtune.report.index_advice_phrases import format_change
from pgtune.report.quantities import format_count

UNVERIFIED_HERE = "unverified here"  # the command that shows it compares no results
REWRITES_TITLE = "Rewrites instead or besides"
REWRITES_HINT = "`pgtune suggest-rewrites` writes the replacements, and tests that they mean the same."
_STDIN = "standard input"


def reason(applied: Iterable[AppliedRule]) -> str:
    """What is wrong with the statement as it is written: "NOT IN a sub-query cannot be joined"."""
    return "; ".join(dict.fromkeys(each.change.message for each in applied))


def pointer_line(pointer: RewritePointer, source: Place, beaten: Sequence[str]) -> str:
    """The pointer as a line; *beaten* are findings whose indexes save less, as the reader knows them."""
    before, after = pointer.cost_before, pointer.cost_after
    gain = f"planned cost {format_count(before)} → {format_count(after)} ({format_change(before, after)})"
    cheaper = f", cheaper than the index of {', '.join(beaten)}" if beaten else ""
    file = "-" if source.name == _STDIN else shlex.quote(source.name)
    command = f"`pgtune suggest-rewrites {file}` writes and tests it"
    return f"rewrite: {reason(pointer.applied)}; {gain}{cheaper}; {command}"


def costs_of(choice: RewriteChoice) -> tuple[float, float, float, float]:
    """Now, with the index, with the rewrite, with both."""
    return choice.cost_now, choice.cost_index, choice.cost_rewrite, choice.cost_both
