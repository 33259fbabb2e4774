"""One statement of a schema dump in; the SQL that makes a hollow copy of what it makes, or why not, out.

pg_dump writes the beginning of its statements in one way, so the beginning is enough to know them by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgtune.errors import StatementError
from pgtune.parse.sql_tokens import Token, TokenKind, read_tokens
from pgtune.shadow.database import LeftOut

_NAME = r'(?:"(?:[^"]|"")+"|[^\s"(;]+)'
_QUALIFIED = rf"{_NAME}(?:\.{_NAME})*"
_OBJECT = re.compile(
    r"(?:CREATE|ALTER)(?: OR REPLACE)?(?: (?:UNLOGGED|UNIQUE|RECURSIVE|CONSTRAINT|TRUSTED|PROCEDURAL))*"
    r" (?P<kind>(?:MATERIALIZED|FOREIGN|EVENT|TEXT SEARCH|ACCESS) [A-Z]+|OPERATOR (?:CLASS|FAMILY)|[A-Z]+)"
    rf"(?: IF NOT EXISTS| ONLY)* (?P<name>{_QUALIFIED}|\(.*?\))"
    rf"(?:\s+(?:ADD CONSTRAINT|ATTACH PARTITION) (?P<part>{_QUALIFIED}))?"
)
# What shapes no plan, or is made in another way (extensions).
_WITHOUT_EFFECT = re.compile(
    r"SET |SELECT |COMMENT ON |GRANT |REVOKE |SECURITY LABEL |ALTER DEFAULT PRIVILEGES "
    r"|(?:CREATE|ALTER) (?:EXTENSION|EVENT TRIGGER|PUBLICATION|SUBSCRIPTION|SERVER|USER MAPPING"
    r"|FOREIGN DATA WRAPPER) "
    r"|CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER "
    rf"|ALTER (?:FOREIGN )?TABLE (?:ONLY )?{_QUALIFIED}"
    r" (?:ENABLE|DISABLE) (?:ALWAYS |REPLICA )?(?:TRIGGER|RULE) "
    rf"|ALTER FOREIGN TABLE (?:ONLY )?{_QUALIFIED} ALTER COLUMN {_NAME} OPTIONS "
)
_ROW_SECURITY = re.compile(
    rf"CREATE POLICY |ALTER TABLE (?:ONLY )?{_QUALIFIED} (?:ENABLE|FORCE) ROW LEVEL SECURITY"
)
_RULE = re.compile(rf"CREATE (?:OR REPLACE )?RULE (?P<rule>{_NAME})")
_FOREIGN_TABLE = re.compile(r"(CREATE|ALTER) FOREIGN TABLE ")
_MATERIALIZED_VIEW = re.compile(r"CREATE MATERIALIZED VIEW ")
_WITH_DATA = re.compile(r"\s+WITH (?:NO )?DATA\s*$", re.IGNORECASE)
_DEFINITION = re.compile(r"(?:CREATE|ALTER) (?!DATABASE|ROLE|USER|GROUP|SYSTEM|TABLESPACE)")

ROW_SECURITY = LeftOut("row-level security", "queries are planned as by the tables' owner, without policies")


def prepare(statement: str) -> str | LeftOut | None:
    """The statement to run instead of *statement*; None when it has no effect on plans.

    Foreign tables become plain tables, materialized views stay without rows.
    """
    if _WITHOUT_EFFECT.match(statement):
        return None
    if _ROW_SECURITY.match(statement):
        return ROW_SECURITY
    if rule := _RULE.match(statement):
        return LeftOut(f"rule {rule['rule']}", "rewrite rules are not restored")
    if not _DEFINITION.match(statement):
        return LeftOut(f"statement {_first_words(statement)}", "not the definition of an object")
    return _hollow(statement)


def object_of(statement: str) -> str:
    """What *statement* is about, for messages: ``index a_idx``, ``constraint a_fk of public.a``."""
    match = _OBJECT.match(statement)
    if match is None:
        return f"statement {_first_words(statement)}"
    described = f"{match['kind'].lower()} {match['name']}"
    if match["part"] is None:
        return described
    what = "partition" if "ATTACH PARTITION" in match[0] else "constraint"
    return f"{what} {match['part']} of {match['name']}"


def _hollow(statement: str) -> str:
    if _MATERIALIZED_VIEW.match(statement):
        return f"{_WITH_DATA.sub('', statement)} WITH NO DATA"
    if _FOREIGN_TABLE.match(statement):
        return _as_plain_table(_FOREIGN_TABLE.sub(r"\1 TABLE ", statement, count=1))
    return statement


def _first_words(statement: str) -> str:
    return " ".join(statement.split()[:4])


def _as_plain_table(statement: str) -> str:
    """Cut ``OPTIONS (...)`` anywhere and ``SERVER name`` behind the columns."""
    try:
        return "".join(token.text for token in _without_server(statement))
    except StatementError:
        return statement  # the server refuses it in its own words


def _without_server(statement: str) -> Iterator[Token]:
    depth = 0
    options_depth: int | None = None  # of the parenthesis that OPTIONS opens
    skip_name = False
    for token in read_tokens(statement):
        if token.kind is TokenKind.PUNCTUATION:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        if options_depth is not None:
            if depth == options_depth and token.text == ")":
                options_depth = None
        elif token.keyword == "OPTIONS":
            options_depth = depth
        elif depth == 0 and token.keyword == "SERVER":
            skip_name = True
        elif skip_name:
            skip_name = token.is_blank
        else:
            yield token
