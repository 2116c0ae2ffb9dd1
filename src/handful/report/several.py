"""What a report on several tags a sample says otherwise than one on a single tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handful.report.words import noun, percent, percent_range, rounded, tag_said

_USUAL = 0.5
_NAMED = 6


def thresholds_sentence(thresholds: Sequence[Mapping[str, Any]]) -> str:
    """From which probability on each tag is given.

    Examples
    --------
    >>> thresholds_sentence([{"tag": "rain", "threshold": 0.5}, {"tag": "wind", "threshold": 0.2}])
    'It gives wind from a probability of 0.2 on and every other tag from 0.5 on.'
    """
    own = [
        f"{tag_said(one['tag'])} from a probability of {one['threshold']:.4g} on"
        for one in thresholds
        if one["threshold"] != _USUAL
    ]
    if not own:
        return f"It gives every tag from a probability of {_USUAL} on."
    rest = f" and every other tag from {_USUAL} on" if len(own) < len(thresholds) else ""
    return f"It gives {', '.join(own)}{rest}."


def several_headline(report: Mapping[str, Any]) -> str:
    """The first sentence.

    >>> several_headline({"modality": "images", "purpose": "train",
    ...                   "metrics": {"accuracy": {"value": 0.7, "low": 0.6, "high": 0.8}}})
    'Of 100 new photos like yours, expect about 70 with every tag right (between 60 and 80).'
    """
    accuracy = report["metrics"]["accuracy"]
    value, low, high = (accuracy.get(key) for key in ("value", "low", "high"))
    many = noun(report)
    if value is None:
        return f"How many new {many} it gets right cannot be said."
    like = "like these" if report.get("purpose") == "evaluate" else "like yours"
    right = {0: "none", 1: "all"}.get(value, f"about {rounded(100 * value)}")
    sentence = f"Of 100 new {many} {like}, expect {right} with every tag right"
    if low is None or high is None:
        return f"{sentence}."
    return f"{sentence} (between {rounded(100 * low)} and {rounded(100 * high)})."


def several_guessing(report: Mapping[str, Any]) -> str:
    """What always giving the commonest combination of tags gets; empty if unknown."""
    baseline = (report["metrics"].get("baseline_accuracy") or {}).get("value")
    if baseline is None:
        return ""
    return f"Always giving the commonest combination of tags gets {rounded(100 * baseline)} right."


def several_figures(nouns: str) -> dict[str, tuple[str, str, str]]:
    """Plain words, term and meaning of the figures that are said otherwise than of a single tag."""
    return {
        "accuracy": (
            "Every tag right",
            "subset accuracy",
            f"The share of all {nouns} whose tags were all right: none missing, none too much.",
        ),
        "balanced_accuracy": (
            "Right, yes and no counting the same",
            "balanced accuracy",
            "The mean over the tags of the share found and the share left alone. Guessing gets "
            "50 %.",
        ),
        "hamming_loss": (
            "Wrong yes or no",
            "Hamming loss",
            f"Of all single answers, a yes or no for each tag of each of the {nouns}, how many "
            "were wrong.",
        ),
        "log_loss": (
            "Honesty about doubt",
            "log loss",
            "The mean over the tags. Being sure and wrong costs most here; 0 is perfect. Not "
            "knowing anything scores 0.69.",
        ),
        "baseline_accuracy": (
            "Always the commonest combination",
            "baseline accuracy",
            "What a model gets that looks at nothing. The least there is to beat.",
        ),
    }


def several_lines(report: Mapping[str, Any]) -> list[str]:
    """A line for each tag, in the model's order; of many those that are found least often."""
    per_tag = report["per_tag"]

    def found(tag: str) -> float:
        value = per_tag[tag]["recall"]["value"]
        return 2.0 if value is None else float(value)

    least_found = set(sorted(per_tag, key=found)[:_NAMED])
    shown = [tag for tag in report["tags"] if tag in least_found]
    width = max((len(tag) for tag in shown), default=0)
    lines = [_line(tag, per_tag[tag], min(width, 28)) for tag in shown]
    rest = len(per_tag) - _NAMED
    return [*lines, f"and {rest} more in the report"] if rest > 0 else lines


def _line(tag: str, values: Mapping[str, Any], width: int) -> str:
    found, named = values["recall"], values["precision"]
    span = percent_range(found.get("low"), found.get("high"))
    between = f" ({span})" if span else ""
    rightly = percent(named.get("value"))
    return (
        f"{tag:<{width}}  found {percent(found.get('value'))}{between} of {values['support']}; "
        f"rightly named {rightly}"
    )
