"""One network's lesson: which one learns from what, in how many steps, from what it begins with."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.encoders.base import CNN, FINE_TUNED, MLP, RNN, TRANSFORMER, Encoder
from handful.encoders.whole import Layout, Whole
from handful.heads.pace import Pace

if TYPE_CHECKING:
    from torch import nn

DEEP = (CNN, RNN, TRANSFORMER, MLP, FINE_TUNED)
_ROUNDS, _MOST_SEEN = 20, 40_000  # through all samples; samples shown in all
_LEAST_SEEN = 2000
_FEW_ROUNDS = 5  # where the network knows something already, and each sample takes 20 ms
_BATCH, _SMALL_BATCH, _MANY = 32, 16, 1000  # small batches, thus more steps, below so many samples
_WIDE_PX = 32  # larger pictures begin with fewer patterns: time goes with the square of the side
_MOVED = 1 / 12  # of a picture's side: how far it is shifted while training
_RATES = {FINE_TUNED: 5e-4}  # others: 3e-3
_RATE = 3e-3
_SOME = 4
_ANSWERED = 0.6  # of as many as it learnt from: 0.25 in its own fold, 0.31 outside (5 of 5 folds)
_WORTH_S = 0.05  # less is no step: such a network answers as it began, and is hardly ever chosen


@dataclass(frozen=True)
class Lesson:
    """What a network needs beyond features and tags.

    Attributes
    ----------
    kind : str
        One of `DEEP`.
    layout : Layout
    pace : Pace
    start : mapping of str to ndarray, optional
        Pretrained weights of the upper part of a network, where those are tuned.
    """

    kind: str
    layout: Layout
    pace: Pace
    start: Mapping[str, np.ndarray] | None = None


def has_torch() -> bool:
    """Whether ``handful[deep]`` is installed."""
    return find_spec("torch") is not None


def lesson_of(encoder: Encoder, kind: str, pace: Pace) -> Lesson | None:
    """What a network of this kind needs to learn from what the encoder hands on; else None."""
    if kind not in DEEP or not isinstance(encoder, Whole):
        return None
    return Lesson(kind, encoder.layout, pace, encoder.start)


def n_rounds(kind: str, n: int) -> int:
    """Rounds through n samples: twenty, more through few, fewer through many.

    >>> n_rounds(CNN, 50), n_rounds(CNN, 1000), n_rounds(CNN, 4000), n_rounds(CNN, 80_000)
    (40, 20, 10, 1)
    """
    if kind == FINE_TUNED:
        return _FEW_ROUNDS
    return max(1, round(min(max(_ROUNDS * n, _LEAST_SEEN), _MOST_SEEN) / n))


@dataclass(frozen=True)
class Means:
    """What is lowered, and what is shown."""

    loss: Any
    measure: Any


def of_tags() -> Means:
    """What tags are learnt by."""
    from handful.training import accuracy, cross_entropy

    return Means(cross_entropy, accuracy)


def taught(
    lesson: Lesson,
    means: Means,
    X: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    n_outputs: int,
    seed: int,
) -> nn.Module:
    """One network, trained in so many steps as the number of samples says, or as time allows."""
    from handful.training import fit

    network: nn.Module = _MAKERS[lesson.kind](lesson, n_outputs, seed)
    rounds, gone = n_rounds(lesson.kind, len(X)), 0
    budget_s = lesson.pace.share_s(_answering_s(network, lesson, X))
    if budget_s is None or budget_s > _WORTH_S:
        training = fit(
            network, samples(lesson.layout, X), y,
            sample_weight=weight, loss=means.loss, measure=means.measure,
            rate=_RATES.get(lesson.kind, _RATE), epochs=rounds,
            batch_size=_BATCH if len(X) >= _MANY else _SMALL_BATCH,
            change=_moved(lesson), seed=seed, budget_s=budget_s, progress=lesson.pace.tell,
        )  # fmt: skip
        gone = len(training.epochs)
    lesson.pace.took(gone / rounds)
    lesson.pace.over()
    return network.to("cpu").eval()


def _answering_s(network: nn.Module, lesson: Lesson, X: np.ndarray) -> float:
    """Seconds that a network taught by X answers later, by a look at a few samples; 0 unbounded."""
    if not lesson.pace.is_bounded:
        return 0.0
    some, seconds = X[:_SOME], []
    for _ in range(2):  # the first call also sets things up
        started = time.perf_counter()
        said(network, lesson.layout, some)
        seconds.append(time.perf_counter() - started)
    return min(seconds) / len(some) * len(X) * _ANSWERED


def _moved(lesson: Lesson) -> Any:
    """Pictures are shifted a little, each time another way; nothing is done to others."""
    from handful.training import shifts

    if lesson.kind != CNN:
        return None
    return shifts(max(1, round(_MOVED * lesson.layout.shape[-1])))


def said(network: nn.Module, layout: Layout, X: np.ndarray) -> np.ndarray:
    """Outputs, float32 (n_samples, n_outputs)."""
    from handful.training import predict

    return predict(network, samples(layout, X), device="cpu")


def samples(layout: Layout, X: np.ndarray) -> Any:
    """Rows as the networks take them: an array, or series of their own lengths."""
    if not layout.has_length:
        return np.ascontiguousarray(X.reshape(len(X), *layout.shape))
    lengths = X[:, -1].astype(np.int64)
    series = X[:, :-1].reshape(len(X), *layout.shape)
    return [one[:, :length] for one, length in zip(series, lengths, strict=True)]


def _cnn(lesson: Lesson, n_outputs: int, seed: int) -> Any:
    from handful.networks import CNN as Network

    n_channels, _, width_px = lesson.layout.shape
    widths = (16, 32, 64) if width_px <= _WIDE_PX else (8, 16, 32, 64)
    return Network(n_channels, n_outputs, widths=widths, seed=seed)


def _rnn(lesson: Lesson, n_outputs: int, seed: int) -> Any:
    from handful.networks import RNN as Network

    return Network(lesson.layout.shape[0], n_outputs, seed=seed)


def _transformer(lesson: Lesson, n_outputs: int, seed: int) -> Any:
    from handful.networks import LetterNetwork, Transformer

    if lesson.layout.n_symbols:
        return LetterNetwork(lesson.layout.n_symbols, n_outputs, seed=seed)
    return Transformer(lesson.layout.shape[0], n_outputs, seed=seed)


def _mlp(lesson: Lesson, n_outputs: int, seed: int) -> Any:
    from handful.networks import MLP as Network

    return Network(lesson.layout.shape[0], n_outputs, dropout=0.1, seed=seed)


def _upper_part(lesson: Lesson, n_outputs: int, seed: int) -> Any:
    from handful.networks import UpperPart

    return UpperPart(lesson.start or {}, n_outputs)


_MAKERS = {
    CNN: _cnn,
    RNN: _rnn,
    TRANSFORMER: _transformer,
    MLP: _mlp,
    FINE_TUNED: _upper_part,
}
