"""What a model of numbers says of one sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.bundle import Bundle
from handful.model_file.writing import HIGH, KNOWN, LOW, VALUE
from handful.samples import Source
from handful.verbs.running import ModelFile


@dataclass(frozen=True)
class ValuePrediction:
    """What a model of numbers says of one sample.

    Attributes
    ----------
    file : str
    value : float
    low, high : float
        Where the truth should lie for about nine of ten samples.
    known : bool
        False where the sample is unlike everything the model learned from.
    """

    file: str
    value: float
    low: float
    high: float
    known: bool

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json."""
        return {
            "file": self.file, "value": self.value, "low": self.low, "high": self.high,
            "known": self.known,
        }  # fmt: skip

    def words(self) -> str:
        """As the command prints it for people."""
        said = f"{self.value:.4g}  (9 of 10 lie between {self.low:.4g} and {self.high:.4g})"
        return said if self.known else f"{said}  but unlike anything it learned from"


class ValuePredictor:
    """A model of numbers ready to answer, with ONNX Runtime alone."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._file = ModelFile(bundle)
        self.modality = self._file.modality

    def predict(self, name: str, source: Source) -> ValuePrediction:
        """What the model file says of one sample.

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
    ) -> list[ValuePrediction]:
        """What the model says of samples whose `inputs` have the same shapes, in one run."""
        found = zip(*self._file.run((VALUE, LOW, HIGH, KNOWN), inputs), strict=True)
        return [
            ValuePrediction(name, float(value), float(low), float(high), bool(known))
            for name, (value, low, high, known) in zip(names, found, strict=True)
        ]
