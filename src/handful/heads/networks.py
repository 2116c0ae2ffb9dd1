"""An ensemble of small neural networks, trained side by side: for tables of smooth relations.

Two hidden layers, each network with its own start and its own inner fold left out. All are
trained as one batched computation (as Gorishniy et al. 2024 do in "TabM", there with shared
weights); their average is the head. Layers, Adam (Kingma and Ba 2015) and one-cycle learning
rates are a few lines of NumPy: the base installation has no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from handful.heads.affine import softmax
from handful.heads.base import Fitted

if TYPE_CHECKING:
    from handful.graphs import Graph

_HIDDEN = 64
A_FOLD = 2  # networks for each inner fold
_BATCH, _EPOCHS, _MOST_STEPS, _LEAST_STEPS = 64, 40, 1500, 300
_RATE, _DECAY, _WARM = 4e-3, 0.02, 0.2
_BETA_1, _BETA_2, _TINY = 0.9, 0.95, 1e-8

Layers = tuple[np.ndarray, ...]  # weights and biases in turn, each (n_networks, ...)


@dataclass(frozen=True)
class Networks:
    """An average of small networks.

    Attributes
    ----------
    layers : tuple of ndarray of float32
        W1 (n_networks, n_features, hidden), b1 (n_networks, 1, hidden), W2, b2, W3, b3.
    temperature : float
        Outputs are divided by it.
    """

    layers: Layers
    temperature: float = 1.0

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n_samples, n_tags)."""
        shares = softmax(outputs(self.layers, X)[-1] / np.float32(self.temperature))
        return np.asarray(shares.mean(axis=0))

    def tempered(self, temperature: float) -> Networks:
        """Outputs divided by the temperature."""
        return replace(self, temperature=self.temperature * temperature)

    def write(self, graph: Graph, features: str) -> str:
        """Append layers, softmax and mean; gives the probabilities' name."""
        scores = write_layers(graph, self.layers, features)
        scores = graph.add("Mul", [scores, graph.constant(1 / self.temperature)])
        shares = graph.add("Softmax", [scores], axis=2)
        return graph.add("ReduceMean", [shares, graph.constant([0], np.int64)], keepdims=0)


def write_layers(graph: Graph, layers: Layers, features: str) -> str:
    """Append the networks side by side; gives their outputs' name, (n_networks, n, n_outputs)."""
    x = graph.add("Unsqueeze", [features, graph.constant([0], np.int64)])
    for at in range(0, len(layers), 2):
        x = graph.add("MatMul", [x, graph.constant(layers[at])])
        x = graph.add("Add", [x, graph.constant(layers[at + 1])])
        if at + 2 < len(layers):
            x = graph.add("Relu", [x])
    return x


def fit_networks(
    X: np.ndarray,
    y: np.ndarray,
    *,
    n_tags: int,
    folds: np.ndarray,
    sample_weight: np.ndarray,
    seed: int,
) -> Fitted:
    """Networks of all inner folds together.

    Parameters
    ----------
    X : ndarray of float32, shape (n_samples, n_features)
    y : ndarray of int, shape (n_samples,)
    n_tags : int
    folds : ndarray of int, shape (n_samples,)
        Inner fold of each sample.
    sample_weight : ndarray of float32, shape (n_samples,)
    seed : int
    """
    targets = np.eye(n_tags, dtype=np.float32)[y]
    left_out = np.repeat(np.arange(folds.max() + 1), A_FOLD)
    layers = trained(X, targets, left_out, folds, sample_weight, seed, of_tags=True)
    shares = softmax(outputs(layers, X)[-1])
    inner = outside(shares, left_out, folds)
    return Fitted(Networks(layers), inner, f"{len(left_out)} networks")


