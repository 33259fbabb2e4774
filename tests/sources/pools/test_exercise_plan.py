"""How large a pool may be opened, and what a plan takes from a declaration."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgtune.errors import UsageError
from pgtune.model.place import Place
from pgtune.model.pool_settings import PoolSettings
from pgtune.model.pools.declared_pool import DeclaredPool, PoolKind
from pgtune.sources.pools.exercise_plan import opened_size, plan_declared, plan_own

DECLARED = DeclaredPool("main", Place("pgtune.toml", 8), PoolKind.SQLALCHEMY, max_size=20, overflow=10)


@given(free_slots=st.integers(0, 20_000), max_size=st.integers(1, 1_000))
def test_never_more_than_a_third_of_the_free_slots_and_never_the_last_ten(
    free_slots: int, max_size: int
) -> None:
    plan = replace(plan_own(PoolSettings(), 5.0, free_slots), max_size=max_size)
    try:
        size = opened_size(plan)
    except UsageError:
        assert free_slots < 13
        return
    sessions = size.max_size + 1  # the one that looks on
    assert sessions <= free_slots / 3
    assert free_slots - sessions >= 10
    assert size.max_size <= max_size
    assert bool(size.why_smaller) == (size.max_size < max_size)


def test_few_connections_are_opened_where_the_free_slots_are_not_known() -> None:
    size = opened_size(plan_declared("api.main", DECLARED, 5.0, None))
    assert (size.min_size, size.max_size) == (4, 4)
    assert size.why_smaller == (
        "4 of 30 connections were opened: how many slots of the server are free is not known."
    )


def test_a_large_pool_is_cut_where_the_threads_would_be_measured() -> None:
    size = opened_size(replace(plan_own(PoolSettings(), 5.0, 10_000), max_size=200))
    assert size.max_size == 50
    assert "pgtune's own threads" in size.why_smaller


def test_what_a_declaration_leaves_out_is_the_default_of_psycopg_pool() -> None:
    plan = plan_declared("api.main", DECLARED, 5.0, 97)
    assert (plan.min_size, plan.max_size, plan.max_idle_s, plan.acquire_timeout_s) == (4, 30, 600.0, 30.0)
    assert plan.check is False
    assert plan.place == Place("pgtune.toml", 8)


def test_a_pool_without_a_size_is_refused() -> None:
    with pytest.raises(UsageError, match=r"pool api\.main: its size is not known"):
        plan_declared("api.main", replace(DECLARED, max_size=None), 5.0, 97)
