"""An expression in, a copy whose columns all name their table out."""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from pgtune.parse.sql.draft import Draft, Node
from pgtune.parse.sql.named_columns import named
from pgtune.parse.sql.sources import Source, column_name, name_of
from pgtune.parse.sql.statement import SqlStatement


def qualified(statement: SqlStatement, node: Node) -> Node | None:
    """Return a copy of *node* whose columns all name their table; None where a column's table is not sure."""
    draft = Draft(node)
    for each in node.find_all(exp.Column):
        if each.args.get("table") is not None:
            continue
        origin = statement.origin(each)
        if origin is None or not origin.source.alias:
            return None
        draft.twin(each).set("table", named(origin.source.alias))
    return draft.tree


def qualify_ambiguous(
    statement: SqlStatement, select: exp.Select, draft: Draft[exp.Select], added: Collection[str]
) -> bool:
    """Qualify in *draft*, a copy of *select*, what columns called *added* in a new FROM item would hide.

    Returns False where that cannot be said of a column. A bare name in ORDER BY stays where it names an
    output column: those come first there.
    """
    own = {id(source.node) for source in statement.sources(select)}
    for each in select.find_all(exp.Column):
        if each.args.get("table") is not None or column_name(each) not in added:
            continue
        if _is_output_name(each, select):
            continue
        origin = statement.origin(each)
        if origin is None or not origin.source.alias:
            return False
        if id(origin.source.node) in own or origin.is_outer:
            draft.twin(each).set("table", named(origin.source.alias))
    return True


def unqualified_names(select: exp.Select) -> frozenset[str]:
    """Return the names that columns anywhere in *select* have without a table."""
    return frozenset(
        column_name(each) for each in select.find_all(exp.Column) if each.args.get("table") is None
    )


def names_source(node: exp.Expr, source: Source) -> bool:
    """True when a column below *node* may come from *source*, or stands for its whole row."""
    for each in node.find_all(exp.Column):
        qualifier, name = name_of(each.args.get("table")), column_name(each)
        if qualifier == source.alias or (not qualifier and name == source.alias):
            return True
        if not qualifier and source.has(name) is not False:
            return True
    return False


def _is_output_name(node: exp.Column, select: exp.Select) -> bool:
    is_key = isinstance(node.parent, exp.Ordered) and node.parent.parent is select.args.get("order")
    return is_key and column_name(node) in {
        name_of(each.args.get("alias")) for each in select.expressions if isinstance(each, exp.Alias)
    }
