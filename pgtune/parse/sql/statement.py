"""One statement with its tree and the catalog: what a rule matches, and how it says what to write instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count, pairwise

from sqlglot import exp

from pgtune.errors import StatementError
from pgtune.model.catalog import Catalog
from pgtune.parse.sql.sources import ColumnOrigin, Source, name_of, origin_of, sources_of
from pgtune.parse.sql.splice import splice
from pgtune.parse.sql.tree import all_selects, parse_tree, print_tree
from pgtune.parse.sql_tokens import TokenKind, read_words

_ROW_LOCKING = "locks"  # FOR UPDATE and its weaker forms


@dataclass(frozen=True)
class SqlStatement:
    """A statement that can be rewritten; its tree is never changed in place."""

    text: str
    tree: exp.Expr
    catalog: Catalog

    @staticmethod
    def read(text: str, catalog: Catalog) -> SqlStatement:
        """Parse *text*.

        Raises:
            StatementError: sqlglot cannot read it.
        """
        tree = parse_tree(text)
        if _numbers(text) - _numbers(print_tree(tree)):
            raise StatementError("sqlglot does not keep all of it")  # current_timestamp(0), 1_000, 0x1F
        return SqlStatement(text, tree, catalog)

    @property
    def version_num(self) -> int:
        """Of the server: 180006 = 18.6."""
        return self.catalog.version_num

    @cached_property
    def selects(self) -> tuple[exp.Select, ...]:
        """Every SELECT, also those inside sub-queries and CTEs, outer ones first."""
        return tuple(all_selects(self.tree))

    @cached_property
    def aliases(self) -> frozenset[str]:
        """Every name in the statement, folded."""
        return frozenset(name_of(identifier) for identifier in self.tree.find_all(exp.Identifier))

    @cached_property
    def _sources_by_scope(self) -> dict[int, tuple[Source, ...]]:
        return {}

    def origin(self, node: exp.Expr) -> ColumnOrigin | None:
        """Where a column comes from; None for anything else, and where that is not sure."""
        return origin_of(node, self.sources) if isinstance(node, exp.Column) else None

    def sources(self, scope: exp.Expr) -> tuple[Source, ...]:
        """What the columns of a SELECT or data change can come from, without outer queries."""
        if scope.root() is not self.tree:
            return sources_of(scope, self.catalog)  # a draft, which may change
        if id(scope) not in self._sources_by_scope:
            self._sources_by_scope[id(scope)] = sources_of(scope, self.catalog)
        return self._sources_by_scope[id(scope)]

    def rewritten(self, *replacements: tuple[exp.Expr, exp.Expr | None]) -> str:
        """Return the statement's text with nodes of its tree replaced; None takes a node away.

        The nodes must not lie inside each other. New nodes may hold copies of old ones.
        """
        wanted = {id(old): new for old, new in replacements}
        # The copy has the same shape, so that both are walked in step.
        after = self.tree.copy()
        pairs = [
            (twin, wanted[id(node)])
            for node, twin in zip(self.tree.walk(), after.walk(), strict=True)
            if id(node) in wanted
        ]
        for twin, new in pairs:
            if twin is after:
                assert new is not None
                after = new.copy()
            elif new is None:
                twin.pop()
            else:
                twin.replace(new.copy())
        # Read again, so that it is as the parser would have made it.
        return splice(self.text, self.tree, parse_tree(print_tree(after)))

    def fresh_alias(self, wanted: str) -> str:
        """Return *wanted*, or with a number behind it, such that the statement has no such name."""
        if wanted not in self.aliases:
            return wanted
        return next(name for number in count(2) if (name := f"{wanted}{number}") not in self.aliases)

    @cached_property
    def called_functions(self) -> frozenset[str]:
        """Names in lower case of what is called, without schema, key words before parentheses among them."""
        return called_functions(self.text)

    def is_volatile(self, node: exp.Expr | None = None) -> bool:
        """True when the node, or the statement, may call a volatile function, write or lock rows."""
        part = self.tree if node is None else node
        if any(select.args.get(_ROW_LOCKING) for select in part.find_all(exp.Select)):
            return True
        if any(
            isinstance(each, exp.DML) and not isinstance(each, exp.Query) for each in part.find_all(exp.DML)
        ):
            return True
        called = self.called_functions if node is None else called_functions(print_tree(node))
        if self.catalog.volatile_functions is None:
            return any(isinstance(each, exp.Anonymous) for each in part.find_all(exp.Anonymous))
        return bool(called & self.catalog.volatile_functions)


def _numbers(text: str) -> Counter[str]:
    return Counter(token.text for token in read_words(text) if token.kind is TokenKind.NUMBER)


def called_functions(text: str) -> frozenset[str]:
    """Names in lower case of the words before opening parentheses."""
    words = read_words(text)
    named = (TokenKind.WORD, TokenKind.QUOTED_NAME)
    return frozenset(
        word.text.strip('"').lower()
        for word, after in pairwise(words)
        if after.text == "(" and word.kind in named
    )


def conjuncts(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    """Yield the conditions that AND joins; a WHERE, HAVING or plain condition is taken."""
    if condition is None:
        return
    if isinstance(condition, exp.Where | exp.Having):
        condition = condition.this
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if isinstance(condition, exp.And):
        yield from conjuncts(condition.this)
        yield from conjuncts(condition.expression)
    else:
        yield condition


def unparenthesised(node: exp.Expr) -> exp.Expr:
    """The node inside its parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def condition(sql: str) -> exp.Expr:
    """Return the tree of a condition or expression that a rule writes."""
    select = parse_tree(f"SELECT {sql}")
    assert isinstance(select, exp.Select)
    only: exp.Expr = select.expressions[0]
    return only.copy()


def query(sql: str) -> exp.Query:
    """Return the tree of a query that a rule writes."""
    tree = parse_tree(sql)
    assert isinstance(tree, exp.Query)
    return tree
