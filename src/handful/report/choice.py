"""A chosen rule in plain words and as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handful.choosing import Choice, Scored
from handful.metrics import Interval, Promise
from handful.report.words import percent, percent_range, rounded


def choice_json(choice: Choice, tags: Sequence[str]) -> dict[str, Any]:
    """What the command prints with --json, and what the report keeps."""
    rule, found, promised = choice.rule, choice.outcome, choice.promise
    return {
        "positive": None if rule.positive is None else tags[rule.positive],
        "threshold": rule.threshold,
        "rule": rule.words,
        "sensitivity": None if found is None else found.sensitivity.to_json(),
        "specificity": None if found is None else found.specificity.to_json(),
        "precision": None if choice.precision is None else choice.precision.to_json(),
        "confusion": None
        if found is None
        else {"tp": found.tp, "fp": found.fp, "fn": found.fn, "tn": found.tn},
        "promise": None if promised is None else _promise_json(promised),
        "prevalence": choice.prevalence,
        "costs": None if choice.costs is None else vars(choice.costs),
    }


def _promise_json(promised: Promise) -> dict[str, Any]:
    names = ("recall", "confidence", "kept", "have", "need", "can_promise")
    return {name: getattr(promised, name) for name in names}


def sentence(choice: Choice, scored: Scored, nouns: str) -> str:
    """What the rule does, at what price, and what can be promised."""
    if choice.costs is not None:
        return _cost_sentence(choice, nouns)
    found, positive = choice.outcome, choice.rule.positive
    if found is None or positive is None:
        return f"The model answers {choice.rule.words}."
    tag = scored.tags[positive]
    parts = [
        f"From a probability of {found.threshold:.4g} on, the answer is {tag}.",
        price(found.sensitivity, found.specificity, tag, nouns),
        _precision(choice, tag),
        _promised(choice.promise, scored.fresh),
    ]
    return " ".join(part for part in parts if part)


def price(sensitivity: Interval, specificity: Interval, tag: str, nouns: str) -> str:
    """How many of 100 are missed and how many of 100 others alarm, with their intervals.

    Examples
    --------
    >>> found, left = Interval(0.96, 0.91, 0.99, 0.95, ""), Interval(0.88, 0.81, 0.93, 0.95, "")
    >>> price(found, left, "the sick", "people")  # doctest: +NORMALIZE_WHITESPACE
    'Of 100 people of the sick this misses about 4 (at most 9) and raises a false alarm for
    about 12 of 100 others (7-19).'
    """
    return f"{_missed(sensitivity, tag, nouns)} {_alarmed(specificity, nouns)}"


def _missed(sensitivity: Interval, tag: str, nouns: str) -> str:
    if sensitivity.value is None or sensitivity.low is None:
        return f"There are no {nouns} of {tag}: how many it misses cannot be said."
    about, most = _of_100(1 - sensitivity.value), _of_100(1 - sensitivity.low)
    return f"Of 100 {nouns} of {tag} this misses about {about} (at most {most})"


def _alarmed(specificity: Interval, nouns: str) -> str:
    if specificity.value is None or specificity.low is None or specificity.high is None:
        return f"There are no other {nouns}: false alarms cannot be said."
    about = _of_100(1 - specificity.value)
    low, high = _of_100(1 - specificity.high), _of_100(1 - specificity.low)
    return f"and raises a false alarm for about {about} of 100 others ({low}-{high})."


def _precision(choice: Choice, tag: str) -> str:
    shown = choice.precision
    if shown is None or shown.value is None:
        return ""
    where = "" if choice.prevalence is None else f" where {percent(choice.prevalence)} are {tag}"
    span = percent_range(shown.low, shown.high)
    said = f"{percent(shown.value)} are right" + (f" ({span})" if span else "")
    return f"Of its alarms about {said}{where}."


def _promised(promised: Promise | None, fresh: bool) -> str:
    if promised is None:
        return ""
    sure = percent(promised.confidence)
    if promised.kept:
        word = "Guaranteed" if fresh else "Checked, not guaranteed"
        how = "" if fresh else " (these predictions are from judging, not from the final model)"
        return (
            f"{word}: with your {promised.have} independent positives I can promise a recall of "
            f"{promised.recall:g} at {sure} confidence{how}, if tomorrow's samples are like these."
        )
    can = "nothing" if promised.can_promise is None else f"a recall of {promised.can_promise:.3f}"
    return (
        f"With your {promised.have} independent positives I can promise {can} at {sure} "
        f"confidence, not {promised.recall:g}: that needs {promised.need}."
    )


def _cost_sentence(choice: Choice, nouns: str) -> str:
    paid = choice.costs
    if paid is None:
        return ""
    answered = paid.n - paid.asked
    asked = f" It asks a person for {paid.asked} of {paid.n} {nouns}." if paid.asked else ""
    return (
        f"By your costs a {nouns.rstrip('s')} costs {paid.cost:.3g} on average; always answering "
        f"the most probable tag would cost {paid.cost_of_most_probable:.3g}.{asked} Of the "
        f"{answered} it answers, {paid.right} are right."
    )


def _of_100(share: float) -> str:
    many = 100 * share
    return f"{many:.1f}" if 0 < many < 1 else str(rounded(many))
