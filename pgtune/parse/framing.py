"""What a client printed around a plan in, the bare lines of each plan out.

Known frames: psql aligned, wrapped and expanded in all line styles and borders, pgcli and Markdown tables,
CSV and grids with quoted cells, numbered lines, mail quoting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BARS = "|│║"
_RULE = re.compile(r"[\s|│║:+┌┐├┤└┘┬┴┼╔╗╚╝╟╢╠╣╤╧╪╥╨╫-]*[-─═]{3}[-─═\s|│║:+┌┐├┤└┘┬┴┼╔╗╚╝╟╢╠╣╤╧╪╥╨╫]*")
_RULE_PARTS = ("---", "───", "═══")  # one of them is in every rule
_FOOTER = re.compile(r"\s*\(\d+ [^()=]+\)\s*")
_RECORD = re.compile(r"[+┌├╔╟|│║]?[-─═]\[ [^\]]*?(\d+) \][-─═+┬┼┐┤╗╢╤╪|│║]*\s*|\* \w+ (\d+)\s*")
_HEADER = "QUERY PLAN"
_BARE_HEADER = re.compile(r'(?:"?#"?[,;\t])?"?QUERY PLAN"?,?')
_QUOTED_CELL = re.compile(r'(?:"?\d+"?[,;\t|])?"((?:[^"]|"")*)"[,;\t]?[ \r]*(?:\n|$)')
_QUOTED_START = re.compile(r'(?:"?\d+"?[,;\t|])?"')
_NUMBERED = re.compile(r"\s*(\d+)[,;:|.\t ]")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together; ``first_number`` is the input's line number (from 1) of the first."""

    first_number: int
    lines: list[str]


def unframe(text: str) -> list[Block]:
    """Return the lines inside each frame, or all lines as one block when there is no frame."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = _without_mail_quoting(text.split("\n"))
    if any(_RECORD.fullmatch(line) for line in lines[:200]):
        return list(_records(lines))
    has_rule = any(part in text for part in _RULE_PARTS)
    tables = (list(_tables(lines, _HEADER)) or list(_tables(lines, ""))) if has_rule else []
    if tables:
        return tables
    content = next((index for index, line in enumerate(lines) if line.strip()), 0)
    bare = _BARE_HEADER.fullmatch(lines[content].strip())
    if bare or _QUOTED_START.match(lines[content]):
        return [_cells(lines, content + 1 if bare else content)]
    if lines[content].startswith(f"{_HEADER}|"):
        rows = [line.removeprefix(f"{_HEADER}|") for line in lines if line]
        return [Block(content + 1, rows)]
    return [Block(1, _without_margin(_without_marks(_without_numbers(lines))))]


def _without_mail_quoting(lines: list[str]) -> list[str]:
    filled = [line for line in lines if line.strip()]
    if filled and all(line.startswith(">") for line in filled):
        return [line[1:].removeprefix(" ") for line in lines]
    return lines


def _records(lines: Sequence[str]) -> Iterator[Block]:
    """Yield one block for each run of expanded records that counts up from 1."""
    block: Block | None = None
    column = 0
    in_record = False
    for index, line in enumerate(lines):
        record = _RECORD.fullmatch(line)
        if record:
            if (record[1] or record[2]) == "1":
                if block:
                    yield Block(block.first_number, _without_marks(block.lines))
                block = Block(index + 2, [])
            column, in_record = _value_column(lines[index + 1] if index + 1 < len(lines) else ""), True
        elif not line.strip() or _RULE.fullmatch(line):
            in_record = False
        elif block and in_record:
            block.lines.append(_without_right_bar(line)[column:])
    if block:
        yield Block(block.first_number, _without_marks(block.lines))


def _value_column(line: str) -> int:
    """Return the column at which the value starts in the first line of a record."""
    bar = next((at for at, char in enumerate(line) if at and char in _BARS), None)
    after_name = len(_HEADER) + 1
    if bar is None or (bar != after_name and line.startswith(f"{_HEADER} ")):
        return after_name  # border 0 has no bar: one further right belongs to the plan
    return bar + 2


def _without_right_bar(line: str) -> str:
    if line[:1] in _BARS and line[:1]:
        return line.rstrip().rstrip(_BARS).rstrip()
    return line


def _tables(lines: Sequence[str], header: str) -> Iterator[Block]:
    """Yield the body of each table whose column name holds *header*."""
    index = 1
    while index < len(lines):
        above = lines[index - 1]
        if not (
            _RULE.fullmatch(lines[index]) and above.strip() and header in above and not _RULE.fullmatch(above)
        ):
            index += 1
            continue
        end = index + 1
        while end < len(lines) and not _ends_table(lines, end):
            end += 1
        if end > index + 1:
            yield Block(index + 2, _table_body(lines[index + 1 : end], width=len(lines[index])))
        index = end + 1


def _ends_table(lines: Sequence[str], index: int) -> bool:
    line = lines[index]
    if not line:
        # A blank row of the table has the frame's blank or bar; nothing at all ends it unless rows follow.
        following = lines[index + 1] if index + 1 < len(lines) else ""
        return not following.startswith(" ")
    return bool(_RULE.fullmatch(line) or _FOOTER.fullmatch(line))


def _table_body(rows: Sequence[str], width: int) -> list[str]:
    """Return the cells; *width* is that of the rule below the column name, in characters."""
    filled = [row for row in rows if row.strip()]
    if filled and all(row[0] in _BARS for row in filled):
        inner = [row.rstrip()[1:].rstrip(_BARS).rstrip() if row.strip() else row for row in rows]
    elif filled and all(row.rstrip()[-1] in _BARS for row in filled):
        inner = [row.rstrip().rstrip(_BARS).rstrip() for row in rows]
    elif len({len(row) for row in rows[:-1]}) == 1 and len(rows) > 2:
        inner = [row.rstrip() for row in rows]  # padded by old-ascii
    else:
        # The last column is for psql's continuation mark, which is a blank in old-ascii.
        inner = [row[:-1] if len(row) == width and row.endswith(" ") else row for row in rows]
    return _without_marks(_without_margin(_unwrapped(inner)))


def _unwrapped(rows: Sequence[str]) -> list[str]:
    """Join the rows that psql's wrapped format broke: ``.`` or ``…`` at both sides of the break."""
    joined: list[str] = []
    for row in rows:
        mark = row[:1]
        if joined and mark and mark in ".…" and joined[-1].endswith(mark):
            joined[-1] = joined[-1][:-1] + row[1:]
        else:
            joined.append(row)
    return joined


