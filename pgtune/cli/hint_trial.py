"""A shadow that is made when the first proposed index wants to be tried, and kept for all statements."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pgtune.cli.explain_target import ExplainTarget, OpenShadow, other_major
from pgtune.cli.screen import say_traceback
from pgtune.cli.target import OnProgress
from pgtune.errors import PgtuneError
from pgtune.model.catalog import Catalog
from pgtune.model.finding import Finding
from pgtune.model.review import Review
from pgtune.model.workload import Query

if TYPE_CHECKING:
    from pgtune.model.planner import Planner

_SILENT_S = 1.0  # before progress is shown; chosen


class HintTrial:
    """Asks the planner of a shadow about the indexes of findings; a failure makes one remark and no error."""

    def __init__(
        self,
        target: ExplainTarget,
        queries: Callable[[], Sequence[Query]],
        stack: ExitStack,
        on_progress: OnProgress,
    ) -> None:
        """*queries* are all that will be asked about; *stack* closes what is opened."""
        self.remarks: list[str] = []
        self._target = target
        self._find_queries = queries
        self._stack = stack
        self._on_progress = on_progress
        self._queries: dict[int, Query] = {}
        self._planner: Planner | None = None
        self._tried = False

    def prove(self, number: int, review: Review, catalog: Catalog) -> Review:
        """Return the review of the query of that number with its indexes tried; the same where that fails."""
        if not any(finding.indexes for finding in review.findings):
            return review
        try:
            planner = self._open()
            if planner is None or number not in self._queries:
                return review
            return replace(
                review,
                findings=self._proven(review.findings, number, planner, catalog),
                minor=self._proven(review.minor, number, planner, catalog),
            )
        except PgtuneError as error:
            say_traceback(error)
            self._planner = None
            self.remarks.append(f"proposed indexes were not tried on a shadow: {error}")
            return review

    def planner_of(self, number: int) -> Planner | None:
        """Who knows the query of that number; None where no index had to be tried."""
        return self._planner if number in self._queries else None

    def _proven(
        self, findings: Sequence[Finding], number: int, planner: Planner, catalog: Catalog
    ) -> tuple[Finding, ...]:
        from pgtune.advice.hints.hint_proof import prove

        return prove(findings, self._queries[number], planner, catalog)

    def _open(self) -> Planner | None:
        if not self._tried:
            self._tried = True
            self._queries = {query.number: query for query in self._find_queries()}
            self._planner = self._stack.enter_context(self._opened())
        return self._planner

    @contextmanager
    def _opened(self) -> Iterator[Planner]:
        from pgtune.shadow.what_if.what_if import open_planner

        with self._target.open_shadow(_silent_at_first(self._on_progress)) as opened:
            self._remark_on(opened)
            with open_planner(opened.shadow, tuple(self._queries.values())) as planner:
                yield planner

    def _remark_on(self, opened: OpenShadow) -> None:
        if not opened.shadow.same_major and not self._target.remarks:
            difference = other_major(opened.version_num, opened.shadow.version_num)
            self.remarks.append(f"proposed indexes were tried on a shadow: {difference}")


def _silent_at_first(on_progress: OnProgress) -> OnProgress:
    """Pass progress on once it has taken _SILENT_S."""
    started_s = time.monotonic()

    def report(doing: str, fraction: float) -> None:
        if time.monotonic() - started_s >= _SILENT_S:
            on_progress(doing, fraction)

    return report
