"""Files that are cut off or garbled: a fleet or one line that says what is wrong, never a traceback."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgtune.errors import InputError, PgtuneError
from pgtune.sources.fleet_files import FleetFiles, read_fleet
from tests.golden import read_cases

CASES = read_cases(Path(__file__).parent / "cases")
TEXTS = [(fence.info, fence.text) for case in CASES for fence in case.fences if fence.info != "fleet"]
MARKS = [
    "",
    " ",
    ":",
    "-",
    "\n",
    "\t",
    "{",
    "]",
    '"',
    "'",
    "&a",
    "*a",
    "<<: ",
    "$",
    "%",
    "0",
    "-1",
    "~",
    "é",
    "!!x ",
]
ROUNDS = 3  # chosen: seconds of them


def broken(text: str, chance: random.Random) -> Iterator[str]:
    """*text* cut off, with a part left out, with a mark put in, and with two lines swapped."""
    start, end = sorted((chance.randrange(len(text)), chance.randrange(len(text))))
    yield text[:start]
    yield text[:start] + text[end:]
    yield text[:start] + chance.choice(MARKS) + text[start + 1 :]
    lines = text.splitlines(keepends=True)
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    yield "".join(lines)


@pytest.mark.parametrize("kind", ["manifests", "values", "hpa", "compose", "env"])
def test_a_broken_file_is_read_or_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    chance = random.Random(kind)
    path = tmp_path / f"broken.{kind}"
    refused: list[str] = []
    for text in [text for info, text in TEXTS if info == kind for _ in range(ROUNDS)]:
        for changed in broken(text, chance):
            path.write_text(changed, encoding="utf-8")
            try:
                read_fleet(Path("/"), None, FleetFiles(**{kind: (str(path),)}))
            except PgtuneError as error:
                refused.append(str(error))
    assert refused
    assert [each for each in refused if "\n" in each or not each.startswith(str(path))] == []


def test_aliases_that_repeat_without_end_do_not_hang(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    levels = (f"l{number}: &l{number} {{a: *l{number - 1}, b: *l{number - 1}}}" for number in range(1, 60))
    path.write_text("replicaCount: 1\nl0: &l0 {x: 1}\n" + "\n".join(levels), encoding="utf-8")
    with pytest.raises(InputError, match="no pool"):
        read_fleet(Path("/"), None, FleetFiles(values=(str(path),)))
