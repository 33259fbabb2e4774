"""A table of a settings file in, its values with their places out; errors say the line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pgtune.errors import SettingsError
from pgtune.model.place import Place
from pgtune.parse.fleet.toml_lines import TomlPath, nearest_line
from pgtune.parse.fleet.toml_values import Fields, Unfit


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table, which knows where in which file it is."""

    content: Mapping[str, Any]
    file: str
    lines: Mapping[TomlPath, int]  # of the whole file
    path: tuple[str, ...]
    outer: int = 0  # leading keys that messages leave out: tool.pgtune

    @property
    def name(self) -> str:
        """The path as messages show it: fleet.services.api."""
        return ".".join(self.path[self.outer :])

    def place(self, *keys: str) -> Place:
        """Where the first of *keys* that is there is written, else the table itself."""
        found = next(((key,) for key in keys if key in self.content), ())
        return Place(self.file, nearest_line(self.lines, (*self.path, *found)))

    def error(self, problem: str, *keys: str) -> SettingsError:
        """The error to raise about a key, or about the table as a whole."""
        return SettingsError(f"{self.place(*keys)}: {problem}")

    def check_keys(self, known: tuple[str, ...]) -> None:
        """Refuse what would silently do nothing.

        Raises:
            SettingsError: a key is not *known*.
        """
        for key in self.content:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(sorted(known))}"
                raise self.error(f'unknown key "{key}" in {self.name}; {hint}', key)

    def values(self, fields: Fields) -> dict[str, Any]:
        """Return the fields of the model that are declared here, by their names in the model.

        Raises:
            SettingsError: a value is of the wrong type or out of its range.
        """
        return {
            field.name: self._read(key, field.read) for key, field in fields.items() if key in self.content
        }

    def table(self, key: str) -> TomlTable | None:
        """Return the table under *key*; None when there is none.

        Raises:
            SettingsError: it is something else.
        """
        if key not in self.content:
            return None
        content = self.content[key]
        if not isinstance(content, Mapping):
            raise self.error(f"{self.name}.{key} must be a table, not {_shown(content)}", key)
        return TomlTable(content, self.file, self.lines, (*self.path, key), self.outer)

    def tables(self, key: str) -> Iterator[tuple[str, TomlTable]]:
        """Yield the tables below the table under *key* by their names.

        Raises:
            SettingsError: one of them is no table.
        """
        parent = self.table(key)
        for name in parent.content if parent else ():
            assert parent is not None
            child = parent.table(name)
            assert child is not None
            yield name, child

    def _read(self, key: str, read: Any) -> Any:
        try:
            return read(self.content[key])
        except Unfit as unfit:
            shown = f", not {_shown(self.content[key])}" if unfit.is_value_shown else ""
            raise self.error(f"{self.name}.{key} must be {unfit}{shown}", key) from None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "a table"
    return "an array" if isinstance(value, list) else str(value)
