"""predict: what a model says of files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import Bundle, open_bundle
from handful.encoders.runtimes import open_session
from handful.errors import InputError, UnreadableError
from handful.export import OUTPUT, with_outputs
from handful.modalities.base import by_name


@dataclass(frozen=True)
class Prediction:
    """What a model says of one sample.

    Attributes
    ----------
    file : str
    tag : str
        The most probable.
    probability : float
    probabilities : dict of str to float
        By tag.
    """

    file: str
    tag: str
    probability: float
    probabilities: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json; `known` is null: refusal is not judged yet."""
        return {
            "file": self.file,
            "tag": self.tag,
            "probability": self.probability,
            "probabilities": self.probabilities,
            "known": None,
        }


@dataclass(frozen=True)
class Answer:
    """Everything that a model file says of one sample, and what shows whether it is a copy.

    Attributes
    ----------
    probabilities : ndarray of float32, shape (n_tags,)
    likeness : ndarray of float32, shape (1, n_features)
    fingerprint : ndarray of float32, shape (1, n_values)
    pixels : ndarray of float32, shape (1, n_values)
        The sample made small.
    """

    probabilities: np.ndarray
    likeness: np.ndarray
    fingerprint: np.ndarray
    pixels: np.ndarray


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
        model = bundle.read_model()
        if with_features:
            model = with_outputs(model, [bundle.card["likeness"]["tensor"]])
        self._session = open_session(model, threads=1)

    def probabilities(self, source: Path | bytes) -> np.ndarray:
        """Probabilities of one file, float32 (n_tags,), in the order of the bundle's tags.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        sample = self.modality.read(source, self.bundle.card["reading"])
        return np.asarray(self._run(sample, [OUTPUT])[0][0])

    def answer(self, source: Path | bytes) -> Answer:
        """Everything that can be said of one file.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        sample = self.modality.read(source, self.bundle.card["reading"])
        likeness = self.bundle.card["likeness"]
        probabilities, features = self._run(sample, [OUTPUT, likeness["tensor"]])
        return Answer(
            probabilities[0],
            features[:, slice(*likeness["columns"])],
            self.modality.fingerprint.transform([sample]),
            self.modality.small.transform([sample]),
        )

    def _run(self, sample: Any, outputs: list[str]) -> list[np.ndarray]:
        name = self._session.get_inputs()[0].name
        answers: list[np.ndarray] = self._session.run(
            outputs, {name: self.modality.as_input(sample)}
        )
        return answers


def predict(model: str | Path, files: Sequence[str | Path] | str | Path) -> list[Prediction]:
    """What a model says of files.

    Parameters
    ----------
    model : str or Path
        The folder that `train` wrote.
    files : sequence of str or Path
        ``-`` reads one sample from standard input.

    Raises
    ------
    InputError
        The model cannot be opened, or files cannot be read: all of them in one message.
    """
    several = [files] if isinstance(files, str | Path) else list(files)
    if not several:
        raise InputError("no file was given: name at least one to predict.")
    predictor = Predictor(open_bundle(Path(model)))
    answers, problems = [], []
    for file in several:
        try:
            source = sys.stdin.buffer.read() if str(file) == "-" else Path(file)
            answers.append(_prediction(predictor, str(file), source))
        except UnreadableError as error:
            problems.append(f"{file} {error}")
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise InputError(f"{len(problems)} of {len(several)} files cannot be read:{lines}")
    return answers


def _prediction(predictor: Predictor, file: str, source: Path | bytes) -> Prediction:
    shares = predictor.probabilities(source)
    tags = predictor.bundle.tags
    best = int(shares.argmax())
    by_tag = {tag: float(share) for tag, share in zip(tags, shares, strict=True)}
    return Prediction(file, tags[best], float(shares[best]), by_tag)
