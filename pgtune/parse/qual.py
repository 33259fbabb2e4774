"""Predicates as EXPLAIN prints them in, clauses out.

The server deparses expressions fully parenthesised (src/backend/utils/adt/ruleutils.c), so one operator
stands in each pair of parentheses and no grammar is needed. What cannot be read is OTHER, never an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgtune.model.qual import COMMUTED, Clause, ClauseKind, ColumnRef
from pgtune.parse.qual_columns import distinct_columns, mentions, type_end
from pgtune.parse.qual_tokens import Kind, Tokens

MAX_NESTING = 40  # of AND in OR in AND ...; deeper is OTHER; chosen

_COMPARISONS = {
    "=": ClauseKind.EQUALITY,
    "<": ClauseKind.RANGE,
    "<=": ClauseKind.RANGE,
    ">": ClauseKind.RANGE,
    ">=": ClauseKind.RANGE,
    "<>": ClauseKind.OTHER,
}
_CONTAINMENT = frozenset({"@>", "<@", "&&", "@@", "@?", "?", "?|", "?&", "@@@"})
_PATTERNS = frozenset({"~~", "~~*", "~", "~*", "^@"})
# Casts to these may be relabelling only: the index of the column itself serves (of varchar, mostly).
_RELABELS = frozenset({"text", "character varying", "bpchar", "inet", "oid"})
_NULL_TESTS = {("IS", "NULL"): ClauseKind.IS_NULL, ("IS", "NOT", "NULL"): ClauseKind.IS_NOT_NULL}
_TRUTH_TESTS = frozenset(
    {("IS", "TRUE"), ("IS", "NOT", "TRUE"), ("IS", "FALSE"), ("IS", "NOT", "FALSE")}
    | {("IS", "UNKNOWN"), ("IS", "NOT", "UNKNOWN")}
)
_Span = tuple[int, int]


def read_clauses(text: str) -> tuple[Clause, ...]:
    """Take the top-level AND list apart. Never raises."""
    tokens = Tokens(text)
    if not tokens.sound:
        return (Clause(text.strip(), ClauseKind.OTHER, columns=_columns_of(tokens)),)
    return tuple(_and_list(tokens, (0, len(tokens.tokens)), 0))


def read_columns(expression: str) -> tuple[ColumnRef, ...]:
    """Every column that the expression mentions, in order, each once."""
    return _columns_of(Tokens(expression))


def read_plain_column(expression: str) -> ColumnRef | None:
    """The column when the expression is one and nothing else (parentheses aside)."""
    tokens = Tokens(expression)
    return _plain_column(tokens, (0, len(tokens.tokens))) if tokens.sound else None


def read_cast_column(expression: str) -> tuple[ColumnRef, str] | None:
    """The column and the type when the expression is ``(column)::type`` and nothing else."""
    tokens = Tokens(expression)
    if not tokens.sound:
        return None
    return _cast_column(tokens, (0, len(tokens.tokens)))


def without_aliases(expression: str) -> str:
    """The expression as an index of the relation spells it: ``lower(o.email)`` as ``lower(email)``."""
    tokens = Tokens(expression)
    if not tokens.sound:
        return expression
    pieces, position = [], 0
    for mention in mentions(tokens, 0, len(tokens.tokens)):
        name_start = tokens.tokens[mention.high - 1].start
        pieces.append(expression[position : tokens.tokens[mention.low].start])
        position = name_start
    return "".join(pieces) + expression[position:]


def bare_spelling(expression: str) -> str:
    """An expression without what spelling may add: aliases, parentheses, spaces. To compare two."""
    return without_aliases(expression).replace("(", "").replace(")", "").replace(" ", "")


def _columns_of(tokens: Tokens) -> tuple[ColumnRef, ...]:
    return distinct_columns(tokens, 0, len(tokens.tokens)) if tokens.sound else ()


def _and_list(tokens: Tokens, span: _Span, depth: int) -> Iterator[Clause]:
    low, high = tokens.without_parentheses(*span)
    arms = _split(tokens, (low, high), "OR")
    members = _split(tokens, (low, high), "AND")
    if len(arms) > 1 and depth < MAX_NESTING:
        alternatives = tuple(tuple(_and_list(tokens, arm, depth + 1)) for arm in arms)
        yield Clause(
            tokens.spelling(low, high),
            ClauseKind.OR,
            columns=distinct_columns(tokens, low, high),
            alternatives=alternatives,
        )
    elif len(members) > 1 and len(arms) == 1 and depth < MAX_NESTING:
        for member in members:
            yield from _and_list(tokens, member, depth + 1)
    elif low < high:
        yield _simple(tokens, (low, high))


def _split(tokens: Tokens, span: _Span, keyword: str) -> list[_Span]:
    low, high = span
    spans = []
    for index in _outside_case(tokens, span):
        if tokens.tokens[index].kind is Kind.WORD and tokens.tokens[index].text == keyword:
            spans.append((low, index))
            low = index + 1
    return [*spans, (low, high)]


def _outside_case(tokens: Tokens, span: _Span) -> Iterator[int]:
    """The indexes outside brackets and outside CASE ... END."""
    in_case = 0
    for index in tokens.top_level(*span):
        token = tokens.tokens[index]
        if token.kind is Kind.WORD:
            in_case += (token.text == "CASE") - (token.text == "END")
        if not in_case:
            yield index


def _simple(tokens: Tokens, span: _Span) -> Clause:
    """A clause without AND and OR."""
    tested = _tested(tokens, span)
    if tested is not None:
        return tested
    negated = tokens.tokens[span[0]].text == "NOT"
    inner = tokens.without_parentheses(span[0] + 1, span[1]) if negated else span
    operator = _find_operator(tokens, inner)
    if operator is None:
        return _truth(tokens, span, _Side.read(tokens, inner), "NOT" if negated else None)
    if negated:
        return _other(tokens, span)
    return _operation(tokens, span, operator)


def _tested(tokens: Tokens, span: _Span) -> Clause | None:
    """``x IS [NOT] NULL`` and ``x IS [NOT] TRUE``; None when the clause is no such test."""
    low, high = span
    for length in (2, 3):
        words = tuple(token.text for token in tokens.tokens[max(low, high - length) : high])
        if high - low == length or not (words in _TRUTH_TESTS or words in _NULL_TESTS):
            continue
        side = _Side.read(tokens, tokens.without_parentheses(low, high - length))
        if words in _TRUTH_TESTS:
            return _truth(tokens, span, side, " ".join(words))
        if words in _NULL_TESTS:
            kind = _NULL_TESTS[words] if side.indexable else ClauseKind.OTHER
            return side.clause(tokens, span, kind, " ".join(words), None)
    return None


def _truth(tokens: Tokens, span: _Span, side: _Side, operator: str | None) -> Clause:
    kind = ClauseKind.BOOLEAN if side.indexable else ClauseKind.OTHER
    return side.clause(tokens, span, kind, operator, None)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of an operator, and whether an index could have it as a key."""

    text: str
    column: ColumnRef | None
    cast: str | None
    row: tuple[ColumnRef, ...]
    columns: tuple[ColumnRef, ...]
    literal: bool
    indexable: bool

    @classmethod
    def read(cls, tokens: Tokens, span: _Span) -> _Side:
        low, high = span
        column, cast = _column_and_cast(tokens, span)
        columns = distinct_columns(tokens, low, high)
        row = _row(tokens, span)
        return cls(
            text=tokens.spelling(low, high),
            column=column,
            cast=cast,
            row=row,
            columns=columns,
            literal=_is_literal(tokens, span),
            indexable=len({ref.alias for ref in columns}) == 1 and _is_computed_from_columns(tokens, span),
        )

    def clause(
        self, tokens: Tokens, span: _Span, kind: ClauseKind, operator: str | None, operand: _Side | None
    ) -> Clause:
        """The clause with this as its indexable side."""
        indexable = kind is not ClauseKind.OTHER
        return Clause(
            text=tokens.spelling(*span),
            kind=kind,
            column=self.column if indexable else None,
            cast=self.cast if indexable else None,
            expression=self.text if indexable and self.column is None and not self.row else None,
            row=self.row if indexable else (),
            side=self.text if indexable else None,
            operator=operator,
            operand=operand.text if operand else None,
            operand_column=operand.column if operand else None,
            operand_columns=operand.columns if operand else (),
            literal=operand.literal if operand else True,
            columns=distinct_columns(tokens, *span),
        )