def _without_margin(rows: Sequence[str]) -> list[str]:
    """Drop the blanks that all rows start with."""
    margin = min((len(row) - len(row.lstrip(" ")) for row in rows if row.strip()), default=0)
    return [row[margin:] for row in rows]


def _without_marks(rows: Sequence[str]) -> list[str]:
    """Strip the continuation mark when every row but the last has one, as in a value of many lines."""
    filled = [row.rstrip() for row in rows if row.strip()]
    if len(filled) > 1 and all(row.endswith(("+", "↵")) for row in filled[:-1]):
        return [row.rstrip().removesuffix("+").removesuffix("↵").rstrip() for row in rows]
    return list(rows)


def _cells(lines: Sequence[str], start: int) -> Block:
    """Return the lines in quoted cells, and lines without quotes as they are."""
    text = "\n".join(lines[start:])
    found: list[str] = []
    at = 0
    while at < len(text):
        cell = _QUOTED_CELL.match(text, at)
        if cell:
            found.extend(cell[1].replace('""', '"').split("\n"))
            at = cell.end()
            continue
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        found.append(text[at:end])
        at = end + 1
    return Block(start + 1, [line for line in found if not _BARE_HEADER.fullmatch(line)])


def _without_numbers(lines: Sequence[str]) -> list[str]:
    """Drop line numbers when every line that is not blank has the next one."""
    filled = [line for line in lines if line.strip()]
    matches = [_NUMBERED.match(line) for line in filled]
    if len(filled) < 2 or any(match is None for match in matches):
        return list(lines)
    numbers = [int(match[1]) for match in matches if match]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return list(lines)
    return [_NUMBERED.sub("", line, count=1) for line in lines]
