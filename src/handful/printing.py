"""Makes names that others chose safe to print."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""Text on one line, without anything that could steer a terminal or reverse the line.

    >>> printable("a\nb \x1b[31mred"), printable("Größe 🐈")
    ('a b �[31mred', 'Größe 🐈')
    """
    return "".join("�" if _steers(c) else c for c in text.replace("\n", " "))


def _steers(char: str) -> bool:
    if char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f":
        return True
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
