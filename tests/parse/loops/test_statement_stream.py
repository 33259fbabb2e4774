"""Reading a file piece by piece gives the statements that reading it whole gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.parse.loops import statement_stream
from pgtune.parse.loops.statement_stream import stream_statements
from pgtune.parse.sql_split import read_script

SAMPLES = sorted((Path(__file__).parents[3] / "sample_queries").rglob("*.sql"))
SCRIPT = r"""
/* a /* nested */ comment; */ SELECT 'a;b', E'it\'s;', "x;y", $$;$$, $t$ ; $$ $t$, 1 - -2 / 3; -- end;
\set name 'value'
SELECT 1 \gset
;;
COPY t FROM STDIN;
1;2
\.
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END;
CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);
SELECT '
multi
line;', $1;
SELECT 'last without a semicolon';
/* a comment */ -- and another"""


@pytest.mark.parametrize("block_chars", [1, 7, 64, 1 << 18])
@pytest.mark.parametrize("text", [SCRIPT, *(path.read_text(encoding="utf-8") for path in SAMPLES)])
def test_blocks_of_any_size_give_the_same_statements(
    monkeypatch: pytest.MonkeyPatch, text: str, block_chars: int
) -> None:
    monkeypatch.setattr(statement_stream, "BLOCK_CHARS", block_chars)
    whole = [(one.text, one.line, one.offset) for one in read_script(text).statements]
    pieces = list(stream_statements(text.splitlines(keepends=True)))
    assert len(whole) > 0
    assert [(one.text, one.line, one.offset) for one in pieces] == whole
