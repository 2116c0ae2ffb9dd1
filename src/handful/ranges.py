"""Ranges in which new numbers should lie: CV+ (Barber, Candes, Ramdas and Tibshirani 2021).

Each training sample was predicted by a learner that had not seen it, and was off by a residual.
For a new sample every one of these learners answers; answers less and plus their residuals are
sorted, and the range leaves out the outermost of them. It holds the truth for at least 1 - 2 alpha
of new samples like the training's, whatever the data look like, and usually for 1 - alpha.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.graphs import Graph

WITHIN = 0.9  # of new samples that usually lie in their range
_MOST = 1000  # residuals that a model carries


@dataclass(frozen=True)
class Ranges:
    """What is needed to give a range.

    Attributes
    ----------
    residuals : tuple of ndarray of float32
        For each fold's learner, how far off it was for the samples that it had not seen.
    """

    residuals: tuple[np.ndarray, ...]

    def bounds(self, said: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest value for each sample, float32 (n_samples,) each.

        Parameters
        ----------
        said : ndarray of float32, shape (n_samples, n_folds)
            What each fold's learner says of the samples.
        """
        pairs = list(zip(said.T, self.residuals, strict=True))
        low = np.concatenate([one[:, None] - residual for one, residual in pairs], axis=1)
        high = np.concatenate([one[:, None] + residual for one, residual in pairs], axis=1)
        left_out = self._left_out
        return np.sort(low, axis=1)[:, left_out - 1], np.sort(high, axis=1)[:, -left_out]

    def write(self, graph: Graph, said: Sequence[str]) -> tuple[str, str]:
        """Append the ranges behind each learner's answers, (n, 1); gives low and high, (n,)."""
        ends = []
        for operation, largest in (("Sub", 0), ("Add", 1)):
            moved = [
                graph.add(operation, [one, graph.constant(residual[None])])
                for one, residual in zip(said, self.residuals, strict=True)
            ]
            every = graph.add("Concat", moved, axis=1)
            count = graph.constant([self._left_out], np.int64)
            outermost = graph.add_all(
                "TopK", [every, count], n_outputs=2, axis=1, largest=largest, sorted=1
            )[0]
            last = graph.constant(self._left_out - 1, np.int64)
            ends.append(graph.add("Gather", [outermost, last], axis=1))
        return ends[0], ends[1]

    @property
    def _left_out(self) -> int:
        """How many of the outermost are left out at each end, at least 1."""
        n = sum(map(len, self.residuals))
        return max(1, math.floor((1 - WITHIN) * (n + 1)))


def promised() -> dict[str, Any]:
    """What ranges promise, as plain values for the report."""
    return {"within": WITHIN, "at_least": 2 * WITHIN - 1, "method": "CV+"}


def fit_ranges(y: np.ndarray, said: np.ndarray, folds: np.ndarray, *, seed: int) -> Ranges:
    """Ranges from predictions outside the folds.

    Parameters
    ----------
    y, said : ndarray of float32, shape (n_samples,)
    folds : ndarray of int64, shape (n_samples,)
    seed : int
        Draws the residuals that are kept, where there are many.
    """
    kept = np.arange(len(y))
    if len(kept) > _MOST:
        kept = np.sort(np.random.default_rng(seed).choice(kept, _MOST, replace=False))
    off = np.abs(said - y).astype(np.float32)
    return Ranges(tuple(off[kept][folds[kept] == fold] for fold in range(int(folds.max()) + 1)))
