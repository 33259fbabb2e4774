"""One item of a Sort Key as EXPLAIN prints it in, a SortKey out."""

from __future__ import annotations

import re

from pgtune.model.qual import SortKey
from pgtune.parse.qual import read_columns, read_plain_column
from pgtune.parse.qual_tokens import Kind, Tokens

# show_sortorder_options() in src/backend/commands/explain.c prints these in this order.
_OPTIONS = re.compile(
    r"(?: COLLATE (?P<collation>(?:\"(?:[^\"]|\"\")+\"|[\w$.])+))?"
    r"(?: (?P<descending>DESC)| USING (?P<operator>\S+))?"
    r"(?: NULLS (?P<nulls>FIRST|LAST))?"
)


def read_sort_key(text: str) -> SortKey:
    """Read ``o.created_at DESC NULLS LAST``. Never raises."""
    expression, options = _split_options(text.strip())
    match = _OPTIONS.fullmatch(options)
    group = match.groupdict() if match is not None else {}
    descending = bool(group.get("descending"))
    column = read_plain_column(expression)
    return SortKey(
        column=column,
        expression=None if column is not None else _bare(expression),
        descending=descending,
        nulls_first=group["nulls"] == "FIRST" if group.get("nulls") else descending,
        collation=group.get("collation"),
        operator=group.get("operator"),
        columns=read_columns(expression),
    )


def _split_options(text: str) -> tuple[str, str]:
    tokens = Tokens(text)
    if not tokens.sound:
        return text, ""
    for index in tokens.top_level(0, len(tokens.tokens)):
        token = tokens.tokens[index]
        if index and token.kind is Kind.WORD and token.text in ("COLLATE", "DESC", "USING", "NULLS"):
            end = tokens.tokens[index - 1].end
            return text[:end], text[end:]
    return text, ""


def _bare(expression: str) -> str:
    tokens = Tokens(expression)
    if not tokens.sound:
        return expression
    return tokens.spelling(*tokens.without_parentheses(0, len(tokens.tokens)))
