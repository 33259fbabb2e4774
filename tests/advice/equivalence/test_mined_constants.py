"""What statements compare their columns with: cases in mined_constants.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgtune.parse.sql.constants import mined_constants
from pgtune.parse.sql.mined_constants import MinedConstants
from tests.golden import Case, Golden, read_cases

CASES = [case for case in read_cases(Path(__file__).parent) if case.path.name == "mined_constants.md"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_constants(case: Case, golden: Golden) -> None:
    statement = case.text("sql")
    assert statement is not None
    golden.check(case, "mined", "\n".join(lines(mined_constants([statement]))))


def lines(mined: MinedConstants) -> Iterator[str]:
    for name, texts in sorted({**mined.by_column, **mined.patterns, **mined.regular_expressions}.items()):
        yield f"{name}: {listed(mined.by_column.get(name, texts))}"
    for name, texts in sorted(mined.patterns.items()):
        yield f"{name} like: {listed(texts)}"
    for name, texts in sorted(mined.regular_expressions.items()):
        yield f"{name} ~: {listed(texts)}"
    for name, texts in sorted(mined.ambiguous.items()):
        yield f"{name} ambiguous: {listed(texts)}"
    for each in mined.conditions:
        words = "not " * each.negated + each.comparison.value
        yield f"{'must' if each.is_certain else 'may'}: {each.column} {words} {listed(each.values)}".rstrip()
    for member in mined.json_members:
        yield f"member: {member.column} {'.'.join(member.path)} {listed(member.values)}".rstrip()
    for names in mined.same:
        yield f"same: {listed(names)}"
    for number, names in sorted(mined.parameters.items()):
        yield f"${number}: {listed(names)}".rstrip()
    rest = {
        "loose": mined.loose_numbers | mined.loose_strings,
        "grouped": mined.grouped,
        "thresholds": map(str, mined.thresholds),
    }
    yield from (f"{name}: {shown}" for name, found in rest.items() if (shown := listed(found)))


def listed(texts: object) -> str:
    assert hasattr(texts, "__iter__")
    return ", ".join(sorted(map(str, texts)))


def test_the_conditions_of_two_statements_stay_apart() -> None:
    mined = mined_constants(["SELECT 1 FROM t WHERE a = 1", "SELECT 1 FROM t WHERE a = 2"])
    assert mined.by_column == {"a": frozenset({"1", "2"})}
    assert len({condition.group for condition in mined.conditions}) == 2


@pytest.mark.parametrize("statement", ["", "SELECT 'a", "(" * 3000 + "1" + ")" * 3000, "VACUUM t"])
def test_no_statement_is_too_strange(statement: str) -> None:
    mined_constants([statement])


def test_thousands_of_conditions_are_read() -> None:
    statement = "SELECT 1 FROM t WHERE " + " OR ".join(f"a = {number}" for number in range(3000))
    mined = mined_constants([statement])
    assert len(mined.by_column.get("a", mined.loose_numbers)) >= 3000
