"""The comments of a statement in; what they say to pgtune out.

-- pgtune: allow rule-name[, rule-name] reason
-- pgtune: set work_mem = '64kB'
-- pgtune: param user_id=42
-- pgtune: calls 5000
-- pgtune: trips rule-name
-- pgtune: needs allow-writes
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pgtune.errors import StatementError
from pgtune.model.allow import Allow
from pgtune.model.directives import Directives
from pgtune.parse.parameters import parse_param_options
from pgtune.parse.sql_split import Comment

_ADDRESS = re.compile(r"^[\s*/-]*pgtune:\s*(?P<order>\w*)\s*(?P<rest>.*?)[\s*/]*$")
_RULE_NAME = r"[A-Za-z][\w-]*"
_ALLOW = re.compile(rf"(?P<rules>{_RULE_NAME}(?:\s*,\s*{_RULE_NAME})*)(?:[\s:]+(?P<reason>.*))?")
_SETTING = re.compile(
    r"(?P<name>[A-Za-z_][\w.]*)\s*(?:=|\bto\b)\s*(?P<value>'(?:[^']|'')*'|\S+)", re.IGNORECASE
)
# Settings that change plans and nothing else: a file must not be able to leave READ ONLY or change the role.
_PLANNER_SETTING = re.compile(
    r"(?:enable|jit|geqo|cpu|seq|random|parallel|min_parallel|max_parallel)_\w+|jit|geqo|work_mem|hash_mem_multiplier"
    r"|temp_buffers|effective_cache_size|effective_io_concurrency|\w+_collapse_limit|cursor_tuple_fraction"
    r"|recursive_worktable_factor|plan_cache_mode|constraint_exclusion|search_path"
)
_CALLS = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_ORDERS = ("allow", "set", "param", "calls", "trips", "needs")


def read_directives(comments: Iterable[Comment]) -> Directives:
    """Return what the comments that are addressed to pgtune say.

    Raises:
        StatementError: an order is unknown or incomplete; the message names its line.
    """
    orders = list(_orders(comments))
    return Directives(
        allows=tuple(
            allow for line, order, rest in orders if order == "allow" for allow in _allows(rest, line)
        ),
        settings=dict(_setting(rest, line) for line, order, rest in orders if order == "set"),
        params=parse_param_options(rest for _, order, rest in orders if order == "param"),
        trips=tuple(rest for _, order, rest in orders if order == "trips"),
        needs=tuple(rest for _, order, rest in orders if order == "needs"),
        calls=_calls([(line, rest) for line, order, rest in orders if order == "calls"]),
    )


def _orders(comments: Iterable[Comment]) -> Iterator[tuple[int, str, str]]:
    """Yield line, order and the rest of each line that is addressed to pgtune."""
    for comment in comments:
        for line, text in enumerate(comment.text.splitlines(), comment.line):
            address = _ADDRESS.match(text)
            if address is None:
                continue
            if address["order"] not in _ORDERS:
                raise StatementError(
                    f'line {line}: unknown order "{address["order"]}" to pgtune; '
                    f"use {', '.join(_ORDERS[:-1])} or {_ORDERS[-1]}"
                )
            yield line, address["order"], address["rest"]


def _allows(rest: str, line: int) -> Iterator[Allow]:
    match = _ALLOW.fullmatch(rest)
    if match is None:
        raise StatementError(f"line {line}: allow names no rule; write -- pgtune: allow rule-name reason")
    reason = (match["reason"] or "").lstrip(":- ")
    for rule in match["rules"].split(","):
        yield Allow(rule.strip(), reason, line)


def _setting(rest: str, line: int) -> tuple[str, str]:
    match = _SETTING.fullmatch(rest.rstrip(";"))
    if match is None:
        raise StatementError(f"line {line}: no setting; write -- pgtune: set work_mem = '64kB'")
    name = match["name"].lower()
    if _PLANNER_SETTING.fullmatch(name) is None:
        raise StatementError(f"line {line}: {name} cannot be set from a comment; only what shapes plans can")
    value = match["value"]
    if value.startswith("'"):
        value = value[1:-1].replace("''", "'")
    return name, value


def _calls(orders: Sequence[tuple[int, str]]) -> float | None:
    for line, rest in orders:
        if _CALLS.fullmatch(rest) is None or float(rest) == 0:
            raise StatementError(f"line {line}: calls takes a number above 0; write -- pgtune: calls 5000")
    if len(orders) > 1:
        raise StatementError(f"line {orders[1][0]}: calls is given twice for one statement; give it once")
    return float(orders[0][1]) if orders else None
