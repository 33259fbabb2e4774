"""Every value that is drawn is one of its type to a real server."""

from __future__ import annotations

from itertools import islice

import pytest

from pgtune.advice.equivalence.databases import test_databases
from pgtune.model.names import RelationName
from pgtune.model.test_schema import TestColumn, TestSchema, TestTable
from pgtune.parse.sql.constants import mined_constants
from tests.conftest import Database

test_databases.__test__ = False  # type: ignore[attr-defined]

TYPES = (
    """
smallint|integer|bigint|oid|numeric|numeric(4,1)|numeric(3,3)|real|double precision|boolean|text
character varying(3)|character(2)|name|"char"|date|timestamp without time zone|timestamp(0) with time zone
time without time zone|time with time zone|interval|uuid|bytea|json|jsonb|integer[]|text[]|numeric(4,1)[]
date[]|jsonb[]|int4range|int8range|numrange|daterange|tsrange|tstzrange|int4multirange|datemultirange|inet|cidr
macaddr|macaddr8|bit(3)|bit varying(4)|money|point|line|lseg|box|path|polygon|circle|tsvector|tsquery|pg_lsn
jsonpath|xid|tid
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
NASTY = r"""
SELECT 1 FROM t WHERE c IN (0, 1, -1, 5, 12, 2024, 99999, 1.5, 1e10, 123456789012, '', 'a', 'abc def', '%',
  'a''b', '2024-02-30', '2024-02-29', '2024-01-01 10:00:00+02', '1 day', '10:30', 'now', '{1,2}', '{a,"b"}',
  '{"a": 1}', '[1,2)', '10.0.0.1', '300.1.1.1', '101', '<a>', 'true', 'NULL', 'infinity', E'\\', '{}', '$.a')
  OR c LIKE 'a\_%' OR c->'x'->>'y' = '3' OR c = current_date OR c > now() - interval '3 days'
"""


@pytest.mark.parametrize("kind", TYPES)
def test_the_server_takes_every_value(kind: str, type_database: Database) -> None:
    column = TestColumn("c", kind, "N", not_null=False)
    table = TestTable(RelationName("public", "t"), (column,))
    drawn = islice(test_databases(TestSchema((table,)), mined_constants([NASTY]), [], 0), 300)
    values = {row[0] for database in drawn for row in database.tables[0].rows} - {None}
    assert len(values) > 1
    with type_database.connect() as connection:
        connection.execute(f"SELECT unnest(%s::text[])::{kind}".encode(), [sorted(map(str, values))])


@pytest.fixture(scope="module")
def type_database(server: str) -> Database:
    return Database("postgres", server)
