"""Length and loudness: the rival that shows whether a sound has to be listened to at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders.runtimes import open_session
from handful.encoders.weights import WeightCard
from handful.graphs import Graph

_WIDTH = 5


class Loudness:
    """Raw statistics of waveforms.

    Logarithm of the length, level and peak in dB of full scale, share of zero crossings, and
    how even the samples' sizes are (mean size beside the root of the mean square).

    Parameters
    ----------
    rate_hz : int
        Of the waveforms.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.name = "length and loudness"
        self.key = f"loudness-{rate_hz}-1"

    @property
    def width(self) -> int:
        """Number of features."""
        return _WIDTH

    @property
    def views(self) -> Mapping[str, slice]:
        """One: all of them."""
        return {"raw statistics": slice(0, _WIDTH)}

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Logistic regression alone."""
        return {}

    @property
    def likeness(self) -> slice:
        """All of them."""
        return slice(0, _WIDTH)

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Features of waveforms, float32 (n_samples, width)."""
        return np.concatenate([self._session.run(None, {"waveform": w[None]})[0] for w in batch])

    def exact(self) -> Loudness:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """None: nothing here was learnt."""
        return ()

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append the statistics; "waveform" is float32 (n, n_samples)."""
        waveform, axis = inputs["waveform"], graph.constant([1], np.int64)
        size = graph.add("Abs", [waveform])
        mean = graph.add("ReduceMean", [size, axis], keepdims=1)
        square = graph.add("ReduceMean", [graph.add("Mul", [waveform, waveform]), axis], keepdims=1)
        root = graph.add("Sqrt", [square])
        peak = graph.add("ReduceMax", [size, axis], keepdims=1)
        even = graph.add("Div", [mean, graph.add("Max", [root, graph.constant(1e-6)])])
        parts = [
            self._write_length(graph, waveform, mean),
            _write_db(graph, root),
            _write_db(graph, peak),
            _write_crossings(graph, waveform),
            even,
        ]
        return graph.add("Concat", parts, axis=1)

    def _write_length(self, graph: Graph, waveform: str, like: str) -> str:
        """Append the natural logarithm of seconds, in the shape of `like`."""
        length = graph.add("Cast", [graph.add("Shape", [waveform], start=1, end=2)], to=1)
        seconds = graph.add("Div", [length, graph.constant(float(self.rate_hz))])
        shape = graph.add("Shape", [like])
        return graph.add("Expand", [graph.add("Log", [seconds]), shape])

    @cached_property
    def _session(self) -> Any:
        graph = Graph("loudness")
        waveform = graph.input("waveform", np.float32, ["n", "samples"])
        features = self.write(graph, {"waveform": waveform})
        graph.output(features, "features", np.float32, ["n", _WIDTH])
        return open_session(graph.model().SerializeToString(), threads=1)


def _write_db(graph: Graph, size: str) -> str:
    """Append 20 log10 of a size, no lower than -120."""
    audible = graph.add("Max", [size, graph.constant(1e-6)])
    return graph.add("Mul", [graph.add("Log", [audible]), graph.constant(20 / np.log(10))])


def _write_crossings(graph: Graph, waveform: str) -> str:
    """Append the share of samples whose sign differs from the one before, float32 (n, 1)."""
    signs = graph.add("Sign", [waveform])
    bounds = [[graph.constant([k], np.int64) for k in ends] for ends in ((1, 2**31, 1), (0, -1, 1))]
    later, sooner = (graph.add("Slice", [signs, *some]) for some in bounds)
    opposite = graph.add("Less", [graph.add("Mul", [later, sooner]), graph.constant(0.0)])
    axis = graph.constant([1], np.int64)
    return graph.add("ReduceMean", [graph.add("Cast", [opposite], to=1), axis], keepdims=1)
