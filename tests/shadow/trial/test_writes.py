"""Pairs that write, and loops with the batches that take their place."""

from __future__ import annotations

from pgtune.model.equivalence import Outcome
from pgtune.shadow.trial.trial import Trial
from tests.shadow.trial.judged import difference, judged, judged_loop


def test_tables_and_returned_rows_are_compared(trial: Trial) -> None:
    same = judged(
        trial,
        "DELETE FROM kv WHERE v IS NULL RETURNING k",
        "DELETE FROM kv AS a USING kv AS b WHERE a.k = b.k AND b.v IS NULL RETURNING a.k",
    )
    assert same.outcome is Outcome.EQUAL
    less = judged(trial, "DELETE FROM kv RETURNING k", "DELETE FROM kv RETURNING v")
    assert difference(less).startswith("the original returns (")


def test_what_a_foreign_key_deletes_counts(trial: Trial) -> None:
    report = judged(
        trial,
        ("DELETE FROM customers WHERE points = 1", "DELETE FROM orders WHERE quantity = 1"),
        (
            "DELETE FROM orders WHERE quantity = 1",
            "DELETE FROM customers WHERE points = 1 AND mood IS NOT NULL",
        ),
    )
    assert report.outcome is Outcome.DIFFERENT
    assert report.counterexample is not None
    changed = {table.relation.name for table in report.counterexample.original.tables}
    assert "customers" in changed


def test_what_a_trigger_writes_counts(trial: Trial) -> None:
    report = judged(
        trial,
        "UPDATE orders SET quantity = 1",
        ("UPDATE orders SET quantity = 2", "UPDATE orders SET quantity = 1"),
    )
    assert difference(report).startswith("public.audit: the original leaves 1 row, the other 2")


def test_no_trigger_fires_while_rows_are_loaded(trial: Trial) -> None:
    report = judged(trial, "SELECT count(*) FROM audit", "SELECT count(*) FROM audit, orders")
    assert report.counterexample is not None
    assert [table.relation.name for table in report.counterexample.tables] == ["audit"]


def test_a_sequence_gives_both_sides_the_same_ids(trial: Trial) -> None:
    report = judged(
        trial,
        "INSERT INTO customers (email) VALUES ('x@y') RETURNING id",
        "INSERT INTO customers (email) SELECT 'x@y' RETURNING id",
    )
    assert report.outcome is Outcome.EQUAL
    assert not any("sequences" in remark for remark in report.remarks)


def test_ids_that_depend_on_the_order_are_not_compared(trial: Trial) -> None:
    report = judged(
        trial,
        "INSERT INTO log (who) SELECT k FROM kv ORDER BY k",
        "INSERT INTO log (who) SELECT k FROM kv ORDER BY k DESC",
    )
    assert report.outcome is Outcome.EQUAL
    assert "not compared: ids that sequences give" in report.remarks


def test_another_number_of_written_rows_is_a_difference(trial: Trial) -> None:
    report = judged(trial, "UPDATE kv SET v = 1", "UPDATE kv SET v = 1 WHERE v IS DISTINCT FROM 1")
    assert difference(report) == "the original writes 1 row, the other 0"


def test_two_updates_are_one(trial: Trial) -> None:
    report = judged(
        trial,
        (
            "UPDATE kv SET v = v + 1 WHERE k IS NOT DISTINCT FROM $1",
            "UPDATE kv SET v = v + 1 WHERE k IS DISTINCT FROM $1",
        ),
        "UPDATE kv SET v = v + 1",
    )
    assert report.outcome is Outcome.EQUAL


def test_a_batch_of_upserts_dies_on_duplicates(trial: Trial) -> None:
    report = judged_loop(
        trial,
        "INSERT INTO kv VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        "INSERT INTO kv SELECT * FROM unnest($1::int[], $2::int[]) "
        "ON CONFLICT (k) DO UPDATE SET v = excluded.v",
    )
    assert difference(report).startswith("the other one fails: 21000")
    assert report.counterexample is not None
    assert len(report.counterexample.values) == 2
    assert report.counterexample.tables == ()


def test_a_batch_that_keeps_the_last_duplicate_is_the_loop(trial: Trial) -> None:
    report = judged_loop(
        trial,
        "INSERT INTO kv VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        "INSERT INTO kv SELECT DISTINCT ON (k) k, v FROM unnest($1::int[], $2::int[]) "
        "WITH ORDINALITY AS u (k, v, n) ORDER BY k, n DESC ON CONFLICT (k) DO UPDATE SET v = excluded.v",
    )
    assert report.outcome is Outcome.EQUAL
    assert report.not_empty > 10


def test_inserted_rows_and_their_ids_are_those_of_the_loop(trial: Trial) -> None:
    report = judged_loop(
        trial,
        "INSERT INTO log (who) VALUES ($1) RETURNING id, who",
        "INSERT INTO log (who) SELECT who FROM unnest($1::int[]) WITH ORDINALITY AS u (who, n) ORDER BY n "
        "RETURNING id, who",
    )
    assert report.outcome is Outcome.EQUAL
    assert report.remarks == ("not compared, as each run gives another value: public.log.luck",)


def test_a_batch_that_reads_may_name_the_keys(trial: Trial) -> None:
    report = judged_loop(
        trial, "SELECT v FROM pairs WHERE k = $1", "SELECT k, v FROM pairs WHERE k = ANY ($1::int[])"
    )
    assert report.outcome is Outcome.EQUAL
    missing = judged_loop(
        trial, "SELECT v FROM pairs WHERE k = $1", "SELECT DISTINCT k, v FROM pairs WHERE k = ANY ($1::int[])"
    )
    assert missing.outcome is Outcome.DIFFERENT


def test_a_batch_that_adds_up_only_one_of_equal_keys_is_refuted(trial: Trial) -> None:
    report = judged_loop(
        trial,
        "UPDATE kv SET v = v + $1 WHERE k = $2",
        "UPDATE kv SET v = kv.v + u.d FROM unnest($1::int[], $2::int[]) AS u (d, k) WHERE u.k = kv.k",
    )
    assert difference(report).startswith("public.kv: the original leaves (")
    assert report.counterexample is not None
    assert len(report.counterexample.values) == 2


def test_a_loop_fills_columns_of_domains_and_enums(trial: Trial) -> None:
    domain = judged_loop(
        trial,
        "INSERT INTO orders (customer_id, quantity) VALUES (NULL, $1)",
        "INSERT INTO orders (customer_id, quantity) SELECT NULL, q FROM unnest($1::int[]) AS given (q)",
    )
    assert (domain.outcome, domain.not_empty > 0) == (Outcome.EQUAL, True)
    enum = judged_loop(
        trial,
        "UPDATE customers SET points = 1 WHERE mood = $1",
        "UPDATE customers SET points = 1 WHERE mood = ($1::mood[])[1]",
    )
    assert difference(enum)
