"""What threshold gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Threshold:
    """A chosen rule.

    Attributes
    ----------
    values : dict
        Plain values: threshold, sensitivity, specificity, precision, confusion, promise.
    sentence : str
        The same in plain words.
    stored : bool
        Whether the model answers by it from now on.
    """

    values: dict[str, Any]
    sentence: str
    stored: bool

    def to_json(self) -> dict[str, Any]:
        """What the command prints with --json."""
        return {**self.values, "sentence": self.sentence, "stored": self.stored}