def outside(found: np.ndarray, left_out: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Mean of what the networks say that had not seen the sample, (n_samples, n_outputs)."""
    unseen = left_out[:, None] == folds[None, :]
    return np.asarray((found * unseen[..., None]).sum(axis=0) / unseen.sum(axis=0)[:, None])


def trained(
    X: np.ndarray,
    targets: np.ndarray,
    left_out: np.ndarray,
    folds: np.ndarray,
    sample_weight: np.ndarray,
    seed: int,
    *,
    of_tags: bool,
) -> Layers:
    """Train one network for each entry of `left_out`, the fold that it does not see.

    Cross entropy of softmax outputs for tags, half the squared error for numbers: the slope is
    output minus target for both. Features are standardised, and that is folded into W1.
    """
    random = np.random.default_rng(seed)
    mean, spread = X.mean(axis=0), X.std(axis=0)
    varies = spread > 1e-6 * max(float(spread.max()), 1e-12)
    scale = np.where(varies, 1 / np.where(varies, spread, 1), 0)  # what never varied says nothing
    standard = ((X - mean) * scale).astype(np.float32)
    seen = [np.flatnonzero(folds != fold) for fold in left_out]
    layers = _start(len(left_out), X.shape[1], targets.shape[1], random)
    moments = [np.zeros_like(part) for part in (*layers, *layers)]
    n_steps = int(np.clip(_EPOCHS * len(X) / _BATCH, _LEAST_STEPS, _MOST_STEPS))
    for step, rows in enumerate(_batches(seen, n_steps, random), 1):
        activations = outputs(layers, standard[rows])
        said = softmax(activations[-1]) if of_tags else activations[-1]
        slope = (said - targets[rows]) * (sample_weight[rows] / rows.shape[1])[..., None]
        gradients = _gradients(layers, standard[rows], activations, slope)
        _adam(layers, gradients, moments, step, _rate(step / n_steps))
    first = layers[0] * scale[:, None].astype(np.float32)
    bias = layers[1] - mean.astype(np.float32) @ first[:, None]
    return (first, bias.reshape(layers[1].shape), *layers[2:])


def outputs(layers: Layers, X: np.ndarray) -> list[np.ndarray]:
    """What every layer gives; the last are the outputs, (n_networks, n_samples, n_outputs)."""
    found, x = [], X
    for at in range(0, len(layers), 2):
        x = x @ layers[at] + layers[at + 1]
        if at + 2 < len(layers):
            x = np.maximum(x, 0)
        found.append(x)
    return found


def _start(n: int, n_features: int, n_outputs: int, random: np.random.Generator) -> Layers:
    """Weights of variance 2 / inputs (He et al. 2015), a small last layer, biases 0."""
    sizes = [n_features, _HIDDEN, _HIDDEN, n_outputs]
    parts: list[np.ndarray] = []
    for at, (before, after) in enumerate(pairwise(sizes)):
        spread = np.sqrt(2 / before) * (0.1 if at == 2 else 1.0)
        parts.append(random.normal(0, spread, (n, before, after)).astype(np.float32))
        parts.append(np.zeros((n, 1, after), np.float32))
    return tuple(parts)


def _batches(
    seen: list[np.ndarray], n_steps: int, random: np.random.Generator
) -> Iterator[np.ndarray]:
    """Rows for every network, int64 (n_networks, batch): each sees all of its own in turn."""
    size = min(_BATCH, min(map(len, seen)))
    dealt = [np.empty(0, np.int64) for _ in seen]
    for _ in range(n_steps):
        for at, rows in enumerate(seen):
            while len(dealt[at]) < size:
                dealt[at] = np.concatenate([dealt[at], random.permutation(rows)])
        yield np.stack([rows[:size] for rows in dealt])
        dealt = [rows[size:] for rows in dealt]


def _gradients(
    layers: Layers, X: np.ndarray, activations: list[np.ndarray], slope: np.ndarray
) -> list[np.ndarray]:
    """Backpropagation: slopes of the loss by every part of `layers`."""
    found: list[np.ndarray] = [np.empty(0)] * len(layers)
    for at in range(len(layers) - 2, -1, -2):
        before = X if at == 0 else activations[at // 2 - 1]
        found[at] = before.transpose(0, 2, 1) @ slope
        found[at + 1] = slope.sum(axis=1, keepdims=True)
        if at:
            slope = (slope @ layers[at].transpose(0, 2, 1)) * (before > 0)
    return found


def _adam(
    layers: Layers, gradients: list[np.ndarray], moments: list[np.ndarray], step: int, rate: float
) -> None:
    """One step of Adam with weight decay apart (Loshchilov and Hutter 2019), in place."""
    for at, (part, gradient) in enumerate(zip(layers, gradients, strict=True)):
        first, second = moments[at], moments[at + len(layers)]
        first += (1 - _BETA_1) * (gradient - first)
        second += (1 - _BETA_2) * (gradient**2 - second)
        towards = first / (1 - _BETA_1**step)
        size = np.sqrt(second / (1 - _BETA_2**step)) + _TINY
        part -= np.float32(rate) * (towards / size + (_DECAY * part if at % 2 == 0 else 0))


def _rate(share: float) -> float:
    """One cycle (Smith 2018): up in the first fifth, then down to 0 along a cosine."""
    if share < _WARM:
        return _RATE * share / _WARM
    return float(_RATE * 0.5 * (1 + np.cos(np.pi * (share - _WARM) / (1 - _WARM))))
