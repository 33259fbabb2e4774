"""A user's SQL file in, its tables in an empty database out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.errors import StatementError
from pgtune.parse.sql_split import Statement, read_script
from pgtune.parse.sql_tokens import read_words
from pgtune.shadow.database import LeftOut
from pgtune.shadow.trial.exchange import Exchange, Failure, Request
from pgtune.sources.server_errors import caret

_RUN = frozenset({"CREATE", "ALTER", "DROP", "DO", "COMMENT"})
_SILENT = frozenset({"BEGIN", "START", "COMMIT", "END", "GRANT", "REVOKE", "ANALYZE", "VACUUM", "SET"})
_STATEMENT_TIMEOUT_MS = 20_000  # chosen: a definition takes milliseconds
_LIMIT = Request(
    "SELECT pg_catalog.set_config('statement_timeout', $1, false)", (str(_STATEMENT_TIMEOUT_MS),)
)


@dataclass(frozen=True, slots=True)
class SchemaScript:
    """The text of a file that makes tables."""

    name: str  # of the file, for messages
    text: str


def run_script(exchange: Exchange, script: SchemaScript) -> Iterator[LeftOut]:
    """Run the definitions of *script*; yield what was left out: rows, psql commands, unknown extensions.

    Raises:
        StatementError: the script is no SQL, or the server refused a definition: ``FILE:LINE: cause``.
        ConnectionLost: the server ended.
    """
    try:
        content = read_script(script.text)
    except StatementError as error:
        raise StatementError(f"{script.name}: {error}", error.context) from None
    if content.skipped:
        yield _skipped(script, content.skipped[0].line, content.skipped[0].text, len(content.skipped))
    passed = []
    for statement in content.statements:
        if _is_definition(statement):
            yield from _run(exchange, script, statement)
        elif _first_word(statement) not in _SILENT:
            passed.append(statement)
    if passed:
        yield _skipped(script, passed[0].line, passed[0].text, len(passed))


def _run(exchange: Exchange, script: SchemaScript, statement: Statement) -> Iterator[LeftOut]:
    _, answers = exchange.run([_LIMIT], [Request(statement.text)])  # apart: some stand in no transaction
    failure = answers[-1].failure
    if failure is None:
        return
    if _words(statement)[:2] == ["CREATE", "EXTENSION"]:
        yield LeftOut(f"{script.name}:{statement.line}", failure.message)
        return
    raise StatementError(*_located(script, statement, failure))


def _located(script: SchemaScript, statement: Statement, failure: Failure) -> tuple[str, str]:
    if failure.position is None:
        return f"{script.name}:{statement.line}: {failure.message}; correct the schema", ""
    offset = statement.offset + failure.position - 1
    line = script.text.count("\n", 0, offset) + 1
    return f"{script.name}:{line}: {failure.message}; correct the schema", caret(script.text, offset)


def _is_definition(statement: Statement) -> bool:
    words = _words(statement)
    if words[0] == "SET":
        return "SEARCH_PATH" in words  # it holds for the pairs as well
    return words[0] in _RUN and not (words[0] == "ALTER" and "OWNER" in words)


def _first_word(statement: Statement) -> str:
    return _words(statement)[0]


def _words(statement: Statement) -> list[str]:
    return [token.keyword or token.text for token in read_words(statement.text)]


def _skipped(script: SchemaScript, line: int, text: str, count: int) -> LeftOut:
    first = " ".join(text.split()[:3])
    more = f" and {count - 1} more" if count > 1 else ""
    return LeftOut(f"{script.name}:{line}: {first}{more}", "no definition of an object")
