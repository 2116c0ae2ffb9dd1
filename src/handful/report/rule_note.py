"""The rule that a model answers by, as a note in its page that can be replaced later."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from handful.report.words import tag_said
from handful.rules import Rule

BEGIN, END = "<!-- rule -->", "<!-- end of rule -->"
TOP, TOP_END = "<!-- notice -->", "<!-- end of notice -->"


def rule_sentence(rule: Rule, tags: Sequence[str]) -> str | None:
    """What the model answers by; None for the most probable tag.

    Examples
    --------
    >>> rule_sentence(Rule("a miss costs 10, a false alarm 1", 0, 1 / 11), ("ill", "well"))
    'It answers ill from a probability of 0.09091 on (a miss costs 10, a false alarm 1).'
    """
    if rule.costs is not None:
        asks = rule.asking_cost
        person = "" if asks is None else f", and asks a person where that is more than {asks:g}"
        return f"It answers what costs least on average by {rule.words}{person}."
    if rule.positive is None or rule.threshold is None:
        return None
    tag = tag_said(tags[rule.positive])
    return f"It answers {tag} from a probability of {rule.threshold:.4g} on ({rule.words})."


def with_rule(page: str, sentence: str) -> str:
    """The page with another rule noted in it; pages without a place for it stay as they are.

    Examples
    --------
    >>> with_rule(f"<p>{BEGIN}old{END}</p>", "a < b")
    '<p><!-- rule -->a &lt; b<!-- end of rule --></p>'
    """
    return _replaced(page, BEGIN, END, html.escape(_glued(sentence)))


def with_notice(page: str, sentence: str) -> str:
    """The page with a notice at its top, or without one for an empty sentence."""
    note = f'<p class="notice">{html.escape(_glued(sentence))}</p>' if sentence else ""
    return _replaced(page, TOP, TOP_END, note)


def _glued(sentence: str) -> str:
    """Percent signs kept on the line of their numbers."""
    return re.sub(r"(?<=\d) %", "\u202f%", sentence)


def _replaced(page: str, begin: str, end: str, text: str) -> str:
    whole = f"{re.escape(begin)}.*?{re.escape(end)}"
    return re.sub(whole, lambda _: begin + text + end, page, flags=re.DOTALL)
