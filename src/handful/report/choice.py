"""A chosen rule in plain words and as plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from handful.choosing import Choice, CostOutcome, Scored
from handful.metrics import Interval, Promise, clopper_pearson
from handful.report.words import interval, percent, rounded, share_of_many, tag_said

_ROUNDING = 1e-9


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
        return _cost_sentence(choice.costs, nouns)
    found, positive = choice.outcome, choice.rule.positive
    if found is None or positive is None:
        return "From now on the model answers with the most probable tag."
    tag = tag_said(scored.tags[positive])
    parts = [
        f"From a probability of {found.threshold:.4g} on, the answer is {tag}.",
        price(found.sensitivity, found.specificity, tag, nouns),
        _precision(choice, tag),
        f"Brackets: {percent(found.sensitivity.confidence)} intervals.",
        _few_others(choice, nouns),
        _promised(choice.promise, tag, nouns, scored.fresh),
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
    missed, alarmed = _missed(sensitivity, tag, nouns), _alarmed(specificity)
    if missed and alarmed:
        return f"{missed} and raises {alarmed}."
    if missed:
        return f"{missed}. There are no other {nouns}: false alarms cannot be said."
    unknown = f"There are no {nouns} of {tag}: how many it misses cannot be said."
    return f"{unknown} It raises {alarmed}." if alarmed else unknown


def _missed(sensitivity: Interval, tag: str, nouns: str) -> str:
    """How many it misses, without a full stop; "" where there is nothing to miss."""
    if sensitivity.value is None or sensitivity.low is None:
        return ""
    about, most = _of_100(1 - sensitivity.value), _of_100(1 - sensitivity.low)
    return f"Of 100 {nouns} of {tag} this misses about {about} (at most {most})"


def _alarmed(specificity: Interval) -> str:
    """How often it alarms for nothing; "" where there are no others."""
    if specificity.value is None or specificity.low is None or specificity.high is None:
        return ""
    about = _of_100(1 - specificity.value)
    low, high = _of_100(1 - specificity.high), _of_100(1 - specificity.low)
    return f"a false alarm for about {about} of 100 others ({low}-{high})"


def _precision(choice: Choice, tag: str) -> str:
    shown = choice.precision
    if shown is None or shown.value is None:
        return ""
    said = share_of_many(shown.value, shown.low, shown.high)
    where = f"If {tag} is as common as among your samples"
    if choice.prevalence is not None:
        where = f"Where {share_of_many(choice.prevalence)} are {tag}"
    return f"{where}, of its alarms about {said} are right."


def _few_others(choice: Choice, nouns: str) -> str:
    """Where even without a false alarm the others are too few to show what was asked."""
    asked, found = choice.specificity, choice.outcome
    if asked is None or found is None:
        return ""
    others, low = found.fp + found.tn, found.specificity.low
    if low is not None and low >= asked:
        return ""
    shown = "nothing" if low is None else f"only that at least {_down(low)} are"
    return (
        f"A share of {asked:.12g} left alone (the specificity) is what these {others} other "
        f"{nouns} had; of those to come so few show {shown}."
    )


def _promised(promised: Promise | None, tag: str, nouns: str, fresh: bool) -> str:
    if promised is None:
        return ""
    asked, sure = f"{promised.recall:.12g}", percent(promised.confidence)
    one = nouns.removesuffix("s") if promised.have == 1 else nouns
    yours = f"your {promised.have} {one} of {tag} (copies counted once)"
    if promised.kept:
        word = "Guaranteed" if fresh else "Checked, not guaranteed"
        return (
            f"{word}: with {yours} I can promise a recall (the share found) of {asked} at {sure} "
            f"confidence (how sure that is){_why(fresh)}. It holds if tomorrow's {nouns} are "
            "like these."
        )
    can = (
        "nothing"
        if promised.can_promise is None
        else (f"a recall (the share found) of {_down(promised.can_promise)} at most")
    )
    return (
        f"With {yours} I can promise {can} at {sure} confidence (how sure that is), not {asked}: "
        f"that needs {promised.need}. {_standing(fresh)}."
    )


def _standing(fresh: bool) -> str:
    return "Guaranteed" if fresh else f"Checked, not guaranteed{_why(fresh)}"


def _why(fresh: bool) -> str:
    return "" if fresh else "; each was scored by a model like the final one that had not seen it"


def _down(share: float) -> str:
    """Share in three digits, never more than it is: promises are not rounded up.

    >>> _down(0.9306), _down(0.9409), _down(0.9)
    ('0.930', '0.940', '0.900')
    """
    return f"{math.floor(1000 * share + _ROUNDING) / 1000:.3f}"


def _cost_sentence(paid: CostOutcome, nouns: str) -> str:
    answered = paid.n - paid.asked
    asked = ""
    if paid.asked:
        left = clopper_pearson(paid.asked, paid.n).to_json()
        asked = f" It asks a person for {interval(left)} {nouns}."
    span = (
        ""
        if paid.low is None or paid.high is None
        else (f" (95 % interval {paid.low:.3g}-{paid.high:.3g})")
    )
    right = clopper_pearson(paid.right, answered).to_json()
    told = f" Of those it answers, right: {interval(right)}." if answered else ""
    return (
        f"By your costs one of the {nouns} costs {paid.cost:.3g} on average{span}; always "
        f"answering the most probable tag would cost {paid.cost_of_most_probable:.3g}.{asked}{told}"
    )


def _of_100(share: float) -> str:
    many = 100 * share
    return f"{many:.1f}" if 0 < many < 1 else str(rounded(many))
