"""Temperature: how sure probabilities are, set to how right they were."""

from __future__ import annotations

import numpy as np

from handful.metrics import fit_temperature

SMALLEST = 1e-12  # probabilities below this count as this: a logarithm must stay finite


def temper(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities made flatter (above 1) or sharper (below 1), float32, same shape."""
    scores = np.log(np.maximum(probabilities, SMALLEST)) / temperature
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def cautious_temperature(probabilities: np.ndarray, y: np.ndarray) -> float:
    """Temperature of the least log loss, as if one sample more had been wrong.

    A few samples that all were right would ask for certainty; the one more, spread over the
    second most probable tags, keeps it finite (as Platt 1999, section 2.2, does for two tags).
    """
    rows = np.arange(len(y))
    others = probabilities.copy()
    others[rows, y] = -1
    weight = np.concatenate([np.ones(len(y)), np.full(len(y), 1 / len(y))])
    return fit_temperature(
        np.concatenate([probabilities, probabilities]),
        np.concatenate([y, others.argmax(axis=1)]),
        sample_weight=weight,
    )
