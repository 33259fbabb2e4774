"""A redacted snapshot keeps the shape of every column and no text of a row."""

from __future__ import annotations

import json
from itertools import pairwise

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgtune.analysis.made_up_text import TooManyTexts, by_bytes, by_letters, in_order, made_up_texts
from pgtune.analysis.redact_snapshot import redact_snapshot
from pgtune.model.names import RelationName
from pgtune.model.snapshot import ColumnStatistics, DatabaseLocale, Snapshot, StatementStatistics
from pgtune.parse.array_literal import read_array, write_array
from pgtune.sources.postgres import open_server
from tests.conftest import Database
from tests.postgres_server import embedded_binaries
from tests.sources.test_snapshot_file import FULL

T = RelationName("public", "t")
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.text(
    "ab_0", max_size=5
)
columns = st.lists(texts, min_size=1, max_size=60, unique=True)


def column(values: list[str] | None, bounds: list[str] | None = None, **more: object) -> ColumnStatistics:
    fields: dict[str, object] = {"type": "text", "type_category": "S", **more}
    return ColumnStatistics(
        T,
        "c",
        False,
        0.0,
        8,
        -0.5,
        None if values is None else write_array(values),
        None if values is None else tuple(1 / 2**rank for rank in range(len(values))),
        None if bounds is None else write_array(bounds),
        **fields,  # type: ignore[arg-type]
    )


def redacted(*statistics: ColumnStatistics) -> tuple[ColumnStatistics, ...]:
    snapshot = Snapshot(
        pgtune_version="0",
        taken_at=FULL.taken_at,
        version_num=180000,
        database="d",
        settings={},
        extensions=(),
        ddl=(),
        relations=(),
        statistics=statistics,
    )
    return redact_snapshot(snapshot).statistics


def values(literal: str | None) -> list[str]:
    assert literal is not None
    return [value for value in read_array(literal) if value is not None]


@given(st.lists(columns, min_size=1, max_size=4))
@settings(deadline=None)
def test_no_text_of_more_than_three_characters_is_left(stored: list[list[str]]) -> None:
    found = redacted(*(column(one[:5], sorted(one[5:])) for one in stored))
    left = [
        text for one in found for text in (*values(one.most_common_values), *values(one.histogram_bounds))
    ]
    for text in (text for one in stored for text in one if len(text) > 3):
        assert not any(text in made_up for made_up in left)


@given(columns)
@settings(deadline=None)
def test_number_length_order_and_frequencies_stay(stored: list[str]) -> None:
    before = column(stored[:9], sorted(stored[9:]))
    (after,) = redacted(before)
    old = values(before.most_common_values) + values(before.histogram_bounds)
    new = values(after.most_common_values) + values(after.histogram_bounds)
    assert after.most_common_frequencies == before.most_common_frequencies
    assert len(set(new)) == len(new) == len(old)
    by_rank = [made_up for _, made_up in sorted(zip(old, new, strict=True))]
    assert by_rank == sorted(by_rank)
    if all(len(text) > 2 for text in old):
        assert [len(text) for text in new] == [len(text) for text in old]


def test_short_codes_keep_length_and_order() -> None:
    (after,) = redacted(column(["N", "R", "A", ""]))
    assert [len(text) for text in values(after.most_common_values)] == [1, 1, 1, 0]
    made = dict(zip(["N", "R", "A", ""], values(after.most_common_values), strict=True))
    assert sorted(made, key=lambda text: made[text]) == ["", "A", "N", "R"]


def test_bounds_keep_the_servers_order_whatever_the_collation() -> None:
    bounds = ["apple", "Banana", "cherry", "Étude", "zebra"]  # as German sorts
    (after,) = redacted(column(["Blueberry"], bounds))
    made = values(after.histogram_bounds)
    assert made == sorted(made)


def test_other_texts_are_put_between_the_bounds() -> None:
    assert in_order(["a", "C", "e"], ["b", "d", "F"], by_letters) == ("a", "b", "C", "d", "e", "F")
    assert in_order(["C", "a"], ["B", "b", "a"], by_bytes) == ("B", "C", "a", "b")


def test_more_texts_than_codes_are_left_out() -> None:
    many = [f"{number:06d}" for number in range(50_000)]
    with pytest.raises(TooManyTexts):
        made_up_texts(many, "_")
    (after,) = redacted(column(many[:50], many))
    assert (after.most_common_values, after.most_common_frequencies, after.histogram_bounds) == (
        None,
        None,
        None,
    )
    assert after.n_distinct == -0.5


