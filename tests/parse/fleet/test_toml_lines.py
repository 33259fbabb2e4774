"""The lines of keys: checked against what tomllib reads, over odd spellings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from pgtune.parse.fleet.toml_lines import TomlPath, key_lines, nearest_line

ODD = '''\
# [not.a.table]
title = "a # no comment" # a comment
dotted.key."quoted key" = 1
'literal.key' = { x = 1, "y" . z = [1, 2] }
many = [
  1, # one ]
  "two, ]",
  [ 3,
    4 ],
]
text = """
[not.a.table]
max = 1 \\""" still
"""
raw = \'\'\'
key = "x"
\'\'\'

[ fleet . "services" . api ]
"k\\u0065y" = 2030-01-02 03:04:05

[[job]]
name = "first"
[job.pool]
max = 1
[[job]]
name = "second"
[[job.part]]
id = 1
[[job.part]]
id = 2
[empty]
'''


def paths(value: Any, path: TomlPath = ()) -> Iterator[TomlPath]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield (*path, key)
        yield from paths(member, (*path, key))


def test_every_key_that_tomllib_reads_has_a_line() -> None:
    assert key_lines(ODD).keys() == set(paths(tomllib.loads(ODD)))


def test_the_lines_are_those_where_the_keys_are_written() -> None:
    lines = key_lines(ODD)
    written = ODD.splitlines()

    def at(*path: str | int) -> str:
        return written[lines[path] - 1].strip()

    assert at("dotted") == at("dotted", "key", "quoted key") == 'dotted.key."quoted key" = 1'
    assert at("literal.key", "y", "z", 1).startswith("'literal.key'")
    assert at("many", 1) == '"two, ]",'
    assert at("many", 2, 1) == "4 ],"
    assert at("fleet", "services", "api") == '[ fleet . "services" . api ]'
    assert at("fleet", "services", "api", "key").startswith('"k\\u0065y"')
    assert at("job", 1, "name") == 'name = "second"'
    assert at("job", 1, "part", 1, "id") == "id = 2"
    assert at("empty") == "[empty]"


def test_windows_line_ends_count_once() -> None:
    assert key_lines("a = 1\r\n\r\n[b]\r\nc = 2\r\n") == {("a",): 1, ("b",): 3, ("b", "c"): 4}


def test_a_path_without_a_line_has_its_parents() -> None:
    lines = key_lines("[a]\nb = 1\n")
    assert nearest_line(lines, ("a", "missing", "deep")) == 1
    assert nearest_line(lines, ("missing",)) is None
