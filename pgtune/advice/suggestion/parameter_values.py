"""A statement, its plan and the statistics in; values for its ``$n`` that a user may well ask for out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from pgtune.advice.accesses.scan_columns import local_alias
from pgtune.advice.suggestion.typical_values import NEAR_THE_END, TypicalValues
from pgtune.model.names import RelationName
from pgtune.model.plan import Plan, PlanNode
from pgtune.model.qual import Clause, ClauseKind, ColumnRef
from pgtune.model.snapshot import ColumnStatistics
from pgtune.parse.array_literal import write_array
from pgtune.parse.qual import read_clauses
from pgtune.parse.sql_tokens import TokenKind, read_tokens

LIST_LENGTH = 3  # of ``= ANY ($1)``; chosen
ROWS = "10"  # of LIMIT $1; chosen
INTERVAL = "7 days"  # of now() - $1::interval; chosen
TIME_UNIT = "day"  # of date_trunc($1, ...); chosen
# They say how much is shown, not what is looked for.
_BY_WORD = {"LIMIT": ROWS, "FIRST": ROWS, "NEXT": ROWS, "OFFSET": "0"}
_TIME_UNITS = frozenset({"DATE_TRUNC", "DATE_PART"})
_AROUND_PARAMETERS = re.compile(r'::[\w" ]+(?:\(\d+\))?(?:\[\])*|\bARRAY\[|\]|\bROW\b|[()\s]')
_PARAMETERS = re.compile(r"\$\d+(?:,\$\d+)*")
# Up to 16, what an InitPlan returns is spelled like a parameter of the statement.
_RETURNED = re.compile(r"returns (.*)\)")
_LIKE_EQUALITY = {"<>": "=", "<> ALL": "= ANY"}
_DATE = "::date"
_ISO_DATE_CHARS = 10
_COMPUTED: Mapping[str, Callable[[str], str]] = {
    "lower(": str.lower,
    "upper(": str.upper,
    "date(": lambda text: text[:_ISO_DATE_CHARS],
}

Statistics = Mapping[tuple[RelationName, str], ColumnStatistics]


def parameter_values(text: str, plan: Plan, statistics: Statistics) -> Mapping[int, str]:
    """Return values for those ``$n`` of the statement that can be told, by n.

    - what is compared with a column: a value from the middle of its statistics
    - both ends of a range: two neighbouring bounds of the histogram; one end: one that keeps few rows
    - what no column tells: LIMIT 10, OFFSET 0, an interval of 7 days, date_trunc() to the day

    *plan* has to show conditions as filters, which a plan without indexes does.
    """
    told = dict(_by_position(text))
    names = _Names(plan, statistics)
    for node in plan.nodes():
        for side in _by_side(node):
            for number, value in _of_side(side, names):
                if value is not None and number not in names.returned:
                    told.setdefault(number, value)
    return told


def _by_position(text: str) -> Iterator[tuple[int, str]]:
    """Parameters whose place in the statement says what they are."""
    tokens = [token for token in read_tokens(text) if not token.is_blank]
    for before, token in pairwise(tokens):
        if token.kind is TokenKind.PLACEHOLDER and before.keyword in _BY_WORD:
            yield int(token.text[1:]), _BY_WORD[before.keyword]
    for first, second, third in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if first.keyword in _TIME_UNITS and second.text == "(" and third.kind is TokenKind.PLACEHOLDER:
            yield int(third.text[1:]), TIME_UNIT
        if first.kind is TokenKind.PLACEHOLDER and second.text == "::" and third.keyword == "INTERVAL":
            yield int(first.text[1:]), INTERVAL


class _Names:
    """What the plan's expressions call columns, and what is known of those."""

    def __init__(self, plan: Plan, statistics: Statistics) -> None:
        scans = [(local_alias(node), node.relation) for node in plan.nodes() if node.relation is not None]
        self._relations = dict(reversed(scans))
        self._only = scans[0][1] if len(self._relations) == 1 else None
        self._statistics = statistics
        self.returned = frozenset(_returned_numbers(plan))

    def typical(self, ref: ColumnRef) -> TypicalValues | None:
        relation = self._only if ref.alias is None else self._relations.get(ref.alias)
        found = self._statistics.get((relation, ref.name)) if relation is not None else None
        return TypicalValues.of(found) if found is not None else None


def _returned_numbers(plan: Plan) -> Iterator[int]:
    for node in plan.nodes():
        returned = _RETURNED.search(node.subplan_name or "")
        yield from (int(name) for name in re.findall(r"\$(\d+)", returned[1])) if returned else ()


