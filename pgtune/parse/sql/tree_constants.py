"""A syntax tree in, what its conditions compare columns with out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from math import ceil

from sqlglot import exp

from pgtune.parse.sql.compared_columns import merged_classes
from pgtune.parse.sql.condition_constants import COMPARISONS, conditions_of
from pgtune.parse.sql.expression_constants import Expression, ExpressionReader
from pgtune.parse.sql.folded_constants import folded
from pgtune.parse.sql.joined_texts import ambiguous_parts
from pgtune.parse.sql.mined_constants import ColumnCondition, JsonMember, MinedConstants
from pgtune.parse.sql.window_constants import rows_of_windows, values_of_frames

_MAX_ALIASES = 5  # of aliases, that are looked through; chosen
_JSON_PATH = re.compile(r"\$((?:\.\"?\w+\"?(?:\[[\d*]+\])?)+)")
_JSON_PATH_VALUE = re.compile(r"(?:[<>=]=?)\s*(\"[^\"]*\"|-?\d+(?:\.\d+)?)")
_LIKES = (exp.Like, exp.ILike, exp.Escape, exp.SimilarTo)
_REGULAR_EXPRESSIONS = (exp.RegexpLike, exp.RegexpILike)
_AGGREGATES = (exp.AggFunc, exp.Window)
_NONE: frozenset[str] = frozenset()


def tree_constants(tree: exp.Expr) -> MinedConstants:
    """Return the constants of one statement.

    Raises:
        RecursionError: the tree is deeper than Python's stack.
    """
    return _Miner(tree).mined()


class _Miner:
    def __init__(self, tree: exp.Expr) -> None:
        self.tree = tree
        self.expressions = ExpressionReader(tree).expressions
        self.written = dict(_written_values(tree))  # by id of the value's node

    def mined(self) -> MinedConstants:
        by_column: defaultdict[str, set[str]] = defaultdict(set)
        parameters: defaultdict[int, set[str]] = defaultdict(set)
        for expression in self.expressions:
            names = self._names(expression)
            for name in names:
                by_column[name].update(constant.text for constant in expression.constants)
            for number in expression.parameters:
                parameters[number] |= names
        for column, constant in values_of_frames(self.tree):
            for name in self._below(column):
                by_column[name].add(constant.text)
        patterns, regular_expressions = self._patterns(_LIKES), self._patterns(_REGULAR_EXPRESSIONS)
        loose = [each for found in self.expressions if not self._names(found) for each in found.constants]
        return MinedConstants(
            by_column={
                name: frozenset(plain)
                for name, values in by_column.items()
                if (plain := values - patterns.get(name, _NONE) - regular_expressions.get(name, _NONE))
            },
            patterns=patterns,
            regular_expressions=regular_expressions,
            ambiguous=self._ambiguous(),
            conditions=tuple(self._conditions()),
            json_members=tuple(self._json_members()),
            loose_numbers=frozenset(each.text for each in loose if each.is_number),
            loose_strings=frozenset(each.text for each in loose if not each.is_number),
            same=merged_classes([*self._compared(), *self._set_operations()]),
            grouped=frozenset(self._grouped()),
            parameters={number: frozenset(names) for number, names in parameters.items()},
            thresholds=frozenset(self._thresholds()),
        )

    def _names(self, expression: Expression) -> set[str]:
        """Columns that the constants of the expression are values of, aliases looked through."""
        names = {name for column in expression.columns for name in self._below(column)}
        written = self.written.get(id(expression.root))
        return names | ({written} if written else set())

    def _below(self, column: exp.Column, depth: int = 0) -> Iterator[str]:
        """Yield the column's name, and of what it is an alias for those of the columns in it."""
        name = column.name.lower()
        yield name
        if depth >= _MAX_ALIASES:
            return
        for aliased in self._aliased.get(name, ()):
            # The keys of a window are not what its function returns.
            value = aliased.this if isinstance(aliased, exp.Window) else aliased
            for each in value.find_all(exp.Column):
                if each.name.lower() != name:
                    yield from self._below(each, depth + 1)

    @cached_property
    def _aliased(self) -> dict[str, list[exp.Expr]]:
        """What stands behind each alias of an output column that is no plain column of that name."""
        aliased: defaultdict[str, list[exp.Expr]] = defaultdict(list)
        for alias in self.tree.find_all(exp.Alias):
            aliased[alias.alias.lower()].append(alias.this)
        for table_alias in self.tree.find_all(exp.TableAlias):
            query = table_alias.parent.this if table_alias.parent is not None else None
            outputs = query.selects if isinstance(query, exp.Query) else []
            for identifier, output in zip(table_alias.columns, outputs, strict=False):
                aliased[identifier.name.lower()].append(output.unalias())
        return aliased

    def _is_aggregate(self, expression: Expression) -> bool:
        if expression.root.find(*_AGGREGATES):
            return True
        aliases = (name for column in expression.columns for name in self._below(column))
        return any(aliased.find(*_AGGREGATES) for name in aliases for aliased in self._aliased.get(name, ()))

    def _thresholds(self) -> Iterator[int]:
        for expression in self.expressions:
            if isinstance(expression.root, COMPARISONS) and self._is_aggregate(expression):
                for constant in expression.constants:
                    if constant.is_number:
                        yield ceil(float(constant.text))
        for clause in self.tree.find_all(exp.Limit, exp.Offset, exp.Fetch):
            count = clause.args.get("count") or clause.expression
            limit = folded(count) if isinstance(count, exp.Expr) else None
            if limit is not None and limit.is_number:
                yield ceil(float(limit.text))
        for constant in rows_of_windows(self.tree):
            yield ceil(float(constant.text))

    def _conditions(self) -> Iterator[ColumnCondition]:
        for expression in self.expressions:
            yield from conditions_of(expression)

    def _patterns(self, operators: tuple[type[exp.Expr], ...]) -> dict[str, frozenset[str]]:
        """What columns are matched with by one of the operators."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for expression in self.expressions:
            if isinstance(expression.root, operators):
                for name in self._names(expression):
                    found[name].update(constant.text for constant in expression.constants)
        return {name: frozenset(patterns) for name, patterns in found.items()}

    def _ambiguous(self) -> dict[str, frozenset[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for column, value in ambiguous_parts(self.tree):
            for name in self._below(column):
                found[name].add(value)
        return {name: frozenset(values) for name, values in found.items()}

    def _json_members(self) -> Iterator[JsonMember]:
        for expression in self.expressions:
            values = tuple(sorted({constant.text for constant in expression.constants}))
            for column, path in expression.json_paths:
                yield JsonMember(column.name.lower(), path, values)
            for path, inside in _paths_within(values):
                for column in expression.columns:
                    yield JsonMember(column.name.lower(), path, inside)

    def _compared(self) -> Iterator[set[str]]:
        for expression in self.expressions:
            if isinstance(expression.root, COMPARISONS):
                names = self._names(expression)
                if len(names) > 1 or len({column.sql() for column in expression.columns}) > 1:
                    yield names
        for join in self.tree.find_all(exp.Join):
            yield from ({identifier.name.lower()} for identifier in join.args.get("using") or ())

    def _set_operations(self) -> Iterator[set[str]]:
        """Yield the columns that a UNION, INTERSECT or EXCEPT lays on each other."""
        for operation in self.tree.find_all(exp.SetOperation):
            for left, right in zip(operation.left.selects, operation.right.selects, strict=False):
                pair = (left.unalias(), right.unalias())
                if all(isinstance(each, exp.Column) for each in pair):
                    yield {each.name.lower() for each in pair}

    def _grouped(self) -> Iterator[str]:
        for node in self.tree.find_all(exp.Group, exp.Window):
            keys = node.args.get("partition_by") or [] if isinstance(node, exp.Window) else [node]
            for key in keys:
                for column in key.find_all(exp.Column):
                    yield from self._below(column)


def _written_values(tree: exp.Expr) -> Iterator[tuple[int, str]]:
    """Yield the id of each value that an INSERT with a list of columns writes, and the column."""
    for insert in tree.find_all(exp.Insert):
        if not isinstance(insert.this, exp.Schema):
            continue
        columns = [identifier.name.lower() for identifier in insert.this.expressions]
        source = insert.expression
        rows = [source.selects] if isinstance(source, exp.Query) else []
        if isinstance(source, exp.Values):
            rows = [row.expressions for row in source.expressions if isinstance(row, exp.Tuple)]
        for row in rows:
            yield from ((id(value), column) for value, column in zip(row, columns, strict=False))


def _paths_within(texts: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the paths of the jsonpath expressions among *texts*, with the values that they compare with."""
    for text in texts:
        values = tuple(value.strip('"') for value in _JSON_PATH_VALUE.findall(text))
        for path in _JSON_PATH.findall(text):
            yield tuple(re.findall(r"\w+", re.sub(r"\[[^]]*\]", "", path))), values
