"""Partitioned tables of a scratch database in, a default partition for each that has none out."""

from __future__ import annotations

from collections.abc import Sequence

from pgtune.model.names import quote_ident
from pgtune.shadow.trial.exchange import Exchange, Request
from pgtune.shadow.trial.read_schema import Locked, SchemaReader


def add_default_partitions(exchange: Exchange, catalogs: SchemaReader, locked: Sequence[Locked]) -> None:
    """Let every row find a partition; hash partitions can have no default, and keep their gaps.

    Raises:
        ConnectionLost: the server ended.
    """
    roots = catalogs.rows("reached", oids=[one.oid for one in locked], writes=True)
    rows = catalogs.rows("default_partitions", oids=[row["oid"] for row in roots])
    for row in rows:
        name = f"{quote_ident(row['schema'])}.pgtune_default_{row['oid']}"
        exchange.run([Request(f"CREATE TABLE {name} PARTITION OF {row['name']} DEFAULT")])
