"""A server log in, the slowest plan of each query out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pgtune.cli.diagnose import diagnose
from pgtune.errors import PlanError
from pgtune.model.diagnosis import Explained, Occurrences, Origin
from pgtune.model.place import Place
from pgtune.model.policy import Policy
from pgtune.parse.fingerprint import fingerprint
from pgtune.parse.plans import parse_plans
from pgtune.parse.server_log import LogEntry, TruncatedEntry, read_log, split_query_text

TOP_QUERIES = 10  # shown, by total time; --all shows every one; chosen
MAX_NAMED_TRUNCATED = 3


@dataclass(slots=True)
class _Group:
    """Entries of one query; only the slowest is kept, so memory does not grow with the log."""

    slowest: LogEntry
    count: int = 0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class LogOutcome:
    """What a log gave."""

    explained: tuple[Explained, ...]
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    groups: dict[str, _Group] = field(default_factory=dict)
    truncated: list[TruncatedEntry] = field(default_factory=list)

    def add(self, entry: LogEntry | TruncatedEntry) -> None:
        if isinstance(entry, TruncatedEntry):
            self.truncated.append(entry)
            return
        query, _ = split_query_text(entry.text)
        group = self.groups.setdefault(fingerprint(query or entry.text), _Group(entry))
        group.count += 1
        group.total_ms += entry.duration_ms or 0.0
        if (entry.duration_ms or 0.0) > (group.slowest.duration_ms or 0.0):
            group.slowest = entry


def explain_log(name: str, lines: Iterable[str], policy: Policy, top: int | None = TOP_QUERIES) -> LogOutcome:
    """Group the log's plans by query and diagnose the slowest of each, the dearest queries first."""
    tally = _Tally()
    for entry in read_log(lines):
        tally.add(entry)
    ranked = sorted(tally.groups.values(), key=lambda group: (-group.total_ms, group.slowest.line))
    explained = []
    for group in ranked[:top]:
        try:
            explained.append(_explain(group, Place(name, group.slowest.line), policy))
        except PlanError as error:  # cut at a line's end: only reading the plan shows it
            tally.truncated.append(TruncatedEntry(group.slowest.line, str(error)))
    return LogOutcome(tuple(explained), tuple(_remarks(name, tally, len(ranked), top)))


def _explain(group: _Group, source: Place, policy: Policy) -> Explained:
    query, plan_text = split_query_text(group.slowest.text)
    plan = replace(parse_plans(plan_text)[0], execution_ms=group.slowest.duration_ms)
    charged, review = diagnose(plan, None, policy)
    return Explained(
        source=source,
        origin=Origin.LOGGED,
        plan=charged,
        review=review,
        query=query or plan.query_text,
        occurrences=Occurrences(group.count, group.total_ms),
    )


def _remarks(name: str, tally: _Tally, queries: int, top: int | None) -> Iterable[str]:
    if not queries:
        yield f"{name}: no plans in this log; auto_explain writes them once log_min_duration is set"
    if top is not None and queries > top:
        yield f"{name}: {queries - top} more queries of less time; --all shows them"
    if tally.truncated:
        count = len(tally.truncated)
        named = "; ".join(
            f"line {entry.line}: {entry.reason}" for entry in tally.truncated[:MAX_NAMED_TRUNCATED]
        )
        more = f"; and {count - MAX_NAMED_TRUNCATED} more" if count > MAX_NAMED_TRUNCATED else ""
        yield f"{name}: {count} cut {'entry' if count == 1 else 'entries'} skipped ({named}{more})"
