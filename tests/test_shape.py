"""The shape of the source: small files, names that say something, packages without logic."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
MAX_LINES = 400
SAYS_NOTHING = {"utils", "helpers", "common", "misc", "base", "manager", "core"}
SOURCES = sorted((REPOSITORY / "pgtune").rglob("*.py"))
TESTS = sorted((REPOSITORY / "tests").rglob("*.py"))


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 100
    assert len(TESTS) > 20


def test_no_file_is_longer_than_a_reader_holds_in_mind() -> None:
    long = {
        str(path.relative_to(REPOSITORY)): lines
        for path in (*SOURCES, *TESTS)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


def test_every_module_has_a_name_that_says_what_is_in_it() -> None:
    parts = {
        part for path in (*SOURCES, *TESTS) for part in path.relative_to(REPOSITORY).with_suffix("").parts
    }
    assert parts & SAYS_NOTHING == set()


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.name == "__init__.py"],
    ids=lambda path: path.parent.name,
)
def test_a_package_holds_no_logic(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    constants = {ast.unparse(node).split(" = ")[0] for node in body if isinstance(node, ast.Assign)}
    assert [type(node).__name__ for node in body if not isinstance(node, ast.Expr | ast.Assign)] == []
    assert constants <= {"__version__"}
