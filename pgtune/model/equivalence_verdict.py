"""What `pgtune equivalent` found, whole."""

from __future__ import annotations

from dataclasses import dataclass

from pgtune.model.equivalence import Outcome, TestReport
from pgtune.model.rewrite import DataCheck

EXIT_CODES = {Outcome.EQUAL: 0, Outcome.DIFFERENT: 1, Outcome.UNDECIDED: 3}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two files, and whether what is in them means the same."""

    version: str  # of pgtune
    original: str  # name of the file, or "standard input"
    rewritten: str
    schema: str  # where the tables come from: "schema.sql", "PostgreSQL 18.6 (embedded)"
    parameters: tuple[str, ...]  # names: $n is parameters[n - 1]
    test: TestReport
    data: DataCheck | None = None  # None: not asked for
    remarks: tuple[str, ...] = ()  # about the inputs and the schema

    @property
    def outcome(self) -> Outcome:
        """The worse of both checks; undecided when the data was asked for and could not be compared."""
        if self.test.outcome is Outcome.DIFFERENT or self.data is None:
            return self.test.outcome
        if self.data.is_equal is False:
            return Outcome.DIFFERENT
        return self.test.outcome if self.data.is_equal else Outcome.UNDECIDED

    @property
    def exit_code(self) -> int:
        """0 equal, 1 different, 3 undecided: could not check."""
        return EXIT_CODES[self.outcome]
