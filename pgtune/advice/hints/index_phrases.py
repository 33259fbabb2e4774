"""What an index does, and how it stands to those that exist, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from pgtune.advice.accesses.existing_indexes import Fit, Match
from pgtune.advice.hints.include_columns import is_covered
from pgtune.advice.hints.index_candidates import Candidate
from pgtune.advice.hints.index_target import Target
from pgtune.model.catalog import CatalogIndex
from pgtune.model.index import IndexPart
from pgtune.model.index_need import Purpose
from pgtune.model.names import quote_ident


def describe(candidate: Candidate, target: Target) -> str:
    """What each part of the index is there for."""
    index = candidate.index
    sentences = [f"The index {_key_phrase(candidate, target)}."]
    if index.predicate is not None and target.purpose is not Purpose.COVER:
        sentences.append(f"It holds only the rows WHERE {index.predicate}.")
    if index.access_method == "btree" and target.returned is not None and is_covered(index, target):
        subject = f"INCLUDE ({_listed_names(index.include)})" if index.include else "It"
        sentences.append(f"{subject} makes the scan index-only once VACUUM has marked the pages all-visible.")
    if candidate.extension is not None:
        sentences.append(f"It needs the extension {candidate.extension}.")
    return " ".join(sentences)


def _key_phrase(candidate: Candidate, target: Target) -> str:
    index = candidate.index
    if target.purpose is Purpose.COVER and not candidate.equality:
        return f"has the key ({_listed(index.key)}) of the one in use"
    if index.access_method != "btree":
        return f"answers the condition on {_listed(index.key)} ({index.access_method.upper()})"
    behind = candidate.equality + candidate.ranged
    steps = {
        "finds {} by equality": index.key[: candidate.equality],
        "searches {} by range": index.key[candidate.equality : behind],
        "delivers rows in the order of {}": index.key[behind:] if candidate.ordered else (),
    }
    phrases = [phrase.format(_listed(parts)) for phrase, parts in steps.items() if parts]
    return ", then ".join(phrases) or f"lists its rows by {_listed(index.key)}"


def say_arm(match: Match) -> str:
    """One sentence on an index that serves a part of an OR."""
    return f"{quote_ident(match.index.name.name)} serves the part of the OR that it is for."


def say_existing(match: Match, used: CatalogIndex | None) -> str:
    """One or two sentences on the existing index that comes nearest."""
    name = quote_ident(match.index.name.name)
    if match.fit is Fit.SERVES:
        return _served(name, match.index == used)
    if match.fit is Fit.INVALID:
        return f"{name} would serve but is invalid: a CREATE INDEX CONCURRENTLY failed. Rebuild it."
    if match.fit is Fit.PARTIAL:
        return f"{name} has this key, but the query does not imply its WHERE {match.index.predicate}."
    lacks = "its key and more" if match.fit is Fit.PREFIX else "its key and the columns it lacks"
    if match.index.constraint is not None or match.index.unique:
        return f"{name} comes near (the new one has {lacks}), and stays: it enforces uniqueness."
    return f"It takes the place of {name} (it has {lacks}), which can be dropped afterwards."


def _served(name: str, used: bool) -> str:
    if used:
        return f"No new index: {name}, which the plan uses, has all columns that an index could search by."
    return (
        f"No new index: {name} serves this query. The planner found another path cheaper: "
        "compare estimated rows with actual ones, then look at random_page_cost and effective_cache_size."
    )


def say_nothing(target: Target) -> str:
    """Why no index is proposed; empty when the finding's own hint says all."""
    computed = [clause for clause in target.clauses if clause.expression is not None]
    if computed:
        return (
            f"No index can store {computed[0].expression}, which may depend on a setting such as TimeZone: "
            "compare the column itself, as a range, and index that."
        )
    return ""


def _listed(parts: Iterable[IndexPart]) -> str:
    return ", ".join(part.text if part.is_expression else quote_ident(part.text) for part in parts)


def _listed_names(names: Iterable[str]) -> str:
    return ", ".join(map(quote_ident, names))
