"""A run of lookups and the queries before it in; the query whose result gives them their values out."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.model.catalog import Catalog
from pgtune.model.loop import Parent
from pgtune.parse.loops.members import Member
from pgtune.parse.loops.result_columns import lookups, tie_of
from pgtune.parse.loops.runs import Run
from pgtune.parse.loops.turns import Turn


def find_parent(run: Run, member: Member, source: str, catalog: Catalog | None) -> Parent | None:
    """Return the query before the run whose result gives *member* its parameter; None: none is plausible.

    Of several the latest that a foreign key ties to the turns' table, else the latest.
    """
    if member.first.shape.command != "SELECT" or member.other_shape is not None:
        return None
    varying = [lookup for lookup in lookups(member.first.shape.tokens) if lookup.number in member.varying]
    found: Parent | None = None
    for query in _candidates(run, member):
        for lookup in varying:
            tie = tie_of(lookup, query.shape.tokens, catalog)
            if tie is None or (found is not None and not tie.is_foreign_key):
                continue
            text = query.shape.text(query.literals, {})
            number = member.parameter_of(lookup.number)
            found = Parent(text, f"{source}:{query.line}", tie.column, number)
            if tie.is_foreign_key:
                return found
    return found


def _candidates(run: Run, member: Member) -> Iterator[Turn]:
    for partner in run.partners(member):
        if partner.first.shape.command in ("SELECT", "WITH"):
            yield partner.first
    yield from reversed(run.parents)
