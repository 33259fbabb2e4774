"""Which statements give other results on the same rows, as far as their text tells."""

from __future__ import annotations

import pytest

from pgtune.shadow.trial.undetermined import undetermined

VOLATILE = frozenset({"random"})


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELECT a FROM t LIMIT 1", "LIMIT without ORDER BY"),
        ("SELECT a FROM t FETCH FIRST ROW ONLY", "LIMIT without ORDER BY"),
        ("SELECT a FROM t OFFSET 3", "LIMIT without ORDER BY"),
        ("SELECT * FROM (SELECT a FROM t LIMIT 1) AS s ORDER BY a", "LIMIT without ORDER BY"),
        ("SELECT a FROM t WHERE random() < 0.5", "random() gives another value at each call"),
        ("SELECT a FROM t TABLESAMPLE system (10)", "TABLESAMPLE takes other rows each time"),
        ("SELECT a FROM t ORDER BY a LIMIT 1", None),
        ("SELECT a FROM t OFFSET 0", None),
        ("SELECT a FROM t LIMIT ALL", None),
        ("SELECT a FROM t WHERE EXISTS (SELECT FROM u LIMIT 1)", None),
        ("SELECT a FROM t, LATERAL (SELECT 1 FROM u WHERE u.b = t.a LIMIT 1) AS s", None),
        ("SELECT true FROM t LIMIT 1", None),
        ("SELECT a FROM t WHERE EXISTS (SELECT b FROM u UNION SELECT c FROM v LIMIT 1)", None),
        ("SELECT 1 FROM t UNION ALL SELECT b FROM u LIMIT 1", "LIMIT without ORDER BY"),
        ("SELECT 1, a FROM t LIMIT 1", "LIMIT without ORDER BY"),
        ("SELECT random FROM t", None),
    ],
)
def test_the_reason(statement: str, reason: str | None) -> None:
    assert undetermined([statement], VOLATILE) == reason
