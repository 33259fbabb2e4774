"""The sentences of a PoolCheck, the same in every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pgtune.model.finding import Finding, Severity
from pgtune.model.pools.pool_check import CheckResult, PoolCheck, Status
from pgtune.model.pools.slots import ConnectionSlots, SlotsOrigin
from pgtune.report.quantities import count_of

ACCEPTED = "accepted"
_BUDGET_RULE = "fleet-over-budget"
_SHARE_RULE = "infeasible-pool"  # says of each pool what the budget says of all, where no size fits
_MAX_NAMED = 3  # names in one line of the report; chosen
_WHOLE = ("server", "fleet")  # places that name no one thing: a message says as much without them
_SLOTS_WORDS = {
    SlotsOrigin.SERVER: "of the server",
    SlotsOrigin.DECLARED: "as declared",
    SlotsOrigin.ASSUMED: "by default",
}
_STATUS_ORDER = (
    Status.ERROR.value,
    Status.WARNING.value,
    Status.INFO.value,
    ACCEPTED,
    Status.UNKNOWN.value,
    Status.OK.value,
    Status.IDLE.value,
)


def headline(check: PoolCheck) -> str:
    """The verdict, and what to do: "Failed: 1 error; 12 checks ok, 3 unknown. The largest ...: 6."."""
    found = "; ".join(filter(None, (_found(check), _rest(check))))
    sentences = (f"{'Failed' if check.fails else 'Passed'}: {found}.", *_what_to_do(check))
    return " ".join(sentences)


def _found(check: PoolCheck) -> str:
    counted = [
        count_of(number, severity.name.lower(), f"{severity.name.lower()}s")
        for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)
        if (number := sum(finding.severity is severity for finding in open_findings(check)))
    ]
    accepted = len(check.findings) - len(open_findings(check))
    return ", ".join([*counted, *([f"{accepted} {ACCEPTED}"] if accepted else [])])


def _rest(check: PoolCheck) -> str:
    statuses = [result.status for result in check.results]
    fine, unknown = statuses.count(Status.OK), statuses.count(Status.UNKNOWN)
    return f"{count_of(fine, 'check', 'checks')} ok" + (f", {unknown} unknown" if unknown else "")


def _what_to_do(check: PoolCheck) -> Iterator[str]:
    """The size that passes, and which other checks let the run fail."""
    if check.fail_on is None or not check.fails:
        return
    failing = [finding for finding in open_findings(check) if finding.severity >= check.fail_on]
    rules = list(dict.fromkeys(finding.rule for finding in failing))
    is_over = any(finding.rule == _BUDGET_RULE and finding.severity is Severity.ERROR for finding in failing)
    if is_over:
        rules.remove(_BUDGET_RULE)
        if check.largest_pool is None:
            rules = [rule for rule in rules if rule != _SHARE_RULE]
            yield "No max_size passes: put a pooler in front of the server, or run fewer replicas."
        else:
            yield f"The largest max_size that passes: {check.largest_pool}."
    if rules:
        yield f"{'Then mend' if is_over else 'To mend'}: {_some(rules)}."


def open_findings(check: PoolCheck) -> tuple[Finding, ...]:
    """Findings that the baseline does not accept, the gravest first."""
    return tuple(finding for finding in check.findings if finding.key not in check.accepted)


def budget_rows(check: PoolCheck) -> Iterator[tuple[str, str, str]]:
    """How many connections, who holds them at the peak, and how that was reckoned."""
    if check.demand is None:
        return
    for line in check.demand.lines:
        yield f"{line.connections:,}", line.name, line.reckoned
    for name in check.demand.unknown:
        yield "?", name, "its size is not declared"
    own = check.demand.connections - sum(line.connections for line in check.demand.lines)
    yield f"{own:,}", "pgtune", ""
    if check.reserve is not None:
        yield f"{check.reserve:,}", "reserve", "kept for people and surprises"


def needed(check: PoolCheck) -> int:
    """Connections at the peak with the reserve."""
    return (check.demand.connections if check.demand is not None else 0) + (check.reserve or 0)


def peak_words(check: PoolCheck) -> str:
    """What the sum of the budget is called."""
    is_partial = check.demand is not None and check.demand.unknown
    return "at the peak, or more" if is_partial else "at the peak"


def slots_line(slots: ConnectionSlots) -> str:
    """What there is: "100 max_connections - 3 reserved, of the server"."""
    kept = slots.superuser_reserved + slots.reserved
    return f"{slots.max_connections} max_connections - {kept} reserved, {_SLOTS_WORDS[slots.origin]}"


def status_words(check: PoolCheck, result: CheckResult) -> str:
    """The status without what the baseline accepts: "error", "ok", "accepted"."""
    left = [finding.severity for finding in result.findings if finding.key not in check.accepted]
    if result.findings and not left:
        return ACCEPTED
    return Status[max(left).name].value if left else result.status.value


def shown_results(check: PoolCheck) -> tuple[CheckResult, ...]:
    """The checks that saw something, the gravest first."""
    shown = [result for result in check.results if result.findings or result.fine]
    return tuple(
        sorted(shown, key=lambda result: (_STATUS_ORDER.index(status_words(check, result)), result.rule))
    )


def result_lines(result: CheckResult) -> Iterator[str]:
    """What one check saw, without its findings' details; what is said of several things is said once."""
    subjects: dict[str, dict[str, None]] = {}
    for finding in result.findings:
        subjects.setdefault(finding.message, {})[finding.at] = None
    for message, places in subjects.items():
        yield _with_subject([place for place in places if place not in _WHOLE], message)
    if not result.findings:
        yield from result.fine
    yield from (f"not checked: {reason}" for reason in result.missing)


def title(finding: Finding) -> str:
    """The message and what it is about: "api.main: 3 backends of the pool were left open"."""
    return _with_subject([] if finding.at in _WHOLE else [finding.at], finding.message)


def _with_subject(subjects: Sequence[str], message: str) -> str:
    return f"{_some(subjects)}: {message}" if subjects else message


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    left = len(names) - _MAX_NAMED
    return ", ".join(names) if left <= 0 else f"{', '.join(names[:_MAX_NAMED])} and {left} more"


def detail(check: PoolCheck, finding: Finding) -> str:
    """The finding's detail; nothing where it says the table of the budget again."""
    return "" if finding.rule == _BUDGET_RULE and check.demand is not None else finding.detail


def place_words(finding: Finding) -> str:
    """Where it is declared, else what it is about."""
    return str(finding.place) if finding.place is not None else finding.at


def unchecked_rows(check: PoolCheck, *, everything: bool) -> Iterator[tuple[str, str]]:
    """What is missing, and the checks that wait for it; where there are many, *everything* names them."""
    waiting: dict[str, list[str]] = {}
    for result in check.results:
        if result.status is Status.UNKNOWN:
            for reason in result.missing:
                waiting.setdefault(reason, []).append(result.rule)
    for reason, rules in sorted(waiting.items(), key=lambda item: -len(item[1])):
        is_counted = len(rules) > _MAX_NAMED and not everything
        yield reason, count_of(len(rules), "check", "checks") if is_counted else ", ".join(rules)


def idle_rules(check: PoolCheck) -> Iterable[str]:
    """Checks that had nothing to look at."""
    return [result.rule for result in check.results if result.status is Status.IDLE]
