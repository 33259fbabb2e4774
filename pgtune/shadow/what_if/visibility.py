"""A shadow database in, a function in it that shows and hides indexes from the planner out.

The planner leaves out an index whose pg_index.indisvalid is false.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

from pgtune.sources.connect import ServerConnection

SCHEMA = "pgtune_shadow"
TOGGLE = f"{SCHEMA}.toggle"
_PREFIX = "pgtune_hypothetical_"

_INSTALL = """
CREATE SCHEMA IF NOT EXISTS {schema};
GRANT USAGE ON SCHEMA {schema} TO {role};
CREATE OR REPLACE FUNCTION {schema}.toggle(indexes oid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE pg_catalog.pg_index SET indisvalid = NOT indisvalid WHERE indexrelid = ANY (indexes);
END
$$;
REVOKE ALL ON FUNCTION {schema}.toggle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {schema}.toggle TO {role};
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT oid::regclass FROM pg_class WHERE relname LIKE {pattern} AND relkind IN ('i', 'I')
    LOOP
        EXECUTE 'DROP INDEX ' || name;
    END LOOP;
END
$$;
"""
# Each question leaves a dead version of the rows that it toggled. With room beside them these stay on the
# page, where the next update prunes them; measured: else pg_index grows by 2 MB in 4,000 questions.
_MAKE_ROOM = """
SET allow_system_table_mods = on;
ALTER TABLE pg_catalog.pg_index SET (fillfactor = 10);
RESET allow_system_table_mods;
"""
# An index that is being dropped is not in the list of a table's indexes, so that no session even opens it. A
# session makes its list anew when the table's own row changes.
_FORGET = """
WITH forgotten AS (
    UPDATE pg_catalog.pg_index SET indislive = false WHERE indexrelid = ANY (%s::oid[]) RETURNING indrelid
)
UPDATE pg_catalog.pg_class SET relname = relname WHERE oid IN (SELECT indrelid FROM forgotten)
"""
_HIDE = "UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = ANY (%s::oid[])"


def install_toggle(superuser: ServerConnection, role: str) -> None:
    """Make the function ``TOGGLE(oid[])``, which *role* may call, though it may not write the catalog.

    Hypothetical indexes of an earlier planner are dropped.
    """
    script = sql.SQL(_INSTALL).format(
        schema=sql.Identifier(SCHEMA), role=sql.Identifier(role), pattern=sql.Literal(_PREFIX + "%")
    )
    superuser.execute(script)
    superuser.execute(_MAKE_ROOM.encode())
    superuser.execute("VACUUM FULL pg_catalog.pg_index")


def index_name(number: int) -> str:
    """Return the name of a hypothetical index."""
    return f"{_PREFIX}{number}"


def hide(superuser: ServerConnection, oids: Iterable[int]) -> None:
    """Have the planner pass over the indexes from now on."""
    superuser.execute(_HIDE, [list(oids)])


def forget(superuser: ServerConnection, oids: Iterable[int]) -> None:
    """Have the planner not even look at the indexes, for good."""
    superuser.execute(_FORGET, [list(oids)])
