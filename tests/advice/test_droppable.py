"""Which existing indexes a selection may leave out."""

from __future__ import annotations

import pytest

from pgtune.advice.suggestion.droppable import droppable, why_kept
from pgtune.model.catalog import CatalogIndex
from tests.catalog_yaml import read_catalog


def index(extra: str) -> CatalogIndex:
    text = f"relations: {{public.orders: {{indexes: [{{name: orders_idx, key: [a], {extra}}}]}}}}"
    ((found,),) = (relation.indexes for relation in read_catalog(text).relations.values())
    return found


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ("unique: true, primary: true, constraint: orders_pkey", "it backs the constraint orders_pkey"),
        ("method: gist, constraint: orders_span_excl", "it backs the constraint orders_span_excl"),
        ("unique: true, foreign_key: lines_fkey", "the foreign key lines_fkey depends on it"),
        ("unique: true", "it keeps its key unique"),
        ("replica_identity: true", "it is the replica identity of its table"),
        ("clustered: true", "CLUSTER sorts the table by it"),
        ("parent: public.whole_idx", "it is a part of public.whole_idx"),
        ("valid: false", "it is invalid: no plan uses it, so that none tells what it is worth"),
    ],
)
def test_an_index_that_does_more_than_be_read_is_kept(extra: str, why: str) -> None:
    assert why_kept(index(extra)) == why
    assert droppable([index(extra)]) == ()


@pytest.mark.parametrize("extra", ["mb: 1", "predicate: a > 1", "partitioned: true", "include: [b]"])
def test_an_index_that_only_queries_need_may_go(extra: str) -> None:
    assert droppable([index(extra)]) == (index(extra),)
