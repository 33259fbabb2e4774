"""Generated databases obey the schema, reach what statements ask for, and are the same for a seed."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from pgtune.advice.equivalence.databases import DatabaseStream, loop_databases, test_databases
from pgtune.advice.equivalence.table_plan import drawable
from pgtune.model.equivalence import Row, TableRows
from pgtune.model.names import RelationName
from pgtune.model.test_schema import ParameterType, TestColumn, TestDatabase, TestSchema
from pgtune.parse.sql.constants import mined_constants
from tests.advice.equivalence.order_tables import CUSTOMERS, LINES, ORDERS, SCHEMA

test_databases.__test__ = False  # type: ignore[attr-defined]

QUERY = """
SELECT c.id FROM customers c JOIN orders o ON o.customer_id = c.id JOIN lines l ON l.order_id = o.id
WHERE c.name LIKE 'Jo%n_' AND o.total > 100 AND o.at >= '2024-05-01' AND l.doc->>'color' = 'red'
"""


def stream(statement: str = QUERY, seed: int = 0, schema: TestSchema = SCHEMA) -> DatabaseStream:
    return test_databases(schema, mined_constants([statement]), [], seed)


def table(database: TestDatabase, name: RelationName) -> TableRows:
    return next(each for each in database.tables if each.relation == name)


def values(rows: TableRows, *names: str) -> list[Row]:
    positions = [rows.columns.index(name) for name in names]
    return [tuple(row[position] for position in positions) for row in rows.rows]


@pytest.fixture(scope="module")
def many() -> list[TestDatabase]:
    return list(islice(stream(), 400))


def test_keys_are_unique_and_never_null(many: list[TestDatabase]) -> None:
    for database in many:
        for tested in SCHEMA.tables:
            for key in tested.unique_keys:
                drawn = [row for row in values(table(database, tested.name), *key) if None not in row]
                assert len(set(drawn)) == len(drawn), (database.kind, key)


def test_a_not_null_column_has_no_null_and_a_nullable_one_sometimes(many: list[TestDatabase]) -> None:
    nulls: Counter[tuple[str, str]] = Counter()
    for database in many:
        for tested in SCHEMA.tables:
            rows = table(database, tested.name)
            for each in tested.columns:
                if each.is_generated:
                    assert each.name not in rows.columns
                    continue
                nulls[tested.name.name, each.name] += values(rows, each.name).count((None,))
                assert not (each.not_null and nulls[tested.name.name, each.name])
    nullable = [each.name for tested in SCHEMA.tables for each in tested.columns if not each.not_null]
    assert {name for (_, name), count in nulls.items() if count} == set(nullable) - {"twice"}


def test_foreign_keys_refer_to_rows_that_are_there(many: list[TestDatabase]) -> None:
    for database in many:
        for tested in SCHEMA.tables:
            for key in tested.foreign_keys:
                parents = set(values(table(database, key.referenced), *key.referenced_columns))
                own = values(table(database, tested.name), *key.columns)
                assert {row for row in own if None not in row} <= parents


def test_values_fit_length_scale_labels_and_simple_checks(many: list[TestDatabase]) -> None:
    for database in many:
        assert all(len(name or "") <= 8 for (name,) in values(table(database, CUSTOMERS), "name"))
        orders = table(database, ORDERS)
        assert {status for (status,) in values(orders, "status")} <= {"new", "paid"}
        totals = [total for (total,) in values(orders, "total") if total is not None]
        assert all(0 <= float(total) < 10_000 and len(total.partition(".")[2]) == 2 for total in totals)


def test_cheap_and_nasty_ones_come_first(many: list[TestDatabase]) -> None:
    assert all(not rows.rows for rows in many[0].tables)
    assert [len(rows.rows) for rows in many[1].tables] == [1, 1, 1]
    assert {"all NULL", "duplicates", "one table empty", "conditions fulfilled"} <= {
        database.kind for database in many[:12]
    }


def test_each_table_is_empty_in_turn_while_the_others_it_needs_are_not(many: list[TestDatabase]) -> None:
    alone = [database for database in many if database.kind == "one table empty"]
    without_lines = [
        database
        for database in alone
        if not table(database, LINES).rows
        and table(database, ORDERS).rows
        and table(database, CUSTOMERS).rows
    ]
    assert without_lines


def test_one_row_fulfils_all_conditions_on_its_columns(many: list[TestDatabase]) -> None:
    fulfilled = [database for database in many if database.kind == "fulfilled and joinable"]
    hits = [database for database in fulfilled if joined(database)]
    assert len(hits) * 2 > len(fulfilled)


def joined(database: TestDatabase) -> bool:
    named = {
        number
        for number, name in values(table(database, CUSTOMERS), "id", "name")
        if name and name.startswith("Jo") and len(name) > 3 and name[-2] == "n"
    }
    wanted = {
        number
        for number, customer, total, at in values(table(database, ORDERS), "id", "customer_id", "total", "at")
        if customer in named and total and float(total) > 100 and at and at >= "2024-05-01"
    }
    lines = values(table(database, LINES), "order_id", "doc")
    return any(order in wanted and doc == '{"color": "red"}' for order, doc in lines)


def test_like_patterns_are_matched_and_missed(many: list[TestDatabase]) -> None:
    names = {name for database in many for (name,) in values(table(database, CUSTOMERS), "name")}
    assert {"Jonx", "Joxnx", "jONX", "JONX"} <= names


def test_literals_are_there_with_their_neighbours(many: list[TestDatabase]) -> None:
    totals = {total for database in many for (total,) in values(table(database, ORDERS), "total")}
    assert {"99.99", "100.00", "100.01", "101.00", "50.00"} <= totals
    moments = {at for database in many for (at,) in values(table(database, ORDERS), "at")}
    assert {"2024-04-30 23:59:59.999999", "2024-05-01 00:00:00", "2024-05-01 00:00:00.000001"} <= moments


@pytest.mark.parametrize("threshold", [5, 12, 40])
def test_groups_grow_beyond_the_threshold_of_having(threshold: int) -> None:
    query = f"SELECT customer_id FROM orders GROUP BY customer_id HAVING count(*) > {threshold}"
    sizes = [
        max(Counter(values(table(database, ORDERS), "customer_id")).values(), default=0)
        for database in islice(stream(query), 200)
    ]
    assert max(sizes) > threshold


def test_compared_columns_share_values() -> None:
    query = "SELECT 1 FROM customers c JOIN lines l ON l.line = c.referrer AND l.product = c.name"
    joinable = [each for each in islice(stream(query), 400) if each.kind == "joinable"]
    hits = [
        database
        for database in joinable
        if {name for (name,) in values(table(database, CUSTOMERS), "name") if name is not None}
        & {product for (product,) in values(table(database, LINES), "product")}
    ]
    assert len(hits) * 4 > len(joinable) * 3


def test_the_same_for_a_seed_and_different_for_another() -> None:
    first, again, other = (list(islice(stream(seed=seed), 50)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_databases_grow_while_results_stay_empty() -> None:
    patient, urged = stream(), stream()
    for _ in range(40):
        next(urged)
        urged.tell(was_empty=True)
        next(patient)
        patient.tell(was_empty=False)
    rows = [
        sum(len(rows.rows) for database in islice(each, 20) for rows in database.tables)
        for each in (patient, urged)
    ]
    assert rows[1] > 1.5 * rows[0]


def test_the_least_integer_is_a_sentinel_that_no_row_has() -> None:
    drawn = islice(stream("SELECT id FROM customers WHERE id > -2147483648 ORDER BY id"), 200)
    ids = {number for database in drawn for (number,) in values(table(database, CUSTOMERS), "id")}
    assert "-2147483648" not in ids


def test_a_parameter_takes_the_values_of_its_column() -> None:
    mined = mined_constants(["SELECT 1 FROM customers WHERE id = $1 AND name = ANY($2)"])
    types = [ParameterType("integer", "N"), ParameterType("text[]", "A")]
    hits = 0
    for database in islice(test_databases(SCHEMA, mined, types, 0), 200):
        ((number, names),) = database.values
        hits += (number,) in values(table(database, CUSTOMERS), "id")
        assert names is None or (names.startswith("{") and names.endswith("}"))
    assert hits > 60


def test_loops_have_no_few_and_many_turns_with_new_present_and_repeated_keys() -> None:
    mined = mined_constants(["INSERT INTO customers (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING"])
    types = [ParameterType("integer", "N"), ParameterType("character varying", "S")]
    lengths, is_new, is_present, is_repeated = set(), False, False, False
    for database in islice(loop_databases(SCHEMA, mined, types, 0), 100):
        keys = [number for number, _ in database.values]
        there = {number for (number,) in values(table(database, CUSTOMERS), "id")}
        lengths.add(len(keys))
        is_new |= len(keys) == 20 and len(set(keys)) == 20 and not there & set(keys)
        is_present |= len(keys) > 1 and set(keys) <= there
        is_repeated |= len(set(keys)) < len(keys)
    assert lengths == {0, 1, 2, 5, 20}
    assert is_new
    assert is_present
    assert is_repeated


def test_turns_that_insert_refer_to_rows_that_are_there() -> None:
    mined = mined_constants(["INSERT INTO orders (id, customer_id, status) VALUES ($1,$2,$3)"])
    types = [ParameterType("bigint", "N"), ParameterType("integer", "N"), ParameterType("mood", "E")]
    for database in islice(loop_databases(SCHEMA, mined, types, 0), 100):
        customers = {number for (number,) in values(table(database, CUSTOMERS), "id")}
        if customers:
            assert {customer for _, customer, _ in database.values} - {None} <= customers


def test_a_type_without_known_values_is_drawable_only_as_null() -> None:
    assert drawable(TestColumn("c", "geometry", "U", not_null=False))
    assert not drawable(TestColumn("c", "geometry", "U", not_null=True))
