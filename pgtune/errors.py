"""Every error that a user can meet, with the exit code it ends in.

PgtuneError
├── UsageError                  2  the command line, a setting or an input file is wrong
│   ├── InputError              2  a file cannot be read, or holds nothing that can be used
│   │   ├── NothingToExplain    2  SQL without a statement that EXPLAIN takes
│   │   ├── PlanError           2  the input looks like a plan but cannot be read as one
│   │   └── StatementError      2  the SQL is not SQL, or lacks a parameter
│   └── SettingsError           2  a value in pgtune.toml or [tool.pgtune]
└── ServerError                 3  could not check
    ├── ConnectError            3  unreachable, refused, wrong password or database
    ├── StatementRefused        3  no privilege, unknown relation, read-only transaction
    ├── StatementCancelled      3  statement or lock timeout, or cancelled by the administrator
    ├── ConnectionLost          3  the server went away under the query
    └── EmbeddedError           3  the embedded PostgreSQL could not be started

``str(error)`` is one line: the object, the cause, the next step.
"""

from __future__ import annotations


def system_cause(error: OSError) -> str:
    """The operating system's words for an error, begun in lower case as all messages are."""
    words = error.strerror or str(error)
    return words[:1].lower() + words[1:]


class PgtuneError(Exception):
    """Base of all errors that are shown to the user as one line."""

    exit_code = 2
    context = ""  # lines to show below it


class UsageError(PgtuneError):
    """The command line, a setting or an input is wrong."""


class InputError(UsageError):
    """An input cannot be read, or holds nothing that pgtune can use."""


class NothingToExplain(InputError):
    """A SQL file holds no statement that EXPLAIN takes."""


class PlanError(InputError):
    """The input looks like a plan but cannot be read as one."""


class StatementError(InputError):
    """The SQL is not valid, or a parameter has no value.

    ``context`` holds the offending line and a caret below it, as psql shows them, or is empty.
    """

    def __init__(self, message: str, context: str = "") -> None:
        super().__init__(message)
        self.context = context


class SettingsError(UsageError):
    """A setting has an unknown name or an impossible value."""


class ServerError(PgtuneError):
    """The server did not let the check be made."""

    exit_code = 3


class ConnectError(ServerError):
    """No connection: unreachable host, refused, wrong password, no such database."""


class StatementRefused(ServerError):
    """The server refused the statement: no privilege, unknown relation, read-only transaction.

    ``context`` is that of StatementError.
    """

    def __init__(self, message: str, context: str = "") -> None:
        super().__init__(message)
        self.context = context


class StatementCancelled(ServerError):
    """The statement ran into a timeout or was cancelled."""


class ConnectionLost(ServerError):
    """The server went away while it was working for us."""


class EmbeddedError(ServerError):
    """The embedded PostgreSQL could not be set up or started."""
