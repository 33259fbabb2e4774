"""Text in, comments of SQL that nothing in the text can end out."""

from __future__ import annotations

from collections.abc import Iterator

from pgtune.report.visible import visible_line

# A server whose encoding lacks these would refuse a statement that psql sends with such a comment.
_PLAIN = str.maketrans({"→": "->", "÷": "/", "×": "x", "–": "-", "…": "..."})


def comment(text: str) -> str:
    """One line of comment; arrows and the like are spelled in ASCII, a semicolon becomes a comma."""
    return f"-- {visible_line(text.translate(_PLAIN).replace(';', ','))}"


def commented_out(sql: str) -> Iterator[str]:
    """Yield the lines of a statement as comments, word by word."""
    for line in sql.split("\n"):
        yield f"-- {visible_line(line)}".rstrip()


def terminated(sql: str) -> str:
    """The statement with its semicolon, on a line of its own behind a comment."""
    last = sql.rstrip().rpartition("\n")[2]
    return f"{sql.rstrip()}\n;" if "--" in last else f"{sql.rstrip()};"
