"""Merging candidates: one index does what two did, and nothing that it should not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pgtune.advice.candidates.candidate_merging import merged, more_general, narrower
from pgtune.model.index import Index, IndexPart
from pgtune.model.names import RelationName

ORDERS = RelationName("public", "orders")


def index(key: str, include: str = "", predicate: str | None = None, **more: str) -> Index:
    """``index("a b", "c")`` is (a, b) INCLUDE (c)."""
    return Index(ORDERS, tuple(map(IndexPart, key.split())), tuple(include.split()), predicate, **more)


def spelled(indexes: list[Index]) -> set[str]:
    return {each.create_sql("i").split("orders ", 1)[1].removesuffix(";") for each in indexes}


def test_a_shared_prefix_may_keep_the_rest_in_include() -> None:
    assert spelled(list(merged([index("a b"), index("a c")]))) == {
        "(a, b) INCLUDE (c)",
        "(a, c) INCLUDE (b)",
        "(a, b, c)",
        "(a, c, b)",
    }


def test_a_longer_key_takes_over_a_shorter_one_and_what_it_includes() -> None:
    assert spelled(list(merged([index("a", "d"), index("a b", "c")]))) == {"(a, b) INCLUDE (c, d)"}


def test_a_plain_index_replaces_a_partial_one_with_the_columns_of_its_condition() -> None:
    found = spelled(list(merged([index("a", "c"), index("a", "", "b IS NULL")])))
    assert found == {"(a) INCLUDE (b, c)"}


def test_equal_conditions_stay() -> None:
    found = list(merged([index("a", "", "b IS NULL AND d = 1"), index("c", "", "b IS NULL")]))
    assert {each.predicate for each in found} == {"b IS NULL"}
    assert all("d" in each.columns for each in found)


def test_other_tables_and_other_access_methods_are_left_alone() -> None:
    brin = index("a", access_method="brin")
    other = Index(RelationName("public", "users"), (IndexPart("b"),))
    assert list(merged([brin, index("b"), other])) == []


def test_an_expression_is_never_put_into_include() -> None:
    lower = Index(ORDERS, (IndexPart("lower(a)", is_expression=True, label="lower"),))
    assert spelled(list(merged([index("b"), lower]))) == {
        "(b, (lower(a)))",
        "((lower(a))) INCLUDE (b)",
        "((lower(a)), b)",
    }


def test_too_wide_an_index_is_none() -> None:
    wide = index("a b c d", "e f g h i j k l")
    assert list(merged([wide, index("m")])) == []


def test_narrower_forms_lack_one_column_or_all_included_ones() -> None:
    assert spelled(list(narrower(index("a b", "c d")))) == {
        "(a, b) INCLUDE (c)",
        "(a, b) INCLUDE (d)",
        "(a, b)",
        "(a) INCLUDE (c, d)",
        "(a) INCLUDE (b, c, d)",
    }


def test_a_partial_index_becomes_more_general_one_condition_at_a_time() -> None:
    found = spelled(list(more_general(index("a", "", "b IS NULL AND c = 1"))))
    assert found == {
        "(a) INCLUDE (b, c)",
        "(a) INCLUDE (b) WHERE c = 1",
        "(a) INCLUDE (c) WHERE b IS NULL",
    }
    assert list(more_general(index("a"))) == []


INDEXES = st.builds(
    Index,
    relation=st.just(ORDERS),
    key=st.lists(st.sampled_from("abc").map(IndexPart), min_size=1, max_size=3, unique=True).map(tuple),
    include=st.sets(st.sampled_from("xyz")).map(lambda names: tuple(sorted(names))),
    predicate=st.sampled_from([None, "p IS NULL", "p IS NULL AND q = 1"]),
)


@given(st.lists(INDEXES, min_size=2, max_size=5, unique=True))
def test_a_merged_index_is_new_and_has_the_columns_of_both(given_indexes: list[Index]) -> None:
    found = list(merged(given_indexes))
    assert not set(found) & set(given_indexes)
    assert len(found) == len(set(found))
    for each in found:
        stood_in_for = [one for one in given_indexes if one.columns <= each.columns]
        assert len(stood_in_for) >= 2
        assert any(each.key[: len(one.key)] == one.key for one in stood_in_for)
