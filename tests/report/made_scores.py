"""Scores made by hand or drawn, and reports that hold their trade-offs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from made_reports import from_counts

from handful.choosing import Scored
from handful.report.tradeoffs import tradeoffs


@dataclass(frozen=True)
class Made:
    """Samples with probabilities; column numbers, float32 (n, n_tags), groups, tags."""

    y: np.ndarray
    probabilities: np.ndarray
    groups: np.ndarray
    tags: tuple[str, ...]

    def tradeoffs(self) -> dict[str, Any]:
        return tradeoffs(self.y, self.probabilities, self.groups, self.tags)

    def scored(self, *, fresh: bool = False) -> Scored:
        return Scored(self.tags, self.y, self.probabilities, self.groups, fresh)

    def report(self, **more: Any) -> dict[str, Any]:
        k = len(self.tags)
        cells = self.y * k + self.probabilities.argmax(axis=1)
        counts = np.bincount(cells, minlength=k * k).reshape(k, k).tolist()
        return from_counts(self.tags, counts, tradeoffs=self.tradeoffs(), **more)


def drawn(
    sizes: Sequence[int], *, seed: int = 0, gap: float = 1.5, together: int = 1, digits: int = 9
) -> Made:
    """Softmax of noise plus `gap` at the right tag; every `together` samples form a group."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(sizes)), sizes)
    logits = rng.normal(size=(len(y), len(sizes)))
    logits[np.arange(len(y)), y] += gap
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    tags = tuple(f"tag {i}" for i in range(len(sizes)))
    return Made(y, shares.round(digits).astype(np.float32), np.arange(len(y)) // together, tags)


def two(sick: Sequence[float], healthy: Sequence[float], tags=("sick", "healthy")) -> Made:
    """Two tags, from the probability of the first for samples of either."""
    scores = np.array([*sick, *healthy], np.float32)
    y = np.repeat([0, 1], [len(sick), len(healthy)])
    return Made(y, np.column_stack([scores, 1 - scores]), np.arange(len(y)), tuple(tags))
