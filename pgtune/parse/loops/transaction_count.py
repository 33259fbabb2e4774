"""BEGIN, COMMIT and their like in; the number of the transaction that is open out."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.parse.loops.turn_shape import TransactionControl


@dataclass(slots=True)
class TransactionCount:
    """The transactions of one session or file."""

    current: int | None = None  # None: every statement commits itself
    _begun: int = 0

    def take(self, control: TransactionControl) -> None:
        """Follow one statement; a BEGIN inside a transaction begins none."""
        if control is TransactionControl.END:
            self.current = None
        elif control is TransactionControl.BEGIN and self.current is None:
            self._begun += 1
            self.current = self._begun
