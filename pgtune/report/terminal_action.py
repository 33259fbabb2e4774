"""A proposed statement drawn for people: unwrapped and without borders, ready to copy."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from pgtune.model.action import Action
from pgtune.report.action_phrases import PROOFS
from pgtune.report.visible import visible, visible_line


def draw_action(number: int, action: Action, facts: Iterable[tuple[str, str]], console: Console) -> None:
    """Print the statement below its number and proof, and the facts below it as comments of SQL."""
    console.print()
    console.print(Text(f"-- [{number}] {PROOFS[action.proof]}", "dim"), soft_wrap=True)
    console.print(Text(visible(action.sql), "green"), soft_wrap=True)
    for word, fact in facts:
        console.print(Text(f"-- {word}: {visible_line(fact)}", "dim"), soft_wrap=True)
