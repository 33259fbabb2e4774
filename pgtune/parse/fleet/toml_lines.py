"""TOML text in, the line of each key out: tomllib tells none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

TomlPath = tuple[str | int, ...]  # keys, and the index of an element of an array

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def key_lines(text: str) -> Mapping[TomlPath, int]:
    """Return the 1-based line at which each table, key and element of an array begins.

    *text* is what tomllib accepts. A table that is only implied has the line of its first mention.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def nearest_line(lines: Mapping[TomlPath, int], path: TomlPath) -> int | None:
    """The line of *path*, or of the nearest of its parents that has one."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), None)


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0
    counted: int = 0  # characters up to which line feeds are in ``line``
    line: int = 1
    lines: dict[TomlPath, int] = field(default_factory=dict)
    array_sizes: dict[TomlPath, int] = field(default_factory=dict)  # of arrays of tables

    def document(self) -> None:
        table: TomlPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> TomlPath:
        line = self._line()
        is_element = self.text.startswith("[[", self.at)
        brackets = 2 if is_element else 1
        self.at += brackets
        keys = self._dotted_key()
        self.at += brackets
        path: TomlPath = ()
        for key in keys[:-1]:
            path = self._latest((*path, key))
            self.lines.setdefault(path, line)
        path = (*path, keys[-1])
        if is_element:
            self.lines.setdefault(path, line)
            self.array_sizes[path] = self.array_sizes.get(path, 0) + 1
            path = self._latest(path)
        self.lines[path] = line
        return path

    def _latest(self, path: TomlPath) -> TomlPath:
        """The last element, where *path* is an array of tables."""
        size = self.array_sizes.get(path)
        return path if size is None else (*path, size - 1)

    def _pair(self, table: TomlPath) -> None:
        line = self._line()
        path = table
        for key in self._dotted_key():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _dotted_key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            keys.append(self._key())
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _key(self) -> str:
        if bare := _BARE_KEY.match(self.text, self.at):
            self.at = bare.end()
            return bare[0]
        quoted = self._skip(_STRING)
        key: str = tomllib.loads(f"key = {quoted}")["key"]
        return key

    def _value(self, path: TomlPath) -> None:
        start = self.text[self.at]
        if start in "\"'":
            self._skip(_STRING)
        elif start == "[":
            self._array(path)
        elif start == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: TomlPath) -> None:
        self._next_member()
        index = 0
        while self.text[self.at] != "]":
            self.lines.setdefault((*path, index), self._line())
            self._value((*path, index))
            self._after_member()
            index += 1
        self.at += 1

    def _inline_table(self, path: TomlPath) -> None:
        self._next_member()
        while self.text[self.at] != "}":
            self._pair(path)
            self._after_member()
        self.at += 1

    def _next_member(self) -> None:
        self.at += 1
        self._skip(_BLANK)

    def _after_member(self) -> None:
        self._skip(_BLANK)
        if self.text[self.at] == ",":
            self._next_member()

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"no TOML at character {self.at}")
        self.at = match.end()
        return match[0]

    def _line(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line
