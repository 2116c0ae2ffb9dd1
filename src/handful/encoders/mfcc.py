"""Mel-frequency cepstral coefficients: the shape of a sound's spectrum, overall and in its course.

Nothing here was learnt. Overall they tell voices, machines and weather apart; in their course
words, which are the same sounds in another order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders.runtimes import open_session
from handful.encoders.spectra import (
    cosines,
    write_activity,
    write_columns,
    write_levelled,
    write_mel_db,
)  # fmt: skip
from handful.encoders.weights import WeightCard
from handful.graphs import Graph

_FRAME_S, _HOP_S = 0.032, 0.01
_N_MELS, _N_COEFFICIENTS = 40, 20
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_STATISTICS = 3 + len(_QUANTILES)  # mean, spread, spread of the differences, quantiles
_COURSE_STEPS, _COURSE_COEFFICIENTS = 12, 13
_COURSE_DB = 30.0  # moments this much quieter than the loudest take no part


class Mfcc:
    """MFCC of sounds: their statistics, and their course in twelve steps of equal activity.

    Parameters
    ----------
    rate_hz : int
        Of the waveforms.

    References
    ----------
    Davis and Mermelstein (1980), "Comparison of parametric representations for monosyllabic
    word recognition", IEEE Transactions on Acoustics, Speech and Signal Processing 28.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.name = "MFCC (shape of the spectrum)"
        self.key = f"mfcc-{rate_hz}-2"

    @property
    def width(self) -> int:
        """Number of features."""
        return _STATISTICS * _N_COEFFICIENTS + _COURSE_STEPS * _COURSE_COEFFICIENTS

    @property
    def views(self) -> Mapping[str, slice]:
        """Statistics over all frames, and the course in time."""
        statistics = _STATISTICS * _N_COEFFICIENTS
        return {"statistics": slice(0, statistics), "course": slice(statistics, self.width)}

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Logistic regression alone."""
        return {}

    @property
    def likeness(self) -> slice:
        """All of them."""
        return slice(0, self.width)

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Features of waveforms, float32 (n_samples, width)."""
        return np.concatenate([self._session.run(None, {"waveform": w[None]})[0] for w in batch])

    def exact(self) -> Mfcc:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """None: nothing here was learnt."""
        return ()

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append the coefficients; "waveform" is float32 (n, n_samples)."""
        level_db = write_mel_db(
            graph,
            write_levelled(graph, inputs["waveform"]),
            rate_hz=self.rate_hz,
            length=2 ** round(np.log2(_FRAME_S * self.rate_hz)),
            hop=round(_HOP_S * self.rate_hz),
            n_mels=_N_MELS,
        )
        turn = graph.constant(cosines(_N_MELS, _N_COEFFICIENTS).T)
        frames = graph.add("MatMul", [level_db, turn])
        activity = write_activity(graph, level_db, range_db=_COURSE_DB)
        first = [graph.constant([k], np.int64) for k in (0, _COURSE_COEFFICIENTS, 2)]
        steps = graph.constant(float(_COURSE_STEPS))
        course = write_columns(graph, graph.add("Slice", [frames, *first]), activity, steps)
        parts = [*_write_statistics(graph, frames), graph.add("Flatten", [course], axis=1)]
        return graph.add("Concat", parts, axis=1)

    @cached_property
    def _session(self) -> Any:
        graph = Graph("mfcc")
        waveform = graph.input("waveform", np.float32, ["n", "samples"])
        features = self.write(graph, {"waveform": waveform})
        graph.output(features, "features", np.float32, ["n", self.width])
        return open_session(graph.model().SerializeToString(), threads=1)


def _write_statistics(graph: Graph, frames: str) -> list[str]:
    """Append mean, spread, spread of differences and quantiles over frames (n, n_frames, k)."""
    mean = graph.add("ReduceMean", [frames, graph.constant([1], np.int64)], keepdims=0)
    bounds = [[graph.constant([k], np.int64) for k in ends] for ends in ((1, 2**31, 1), (0, -1, 1))]
    later, sooner = (graph.add("Slice", [frames, *some]) for some in bounds)
    steps = graph.add("Sub", [later, sooner])
    return [mean, _write_spread(graph, frames), _write_spread(graph, steps),
            *_write_quantiles(graph, frames)]  # fmt: skip


def _write_spread(graph: Graph, frames: str) -> str:
    """Append the standard deviation over frames, float32 (n, k)."""
    axis = graph.constant([1], np.int64)
    away = graph.add("Sub", [frames, graph.add("ReduceMean", [frames, axis], keepdims=1)])
    square = graph.add("Mul", [away, away])
    return graph.add("Sqrt", [graph.add("ReduceMean", [square, axis], keepdims=0)])


def _write_quantiles(graph: Graph, frames: str) -> list[str]:
    """Append quantiles over frames, each float32 (n, k): the frame nearest to each rank."""
    n_frames = graph.add("Shape", [frames], start=1, end=2)
    ordered = graph.add("TopK", [frames, n_frames], n_outputs=2, axis=1, largest=0)
    last = graph.add("Sub", [graph.add("Cast", [n_frames], to=1), graph.constant([1.0])])
    found = []
    for quantile in _QUANTILES:
        rank = graph.add("Round", [graph.add("Mul", [last, graph.constant([quantile])])])
        row = graph.add("Gather", [ordered, graph.add("Cast", [rank], to=7)], axis=1)
        found.append(graph.add("Squeeze", [row, graph.constant([1], np.int64)]))
    return found
