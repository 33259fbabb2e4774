"""A column in, whether equal values of it are the same in every respect out."""

from __future__ import annotations

from pgtune.model.catalog import Column

# numeric has 1.0 = 1.00, double precision 0 = -0, interval '1 day' = '24 hours', citext 'a' = 'A'.
_ONE_IMAGE = (
    "smallint",
    "integer",
    "bigint",
    "boolean",
    "text",
    "character varying",
    "uuid",
    "date",
    "timestamp",
)


def has_one_image(column: Column) -> bool:
    """Return True when equal values of the column cannot be told apart."""
    is_list = column.type.endswith("[]")
    return column.type.startswith(_ONE_IMAGE) and not is_list and not column.is_nondeterministic
