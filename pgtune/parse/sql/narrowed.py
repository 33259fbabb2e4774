"""A SELECT and further conditions in, the SELECT with these in WHERE, side by side with its own, out."""

from __future__ import annotations

from sqlglot import exp

from pgtune.parse.sql.statement import conjuncts


def narrow(select: exp.Select, *conditions: exp.Expr) -> None:
    """Add *conditions* to WHERE of *select*, in place and without parentheses around what was there."""
    parts = [*conjuncts(select.args.get("where")), *conditions]
    select.set("where", exp.Where(this=exp.and_(*(part.copy() for part in parts))) if parts else None)
