"""ExistingIndexes written down as YAML, for case files: a catalog with what the server counted.

relations: ...                                        # as in catalog_yaml
days: 90                                              # of counting; null: not known
standbys: 0
in_recovery: false
tables: {public.orders: {inserted: 500, deleted: 3}}
fresh_mb: {public.orders_user_id_idx: 7}
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from pgtune.model.existing_indexes import ExistingIndexes
from pgtune.model.names import RelationName
from pgtune.model.snapshot import TableUsage
from tests.catalog_yaml import as_catalog, as_name

TAKEN_AT = datetime(2026, 6, 1, tzinfo=UTC)


def read_existing_indexes(text: str) -> ExistingIndexes:
    raw = yaml.safe_load(text)
    days = raw.get("days", 90)
    usage = [table_usage(as_name(name), **counts) for name, counts in raw.get("tables", {}).items()]
    return ExistingIndexes(
        catalog=as_catalog(raw),
        taken_at=TAKEN_AT,
        counted_since=None if days is None else TAKEN_AT - timedelta(days=days),
        table_usage={each.relation: each for each in usage},
        standbys=raw.get("standbys", 0),
        in_recovery=raw.get("in_recovery", False),
        fresh_bytes={as_name(name): int(mb * 1024**2) for name, mb in raw.get("fresh_mb", {}).items()},
    )


def table_usage(name: RelationName, **counts: Any) -> TableUsage:
    zeros = ("seq_scans", "idx_scans", "inserted", "updated", "hot_updated", "deleted", "live", "dead")
    known: dict[str, Any] = {**dict.fromkeys(zeros, 0), "modified_since_analyze": 0}
    known |= {"last_vacuum": None, "last_analyze": None, **counts}
    return TableUsage(relation=name, **known)