def _by_side(node: PlanNode) -> Iterator[Sequence[Clause]]:
    """The node's comparisons, together what is about the same column or expression."""
    quals = node.quals
    texts = (quals.index_cond, quals.recheck_cond, quals.filter)
    joins = (quals.join_filter, quals.hash_cond, quals.merge_cond)
    sides: dict[str | None, list[Clause]] = {}
    for text in (*texts, *joins):
        for top in read_clauses(text) if text is not None else ():
            for clause in map(_like_equality, top.everything()):
                if "$" in (clause.operand or ""):
                    sides.setdefault(clause.side, []).append(clause)
    yield from sides.values()


def _like_equality(clause: Clause) -> Clause:
    """For ``<>`` and NOT IN the same values are typical as for ``=`` and IN."""
    other = _LIKE_EQUALITY.get(clause.operator or "")
    if clause.kind is not ClauseKind.OTHER or other is None:
        return clause
    return read_clauses(clause.text.replace(f" {clause.operator} ", f" {other} ", 1))[0]


def _of_side(clauses: Sequence[Clause], names: _Names) -> Iterator[tuple[int, str | None]]:
    first = clauses[0]
    if first.row:
        yield from _of_row(first, names)
        return
    values = _typical(first, names)
    if values is None:
        return
    for clause in clauses:
        if clause.kind is not ClauseKind.RANGE:
            yield from zip(_numbers(clause), _of_clause(clause, values), strict=False)
    lower = [number for clause in clauses if _is_range(clause, ">") for number in _numbers(clause)]
    upper = [number for clause in clauses if _is_range(clause, "<") for number in _numbers(clause)]
    ends = (values.narrow_range() if lower and upper else None) or (
        values.at(NEAR_THE_END),
        values.at(1 - NEAR_THE_END),
    )
    yield from ((number, ends[0]) for number in lower)
    yield from ((number, ends[1]) for number in upper)


def _is_range(clause: Clause, direction: str) -> bool:
    return clause.kind is ClauseKind.RANGE and (clause.operator or "").startswith(direction)


def _of_row(clause: Clause, names: _Names) -> Iterator[tuple[int, str | None]]:
    """``ROW(a, b) > ROW($1, $2)``, as in paging: the place of a typical row."""
    for ref, number in zip(clause.row, _numbers(clause), strict=False):
        values = names.typical(ref)
        yield number, values.at(0.5) if values is not None else None


def _typical(clause: Clause, names: _Names) -> TypicalValues | None:
    """Values of what the clause compares: a column, or a simple function of one."""
    if clause.column is not None:
        return names.typical(clause.column)
    own = {ref for ref in clause.columns if ref not in clause.operand_columns}
    values = names.typical(own.pop()) if len(own) == 1 else None
    expression = clause.expression or ""
    if values is None:
        return None
    if expression.endswith(_DATE):
        return values.mapped(_COMPUTED["date("])
    change = next((change for start, change in _COMPUTED.items() if expression.startswith(start)), None)
    return values.mapped(change) if change is not None else None


def _of_clause(clause: Clause, values: TypicalValues) -> Sequence[str | None]:
    """Values in the order of the clause's parameters."""
    numbers = _numbers(clause)
    if clause.kind is ClauseKind.EQUALITY:
        return values.some(1)
    if clause.kind is ClauseKind.IN_LIST:
        if "ARRAY[" in (clause.operand or ""):
            return _repeated(values.some(len(numbers)), len(numbers))
        some = values.some(LIST_LENGTH)
        return [write_array(some)] if some else []
    if clause.kind is ClauseKind.CONTAINS:
        return [values.contained(clause.operator or "")]
    return [_pattern(clause.operator, values)]


def _repeated(values: Sequence[str], count: int) -> Sequence[str]:
    return [values[position % len(values)] for position in range(count)] if values else []


def _pattern(operator: str | None, values: TypicalValues) -> str | None:
    if operator == "^@":
        return values.prefix()
    if operator in ("~~", "~~*"):
        return values.pattern(anchored=operator == "~~")
    return None


def _numbers(clause: Clause) -> Sequence[int]:
    """The parameters of an operand that is one, cast or not, or a list of such; none of any other."""
    bare = _AROUND_PARAMETERS.sub("", clause.operand or "")
    return [int(name[1:]) for name in bare.split(",")] if _PARAMETERS.fullmatch(bare) else []
