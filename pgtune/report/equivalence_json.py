"""A Verdict as JSON, for programs. The versioned schema is published in docs/equivalence-schema.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pgtune.model.equivalence import Counterexample, Result, Row, Side, TableRows
from pgtune.model.equivalence_verdict import Verdict
from pgtune.model.rewrite import DataCheck
from pgtune.report.equivalence_phrases import inserts

SCHEMA_VERSION = 1  # raised when a field is removed or changes its meaning; new fields do not raise it
MS_DIGITS = 3


def render_json(verdict: Verdict) -> str:
    """Return the verdict as one JSON document, keys in a stable order, ending in a newline."""
    return json.dumps(to_json(verdict), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_json(verdict: Verdict) -> Mapping[str, Any]:
    """Return the verdict as JSON values. Values of rows are text as the server prints it, NULL is null."""
    test = verdict.test
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pgtune", "version": verdict.version},
        "verdict": verdict.outcome.value,
        "original": verdict.original,
        "rewritten": verdict.rewritten,
        "schema": verdict.schema,
        "parameters": list(verdict.parameters),
        "databases": test.databases,
        "not_empty": test.not_empty,
        "failed": test.failed,
        "original_failed": test.original_failed,
        "seed": test.seed,
        "elapsed_ms": round(test.elapsed_ms, MS_DIGITS),
        "reason": test.reason,
        "remarks": [*test.remarks, *verdict.remarks],
        "counterexample": None if test.counterexample is None else _counterexample(test.counterexample),
        "data": None if verdict.data is None else _data(verdict.data),
    }


def _counterexample(example: Counterexample) -> Mapping[str, Any]:
    return {
        "difference": example.difference,
        "inserts": list(inserts(example)),
        "values": _rows(tuple(row for row in example.values if row)),
        "original": _side(example.original),
        "rewritten": _side(example.rewritten),
    }


def _side(side: Side) -> Mapping[str, Any]:
    """The last statement that ran, those before it, and the tables that they changed."""
    *earlier, last = side.results or (Result(),)
    return {
        **_result(last),
        "earlier": [_result(result) for result in earlier],
        "tables": [_table(table) for table in side.tables],
    }


def _result(result: Result) -> Mapping[str, Any]:
    return {
        "columns": [{"name": column.name, "type": column.type} for column in result.columns],
        "rows": _rows(result.rows),
        "row_count": result.row_count,
        "error": result.error,
    }


def _table(table: TableRows) -> Mapping[str, Any]:
    return {"name": str(table.relation), "columns": list(table.columns), "rows": _rows(table.rows)}


def _rows(rows: tuple[Row, ...]) -> list[list[str | None]]:
    return [list(row) for row in rows]


def _data(data: DataCheck) -> Mapping[str, Any]:
    return {
        "is_equal": data.is_equal,
        "rows": data.rows,
        "reason": data.reason,
        "only_original": list(data.only_original),
        "only_rewritten": list(data.only_rewritten),
    }
