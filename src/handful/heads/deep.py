"""Heads that are whole networks, trained on the samples themselves: one for each inner fold.

Each network sees all inner folds but one and answers for that one; together, averaged, they are
the head. So nothing is chosen by samples that it has learnt from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.encoders.whole import Layout
from handful.heads.affine import softmax
from handful.heads.base import Fitted
from handful.heads.teaching import Lesson, Means, of_tags, said, taught
from handful.heads.temperature import SMALLEST, cautious_temperature, temper
from handful.heads.values import FittedValues

if TYPE_CHECKING:
    from torch import nn

    from handful.graphs import Graph

_BEHIND = 2.0  # standard errors behind the leader after one inner fold: it is given up


@dataclass(frozen=True)
class Trained:
    """Networks whose answers are averaged.

    Attributes
    ----------
    networks : tuple of Module
    layout : Layout
    """

    networks: tuple[nn.Module, ...]
    layout: Layout

    def outputs(self, X: np.ndarray) -> np.ndarray:
        """What each network gives, float32 (n_networks, n_samples, n_outputs)."""
        return np.stack([said(network, self.layout, X) for network in self.networks])

    def write(self, graph: Graph, features: str) -> str:
        """Append all of them; gives their outputs' name, (n_networks, n, n_outputs)."""
        x, lengths = _write_unpacked(graph, self.layout, features)
        more = {"lengths": lengths} if lengths else {}
        networks: tuple[Any, ...] = self.networks
        each = [network.write(graph, x, **more) for network in networks]
        first = graph.constant([0], np.int64)
        return graph.add("Concat", [graph.add("Unsqueeze", [one, first]) for one in each], axis=0)


@dataclass(frozen=True)
class DeepHead:
    """An average of networks that tell tags apart.

    Attributes
    ----------
    trained : Trained
    temperature : float
        Outputs are divided by it.
    """

    trained: Trained
    temperature: float = 1.0

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n_samples, n_tags)."""
        shares = softmax(self.trained.outputs(X) / np.float32(self.temperature))
        return np.asarray(shares.mean(axis=0))

    def tempered(self, temperature: float) -> DeepHead:
        """Outputs divided by the temperature."""
        return replace(self, temperature=self.temperature * temperature)

    def write(self, graph: Graph, features: str) -> str:
        """Append networks, softmax and mean; gives the probabilities' name."""
        scores = self.trained.write(graph, features)
        scores = graph.add("Mul", [scores, graph.constant(1 / self.temperature)])
        shares = graph.add("Softmax", [scores], axis=2)
        return graph.add("ReduceMean", [shares, graph.constant([0], np.int64)], keepdims=0)


