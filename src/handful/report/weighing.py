"""The part "Which mistake is worse?" as it stands before a person chooses, or without a script."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handful.metrics import Interval
from handful.report.choice import price
from handful.report.curves import Curves, curves
from handful.report.findings import Report
from handful.report.tradeoffs import CONFIDENCE
from handful.report.words import noun, percent

_LABELS = (
    ("Both mistakes equally bad", "1 : 1"),
    ("A missed one 10 times as bad", "10 : 1"),
    ("A false alarm 10 times as bad", "1 : 10"),
    ("Find at least 95 %, with 90 % confidence", "recall 0.95"),
)
_NAME = "\ufffc"  # stands for the tag's name
_ANSWERS = "It answers with the most probable tag."
_EVERY_TAG = "It gives every tag from a probability of 0.5 on."
_ANOTHER, _NOT_GIVEN = "another tag", "nothing of it"


@dataclass(frozen=True)
class Row:
    """One typical choice and what it does to the samples."""

    label: str
    term: str
    threshold: str
    missed: str
    alarms: str
    note: str


@dataclass(frozen=True)
class Weighing:
    """What the template shows.

    Attributes
    ----------
    tags : list of str
        Tags that can be looked for; ``selected`` is the place of ``positive`` among them.
    other : str or None
        The tag that is answered otherwise, where there are only two.
    otherwise : str
        What is answered otherwise where there are more.
    n : int
        Samples.
    sentence : tuple of str
        The price of holding both mistakes equally bad, before and after the tag's name; ``done``
        has the counts.
    rule : str
        What the model answers by.
    share : str
        How common the positive is among the samples.
    sure : str
        Confidence of every interval.
    rows : list of Row
    curves : Curves
    data : dict
        What the script reads.
    """

    tags: list[str]
    selected: int
    positive: str
    other: str | None
    otherwise: str
    n: int
    sentence: tuple[str, str]
    done: Mapping[str, Any]
    rule: str
    share: str
    sure: str
    rows: list[Row]
    curves: Curves
    data: dict[str, Any]


def weighing(report: Report) -> Weighing | None:
    """First view of the trade-offs, both mistakes equally bad; None where there are none."""
    found = report.get("tradeoffs") or {}
    tags = found.get("tags") or []
    if not tags:
        return None
    names = [tag["tag"] for tag in tags]
    selected = names.index(found["positive"]) if found.get("positive") in names else 0
    tag, n = tags[selected], tags[selected]["n_positive"] + tags[selected]["n_negative"]
    return Weighing(
        tags=names,
        selected=selected,
        positive=names[selected],
        other=names[1 - selected] if _two(report, names) else None,
        otherwise=_NOT_GIVEN if _several(report) else _ANOTHER,
        n=n,
        sentence=_sentence(report, tag),
        done=tag["typical"][0],
        rule=(report.get("rule") or {}).get("sentence") or _answers(report),
        share=f"{100 * tag['n_positive'] / n:.3g} %",
        sure=percent(found.get("confidence")),
        rows=[_row(tag, i) for i in range(len(_LABELS))],
        curves=curves(tag, tag["typical"][0]),
        data=_data(report, found),
    )


def _several(report: Report) -> bool:
    return report.get("kind") == "several"


def _two(report: Report, names: Sequence[str]) -> bool:
    """Whether what is not the one tag is the other."""
    return len(names) == len(report.get("tags") or []) == 2 and not _several(report)


def _answers(report: Report) -> str:
    return _EVERY_TAG if _several(report) else _ANSWERS


def _sentence(report: Report, tag: Mapping[str, Any]) -> tuple[str, str]:
    done = tag["typical"][0]
    found = _rate(done["tp"] / tag["n_positive"], done["sensitivity"])
    left = _rate(done["tn"] / tag["n_negative"], done["specificity"])
    before, _, after = price(found, left, _NAME, noun(report)).partition(_NAME)
    return before, after


def _rate(value: float, limits: Sequence[float]) -> Interval:
    return Interval(value, limits[0], limits[1], CONFIDENCE, "looked up")


def _data(report: Report, found: Mapping[str, Any]) -> dict[str, Any]:
    words = {"one": noun(report, 1), "many": noun(report)}
    evaluated = report.get("purpose") == "evaluate"
    two = len(report.get("tags") or []) == 2 and not _several(report)
    otherwise = _NOT_GIVEN if _several(report) else _ANOTHER
    return {**words, "evaluated": evaluated, "two": two, "otherwise": otherwise, **found}


def _row(tag: Mapping[str, Any], i: int) -> Row:
    done, (label, term) = tag["typical"][i], _LABELS[i]
    return Row(
        label,
        term,
        probability(done["threshold"]),
        f"{done['fn']:,} of {tag['n_positive']:,}",
        f"{done['fp']:,} of {tag['n_negative']:,}",
        _note(done),
    )


def _note(done: Mapping[str, Any]) -> str:
    if "kept" not in done:
        return ""
    if done["kept"]:
        return "can be promised"
    return f"cannot be promised: that needs {done['need']:,}, there are {done['have']:,}"


def probability(p: float) -> str:
    """Text of a threshold: digits enough to tell it from 0 and from 1.

    >>> probability(0.5), probability(1 / 11), probability(0.99998765), probability(1.0)
    ('0.5', '0.0909', '0.9999877', '1')
    """
    room = min(p, 1 - p)
    if room <= 0:
        return f"{p:g}"
    if room < 1e-7:
        return "under 0.0000001" if p < 0.5 else "over 0.9999999"
    text = f"{p:.{min(7, 2 + math.ceil(-math.log10(room)))}f}"
    return text.rstrip("0").rstrip(".")
