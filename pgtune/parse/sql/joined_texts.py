"""A syntax tree in, values that make the texts which it puts together ambiguous out."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

_JOINED = (exp.DPipe, exp.Concat, exp.ConcatWs)


def ambiguous_parts(tree: exp.Expr) -> Iterator[tuple[exp.Column, str]]:
    """Yield columns of which a text is made, with values for them.

    ``a || '-' || b`` is 1-1-1 for 1-1 and 1 as well as for 1 and 1-1, ``a || b`` is 111 for 11 and 1.
    """
    for joined in tree.find_all(*_JOINED):
        columns = list(joined.find_all(exp.Column))
        if isinstance(joined.parent, _JOINED) or len({each.sql() for each in columns}) < 2:
            continue
        between = {literal.name for literal in joined.find_all(exp.Literal) if literal.is_string}
        for column in columns:
            yield from ((column, f"1{separator}1") for separator in sorted({"", *between}))
            yield column, "1"
