"""Text from plans and servers made safe to show: nothing in it can move the cursor or change a colour."""

from __future__ import annotations

import re

# C0 and C1 controls, DEL, zero-width and bidirectional controls, line and paragraph separators, and the
# surrogates that stand for bytes of a file name which are no UTF-8.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_UNSAFE_IN_A_LINE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    r"""Show control characters as escapes (``\x1b``); keep line breaks and tabs."""
    return _UNSAFE.sub(_escape, text)


def visible_line(text: str) -> str:
    r"""As visible(), and line breaks and tabs are escapes as well: the result is one line."""
    return _UNSAFE_IN_A_LINE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    short = {9: r"\t", 10: r"\n", 13: r"\r"}.get(code)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
