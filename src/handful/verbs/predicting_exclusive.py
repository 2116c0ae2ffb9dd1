"""What a model says of one sample that has one of several tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handful.bundle import Bundle
from handful.metrics import ASK
from handful.model_file import ANSWER, KNOWN, OUTPUT
from handful.verbs.doubts import noted, unlike
from handful.verbs.running import Predictor, Row
from handful.widths import width


@dataclass(frozen=True)
class Prediction:
    """What a model says of one sample.

    Attributes
    ----------
    file : str
    tag : str or None
        By the model's rule: the most probable, unless a threshold or costs were set. None
        where the rule asks for a person.
    probability : float or None
        Of that tag.
    probabilities : dict of str to float
        By tag.
    known : bool
        False where the sample is unlike everything the model learned from: then believe
        neither tag nor probability.
    low, high : float or None
        Where the probability of the tag can honestly lie: how often samples that scored like
        this one had the tag when the model was judged (Venn-Abers). Far apart: few did.
    note : str
        What it lacks though all that the model learned from had it; "" where it lacks nothing.
    """

    file: str
    tag: str | None
    probability: float | None
    probabilities: dict[str, float]
    known: bool
    low: float | None = None
    high: float | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json."""
        return {
            "file": self.file,
            "tag": self.tag,
            "probability": self.probability,
            "probabilities": self.probabilities,
            "known": self.known,
            "low": self.low,
            "high": self.high,
            **noted(self.note),
        }

    def words(self) -> str:
        """As the command prints it for people."""
        from handful.report.words import percent, percent_range

        if self.tag is None or self.probability is None:
            likely = max(self.probabilities, key=lambda tag: self.probabilities[tag])
            said = f"ask a person (perhaps {likely}, {percent(self.probabilities[likely])} sure)"
        else:
            said = f"{self.tag}, {percent(self.probability)} sure"
            if self.low is not None and self.high is not None:
                came_true = percent_range(self.low, self.high)
                said += f"; of those it was judged on at such scores, {came_true} were"
        return said if self.known else f"{said}; but {unlike(self.note)}"


def exclusive_predictor(bundle: Bundle, *, with_features: bool = False) -> Predictor[Prediction]:
    """A model of one tag a sample, ready to answer."""
    return Predictor(bundle, (OUTPUT, ANSWER, KNOWN), _said, with_features=with_features)


def _said(bundle: Bundle, name: str, row: Row, doubt: str) -> Prediction:
    probabilities, answer, known = row
    shares = [float(share) for share in probabilities]
    by_tag = dict(zip(bundle.tags, shares, strict=True))
    if answer == ASK:
        return Prediction(name, None, None, by_tag, bool(known), note=doubt)
    share, tag = shares[answer], bundle.tags[answer]
    low, high = width(bundle.card["widths"][answer], share)
    return Prediction(name, tag, share, by_tag, bool(known), low, high, doubt)
