"""A node type as EXPLAIN's text format writes it: "HashAggregate", "Hash Left Join", "Insert"."""

from __future__ import annotations

_AGGREGATES = {
    "Plain": "Aggregate",
    "Sorted": "GroupAggregate",
    "Hashed": "HashAggregate",
    "Mixed": "MixedAggregate",
}


def node_title(
    node_type: str,
    *,
    strategy: str | None,
    partial_mode: str | None,
    join_type: str | None,
    operation: str | None,
) -> str:
    """Return the title; explain.c (ExplainNode) builds the text format's the same way."""
    if node_type == "Aggregate":
        title = _AGGREGATES.get(strategy or "", node_type)
        return title if partial_mode in (None, "Simple") else f"{partial_mode} {title}"
    if node_type == "SetOp" and strategy == "Hashed":
        return "HashSetOp"
    if node_type == "ModifyTable" and operation is not None:
        return operation
    if join_type is not None and join_type != "Inner":
        head = node_type.removesuffix(" Join")  # "Hash Join" -> "Hash Left Join", "Nested Loop Left Join"
        return f"{head} {join_type} Join"
    return node_type
