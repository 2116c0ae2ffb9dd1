"""The rule that a model answers by, as a note in its page that can be replaced later."""

from __future__ import annotations

import html
import re

BEGIN, END = "<!-- rule -->", "<!-- end of rule -->"


def with_rule(page: str, sentence: str) -> str:
    """The page with another rule noted in it; pages without a place for it stay as they are.

    Examples
    --------
    >>> with_rule(f"<p>{BEGIN}old{END}</p>", "a < b")
    '<p><!-- rule -->a &lt; b<!-- end of rule --></p>'
    """
    note = BEGIN + html.escape(sentence) + END
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: note, page, flags=re.DOTALL)