@pytest.mark.parametrize(
    ("type_", "category", "literal"),
    [
        ("integer", "N", "{1,2}"),
        ("date", "D", "{2026-01-01}"),
        ("uuid", "U", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"),
        ("order_status", "E", "{new,paid}"),
        ("boolean[]", "B", '{"{t,f}"}'),
        ("int4range", "R", '{"[1,5)"}'),
    ],
)
def test_numbers_times_enums_and_uuids_stay(type_: str, category: str, literal: str) -> None:
    before = ColumnStatistics(T, "c", False, 0, 4, 2, literal, (1.0,), type=type_, type_category=category)
    assert redacted(before) == (before,)


@pytest.mark.parametrize(
    ("type_", "category", "literal"),
    [
        ("inet", "I", "{10.0.0.1}"),
        ("bytea", "U", '{"\\\\x00"}'),
        ("name_and_age", "C", '{"(Bob,3)"}'),
        (None, None, "{a}"),
    ],
)
def test_values_that_cannot_be_made_up_are_left_out(
    type_: str | None, category: str | None, literal: str
) -> None:
    before = ColumnStatistics(T, "c", False, 0.5, 4, 2, literal, (1.0,), type=type_, type_category=category)
    (after,) = redacted(before)
    assert (after.most_common_values, after.most_common_frequencies) == (None, None)
    assert (after.null_fraction, after.avg_width, after.n_distinct) == (0.5, 4, 2)


def test_statements_lose_what_users_wrote() -> None:
    statement = StatementStatistics(1, "SELECT 'Bob' /* for Bob */ FROM t WHERE n = $1", 1, 1.0, 1)
    snapshot = redact_snapshot(
        Snapshot("0", FULL.taken_at, 180000, "d", {}, (), ("SELECT 1",), (), (), statements=(statement,))
    )
    assert snapshot.statements[0].text == "SELECT '***'   FROM t WHERE n = $1"
    assert (snapshot.redacted, snapshot.ddl) == (True, ("SELECT 1",))


def test_byte_order_goes_by_the_databases_collation() -> None:
    upper_first = redact_snapshot(snapshot_in(DatabaseLocale(collate="C")))
    letters_first = redact_snapshot(snapshot_in(DatabaseLocale(provider="i", collate="C", locale="en-US")))
    assert rank_of_first(upper_first) == 0
    assert rank_of_first(letters_first) == 1


def snapshot_in(locale: DatabaseLocale) -> Snapshot:
    statistics = (column(["Bbbb", "aaaa"]),)
    return Snapshot("0", FULL.taken_at, 180000, "d", {}, (), (), (), statistics, locale=locale)


def rank_of_first(snapshot: Snapshot) -> int:
    made = values(snapshot.statistics[0].most_common_values)
    return sorted(made).index(made[0])


def test_every_type_of_a_real_server_is_still_valid_and_holds_nothing(database: Database) -> None:
    database.execute(
        "CREATE DOMAIN mail AS text; CREATE EXTENSION citext;"
        "CREATE TABLE people AS SELECT ('name ' || i % 7)::varchar(20) AS name,"
        " ('Secret' || i % 5)::mail AS mail,"
        " ('Ünïcode' || i % 3)::citext AS city, jsonb_build_object('secret', 'word' || i % 4) AS data,"
        " ARRAY['secret' || i % 6, 'tag' || i] AS tags,"
        " to_tsvector('simple', 'secretly writtén ' || i % 9) AS words,"
        " ('secret' || i % 8)::char(12) AS code, i AS n FROM generate_series(1, 2000) AS i; ANALYZE people"
    )
    with open_server(database.conninfo) as server:
        snapshot = server.snapshot(embedded_binaries())
    people = [one for one in snapshot.statistics if one.relation.name == "people"]
    after = [one for one in redact_snapshot(snapshot).statistics if one.relation.name == "people"]
    assert [one.column for one in after] == ["name", "mail", "city", "data", "tags", "words", "code", "n"]
    for old, new in zip(people, after, strict=True):
        shown = json.dumps([new.most_common_values, new.histogram_bounds, new.most_common_elements])
        assert not any(
            word in shown.lower() for word in ("secret", "name ", "ünïcode", "word", "writt", "tag")
        )
        for was, now in zip(arrays(old), arrays(new), strict=True):
            assert (was is None) == (now is None)
            assert was is None or now is None or len(read_array(was)) == len(read_array(now))
    by_name = {one.column: one for one in after}
    assert by_name["words"].most_common_elements is not None
    assert by_name["tags"].most_common_elements is not None
    assert by_name["n"] == people[-1]
    with psycopg.connect(database.conninfo) as connection:
        for name, kind in (("name", "varchar"), ("city", "citext"), ("data", "jsonb"), ("tags", "text")):
            for literal in filter(None, arrays(by_name[name])):
                connection.execute(f"SELECT %s::{kind}[]".encode(), [literal])
        rows = connection.execute(
            "SELECT lexeme FROM unnest(%s::text[]) AS lexeme", [by_name["words"].most_common_elements]
        ).fetchall()
    lexemes = [str(row[0]) for row in rows]
    assert all((len(one), one) < (len(two), two) for one, two in pairwise(lexemes))


def arrays(one: ColumnStatistics) -> tuple[str | None, ...]:
    return one.most_common_values, one.histogram_bounds, one.most_common_elements
