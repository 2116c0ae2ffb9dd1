"""What a model says of one sample that has one of several tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.bundle import Bundle
from handful.encoders.runtimes import open_session, run_together
from handful.metrics import ASK
from handful.modalities.base import by_name
from handful.model_file import ANSWER, KNOWN, OUTPUT, with_outputs
from handful.samples import Source
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
    """Everything that a model file says of one sample, and what shows whether it is a copy.

    Attributes
    ----------
    reply : Reply
    likeness : ndarray of float32, shape (1, n_features)
    fingerprint : ndarray of float32, shape (1, n_values), or None
    small : ndarray of float32, shape (1, n_values), or None
        The sample made small.
    """

    reply: Reply
    likeness: np.ndarray
    fingerprint: np.ndarray | None
    small: np.ndarray | None


class Predictor:
    """A model ready to answer, with ONNX Runtime alone; threads may share it.

    Parameters
    ----------
    bundle : Bundle
    with_features : bool
        Also answer with features (`answer`).
    """

    def __init__(self, bundle: Bundle, *, with_features: bool = False) -> None:
        self.bundle = bundle
        self.modality = by_name(bundle.card["modality"])
        self._session = open_session(str(bundle.model_file()), threads=1, arena=False)
        bundle.check_same_card(self._session.get_modelmeta().custom_metadata_map.get("card", ""))
        if with_features:
            model = with_outputs(bundle.read_model(), [bundle.card["likeness"]["tensor"]])
            self._session = open_session(model, threads=1)

    def probabilities(self, source: Source) -> np.ndarray:
        """Probabilities of one file, float32 (n_tags,), in the order of the bundle's tags.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        return self.reply(source).probabilities

    def reply(self, source: Source) -> Reply:
        """What the model file answers for one file.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        sample = self.modality.read(source, self.bundle.card["reading"])
        probabilities, answer, known = self._run(sample, [OUTPUT, ANSWER, KNOWN])
        return Reply(probabilities[0], int(answer[0]), bool(known[0]))

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
        return self.modality.as_input(self.modality.read(source, self.bundle.card["reading"]))

    def answers(
        self, names: Sequence[str], inputs: Sequence[Mapping[str, np.ndarray]]
    ) -> list[Prediction]:
        """What the model says of samples whose `inputs` have the same shapes, in one run."""
        replies = zip(*run_together(self._session, [OUTPUT, ANSWER, KNOWN], inputs), strict=True)
        return [
            self._said(name, Reply(probabilities, int(answer), bool(known)))
            for name, (probabilities, answer, known) in zip(names, replies, strict=True)
        ]

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
        sample = self.modality.read(source, self.bundle.card["reading"])
        likeness = self.bundle.card["likeness"]
        outputs = [OUTPUT, ANSWER, KNOWN, likeness["tensor"]]
        probabilities, answer, known, features = self._run(sample, outputs)
        look, small = self.modality.fingerprint, self.modality.small
        return Answer(
            Reply(probabilities[0], int(answer[0]), bool(known[0])),
            features[:, slice(*likeness["columns"])],
            None if look is None else look.transform([sample]),
            None if small is None else small.transform([sample]),
        )

    def _run(self, sample: Any, outputs: list[str]) -> list[np.ndarray]:
        answers: list[np.ndarray] = self._session.run(outputs, self.modality.as_input(sample))
        return answers
