"""The rule that a model answers by, as a note in its page that can be replaced later."""

from __future__ import annotations

import html
import re

BEGIN, END = "<!-- rule -->", "<!-- end of rule -->"
TOP, TOP_END = "<!-- notice -->", "<!-- end of notice -->"


def with_rule(page: str, sentence: str) -> str:
    """The page with another rule noted in it; pages without a place for it stay as they are.

    Examples
    --------
    >>> with_rule(f"<p>{BEGIN}old{END}</p>", "a < b")
    '<p><!-- rule -->a &lt; b<!-- end of rule --></p>'
    """
    return _replaced(page, BEGIN, END, html.escape(sentence))


def with_notice(page: str, sentence: str) -> str:
    """The page with a notice at its top, or without one for an empty sentence."""
    note = f'<p class="notice"><strong>{html.escape(sentence)}</strong></p>' if sentence else ""
    return _replaced(page, TOP, TOP_END, note)


def _replaced(page: str, begin: str, end: str, text: str) -> str:
    whole = f"{re.escape(begin)}.*?{re.escape(end)}"
    return re.sub(whole, lambda _: begin + text + end, page, flags=re.DOTALL)
