"""What a model says of one sample that has one of several tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.bundle import Bundle
from handful.metrics import ASK
from handful.model_file import ANSWER, KNOWN, OUTPUT
from handful.samples import Source
from handful.verbs.running import ModelFile, Seen
from handful.widths import width

_OUTPUTS = (OUTPUT, ANSWER, KNOWN)


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
    """

    file: str
    tag: str | None
    probability: float | None
    probabilities: dict[str, float]
    known: bool
    low: float | None = None
    high: float | None = None

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
        return said if self.known else f"{said}; but unlike anything it learned from"


@dataclass(frozen=True)
class Reply:
    """What a model file answers for one sample.

    Attributes
    ----------
    probabilities : ndarray of float32, shape (n_tags,)
    answer : int
        Number of the tag that the model's rule chooses; -1: ask a person.
    known : bool
        Whether the sample is like those learned from.
    """

    probabilities: np.ndarray
    answer: int
    known: bool


@dataclass(frozen=True)
class Answer:
    """Everything that a model file says of one sample, and what shows whether it is a copy."""

    reply: Reply
    seen: Seen


class Predictor:
    """A model of one tag a sample, ready to answer; threads may share it.

    Parameters
    ----------
    bundle : Bundle
    with_features : bool
        Also answer with features (`answer`).
    """

    def __init__(self, bundle: Bundle, *, with_features: bool = False) -> None:
        self.bundle = bundle
        self._file = ModelFile(bundle, with_features=with_features)
        self.modality = self._file.modality

    def predict(self, name: str, source: Source) -> Prediction:
        """What the model says of one sample.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        return self.answers([name], [self.input_of(source)])[0]

    def input_of(self, source: Source) -> dict[str, np.ndarray]:
        """A sample as the model file takes it: a batch of one, by input.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        return self._file.input_of(source)

    def answers(
        self, names: Sequence[str], inputs: Sequence[Mapping[str, np.ndarray]]
    ) -> list[Prediction]:
        """What the model says of samples whose `inputs` have the same shapes, in one run."""
        found = _replies(self._file.run(_OUTPUTS, inputs))
        return [self._said(name, reply) for name, reply in zip(names, found, strict=True)]

    def _said(self, name: str, reply: Reply) -> Prediction:
        shares = [float(share) for share in reply.probabilities]
        by_tag = dict(zip(self.bundle.tags, shares, strict=True))
        if reply.answer == ASK:
            return Prediction(name, None, None, by_tag, reply.known)
        share, tag = shares[reply.answer], self.bundle.tags[reply.answer]
        low, high = width(self.bundle.card["widths"][reply.answer], share)
        return Prediction(name, tag, share, by_tag, reply.known, low, high)

    def answer(self, source: Source) -> Answer:
        """Everything that can be said of one file.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        seen = self._file.look(source, _OUTPUTS)
        return Answer(_replies(seen.outputs)[0], seen)


def _replies(outputs: Sequence[np.ndarray]) -> list[Reply]:
    rows = zip(*outputs, strict=True)
    return [Reply(shares, int(answer), bool(known)) for shares, answer, known in rows]
