"""A lookup and a query in; the column of the query's result that the lookup may take its value from out.

No results are known: what tells is the names of columns, and the foreign keys where a catalog is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.model.catalog import Catalog, Relation
from pgtune.model.names import RelationName
from pgtune.parse.loops.equalities import equalities
from pgtune.parse.named_relations import identifier, named_relations
from pgtune.parse.sql_tokens import Token

LIST_ENDS = frozenset({"FROM", "INTO", "UNION", "INTERSECT", "EXCEPT"})
ALL_COLUMNS = "*"
KEY = "id"


@dataclass(frozen=True, slots=True)
class Lookup:
    """``column = $n`` of a statement."""

    relations: tuple[RelationName, ...]  # that the statement reads
    column: str
    number: int  # as `TurnShape.roles` counts


@dataclass(frozen=True, slots=True)
class Tie:
    """A column of a result that fits a lookup."""

    column: str  # its name in the result
    is_foreign_key: bool  # the catalog says so, not only the names


@dataclass(frozen=True, slots=True)
class _Output:
    """A column of a query's result that is one of a table."""

    column: str  # * for all
    name: str  # in the result


def lookups(tokens: Sequence[Token]) -> Iterator[Lookup]:
    """Yield the comparisons of a column with one value in a statement."""
    relations = tables(tokens)
    for column, number in equalities(tokens):
        yield Lookup(relations, column, number)


def tables(tokens: Sequence[Token]) -> tuple[RelationName, ...]:
    """Return the tables that a statement names."""
    return tuple(one.name for one in named_relations(tokens) if not one.is_function and not one.is_system)


def tie_of(lookup: Lookup, query: Sequence[Token], catalog: Catalog | None) -> Tie | None:
    """Return the column in the result of *query* that fits *lookup*; None where none is plausible."""
    sources = tables(query)
    outputs = tuple(_outputs(query))
    named = None if catalog is None else _by_foreign_key(lookup, sources, outputs, catalog)
    if named is not None:
        return Tie(named, is_foreign_key=True)
    by_name = _by_name(lookup, sources, outputs)
    return None if by_name is None else Tie(by_name, is_foreign_key=False)


def _outputs(tokens: Sequence[Token]) -> Iterator[_Output]:
    """Yield the plain columns of the SELECT list: a, t.a, a AS b, t.*."""
    depth, item = 0, list[Token]()
    for token in tokens[1:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and (token.keyword in LIST_ENDS or token.text == ","):
            yield from _output(item)
            item = []
            if token.keyword in LIST_ENDS:
                return
        elif token.keyword not in ("DISTINCT", "ALL"):
            item.append(token)
    yield from _output(item)


def _output(item: Sequence[Token]) -> Iterator[_Output]:
    names = [token for token in item if token.keyword != "AS"]
    has_alias = len(names) > 1 and names[-2].text != "."
    source = names[:-1] if has_alias else names
    if not source or any(token.text != "." and not _is_column(token) for token in source):
        return
    column = source[-1].text if source[-1].text == ALL_COLUMNS else identifier(source[-1])
    name = identifier(names[-1]) if has_alias else column
    if column is not None and name is not None:
        yield _Output(column, name)


def _is_column(token: Token) -> bool:
    return token.text == ALL_COLUMNS or identifier(token) is not None


def _by_foreign_key(
    lookup: Lookup, sources: Sequence[RelationName], outputs: Sequence[_Output], catalog: Catalog
) -> str | None:
    for name in sources:
        source = catalog.find(name)
        targets = [relation for each in lookup.relations if (relation := catalog.find(each)) is not None]
        for target in targets if source is not None else ():
            for column in _tied_columns(source, target, lookup.column):
                for output in outputs:
                    if output.column == column:
                        return output.name
                    if output.column == ALL_COLUMNS:
                        return column
    return None


def _tied_columns(source: Relation | None, target: Relation, column: str) -> Iterator[str]:
    """Yield the columns of *source* that a foreign key, of either side, ties to *column* of *target*."""
    if source is None:
        return
    for key in source.foreign_keys:
        if key.referenced == target.name:
            yield from (
                own for own, other in zip(key.columns, key.referenced_columns, strict=True) if other == column
            )
    for key in target.foreign_keys:
        if key.referenced == source.name:
            yield from (
                other for own, other in zip(key.columns, key.referenced_columns, strict=True) if own == column
            )


def _by_name(lookup: Lookup, sources: Sequence[RelationName], outputs: Sequence[_Output]) -> str | None:
    """Match user_id with user_id, users.id with user_id, and user_id with id of users."""
    tables = [relation.name for relation in lookup.relations]
    for output in outputs:
        if output.column == lookup.column != KEY:
            return output.name
        if lookup.column == KEY and any(_refers_to(output.column, table) for table in tables):
            return output.name
        refers = any(_refers_to(lookup.column, source.name) for source in sources)
        if refers and output.column in (KEY, ALL_COLUMNS):
            return KEY if output.column == ALL_COLUMNS else output.name
    return None


def _refers_to(column: str, table: str) -> bool:
    """Tell whether *column* is named after *table*: user_id and "userId" after users or app_user."""
    stem = column.removesuffix("_id") if column.endswith("_id") else column.removesuffix("Id").lower()
    if stem == column or not stem:
        return False
    return _singular(table.lower()).endswith(_singular(stem))


def _singular(name: str) -> str:
    """Return users, cities and buses without their ending; what is left need not be a word."""
    return name.removesuffix("ies").removesuffix("es").removesuffix("s").removesuffix("y").removesuffix("e")
