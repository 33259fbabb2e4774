"""A member of a jsonb column that is compared as text is not looked up in the column's GIN index.

The containment operator @> asks the same of the index: whether the document has that member with that value.
A number or truth value in the document has the same text as the string that spells it, so that both are
asked for then.

Instead of:
    SELECT id FROM orders WHERE data ->> 'state' = 'paid';
Use:
    SELECT id FROM orders WHERE data @> '{"state": "paid"}';

Ignore when: an index on the expression exists.
Source: https://www.postgresql.org/docs/current/datatype-json.html#JSON-INDEXING
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import reduce

from sqlglot import exp

from pgtune.model.catalog import CatalogIndex
from pgtune.model.names import quote_ident
from pgtune.model.rewrite import Change
from pgtune.parse.sql.column_types import TypedColumn, typed_column
from pgtune.parse.sql.constant_comparisons import Compared, compared_with_constants, drops_null
from pgtune.parse.sql.literals import string
from pgtune.parse.sql.statement import SqlStatement, unparenthesised

MAX_VALUES = 5  # of an IN list; chosen
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")  # as a number in jsonb may be printed
_PATH_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # of an array literal: neither quotes nor an array index


def check(statement: SqlStatement) -> Iterator[Change]:
    """Yield the statement with @> for each member of an indexed jsonb column that equals a string."""
    for compared in compared_with_constants(statement):
        if compared.operator not in ("=", "IN") or not drops_null(compared.node):
            continue
        column, path = _member(compared.operand)
        typed = None if not path else typed_column(statement, column)
        index = None if typed is None or typed.type != "jsonb" else _gin_index(typed)
        contained = _contained(compared, column, path)
        if typed is None or index is None or contained is None:
            continue
        yield Change(
            sql=statement.rewritten((compared.node, contained)),
            message=f"a member of {typed} is compared as text",
            detail="The GIN index on the column finds documents that contain a value.",
            facts=(
                f"{typed} is jsonb with the GIN index {quote_ident(index.name.name)}",
                "no other value than those asked for has that text",
            ),
            object=str(typed),
        )


def _contained(compared: Compared, column: exp.Expr, path: tuple[str, ...]) -> exp.Expr | None:
    """The condition that the document contains one of the values; None where its text may be of another."""
    values = [string(value) for value in compared.values]
    if len(values) > MAX_VALUES:
        return None
    each: list[exp.Expr] = []
    for value in values:
        if value is None or value[:1] in ("{", "[") or _NUMBER.fullmatch(value) or "\0" in value:
            return None
        each.append(_contains(column, path, value))
        each += [_contains(column, path, value == "true")] if value in ("true", "false") else []
    return each[0] if len(each) == 1 else exp.Paren(this=reduce(_either, each))


def _contains(column: exp.Expr, path: tuple[str, ...], value: str | bool) -> exp.Expr:
    document: object = value
    for member in reversed(path):
        document = {member: document}
    text = exp.Literal.string(json.dumps(document, ensure_ascii=False))
    return exp.ArrayContainsAll(this=column.copy(), expression=text)


def _member(node: exp.Expr) -> tuple[exp.Expr, tuple[str, ...]]:
    """The column and the names that lead into it, of ->> behind any number of ->, or of #>>."""
    if isinstance(node, exp.JSONBExtractScalar):
        text = string(node.expression) or ""
        names = tuple(text.removeprefix("{").removesuffix("}").split(","))
        plain = text[:1] + text[-1:] == "{}" and all(_PATH_KEY.fullmatch(name) for name in names)
        return node.this, names if plain else ()
    path: tuple[str, ...] = ()
    kinds: type[exp.Expr] | tuple[type[exp.Expr], ...] = exp.JSONExtractScalar
    while isinstance(node, kinds):
        name = _key(node.expression)
        if name is None:
            return node, ()
        path = (name, *path)
        node, kinds = unparenthesised(node.this), exp.JSONExtract
    return node, path


def _key(path: exp.Expr) -> str | None:
    """The one member that -> names; an array's elements have numbers instead."""
    if not isinstance(path, exp.JSONPath) or len(path.expressions) != 2:
        return None
    key = path.expressions[1]
    return key.this if isinstance(key, exp.JSONPathKey) and isinstance(key.this, str) else None


def _gin_index(column: TypedColumn) -> CatalogIndex | None:
    for index in column.relation.indexes:
        if (
            index.access_method == "gin"
            and index.valid
            and index.predicate is None
            and column.name in index.key
        ):
            return index
    return None


def _either(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Or(this=left, expression=right)
