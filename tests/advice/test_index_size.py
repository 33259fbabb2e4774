"""Sizes of indexes that do not exist: rules that hold for every shape, and figures of real builds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgtune.advice.sizes.btree_size import existing_btree_height
from pgtune.advice.sizes.distinct_values import clustered_distinct, combinations, kept_distinct
from pgtune.advice.sizes.index_size import index_size
from pgtune.model.index_shape import ColumnShape, IndexShape, ItemClass, Width


def integer(distinct: float, null_fraction: float = 0.0) -> ColumnShape:
    return ColumnShape("integer", 4, "i", 4, null_fraction, True, distinct)


def text(avg_width: int, distinct: float) -> ColumnShape:
    return ColumnShape("text", -1, "i", avg_width, 0.0, True, distinct)


def btree(rows: float, *key: ColumnShape, distinct: float | None = None) -> IndexShape:
    return IndexShape("btree", rows, key, (), key[0].distinct if distinct is None else distinct, 0)


@pytest.mark.parametrize(
    ("shape", "blocks", "height"),
    [
        # TPC-H SF1 on PostgreSQL 18.6: what pg_relation_size and bt_metap said of the index really built
        (btree(6_001_279, integer(2_526)), 5_212, 2),  # l_shipdate
        (btree(6_001_279, integer(1_500_000)), 9_508, 2),  # l_orderkey
        (btree(6_001_279, integer(200_000)), 5_503, 2),  # l_partkey
        (btree(6_001_279, integer(200_000), integer(10_000), distinct=799_541), 7_435, 2),
        (
            replace(btree(6_001_279, integer(1_500_000), integer(7), distinct=6_001_279), unique=True),
            16_457,
            2,
        ),
        (btree(1_500_000, integer(99_996)), 1_542, 2),  # o_custkey
    ],
)
def test_sizes_of_real_builds(shape: IndexShape, blocks: int, height: int) -> None:
    size = index_size(shape)

    assert size.blocks == pytest.approx(blocks, rel=0.02)
    assert size.height == height


@given(
    rows=st.floats(1, 1e9),
    more=st.floats(1, 10),
    share=st.floats(1e-6, 1),
    width=st.integers(1, 120),
)
def test_more_rows_or_wider_values_never_make_a_smaller_index(
    rows: float, more: float, share: float, width: int
) -> None:
    plain = replace(btree(rows, text(width, rows * share)), unique=True)

    assert index_size(replace(plain, rows=rows * more)).blocks >= index_size(plain).blocks
    wider = replace(plain, key=(text(width + 8, rows * share),))
    assert index_size(wider).blocks >= index_size(plain).blocks


@given(rows=st.floats(1, 1e8), share=st.floats(1e-7, 1), width=st.integers(1, 200))
def test_merging_equal_keys_never_makes_a_larger_index(rows: float, share: float, width: int) -> None:
    merged = btree(rows, text(width, max(1.0, rows * share)))

    # A page of a few posting lists is filled a little less evenly than one of many small entries.
    assert index_size(merged).blocks <= index_size(replace(merged, unique=True)).blocks * 1.02 + 1


def test_include_columns_and_other_operator_classes_keep_every_row_apart() -> None:
    merged = btree(1_000_000, integer(100))
    apart = index_size(replace(merged, unique=True))

    assert index_size(merged).blocks < apart.blocks / 2
    assert index_size(replace(merged, key=(replace(integer(100), equal_image=False),))) == apart
    assert index_size(replace(merged, include=(integer(5),))) == apart  # 8 bytes hold two integers


def test_a_smaller_fill_factor_makes_a_larger_index() -> None:
    full = replace(btree(1_000_000, integer(1_000_000)), fill_factor=90)

    assert index_size(replace(full, fill_factor=45)).blocks == pytest.approx(
        2 * index_size(full).blocks, rel=0.03
    )


def test_null_takes_a_bitmap_and_no_value() -> None:
    wide = ColumnShape("uuid", 16, "c", 16, 0.5, False, 1_000)

    half_null = index_size(btree(100_000, wide)).blocks
    none_null = index_size(btree(100_000, replace(wide, null_fraction=0.0))).blocks
    assert half_null == pytest.approx(none_null * (16 + 4 + 24 + 4) / (2 * (24 + 4)), rel=0.01)


def test_widths_are_aligned_one_by_one() -> None:
    """5 and 9 bytes are 7 on average, but take 16 and 24 with the header: not the 16 of 7 bytes."""
    numeric = ColumnShape("numeric", -1, "i", 7, 0.0, False, 1e5, widths=(Width(5, 0.5), Width(9, 0.5)))

    assert index_size(btree(1e5, numeric)).blocks == pytest.approx(1e5 * (20 + 4) / 7325, rel=0.02)


def test_an_index_without_rows_is_its_metapage() -> None:
    assert index_size(btree(0, integer(0))).blocks == 1


@pytest.mark.parametrize(
    ("blocks", "rows", "key", "height"),
    [
        (2, 25, (integer(25),), 0),
        (30, 10_000, (integer(10_000),), 1),
        (551, 200_000, (integer(200_000),), 2),
        (16_457, 6_001_279, (integer(1_261_376), integer(7)), 2),  # lineitem_pkey
        (45_052, 11_745_000, (integer(261), integer(18_000), integer(5)), 2),  # inventory_pkey of TPC-DS
    ],
)
def test_height_of_an_existing_index(
    blocks: int, rows: float, key: tuple[ColumnShape, ...], height: int
) -> None:
    assert existing_btree_height(blocks, key, rows) == height


def test_gin_counts_items_and_pages_of_its_two_kinds() -> None:
    item = ColumnShape("text", -1, "i", 10, 0.0, False, 0)
    shape = IndexShape(
        "gin", 1e5, (item,), (), 1e5, 2_000, items=(ItemClass(1_000, 50), ItemClass(10, 50_000))
    )

    size = index_size(shape)

    assert size.items == 1_010
    assert size.entries == 1_000 * 50 + 10 * 50_000
    assert size.data_blocks >= 10  # a tree for each frequent item
    assert size.blocks == 1 + size.entry_blocks + size.data_blocks


def test_brin_is_a_few_pages() -> None:
    # lineitem (l_orderkey, l_comment): 112,555 pages, 11 when built
    shape = IndexShape("brin", 6e6, (integer(1.5e6), text(27, 4e6)), (), 6e6, 112_555)

    assert index_size(shape).blocks == 11
    assert index_size(shape).entries == 880  # ranges of 128 pages


def test_combinations_are_at_least_the_values_of_each_and_at_most_the_rows() -> None:
    assert combinations([1_000, 1], 1_000) == 1_000
    assert combinations([1_000, 1_000], 5_000) == pytest.approx(5_000, rel=0.01)
    assert combinations([10, 5], 100_000) == pytest.approx(50)
    assert kept_distinct(1_000, 1_000, 100) == pytest.approx(100)
    assert kept_distinct(10, 1_000_000, 1_000) == pytest.approx(10)


def test_analyze_underestimates_values_that_lie_side_by_side() -> None:
    """lineitem has 1,500,000 orders; ANALYZE said 394,941 of it."""
    assert clustered_distinct(394_941, 6_001_279, 112_555, 0.9999998, 100) == pytest.approx(
        1_500_000, rel=0.2
    )
    assert clustered_distinct(192_161, 6_001_279, 112_555, -0.003, 100) == 192_161
    assert clustered_distinct(5_000, 100_000, 1_000, 1.0, 100) == 5_000  # every block was read