@dataclass(frozen=True)
class DeepValues:
    """An average of networks that tell a number, trained on standardised ones."""

    trained: Trained
    middle: float
    spread: float

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, float32 (n_samples,)."""
        found = self.trained.outputs(X)[..., 0].mean(axis=0)
        return np.asarray(found * np.float32(self.spread) + np.float32(self.middle))

    def write(self, graph: Graph, features: str) -> str:
        """Append networks, mean and scale; gives the name of (n, 1)."""
        found = self.trained.write(graph, features)
        found = graph.add("ReduceMean", [found, graph.constant([0], np.int64)], keepdims=0)
        found = graph.add("Mul", [found, graph.constant(self.spread)])
        return graph.add("Add", [found, graph.constant(self.middle)])


def fit_deep(
    lesson: Lesson,
    X: np.ndarray,
    y: np.ndarray,
    *,
    n_tags: int,
    folds: np.ndarray,
    sample_weight: np.ndarray,
    seed: int,
    to_beat: np.ndarray | None = None,
) -> Fitted | None:
    """Networks of all inner folds; None where the first of them is clearly behind.

    Parameters
    ----------
    lesson : Lesson
    X : ndarray of float32, shape (n_samples, layout.width)
    y : ndarray of int, shape (n_samples,)
    n_tags : int
    folds : ndarray of int, shape (n_samples,)
        Inner fold of each sample.
    sample_weight : ndarray of float32, shape (n_samples,)
    seed : int
    to_beat : ndarray of float64, shape (n_samples,), optional
        Log loss of the leader on each sample.
    """
    means = of_tags()
    inner = np.empty((len(y), n_tags), np.float32)
    networks = []
    n_folds = int(folds.max()) + 1
    for fold in range(n_folds):
        out = folds == fold
        network = taught(
            lesson, means, X[~out], y[~out], sample_weight[~out], n_tags, seed * n_folds + fold
        )
        networks.append(network)
        inner[out] = softmax(said(network, lesson.layout, X[out]))
        if fold == 0 and to_beat is not None and _clearly_behind(inner[out], y[out], to_beat[out]):
            lesson.pace.over(n_folds - 1)
            return None
    head = DeepHead(Trained(tuple(networks), lesson.layout))
    return Fitted(head, inner, f"{n_folds} networks")


def fit_one_deep(
    lesson: Lesson, X: np.ndarray, y: np.ndarray, *, n_tags: int, sample_weight: np.ndarray
) -> Fitted:
    """A single network, which nothing judges; parameters as for `fit_deep`."""
    only = taught(lesson, of_tags(), X, y, sample_weight, n_tags, 0)
    return Fitted(DeepHead(Trained((only,), lesson.layout)), None, "1 network")


def fit_deep_values(
    lesson: Lesson,
    X: np.ndarray,
    y: np.ndarray,
    folds: np.ndarray,
    seed: int,
    to_beat: np.ndarray | None = None,
) -> FittedValues | None:
    """The same for numbers; `to_beat` holds squared errors."""
    from handful.training import mean_absolute_error, quadratic

    means = Means(quadratic, mean_absolute_error)
    middle, spread = float(y.mean()), float(y.std()) or 1.0
    targets = ((y - middle) / spread).astype(np.float32)[:, None]
    weight, inner = np.ones(len(y), np.float32), np.empty(len(y), np.float32)
    networks = []
    n_folds = int(folds.max()) + 1
    for fold in range(n_folds):
        out = folds == fold
        network = taught(
            lesson, means, X[~out], targets[~out], weight[~out], 1, seed * n_folds + fold
        )
        networks.append(network)
        inner[out] = said(network, lesson.layout, X[out])[:, 0] * spread + middle
        losses = (inner[out] - y[out]) ** 2
        if fold == 0 and to_beat is not None and _behind(losses - to_beat[out]):
            lesson.pace.over(n_folds - 1)
            return None
    head = DeepValues(Trained(tuple(networks), lesson.layout), middle, spread)
    return FittedValues(head, inner, f"{n_folds} networks")


def _write_unpacked(graph: Graph, layout: Layout, features: str) -> tuple[str, str]:
    """Append the way back from rows to samples; gives their name, and that of their lengths."""
    shape = graph.constant([-1, *layout.shape], np.int64)
    if not layout.has_length:
        return graph.add("Reshape", [features, shape]), ""
    ends = [graph.constant([at], np.int64) for at in (0, layout.width - 1, layout.width, 1)]
    values = graph.add("Slice", [features, ends[0], ends[1], ends[3]])
    last = graph.add("Slice", [features, ends[1], ends[2], ends[3]])
    lengths = graph.add("Squeeze", [graph.add("Cast", [last], to=7), ends[3]])
    return graph.add("Reshape", [values, shape]), lengths


def _clearly_behind(shares: np.ndarray, y: np.ndarray, to_beat: np.ndarray) -> bool:
    shares = temper(shares, cautious_temperature(shares, y))
    losses = -np.log(np.maximum(shares[np.arange(len(y)), y], SMALLEST))
    return _behind(losses - to_beat)


def _behind(more: np.ndarray) -> bool:
    """Whether the mean of what is lost more is above so many of its standard errors."""
    return bool(more.mean() > _BEHIND * more.std() / np.sqrt(len(more)))
