"""A type in, whether equal values of it are the same in every respect out."""

from __future__ import annotations

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


def has_one_image(type_: str) -> bool:
    """Return True when equal values of the type, as format_type() prints it, cannot be told apart."""
    return type_.startswith(_ONE_IMAGE) and not type_.endswith("[]")