def _other(tokens: Tokens, span: _Span, operator: str | None = None) -> Clause:
    return Clause(
        tokens.spelling(*span),
        ClauseKind.OTHER,
        operator=operator,
        columns=distinct_columns(tokens, *span),
    )


@dataclass(frozen=True, slots=True)
class _Operator:
    name: str
    low: int
    high: int
    quantifier: str | None  # ANY or ALL


def _operation(tokens: Tokens, span: _Span, operator: _Operator) -> Clause:
    left = _Side.read(tokens, tokens.without_parentheses(span[0], operator.low))
    right = _Side.read(tokens, tokens.without_parentheses(operator.high, span[1]))
    name = operator.name
    if operator.quantifier is not None:
        full_name = f"{name} {operator.quantifier}"
        if full_name == "= ANY" and left.indexable:
            return left.clause(tokens, span, ClauseKind.IN_LIST, "=", right)
        return _other(tokens, span, full_name)
    kind = _kind(name, right)
    if kind is ClauseKind.OTHER:
        return _other(tokens, span, name)
    if left.indexable:
        return left.clause(tokens, span, kind, name, right)
    if right.indexable and name in COMMUTED:
        return right.clause(tokens, span, kind, COMMUTED[name], left)
    return _other(tokens, span, name)


def _kind(name: str, operand: _Side) -> ClauseKind:
    if name in _CONTAINMENT:
        return ClauseKind.CONTAINS
    if name in _PATTERNS:
        return _pattern_kind(name, operand)
    return _COMPARISONS.get(name, ClauseKind.OTHER)


