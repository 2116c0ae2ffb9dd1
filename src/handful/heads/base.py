"""What every head offers once it is fitted: probabilities, in Python and in the exported graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from handful.graphs import Graph


class Head(Protocol):
    """Turns features into probabilities of the tags."""

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n_samples, n_tags)."""
        ...

    def tempered(self, temperature: float) -> Head:
        """The same head, less sure of itself where the temperature is above 1."""
        ...

    def write(self, graph: Graph, features: str) -> str:
        """Append the head behind float32 `features` (n, width); gives the probabilities' name."""
        ...


@dataclass(frozen=True)
class Fitted:
    """A fitted head, and how its kind did outside the inner folds.

    Attributes
    ----------
    head : Head
    inner : ndarray of float32, shape (n_samples, n_tags), or None
        Probabilities of each training sample from a head that had not seen it.
    note : str
        What was chosen on the way, for the report.
    """

    head: Head
    inner: np.ndarray | None
    note: str
