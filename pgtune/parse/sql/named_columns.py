"""Names as the catalog stores them in, nodes that print them with the quotes they need out."""

from __future__ import annotations

from sqlglot import exp

from pgtune.model.names import quote_ident


def named(name: str) -> exp.Identifier:
    """Return an identifier."""
    return exp.Identifier(this=name, quoted=quote_ident(name) != name)


def column_of(alias: str, name: str) -> exp.Column:
    """Return a column with the FROM item that it belongs to."""
    return exp.Column(this=named(name), table=named(alias))
