"""What the report says of refusing: how often wrongly, how often rightly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handful.report import words

_WHAT = (
    "A model always names one of its tags, even where none of them is right. So it also says "
    "whether a {one} is like those it learned from; where it is not, predict adds that it is "
    "unlike anything it learned from, and neither the tag nor its probability should be believed."
)


def refusal_sentences(report: Mapping[str, Any]) -> list[str]:
    """Plain sentences; none where the report does not speak of refusing."""
    refusal = report.get("refusal")
    if not refusal:
        return []
    one, many = words.noun(report, 1), words.noun(report)
    if "refused" in refusal:
        return [f"Unlike anything it learned from: {words.interval(refusal['refused'])} {many}."]
    if not refusal["able"]:
        return [
            _WHAT.format(one=one),
            f"With fewer than {refusal['needed']} {many} it cannot yet tell: it refuses nothing.",
        ]
    return [
        _WHAT.format(one=one),
        f"Refused wrongly, judged on {many} it had not seen: "
        f"{words.interval(refusal['false_refusals'])}; it is built to stay near "
        f"{words.percent(refusal['at_most'])}.",
        f"{_tried(refusal['strangers'], many)} A new kind of something that you have tags for "
        "mostly passes as one of them.",
    ]


def _tried(strangers: Mapping[str, Any], many: str) -> str:
    if not strangers.get("n"):
        return f"It was not tried on {many} of another kind than yours."
    return (
        f"Tried on made patterns (stripes, boards, clouds, noise), which anyone could tell from "
        f"yours: {words.interval(strangers)} refused. This says nothing of similar things."
    )
