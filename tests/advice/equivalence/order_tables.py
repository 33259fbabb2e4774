"""Tables with every constraint that test databases obey."""

from __future__ import annotations

from pgtune.model.names import RelationName
from pgtune.model.test_schema import TestColumn, TestForeignKey, TestSchema, TestTable

CUSTOMERS = RelationName("public", "customers")
ORDERS = RelationName("public", "orders")
LINES = RelationName("public", "lines")


def column(name: str, kind: str, category: str = "N", *, not_null: bool = False) -> TestColumn:
    return TestColumn(name, kind, category, not_null)


SCHEMA = TestSchema(
    (
        TestTable(
            CUSTOMERS,
            (
                column("id", "integer", not_null=True),
                column("name", "character varying(8)", "S"),
                column("referrer", "integer"),
            ),
            unique_keys=(("id",),),
            foreign_keys=(TestForeignKey(("referrer",), CUSTOMERS, ("id",)),),
        ),
        TestTable(
            ORDERS,
            (
                column("id", "bigint", not_null=True),
                column("customer_id", "integer", not_null=True),
                TestColumn("status", "mood", "E", not_null=True, enum_labels=("new", "paid", "sent")),
                column("total", "numeric(6,2)"),
                column("at", "timestamp without time zone", "D"),
            ),
            unique_keys=(("id",), ("customer_id", "at")),
            checks=("total >= 0 AND status <> 'sent'",),
            foreign_keys=(TestForeignKey(("customer_id",), CUSTOMERS, ("id",)),),
        ),
        TestTable(
            LINES,
            (
                column("order_id", "bigint", not_null=True),
                column("line", "smallint", not_null=True),
                column("product", "text", "S"),
                column("doc", "jsonb", "U"),
                TestColumn("twice", "integer", "N", not_null=False, is_generated=True),
            ),
            unique_keys=(("order_id", "line"),),
            foreign_keys=(TestForeignKey(("order_id",), ORDERS, ("id",)),),
        ),
    )
)
