"""Values that tell statements apart are drawn: runs, ranges, members of JSON, and rows that join."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import islice, pairwise

import pytest

from pgtune.advice.equivalence.databases import test_databases
from pgtune.model.equivalence import Row
from pgtune.model.names import RelationName
from pgtune.model.test_schema import TestColumn, TestDatabase, TestSchema, TestTable
from pgtune.parse.sql.constants import mined_constants
from tests.advice.equivalence.order_tables import LINES, SCHEMA, column

test_databases.__test__ = False  # type: ignore[attr-defined]

STAYS = RelationName("public", "stays")
PRICES = RelationName("public", "prices")


def stays(*columns: TestColumn, checks: tuple[str, ...] = ()) -> TestTable:
    return TestTable(STAYS, columns, checks=checks)


def drawn(statement: str, schema: TestSchema, count: int = 400) -> list[TestDatabase]:
    return list(islice(test_databases(schema, mined_constants([statement]), [], 0), count))


def rows_of(database: TestDatabase, name: RelationName = STAYS) -> tuple[Row, ...]:
    return next(table.rows for table in database.tables if table.relation == name)


def values_of(databases: list[TestDatabase]) -> set[str | None]:
    return {value for database in databases for (value,) in rows_of(database)}


def longest_run(days: set[date]) -> int:
    longest, length = min(len(days), 1), 1
    for day, following in pairwise(sorted(days)):
        length = length + 1 if following - day == timedelta(days=1) else 1
        longest = max(longest, length)
    return longest


@pytest.mark.parametrize(
    "condition",
    ["a.day = b.day + 1", "a.day = b.day + 1 AND a.day >= '2024-02-28'", "a.day < '2024-03-02'"],
)
def test_days_follow_each_other_where_conditions_hold(condition: str) -> None:
    schema = TestSchema((stays(column("day", "date", "D")),))
    runs = drawn(f"SELECT 1 FROM stays a, stays b WHERE {condition}", schema)
    lengths = []
    for database in (each for each in runs if each.kind == "consecutive values"):
        days = {date.fromisoformat(day) for (day,) in rows_of(database) if day is not None}
        if ">=" in condition:
            days = {day for day in days if day >= date(2024, 2, 28)}
        elif "<" in condition:
            days = {day for day in days if day < date(2024, 3, 2)}
        lengths.append(longest_run(days))
    assert lengths
    assert sum(length >= 3 for length in lengths) * 2 > len(lengths)


def test_numbers_follow_each_other() -> None:
    schema = TestSchema((stays(column("id", "smallint", not_null=True)),))
    runs = drawn("SELECT 1 FROM stays WHERE id > 32760", schema)
    numbers = [
        {int(number) for (number,) in rows_of(database) if number}
        for database in runs
        if database.kind == "consecutive values"
    ]
    hits = [each for each in numbers if any({n, n + 1, n + 2} <= each for n in each)]
    assert len(hits) * 2 > len(numbers)
    assert max(max(each) for each in numbers) <= 32767


@pytest.mark.parametrize(
    ("kind", "literal", "wanted"),
    [
        ("daterange", "'2024-05-01'::date", {'["2024-05-01","2024-05-01"]', '(,"2024-05-01")'}),
        ("int4range", "5", {'["5","5"]', '["5",)', '(,"5")'}),
    ],
)
def test_ranges_begin_and_end_at_the_literal(kind: str, literal: str, wanted: set[str]) -> None:
    schema = TestSchema((stays(column("during", kind, "R")),))
    assert wanted <= values_of(drawn(f"SELECT 1 FROM stays WHERE during @> {literal}", schema))


def test_members_of_json_have_the_numbers_beside_the_literal() -> None:
    schema = TestSchema((stays(column("doc", "jsonb", "U")),))
    documents = values_of(drawn("SELECT 1 FROM stays WHERE (doc ->> 'n')::int > 9", schema))
    assert {'{"n": 8}', '{"n": 9}', '{"n": 10}', '{"n": "9"}'} <= documents


def test_columns_that_a_check_compares_have_values_in_common() -> None:
    columns = (column("since", "date", "D", not_null=True), column("until", "date", "D", not_null=True))
    query = "SELECT 1 FROM stays WHERE since >= '2024-05-01'"
    free, checked = (
        Counter(
            since < until
            for database in drawn(query, TestSchema((stays(*columns, checks=checks),)))
            for since, until in rows_of(database)
            if since is not None and until is not None
        )
        for checks in ((), ("since < until",))
    )
    assert checked[True] / checked.total() > free[True] / free.total()
    assert checked[True] * 5 > checked.total()


def test_rows_join_in_all_compared_columns_together() -> None:
    names = ("item", "place", "day")
    types = ("integer", "text", "date")
    columns = tuple(column(name, kind) for name, kind in zip(names, types, strict=True))
    schema = TestSchema((stays(*columns), TestTable(PRICES, columns)))
    query = (
        "SELECT 1 FROM stays s JOIN prices p USING (item, place, day) WHERE item > 3 AND day > '2024-05-01'"
    )
    joinable = [each for each in drawn(query, schema) if each.kind == "fulfilled and joinable"]
    hits = [each for each in joinable if set(rows_of(each)) & set(rows_of(each, PRICES))]
    assert len(hits) * 10 > len(joinable) * 9


def test_a_group_keeps_its_part_of_a_key() -> None:
    query = "SELECT order_id FROM lines GROUP BY order_id HAVING count(*) > 7"
    large = [each for each in drawn(query, SCHEMA) if each.kind == "large groups"]
    sizes = [max(Counter(row[0] for row in rows_of(each, LINES)).values(), default=0) for each in large]
    assert sum(size > 7 for size in sizes) * 6 > len(sizes)
