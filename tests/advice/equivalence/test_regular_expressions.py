"""Texts that are drawn for a regular expression match it, to a real server."""

from __future__ import annotations

import pytest

from pgtune.advice.equivalence.regular_expressions import is_matching, texts_matching
from pgtune.advice.equivalence.value_type import value_type
from tests.conftest import Database

TEXT = value_type("text")
PATTERNS = (
    r"^[a-z][a-z0-9_.-]*@example\.org$",
    r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
    r"^[[:alpha:]][[:alnum:]_]*$",
    r"^[[:upper:]]{2}\d{2}[A-Z0-9]{1,30}$",
    r"^[^[:space:]]+$",
    r"^\+?[0-9 ()-]{7,}$",
    r"^(a|bc)*d$",
    r"(\w+)-\1",
    r"\mfoo\M",
    r"(?i)^main (road|street)$",
    r"^\s*$",
    r"[]x]+",
    r"[a[\]b]c",
    r"^(((a*)*)*)*$",
    r"\.(jpe?g|png)$",
    r"^\d{4}-\d{2}-\d{2}$",
    r"x{2,}?y",
    r"^[a&&b]+[c||d]+[~~e]+[+--]+$",
)


@pytest.fixture(scope="module")
def any_database(server: str) -> Database:
    return Database("postgres", server)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_server_matches_what_is_drawn(pattern: str, any_database: Database) -> None:
    texts = texts_matching(pattern, TEXT)
    assert texts
    with any_database.connect() as connection:
        rows = connection.execute(
            "SELECT each FROM unnest(%s::text[]) each WHERE each !~ %s", [list(texts), pattern]
        ).fetchall()
    assert rows == []
    assert all(is_matching(text, pattern, ignore_case=False) in (True, None) for text in texts)


def test_texts_fit_the_type() -> None:
    assert {len(each) for each in texts_matching("^a{2,}$", value_type("character varying(3)"))} == {2, 3}
    assert texts_matching("^a{9}$", value_type("character(4)")) == ()


def test_signs_are_drawn_though_letters_are_more_frequent() -> None:
    drawn = "".join(texts_matching("^[a-zA-Z0-9_.-]+$", TEXT))
    assert set(drawn) >= set("_.-")


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "***=a.b", "*", "(?<!x", "\\"])
def test_what_python_cannot_read_gives_nothing(pattern: str) -> None:
    assert texts_matching(pattern, TEXT) == ()
    assert is_matching("abc", pattern, ignore_case=False) is None


def test_a_long_text_is_not_judged() -> None:
    assert is_matching("a" * 40 + "!", "^(a+)+$", ignore_case=False) is None
    assert is_matching("a" * 10 + "!", "^(a+)+$", ignore_case=False) is False


def test_letter_case() -> None:
    assert is_matching("ABC", "^abc$", ignore_case=True) is True
    assert is_matching("ABC", "^abc$", ignore_case=False) is False
