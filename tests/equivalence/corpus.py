"""The pairs of the corpus: SQL files with two statements under each comment that says what is to be found.

-- different: NOT IN finds nobody once the list holds a NULL
SELECT ...;
SELECT ...;
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgtune.parse.sql_split import read_script

HERE = Path(__file__).parent
_HEAD = re.compile(r"-- (?P<expected>equal|different): (?P<title>.+)")


@dataclass(frozen=True, slots=True)
class CorpusPair:
    """Two statements, and what is known of them."""

    schema: str
    expected: str  # "equal" or "different"; of the rules the word of their table
    title: str
    original: str
    rewritten: str

    @property
    def id(self) -> str:
        return f"{self.schema}: {self.title}"


def written_pairs() -> list[CorpusPair]:
    """The pairs of pairs/*.sql, by schema."""
    return [pair for path in sorted((HERE / "pairs").glob("*.sql")) for pair in _pairs(path)]


def _pairs(path: Path) -> Iterator[CorpusPair]:
    statements = read_script(path.read_text(encoding="utf-8")).statements
    for original, rewritten in zip(statements[::2], statements[1::2], strict=True):
        heads = [match for comment in original.comments if (match := _HEAD.fullmatch(comment.text))]
        assert len(heads) == 1, f"{path.name}:{original.line}: not one comment that says what is expected"
        assert not rewritten.comments, f"{path.name}:{rewritten.line}: a third statement, or a comment"
        yield CorpusPair(path.stem, heads[0]["expected"], heads[0]["title"], original.text, rewritten.text)


def rule_pairs() -> list[CorpusPair]:
    """Rules with their preconditions met and violated."""
    with (HERE / "rule_preconditions.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            CorpusPair(
                "rules",
                row["expected"],
                f"{row['rule']} ({row['precondition']})",
                row["original"],
                row["rewritten"],
            )
            for row in rows
        ]
