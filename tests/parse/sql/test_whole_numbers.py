"""Which constants are whole numbers that a column can hold."""

from __future__ import annotations

import pytest

from pgtune.parse.sql.statement import condition
from pgtune.parse.sql.whole_numbers import printed_whole, whole


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("500", 500),
        ("-500.00", -500),
        ("5e2", 500),
        ("'500'::numeric", 500),
        ("500::real", 500),
        ("500.5", None),
        ("9007199254740993::float8", None),
        ("16777217::real", None),
        ("9223372036854775808", None),
        ("$1::numeric", None),
        ("500::numeric(3, 1)", None),
    ],
)
def test_a_constant_is_the_whole_number_that_it_equals(sql: str, expected: int | None) -> None:
    assert whole(condition(sql)) == expected


@pytest.mark.parametrize("text", ["0500", "+5", "5.0", " 5", "-0", "", "٣", "40000"])
def test_smallint_prints_no_such_text(text: str) -> None:
    assert printed_whole(text, "smallint") is None


def test_a_printed_number_is_read_back() -> None:
    assert printed_whole("-32768", "smallint") == -32768
