"""An index in, what it is for besides being read out: reasons why it cannot simply be dropped."""

from __future__ import annotations

from enum import Enum

from pgtune.model.catalog import CatalogIndex


class Duty(Enum):
    """Something that ends with the index; the value is half a sentence about an index."""

    CONSTRAINT = "it backs the constraint {index.constraint}"
    FOREIGN_KEY = "the foreign key {index.foreign_key} depends on it"
    UNIQUE = "it keeps its key unique"
    REPLICA_IDENTITY = "it is the replica identity of its table"
    CLUSTER = "CLUSTER sorts the table by it"
    PARTITION = "it is a part of {index.parent}"

    def of(self, index: CatalogIndex) -> str:
        """Half a sentence: "it backs the constraint orders_pkey"."""
        return self.value.format(index=index)


def duties(index: CatalogIndex) -> tuple[Duty, ...]:
    """What the index does besides being read, the weightiest first."""
    has = {
        Duty.CONSTRAINT: index.constraint is not None,
        Duty.FOREIGN_KEY: index.foreign_key is not None,
        Duty.UNIQUE: index.unique,
        Duty.REPLICA_IDENTITY: index.replica_identity,
        Duty.CLUSTER: index.clustered,
        Duty.PARTITION: index.parent is not None,
    }
    return tuple(duty for duty, present in has.items() if present)
