"""Two raw plans in, what differs between them out; knows what the text format leaves out."""

from typing import Any

NOT_IN_TEXT_UNLESS_VERBOSE = frozenset({"Inner Unique"})


def without_defaults(raw: Any) -> Any:
    """Drop what the text format omits: zero, empty and false values, and groups of nothing else."""
    if isinstance(raw, list):
        return [without_defaults(item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    kept = {
        key: without_defaults(value) for key, value in raw.items() if key not in NOT_IN_TEXT_UNLESS_VERBOSE
    }
    return {key: value for key, value in kept.items() if value not in (0, [], {})}


def differences(text: Any, json: Any, varies: frozenset[str], path: str = "") -> list[str]:
    """List where two plans differ, types included; values under keys in *varies* may differ or be absent."""
    if type(text) is not type(json):
        return [f"{path}: {type(text).__name__} in text, {type(json).__name__} in JSON"]
    if isinstance(text, dict):
        return [
            found
            for key in text.keys() | json.keys()
            for found in _key_differences(text, json, varies, path, key)
        ]
    if isinstance(text, list):
        if len(text) != len(json):
            return [f"{path}: {len(text)} items in text, {len(json)} in JSON"]
        return [
            found
            for index, (one, other) in enumerate(zip(text, json, strict=True))
            for found in differences(one, other, varies, f"{path}[{index}]")
        ]
    return [] if text == json else [f"{path}: {text!r} in text, {json!r} in JSON"]


def _key_differences(text: Any, json: Any, varies: frozenset[str], path: str, key: str) -> list[str]:
    where = f"{path}.{key}"
    if key in text and key in json:
        if key in varies and not isinstance(text[key], dict | list):
            same_type = type(text[key]) is type(json[key])
            return [] if same_type else [f"{where}: {text[key]!r} in text, {json[key]!r} in JSON"]
        return [] if key in varies else differences(text[key], json[key], varies, where)
    if key in varies:
        return []
    return [f"{where}: only in {'text' if key in text else 'JSON'}"]
