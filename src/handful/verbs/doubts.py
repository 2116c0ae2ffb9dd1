"""Words on samples that lack what every training sample had: they are called unknown."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 5


def unlike(note: str) -> str:
    """Why a sample is unknown, as the end of a sentence."""
    return f"it {note}: that is a guess" if note else "unlike anything it learned from"


def noted(note: str) -> dict[str, str]:
    """For JSON: nothing is added where nothing is lacking."""
    return {"note": note} if note else {}


def about_doubts(doubts: Sequence[str], names: Sequence[str], nouns: str) -> list[str]:
    """A sentence on the samples that lack something, the first of them by name.

    Examples
    --------
    >>> about_doubts(["", "has no size"], ["line 2", "line 3"], "rows")
    ['1 of 2 rows count as unlike what the model learned from: line 3 has no size.']
    """
    found = [f"{name} {doubt}" for name, doubt in zip(names, doubts, strict=True) if doubt]
    if not found:
        return []
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return [
        f"{len(found)} of {len(doubts)} {nouns} count as unlike what the model learned from: "
        f"{'; '.join(found[:_NAMED])}{more}."
    ]
