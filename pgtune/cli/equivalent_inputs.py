"""Two SQL files in; the pair of statements to compare, with one numbering of parameters, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgtune.errors import InputError, StatementError, UsageError
from pgtune.model.equivalence import QueryPair
from pgtune.parse.input_kind import HEAD_CHARS, InputKind, classify
from pgtune.parse.named_relations import QUERY_STARTS
from pgtune.parse.shared_parameters import share_parameters
from pgtune.parse.sql_split import Statement, read_script
from pgtune.parse.sql_tokens import Token, read_words
from pgtune.sources.files import STDIN, read_input

_TAKEN = "SELECT, VALUES, TABLE, WITH, INSERT, UPDATE, DELETE or MERGE"
_INTO_OWNERS = frozenset({"INSERT", "MERGE"})


@dataclass(frozen=True, slots=True)
class PlacedStatement:
    """A statement as the server gets it, and where it stands."""

    place: str  # "a.sql:3"
    text: str  # with $1, $2, ...


@dataclass(frozen=True, slots=True)
class PairInputs:
    """Both files, read."""

    names: tuple[str, str]  # of the files, for messages
    original: tuple[PlacedStatement, ...]  # at least one
    rewritten: tuple[PlacedStatement, ...]
    parameters: tuple[str, ...]  # names: $n is parameters[n - 1]
    remarks: tuple[str, ...]

    @property
    def pair(self) -> QueryPair:
        """The texts of both sides."""
        return QueryPair(
            tuple(each.text for each in self.original), tuple(each.text for each in self.rewritten)
        )


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    statements: tuple[Statement, ...]
    remarks: tuple[str, ...]


def read_pair(original: str, rewritten: str) -> PairInputs:
    """Read both files; ``-`` is standard input for one of them.

    Raises:
        UsageError: both are standard input.
        InputError: a file cannot be read, or holds no statement.
        StatementError: a statement that is no SQL, or is none that reads or writes rows.
    """
    if original == rewritten == STDIN:
        raise UsageError("both files are standard input; name a file for one of them")
    files = [_read(path) for path in (original, rewritten)]
    statements = [statement.text for file in files for statement in file.statements]
    texts, names = share_parameters(statements)
    _check_styles(files, names)
    placed = [
        PlacedStatement(place, text)
        for place, text in zip((place for file in files for place in _places(file)), texts, strict=True)
    ]
    count = len(files[0].statements)
    return PairInputs(
        names=(files[0].name, files[1].name),
        original=tuple(placed[:count]),
        rewritten=tuple(placed[count:]),
        parameters=names,
        remarks=tuple(remark for file in files for remark in file.remarks),
    )


def _read(path: str) -> _File:
    file = read_input(path)
    if classify(file.name, file.text[:HEAD_CHARS]) is not InputKind.SQL:
        raise InputError(f"{file.name}: a plan, a log, or no SQL; give the statements themselves")
    try:
        script = read_script(file.text)
        if not script.statements:
            raise InputError(f"{file.name}: no statement in it; give one on each side")
        for statement in script.statements:
            _refuse_others(file.name, statement)
    except StatementError as error:
        raise StatementError(f"{file.name}: {error}", error.context) from error
    remarks = tuple(f"{file.name}:{each.line}: skipped, as only psql knows it" for each in script.skipped)
    return _File(file.name, script.statements, remarks)


def _refuse_others(name: str, statement: Statement) -> None:
    """Refuse what is not about rows: DDL, settings, EXPLAIN, SELECT INTO."""
    words = read_words(statement.text)
    first = next((word.keyword or word.text for word in words if word.text != "("), "")
    if first not in QUERY_STARTS or (first in ("SELECT", "WITH") and _fills_a_table(words)):
        what = "SELECT INTO" if first in QUERY_STARTS else f'"{first}"'
        raise InputError(f"{name}:{statement.line}: {what} cannot be compared; give {_TAKEN}")


def _fills_a_table(words: Sequence[Token]) -> bool:
    depth, previous = 0, ""
    for word in words:
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0 and word.keyword == "INTO" and previous not in _INTO_OWNERS:
            return True
        previous = word.keyword
    return False


def _places(file: _File) -> Iterator[str]:
    return (f"{file.name}:{statement.line}" for statement in file.statements)


def _check_styles(files: Sequence[_File], names: Sequence[str]) -> None:
    """A name and a number never mean the same value."""
    if len({name.isdecimal() for name in names}) > 1:
        both = f"{files[0].name} and {files[1].name}"
        raise InputError(f"{both}: parameters with names and with numbers; use one style for both files")
