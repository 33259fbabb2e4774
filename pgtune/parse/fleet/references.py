"""Text with references to variables in, the text that a program is given out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_SHELL = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<bare>[A-Za-z_]\w*)|\{(?P<name>\w+)(?:(?P<sign>:?[-?+])(?P<default>[^}]*))?\})"
)
_POD = re.compile(r"\$(?:(?P<escaped>\$)|\((?P<name>[A-Za-z_][\w.-]*)\))")
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_ValueOf = Callable[[re.Match[str]], str | None]


def resolve_shell(text: str, variables: Mapping[str, str]) -> str | None:
    """Replace ``$NAME`` and ``${NAME:-default}``, as Compose and dotenv do; see _replaced for the unknown."""

    def value_of(match: re.Match[str]) -> str | None:
        found = variables.get(match["name"] or match["bare"])
        is_default = found is None and (match["sign"] or "").endswith("-")
        return match["default"] if is_default else found

    return _replaced(_SHELL, text, value_of)


def resolve_pod(text: str, variables: Mapping[str, str]) -> str | None:
    """Replace ``$(NAME)``, as Kubernetes does in the variables and the command of a container."""
    return _replaced(_POD, text, lambda match: variables.get(match["name"]))


def resolve_template(text: str) -> str | None:
    """Take out what only ``helm template`` knows."""
    return _replaced(_TEMPLATE, text, lambda _: None)


def _replaced(pattern: re.Pattern[str], text: str, value_of: _ValueOf) -> str | None:
    """Text with an unknown part is None; in a connection string the part is empty: the rest still tells."""
    unknown = False

    def replacement(match: re.Match[str]) -> str:
        nonlocal unknown
        if match.groupdict().get("escaped"):
            return "$"
        value = value_of(match)
        unknown = unknown or value is None
        return value or ""

    resolved = pattern.sub(replacement, text)
    return None if unknown and "://" not in resolved else resolved
