"""Names are quoted as the server quotes them."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgtune.model.names import quote_ident

identifiers = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.text('abcXYZ_019$" .é', min_size=1, max_size=8),
    st.sampled_from(["user", "order", "name", "value", "between", "int", "offset", "public", "_x", "9a", ""]),
)


@given(st.lists(identifiers, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_quoting_agrees_with_the_servers_quote_ident(server: str, names: list[str]) -> None:
    with psycopg.connect(server) as connection:
        rows = connection.execute(
            "SELECT quote_ident(name) FROM unnest(%s::text[]) AS name", [names]
        ).fetchall()
    assert [quote_ident(name) for name in names] == [row[0] for row in rows]


def test_every_keyword_is_quoted_as_the_server_quotes_it(server: str) -> None:
    with psycopg.connect(server) as connection:
        if connection.info.server_version // 10000 != 18:
            pytest.skip("the list of keywords is that of PostgreSQL 18")
        rows = connection.execute("SELECT word, quote_ident(word) FROM pg_get_keywords()").fetchall()
    assert {word: quote_ident(word) for word, _ in rows} == dict(rows)
