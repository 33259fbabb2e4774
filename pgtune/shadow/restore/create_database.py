"""The locale of the snapshot's database in, an empty database that sorts like it out; and its copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

from pgtune.model.snapshot import DatabaseLocale
from pgtune.shadow.database import LeftOut
from pgtune.shadow.restore.planner_role import PLANNER_ROLE

_Connection = psycopg.Connection[tuple[object, ...]]
_FIRST_WITH_PROVIDERS = 15
_FIRST_WITH_COPY_STRATEGIES = 15
_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}
# The option of CREATE DATABASE that names a provider's locale.
_LOCALE_OPTIONS = {"i": "ICU_LOCALE", "b": "BUILTIN_LOCALE"}


def create_database(connection: _Connection, name: str, locale: DatabaseLocale) -> Iterator[LeftOut]:
    """Create database *name*, owned by the planner role; yield a note when the server lacks *locale*."""
    major = connection.info.server_version // 10000
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 OWNER {} {}")
    names = sql.Identifier(name), sql.Identifier(PLANNER_ROLE)
    try:
        connection.execute(create.format(*names, _locale_clauses(locale, major)))
    except psycopg.Error as error:
        connection.execute(create.format(*names, _locale_clauses(DatabaseLocale(), major)))
        reason = error.diag.message_primary or str(error)
        yield LeftOut(f"locale {locale.locale or locale.collate}", f"text is sorted as by C here: {reason}")


def copy_database(connection: _Connection, original: str, copies: Sequence[str]) -> None:
    """Copy a database that nobody is connected to.

    By file, so that the server has no page of the copies in its buffers: their files are rewritten by hand.
    """
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} {}")
    by_file = connection.info.server_version // 10000 >= _FIRST_WITH_COPY_STRATEGIES
    strategy = sql.SQL("STRATEGY file_copy" if by_file else "")
    for copy in copies:
        names = (sql.Identifier(name) for name in (copy, original, PLANNER_ROLE))
        connection.execute(create.format(*names, strategy))


def _locale_clauses(locale: DatabaseLocale, major: int) -> sql.Composed:
    options = {"ENCODING": locale.encoding, "LC_COLLATE": locale.collate, "LC_CTYPE": locale.ctype}
    if major >= _FIRST_WITH_PROVIDERS:
        options["LOCALE_PROVIDER"] = _PROVIDERS.get(locale.provider, locale.provider)
    if locale.locale is not None and locale.provider in _LOCALE_OPTIONS:
        options[_LOCALE_OPTIONS[locale.provider]] = locale.locale
    if locale.icu_rules is not None:
        options["ICU_RULES"] = locale.icu_rules
    return sql.SQL(" ").join(
        sql.SQL("{} {}").format(sql.SQL(name), sql.Literal(value)) for name, value in options.items()
    )
