"""Array literals are read and written as the server does."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgtune.parse.array_literal import read_array, write_array

texts = st.lists(
    st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=8
)


@given(texts)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_server_reads_and_writes_the_same(server: str, elements: list[str | None]) -> None:
    with psycopg.connect(server) as connection:
        row = connection.execute(
            "SELECT %s::text[], (%s::text[])::text", [write_array(elements), elements]
        ).fetchone()
    assert row is not None
    assert row[0] == elements
    assert read_array(row[1]) == tuple(elements)


@pytest.mark.parametrize("literal", ["", "{", "a", "{a", '{"a}', "{{a},{b}}", "{a;b"])
def test_anything_else_is_refused(literal: str) -> None:
    with pytest.raises(ValueError, match="no array literal"):
        read_array(literal)
