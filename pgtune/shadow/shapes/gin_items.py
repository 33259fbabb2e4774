"""A column or expression under a GIN index in, its items and how many rows hold each out."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import log2
from typing import TYPE_CHECKING, Any, NamedTuple

from pgtune.advice.sizes.distinct_values import unseen
from pgtune.model.index_shape import ColumnShape, ItemClass
from pgtune.shadow.shapes.key_part import KeyPart
from pgtune.shadow.shapes.relation_facts import Elements, RelationFacts
from pgtune.shadow.shapes.sampled_values import AS_TEXT, sample

if TYPE_CHECKING:
    from psycopg import Connection

DEFAULT_ITEMS = 10  # of one value without statistics; chosen
CLASSES_PER_DOUBLING = 8  # of the frequency; chosen
SHORT_HEADER_BYTES = 1  # of a string
LEXEME_BYTES = 8  # of a tsvector, for each lexeme: WordEntry, count of positions, one position
RARE = 0.25  # frequency of elements that ANALYZE dropped, over the least that it kept; chosen

_WORD = re.compile(r"[^\W_]+")
_OF_TYPE = {"tsvector": "tsvector_to_array({})"}
_OF_ARRAY = "ARRAY(SELECT DISTINCT unnest({})::text)"


class _Document(NamedTuple):
    share: float  # of the rows
    items: Collection[str]
    is_common: bool


class Items(NamedTuple):
    """What a GIN index stores."""

    shape: ColumnShape  # of one item
    classes: tuple[ItemClass, ...]


def read_items(connection: Connection[Any], relation: RelationFacts, part: KeyPart, rows: float) -> Items:
    """Return the items that *rows* rows hold; without statistics they are guessed."""
    if part.column is not None and part.column.elements is not None:
        elements = part.column.elements
        return Items(
            _shape(part, elements.values), tuple(_of_elements(elements, part.column.avg_width, rows))
        )
    documents = _documents(connection, relation, part)
    if not documents:
        return Items(_shape(part, ()), (ItemClass(rows, DEFAULT_ITEMS),))
    items = {item for document in documents for item in document.items}
    return Items(_shape(part, items), tuple(_of_documents(documents, rows)))


def trigrams(text: str) -> Collection[str]:
    """Return what pg_trgm's show_trgm() would, but for its order."""
    padded = (f"  {word} " for word in _WORD.findall(text.lower()))
    return {word[i : i + 3] for word in padded for i in range(len(word) - 2)}


def json_items(text: str) -> Collection[str]:
    """Return what jsonb_ops indexes: keys and scalars, each once."""
    return set(_scalars(json.loads(text)))


def json_paths(text: str) -> Collection[str]:
    """Return what jsonb_path_ops indexes: scalars with the keys that lead to them."""
    return set(_paths(json.loads(text), ""))


def _documents(connection: Connection[Any], relation: RelationFacts, part: KeyPart) -> Sequence[_Document]:
    computed = _OF_TYPE.get(part.type.name, _OF_ARRAY if part.type.element_length else AS_TEXT)
    found = sample(connection, relation, part.sql, computed=computed)
    split = _splitter(part)
    return [
        _Document(value.share, split(value.result), value.is_common)
        for value in found
        if value.result is not None
    ]


def _splitter(part: KeyPart) -> Any:
    if part.opclass.endswith("gin_trgm_ops"):
        return trigrams
    if part.type.name == "jsonb":
        return json_paths if part.opclass.endswith("jsonb_path_ops") else json_items
    return lambda value: set(value) if isinstance(value, list) else {value}


def _shape(part: KeyPart, items: Collection[str]) -> ColumnShape:
    if part.opclass.endswith(("gin_trgm_ops", "jsonb_path_ops")):
        return _fixed("integer", 4, "i")
    length = part.type.element_length
    if length is not None and length > 0 and part.type.name.endswith("[]"):
        return _fixed(part.type.name.removesuffix("[]"), length, part.type.element_align or "i")
    flag_bytes = 1 if part.type.name == "jsonb" else 0
    average = sum(len(item.encode()) for item in items) / len(items) if items else 0.0
    return ColumnShape(
        "text", -1, "i", round(average) + flag_bytes + SHORT_HEADER_BYTES, 0.0, False, len(items)
    )


def _fixed(name: str, length: int, align: str) -> ColumnShape:
    return ColumnShape(name, length, align, length, 0.0, False, 0.0)


def _of_elements(elements: Elements, avg_width: int, rows: float) -> Iterator[ItemClass]:
    """Classes from ANALYZE's most common elements, and one for all those that it dropped."""
    yield from _classes(frequency * rows for frequency in elements.frequencies)
    mean_bytes = sum(len(value.encode()) for value in elements.values) / len(elements.values)
    mean_count = elements.mean_count or avg_width / (mean_bytes + LEXEME_BYTES)
    dropped = mean_count - sum(elements.frequencies)
    if dropped > 0:
        rare = max(1.0, min(elements.frequencies) * RARE * rows)
        yield ItemClass(dropped * rows / rare, rare)


def _of_documents(documents: Sequence[_Document], rows: float) -> Iterator[ItemClass]:
    """Classes from a sample of values: Good and Turing's share goes to the items that it does not show."""
    shares: defaultdict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    for document in documents:
        if not document.is_common:
            counts.update(document.items)
        for item in document.items:
            shares[item] += document.share
    missed = unseen(list(counts.values()))
    kept, lost = _discount(shares, counts) if missed else (1.0, 0.0)
    yield from _classes(share * rows * (kept if counts[item] == 1 else 1.0) for item, share in shares.items())
    if lost > 0:
        missed = min(missed, lost * rows)
        yield ItemClass(missed, lost * rows / missed)


def _discount(shares: Mapping[str, float], counts: Mapping[str, int]) -> tuple[float, float]:
    """What is kept of the share of items that the sample shows once, and the sum of what is not."""
    once = [item for item, count in counts.items() if count == 1]
    twice = sum(1 for count in counts.values() if count == 2)
    kept = min(1.0, (2 * twice + 1) / len(once))
    return kept, sum(shares[item] for item in once) * (1 - kept)


def _classes(rows_each: Iterable[float]) -> Iterator[ItemClass]:
    classes: dict[int, list[float]] = {}
    for rows in (max(1.0, rows) for rows in rows_each):
        classes.setdefault(round(log2(rows) * CLASSES_PER_DOUBLING), []).append(rows)
    for members in classes.values():
        yield ItemClass(len(members), sum(members) / len(members))


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(inner)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, path)
    else:
        yield f"{path}={json.dumps(value)}"
