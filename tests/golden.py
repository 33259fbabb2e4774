"""Golden Markdown: a case file is prose with fenced blocks, and the answers are stored in it.

    ## A title that states the fact
    ```plan
    Seq Scan on t ...
    ```
    ```findings
    node 1: what the rule says
    ```

``pytest --rewrite`` stores the actual answers in the files; read every line of that diff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_FENCE = re.compile(r"^```(\w[^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: ``info`` is the word behind the backticks, offsets are of its text in the file."""

    info: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Case:
    """One section of a case file."""

    path: Path
    title: str
    fences: tuple[Fence, ...]

    def text(self, info: str) -> str | None:
        """The text of the first block with that info word, None when the case has none."""
        fence = self.fence(info)
        return fence.text if fence else None

    def fence(self, info: str) -> Fence | None:
        return next((fence for fence in self.fences if fence.info.split()[0] == info), None)

    @property
    def id(self) -> str:
        return f"{self.path.stem}: {self.title}"


def read_cases(folder: Path) -> list[Case]:
    """All cases of all Markdown files in a folder, in order."""
    return [case for path in sorted(folder.glob("*.md")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[Case]:
    text = path.read_text(encoding="utf-8")
    starts = [match.start() for match in re.finditer(r"^## ", text, re.MULTILINE)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        title = text[start + 3 : text.index("\n", start)].strip()
        fences = tuple(
            Fence(match.group(1), match.group(2), match.start(2), match.end(2))
            for match in _FENCE.finditer(text, start, end)
        )
        if fences:
            yield Case(path, title, fences)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="store the actual answers in the golden files")


class Golden:
    """Compares an answer with the stored one, or stores it."""

    def __init__(self, *, rewrite: bool) -> None:
        self.rewrite = rewrite

    def check(self, case: Case, info: str, actual: str) -> None:
        fence = case.fence(info)
        assert fence is not None, f"{case.id} has no {info} block"
        if actual and not actual.endswith("\n"):
            actual += "\n"
        if self.rewrite and actual != fence.text:
            text = case.path.read_text(encoding="utf-8")
            # Earlier cases of the file may have been rewritten: find the block again by its title.
            fresh = next(c for c in _cases(case.path) if c.title == case.title).fence(info)
            assert fresh is not None
            case.path.write_text(text[: fresh.start] + actual + text[fresh.end :], encoding="utf-8")
            return
        assert actual == fence.text


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(rewrite=request.config.getoption("--rewrite"))
