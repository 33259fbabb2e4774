"""Parts of rewrite advice as people read them: places, labels with their reasons, costs, plans, times."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.equivalence import Outcome, TestReport
from pgtune.model.rewrite import AppliedRule, DataCheck, Idea, Label, Rewrite, RunTimes
from pgtune.report.index_advice_phrases import format_change
from pgtune.report.quantities import count_of, format_blocks, format_count, format_ms
from pgtune.report.rewrite_advice_plans import plans_in_short

MAX_STATEMENT_CHARACTERS = 60  # of a statement in a sentence; chosen


def place(name: str, line: int | None) -> str:
    """Where a statement stands: "queries/a.sql:12"; the name alone where that tells it, or no file does."""
    return name if line is None or name.endswith(f":{line}") else f"{name}:{line}"


def in_short(sql: str) -> str:
    """How a statement begins, on one line."""
    text = " ".join(sql.split())
    if len(text) <= MAX_STATEMENT_CHARACTERS:
        return text
    return text[: MAX_STATEMENT_CHARACTERS - 1].rstrip() + "…"


def rules_line(rewrite: Rewrite) -> str:
    """The rules that were applied, each once, with their severities."""
    return ", ".join(dict.fromkeys(rule_name(each) for each in rewrite.applied))


def change_lines(rewrite: Rewrite) -> Iterator[tuple[str, str]]:
    """What each rule changed, ``(message, detail)``; a detail that was said before is empty."""
    said: set[str] = set()
    for each in rewrite.applied:
        detail = each.change.detail
        yield each.change.message, "" if detail in said else detail
        said.add(detail)


def rule_name(applied: AppliedRule) -> str:
    """A rule with its severity: "not-in-subquery (warning)"."""
    return f"{applied.rule} ({applied.severity})"


def short_label(label: Label, test: TestReport | None) -> str:
    """The label in a table; "tested 312/400" counts the databases with rows among all."""
    if label is Label.TESTED and test is not None:
        return f"{label.value} {test.not_empty:,}/{test.databases:,}"
    return label.value


def saving(rewrite: Rewrite) -> str:
    """How much cheaper the replacement is planned: "÷18"."""
    return format_change(rewrite.before.cost, rewrite.after.cost)


def rewrite_facts(rewrite: Rewrite) -> Iterator[tuple[str, str]]:
    """What there is to know of a rewrite besides the two texts, each under a word."""
    yield from label_facts(rewrite)
    costs = f"{format_count(rewrite.before.cost)} → {format_count(rewrite.after.cost)}"
    yield "cost", f"{costs} ({saving(rewrite)}), in planner units"
    before, after = plans_in_short(rewrite.before.plan, rewrite.after.plan)
    yield "plan before", before
    yield "plan after", after
    if rewrite.times is not None:
        yield times_fact(rewrite.times)


def label_facts(rewrite: Rewrite) -> Iterator[tuple[str, str]]:
    """Why the label may stand there: facts from the catalog, what is assumed, what was tested."""
    changes = [each.change for each in rewrite.applied]
    facts = dict.fromkeys(fact for change in changes for fact in change.facts)
    assumptions = dict.fromkeys(text for change in changes for text in change.assumptions)
    word = "proven" if rewrite.label is Label.PROVEN else "holds"
    yield from ((word, fact) for fact in facts)
    yield from (("assumes", assumption) for assumption in assumptions)
    yield from facts_of_test(rewrite.test, rewrite.data)


def facts_of_test(test: TestReport | None, data: DataCheck | None = None) -> Iterator[tuple[str, str]]:
    """What was tried, and what came of it."""
    if test is None:
        yield "not tested", "no test was run"
    else:
        yield "tested" if test.is_tested else "not decided", _test_line(test)
        for remark in test.remarks:
            yield "remark", remark
    if data is not None:
        yield "your data", _data_line(data)


def _test_line(test: TestReport) -> str:
    tried = f"{count_of(test.databases, 'database', 'databases')}, {test.not_empty:,} with rows"
    line = f"no difference on {tried} (seed {test.seed})"
    if test.outcome is Outcome.DIFFERENT:
        line = f"the two differ, on {tried} (seed {test.seed})"
    elif not test.is_tested:
        line = f"{test.reason or 'too few databases'}; {line}"
    if test.failed:
        line += f", both fail on {test.failed:,}"
    if test.original_failed:
        line += f", only the original fails on {test.original_failed:,}"
    return line


def _data_line(data: DataCheck) -> str:
    if data.is_equal is None:
        return f"not compared: {data.reason}"
    rows = count_of(data.rows, "row", "rows")
    return f"the same {rows}" if data.is_equal else f"the results differ: {data.reason}"


def times_fact(times: RunTimes) -> tuple[str, str]:
    """Medians of both on the disposable copy, or why there are none."""
    if times.reason:
        return "not measured", times.reason
    line = (
        f"{format_ms(times.before_ms)} → {format_ms(times.after_ms)}"
        f" ({format_change(times.before_ms, times.after_ms)})"
    )
    if times.before_blocks or times.after_blocks:
        blocks = (format_blocks(times.before_blocks) or "0", format_blocks(times.after_blocks) or "0")
        line += f", read {' → '.join(blocks)}"
    return "measured", line


def idea_line(idea: Idea) -> str:
    """An idea and why it is not offered: "a.sql:3: OFFSET reads what it skips: changes what ..."."""
    return f"{place(idea.query.name, idea.line)}: {idea.applied.change.message}; {idea.why}"
