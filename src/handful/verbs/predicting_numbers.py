"""What a model of numbers says of one sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handful.bundle import Bundle
from handful.model_file.writing import HIGH, KNOWN, LOW, VALUE
from handful.verbs.doubts import noted, unlike
from handful.verbs.running import Predictor, Row


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
    note : str
        What it lacks though all that the model learned from had it; "" where it lacks nothing.
    """

    file: str
    value: float
    low: float
    high: float
    known: bool
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json."""
        return {
            "file": self.file, "value": self.value, "low": self.low, "high": self.high,
            "known": self.known, **noted(self.note),
        }  # fmt: skip

    def words(self) -> str:
        """As the command prints it for people."""
        said = f"{self.value:.4g}  (9 of 10 lie between {self.low:.4g} and {self.high:.4g})"
        return said if self.known else f"{said}  but {unlike(self.note)}"


def value_predictor(bundle: Bundle) -> Predictor[ValuePrediction]:
    """A model of numbers, ready to answer."""
    return Predictor(bundle, (VALUE, LOW, HIGH, KNOWN), _said)


def _said(bundle: Bundle, name: str, row: Row, doubt: str) -> ValuePrediction:
    value, low, high, known = row
    return ValuePrediction(name, float(value), float(low), float(high), bool(known), doubt)
