"""One scratch server for each schema of the corpus, opened when the first pair needs it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from pgtune.model.equivalence import QueryPair, TestLimits, TestReport
from pgtune.shadow.trial.open_trial import Trial, open_trial
from pgtune.shadow.trial.schema_script import SchemaScript

HERE = Path(__file__).parent


class Trials:
    """Trials by the name of their schema. Only the last one runs: pairs come sorted by schema."""

    def __init__(self) -> None:
        self._name = ""
        self._trial: Trial | None = None
        self._stack = ExitStack()

    def test(self, schema: str, original: str, rewritten: str, databases: int) -> TestReport:
        """Try one pair."""
        return self._of(schema).test(QueryPair((original,), (rewritten,)), TestLimits(databases))

    def close(self) -> None:
        """Stop the server."""
        self._stack.close()
        self._name = ""

    def _of(self, schema: str) -> Trial:
        if self._trial is None or self._name != schema:
            self.close()
            path = HERE / "schemas" / f"{schema}.sql"
            script = SchemaScript(path.name, path.read_text(encoding="utf-8"))
            self._trial = self._stack.enter_context(open_trial(script, None, lambda _doing, _fraction: None))
            self._name = schema
        return self._trial