def _pattern_kind(name: str, operand: _Side) -> ClauseKind:
    if name == "^@":
        return ClauseKind.PREFIX
    pattern = operand.text[operand.text.find("'") + 1 :] if operand.literal else ""
    if name == "~~" and pattern[:1] not in ("", "%", "_", "'"):
        return ClauseKind.PREFIX
    if name == "~" and pattern[:1] == "^" and pattern[1:2].isalnum():
        return ClauseKind.PREFIX
    return ClauseKind.PATTERN


def _find_operator(tokens: Tokens, span: _Span) -> _Operator | None:
    """The operator of lowest precedence outside brackets: a comparison, else the first of any kind."""
    found = [operator for operator in _operators(tokens, span) if span[0] < operator.low]
    comparisons = [operator for operator in found if operator.name in _COMPARISONS]
    return next(iter(comparisons or found), None)


def _operators(tokens: Tokens, span: _Span) -> Iterator[_Operator]:
    for index in _outside_case(tokens, span):
        token = tokens.tokens[index]
        if token.kind is Kind.OPERATOR and not (index and tokens.tokens[index - 1].text == "."):
            yield _quantified(tokens, token.text, index, index + 1)
        elif token.text == "OPERATOR" and index + 1 in tokens.partner:
            end = tokens.partner[index + 1]  # OPERATOR(public.=)
            yield _quantified(tokens, tokens.tokens[end - 1].text, index, end + 1)
        elif token.kind is Kind.WORD and token.text in ("IS", "OVER"):
            yield _Operator(
                token.text, index, index + 1, None
            )  # IS DISTINCT FROM and the like: not indexable
            return


def _quantified(tokens: Tokens, name: str, low: int, high: int) -> _Operator:
    following = tokens.tokens[high].text if high < len(tokens.tokens) else ""
    if following in ("ANY", "ALL"):
        return _Operator(name, low, high + 1, following)
    return _Operator(name, low, high, None)


def _plain_column(tokens: Tokens, span: _Span) -> ColumnRef | None:
    low, high = tokens.without_parentheses(*span)
    found = list(mentions(tokens, low, high))
    whole = len(found) == 1 and (found[0].low, found[0].high) == (low, high)
    return found[0].ref if whole else None


def _column_and_cast(tokens: Tokens, span: _Span) -> tuple[ColumnRef | None, str | None]:
    column = _plain_column(tokens, span)
    if column is not None:
        return column, None
    found = _cast_column(tokens, span)
    return found if found is not None and found[1] in _RELABELS else (None, None)


def _cast_column(tokens: Tokens, span: _Span) -> tuple[ColumnRef, str] | None:
    low, high = tokens.without_parentheses(*span)
    casts = [index for index in tokens.top_level(low, high) if tokens.tokens[index].kind is Kind.CAST]
    if len(casts) != 1 or type_end(tokens, casts[0] + 1, high) != high:
        return None
    column = _plain_column(tokens, (low, casts[0]))
    return None if column is None else (column, tokens.spelling(casts[0] + 1, high))


def _row(tokens: Tokens, span: _Span) -> tuple[ColumnRef, ...]:
    """The columns of ``ROW(a, b)`` when it has nothing else."""
    low, high = span
    if high - low < 3 or tokens.tokens[low].text != "ROW" or tokens.partner.get(low + 1) != high - 1:
        return ()
    found = list(mentions(tokens, low + 2, high - 1))
    commas = sum(tokens.tokens[index].text == "," for index in tokens.top_level(low + 2, high - 1))
    spelled = sum(mention.high - mention.low for mention in found)
    whole = len(found) == commas + 1 and spelled + commas == high - low - 3
    return tuple(mention.ref for mention in found) if whole else ()


def _is_literal(tokens: Tokens, span: _Span) -> bool:
    """True for a constant, cast or not, and ARRAY[...] or ROW(...) of such."""
    index, high = span
    while index < high:
        token = tokens.tokens[index]
        if token.kind is Kind.CAST:
            index = max(index + 1, type_end(tokens, index + 1, high))
            continue
        constant = token.kind in (Kind.STRING, Kind.NUMBER, Kind.OPEN, Kind.CLOSE) or token.text in (
            *("true", "false", "NULL", "ARRAY", "ROW", ",", "-"),
        )
        if not constant:
            return False
        index += 1
    return span[0] < high


_NOT_AN_INDEX_KEY = frozenset({"SubPlan", "InitPlan", "SubPlans", "OVER", "PARTIAL", "GROUPING", "FILTER"})


def _is_computed_from_columns(tokens: Tokens, span: _Span) -> bool:
    """False when a parameter, a sub-query or a window takes part: then no index can store the value."""
    return not any(
        token.kind is Kind.PARAMETER or (token.kind is Kind.WORD and token.text in _NOT_AN_INDEX_KEY)
        for token in tokens.tokens[span[0] : span[1]]
    )
