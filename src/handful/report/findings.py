"""What the numbers of a report say: the headline, the verdict, the worst confusions, what next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from handful.report.several import several_guessing, several_headline
from handful.report.words import counted, noun, percent, percent_range, rounded

Report = Mapping[str, Any]
Verdict = Literal["better", "unclear", "worse", "unknown"]


@dataclass(frozen=True)
class Confusion:
    """How often samples of one tag were taken for another."""

    actual: str
    taken_for: str
    count: int
    out_of: int

    @property
    def share(self) -> float:
        """Share of the samples of ``actual`` that was taken for ``taken_for``, 0 to 1."""
        return self.count / self.out_of


def isolated(name: str) -> str:
    """Name between marks that keep its writing direction from changing the sentence's."""
    return f"\u2068{name}\u2069"


def metric(report: Report, name: str) -> Mapping[str, Any]:
    """One figure of the report, or an empty mapping where it was not computed."""
    return (report.get("metrics") or {}).get(name) or {}


def headline(report: Report) -> str:
    """Sentence that says what to expect of the model.

    >>> headline({"modality": "images",
    ...           "metrics": {"accuracy": {"value": 0.84, "low": 0.79, "high": 0.88}}})
    'Of 100 new photos like yours, expect about 84 right (between 79 and 88).'
    """
    if report.get("kind") == "several":
        return several_headline(report)
    accuracy = metric(report, "accuracy")
    value, low, high = (accuracy.get(key) for key in ("value", "low", "high"))
    if asked(report):
        return _headline_where_asked(report)
    if value is None:
        return f"How many new {noun(report)} it gets right cannot be said."
    whole = _whole(value)
    right = {0: "none", 1: "all"}.get(value, f"about {rounded(value * whole)}")
    sentence = f"Of {whole} new {noun(report)} {_like(report)}, expect {right} right"
    if low is None or high is None:
        return f"{sentence}."
    return f"{sentence} (between {rounded(low * whole)} and {rounded(high * whole)})."


def asked(report: Report) -> int:
    """Number of samples for which the rule asks a person."""
    return int((report.get("asked") or {}).get("k") or 0)


def _headline_where_asked(report: Report) -> str:
    """Three numbers that make up 100: to a person, right, wrong."""
    n, accuracy = report["asked"]["n"], metric(report, "accuracy")
    if asked(report) == n:
        return f"Every one of these {noun(report)} goes to a person: it answers none itself."
    answered = 1 - asked(report) / n
    right = rounded(100 * answered * accuracy["value"])
    wrong = rounded(100 * answered * (1 - accuracy["value"]))
    return (
        f"Of 100 new {noun(report)} {_like(report)}, expect about {100 - right - wrong} to go to "
        f"a person, {right} right and {wrong} wrong."
    )


def _like(report: Report) -> str:
    return "like these" if report.get("purpose") == "evaluate" else "like yours"


def beside_guessing(report: Report) -> str:
    """Sentence that says what always guessing the commonest tag gets; empty if unknown."""
    if report.get("kind") == "several":
        return several_guessing(report)
    baseline = metric(report, "baseline_accuracy").get("value")
    if baseline is None:
        return ""
    if asked(report):
        accuracy = metric(report, "accuracy")
        span = percent_range(accuracy.get("low"), accuracy.get("high"))
        return (
            f"Of those it answers, {percent(accuracy.get('value'))} are right"
            f"{f' ({span})' if span else ''}; always guessing the commonest tag would get "
            f"{percent(baseline)} of them."
        )
    whole = _whole(metric(report, "accuracy").get("value") or 0.5)
    return f"Always guessing the commonest tag gets {rounded(baseline * whole)} right."


def _whole(value: float) -> int:
    return 1000 if 0.995 <= value < 1 or 0 < value < 0.005 else 100


def verdict(report: Report) -> Verdict:
    """Whether the model is better than always guessing the commonest tag, beyond luck."""
    accuracy, baseline = metric(report, "accuracy"), metric(report, "baseline_accuracy")
    low, high, guess = accuracy.get("low"), accuracy.get("high"), baseline.get("value")
    if low is None or high is None or guess is None:
        return "unknown"
    return "better" if low > guess else "worse" if high < guess else "unclear"


VERDICTS: Mapping[Verdict, str] = {
    "better": "The model is clearly better than that.",
    "unclear": "The model cannot be told apart from guessing.",
    "worse": "The model is worse than that.",
    "unknown": "",
}


def confusions(report: Report) -> list[Confusion]:
    """Every kind of mistake that was made, most frequent first."""
    table = report.get("confusion") or {}
    tags, counts = table.get("tags") or [], table.get("counts") or []
    left = [asked_of(report, tag) for tag in tags]
    found = [
        Confusion(tags[i], tags[j], count, sum(row) + left[i])
        for i, row in enumerate(counts)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return sorted(found, key=lambda c: (-c.count, -c.share))


def asked_of(report: Report, tag: str) -> int:
    """Number of one tag's samples for which the rule asks a person."""
    values = (report.get("per_tag") or {}).get(tag) or {}
    return int((values.get("asked") or {}).get("k") or 0)


def worst_confusions(report: Report, most: int) -> list[Confusion]:
    """Most frequent mistakes; single ones only where no mistake was made twice."""
    found = confusions(report)
    repeated = [c for c in found if c.count > 1]
    return (repeated or found)[:most]


def next_steps(report: Report) -> list[str]:
    """Sentences that say what is worth doing now, most useful first."""
    steps = [*_distrust(report), *_unreadable(report), *_look(report), *_more(report)]
    return steps or ["Try it on new samples: handful predict MODEL FILE"]


def _distrust(report: Report) -> list[str]:
    if verdict(report) not in ("unclear", "worse"):
        return []
    return [f"Do not rely on this model yet: add {noun(report)} of every tag and train again."]


def _unreadable(report: Report) -> list[str]:
    n = len(report.get("unreadable") or [])
    if not n:
        return []
    them = "it" if n == 1 else "them"
    what = f"unreadable {'row' if report.get('modality') == 'tables' else 'file'}"
    return [f"Repair or remove {counted(n, what)}: the judgement is without {them}."]


def _look(report: Report) -> list[str]:
    sure = sum((m.get("probability") or 0) >= 0.9 for m in report.get("mistakes") or [])
    if not sure:
        return []
    which = "a mistake it was" if sure == 1 else f"{sure} mistakes it was"
    return [
        f"Look at {which} at least {percent(0.9)} sure of: sure and wrong often means a wrong"
        f" tag. Give such {noun(report)} the right one."
    ]


def _more(report: Report) -> list[str]:
    worst, total = mixed_up(confusions(report)), sum(c.count for c in confusions(report))
    if worst is None or worst[2] < max(3, 0.1 * total):
        return []
    first, second, count = worst
    return [
        f"Add {noun(report)} of {isolated(first)} and {isolated(second)}:"
        f" {count} of {counted(total, 'mistake')} were between these two."
    ]


def mixed_up(found: Sequence[Confusion]) -> tuple[str, str, int] | None:
    """Two tags mixed up most, both ways counted, and how often; None without mistakes."""
    pairs: dict[tuple[str, str], int] = {}
    for c in found:
        pair = (min(c.actual, c.taken_for), max(c.actual, c.taken_for))
        pairs[pair] = pairs.get(pair, 0) + c.count
    if not pairs:
        return None
    pair = max(pairs, key=lambda key: pairs[key])
    return (*pair, pairs[pair])
