"""The text of one statement in, sqlglot's syntax tree out, and back."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from sqlglot import ErrorLevel, exp, parse
from sqlglot.errors import SqlglotError

from pgtune.errors import StatementError
from pgtune.parse.sql_tokens import TokenKind, read_tokens

DIALECT = "postgres"
MAX_CHARS = 200_000  # chosen; the parser is recursive, and takes a second for so much

# It reports what it cannot read as a warning there; we say it ourselves.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def parse_tree(text: str) -> exp.Expr:
    """Return the tree of one query or data change; comments hang on its nodes.

    Raises:
        StatementError: sqlglot cannot read it, whatever the server would say.
    """
    if len(text) > MAX_CHARS:
        raise StatementError(f"longer than {MAX_CHARS:,} characters; not read for rewrites")
    try:
        trees = [tree for tree in parse(_spaced(text), dialect=DIALECT, error_level=ErrorLevel.RAISE) if tree]
    except (SqlglotError, RecursionError) as error:
        raise StatementError(f"sqlglot cannot read it: {_first_line(error)}") from error
    except Exception as error:
        raise StatementError(f"sqlglot cannot read it: {type(error).__name__}") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query | exp.DML | exp.Values):
        raise StatementError("not one query or data change")
    return trees[0]


def _spaced(text: str) -> str:
    """Put a blank behind each ``$n``: sqlglot 30 takes ``$1,$`` for the beginning of a dollar quote."""
    if "$" not in text:
        return text
    return "".join(
        f"{token.text} " if token.kind is TokenKind.PLACEHOLDER else token.text for token in read_tokens(text)
    )


def print_tree(tree: exp.Expr, *, pretty: bool = False) -> str:
    """Return SQL for PostgreSQL without comments; functions in lower case, key words in upper case."""
    return tree.sql(dialect=DIALECT, comments=False, normalize_functions="lower", pretty=pretty)


def all_selects(tree: exp.Expr) -> Iterator[exp.Select]:
    """Yield every SELECT, also those inside sub-queries and CTEs, outer ones first."""
    yield from tree.find_all(exp.Select)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].partition(". Line")[0] or type(error).__name__
