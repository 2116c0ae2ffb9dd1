"""Sounds as pictures through a frozen image network: mel bands upwards, time to the right.

Frames of three lengths are the three colours: long ones tell tones apart, short ones moments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders.base import LOGISTIC, NEAREST_MEAN
from handful.encoders.image_network import ImageNetwork
from handful.encoders.runtimes import OnnxRuntime, OpenVino, Runtime, open_session
from handful.encoders.spectra import (
    write_activity,
    write_columns,
    write_even,
    write_levelled,
    write_mel_db,
    write_relative,
)  # fmt: skip
from handful.encoders.weights import WeightCard
from handful.graphs import Graph

SIDE_PX = 256
_FRAMES_S = (0.032, 0.064, 0.128)
_HOP_S = 0.01
_PICTURE_S = 5.0  # about this much sound goes into one picture
_RANGE_DB = 80.0  # from black to white
_LOUD_DB = 40.0  # what is this much quieter than the loudest moment gets no room
_RECIPE = "1"  # raised whenever the graph changes, so that cached features are not mixed


class LogMel:
    """Features of sounds from a network trained on photos.

    Parameters
    ----------
    card : WeightCard
        Which network.
    rate_hz : int
        Of the waveforms.
    loud : bool
        Give loud moments the whole picture, instead of time as it passes.
    fast : bool, optional
        Use OpenVINO. Default: where it is installed.
    """

    def __init__(
        self, card: WeightCard, rate_hz: int, *, loud: bool = False, fast: bool | None = None
    ) -> None:
        self.image = ImageNetwork(card, SIDE_PX, fast=fast)
        self.rate_hz = rate_hz
        self.loud = loud
        seen = "loud moments" if loud else "all of it"
        self.name = f"spectrograms ({seen}) through {card.name}"

    @cached_property
    def key(self) -> str:
        """Identity for the feature cache."""
        text = f"log-mel {_RECIPE} {self.rate_hz} {self.loud} {self.image.key}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def width(self) -> int:
        """Number of features."""
        return self.image.width

    @property
    def views(self) -> Mapping[str, slice]:
        """All stages, all but the last layer (which knows things in photos), the last alone."""
        last = self.likeness.stop
        return {
            "all stages": slice(0, self.width),
            "middle stages": slice(last, self.width),
            "last layer": self.likeness,
        }

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Nearest class mean too on the last layer: it needs the fewest samples."""
        return {"last layer": (LOGISTIC, NEAREST_MEAN)}

    @property
    def likeness(self) -> slice:
        """The last layer."""
        return self.image.likeness

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Features of waveforms, float32 (n_samples, width)."""
        pictures = [self._pictures.run(None, {"waveform": w[None]})[0] for w in batch]
        return np.stack([self._features(some) for some in pictures])

    def _features(self, pictures: np.ndarray) -> np.ndarray:
        """Mean over one sound's pictures, one after the other: memory stays bounded."""
        return np.asarray(np.mean([self._network(one[None])[0] for one in pictures], axis=0))

    def exact(self) -> LogMel:
        """The same network in ONNX Runtime, 32-bit, as the exported graph runs."""
        return self._exact if self.image.fast else self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """The network's."""
        return self.image.weight_cards()

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append pictures and network; "waveform" is float32 (n, n_samples)."""
        pictures = self.write_pictures(graph, inputs["waveform"])
        features = self.image.write_network(graph, pictures)
        samples = graph.add("Shape", [inputs["waveform"]], start=0, end=1)
        rest = graph.constant([-1, self.width], np.int64)
        shape = graph.add("Concat", [samples, rest], axis=0)
        apart = graph.add("Reshape", [features, shape])
        return graph.add("ReduceMean", [apart, graph.constant([1], np.int64)], keepdims=0)

    def write_pictures(self, graph: Graph, waveform: str) -> str:
        """Append the spectrograms alone: float32 (n * n_pictures, 3, side, side), 0 to 255."""
        levelled = write_levelled(graph, waveform)
        lengths = [2 ** round(np.log2(s * self.rate_hz)) for s in _FRAMES_S]
        colours = [self._write_levels(graph, levelled, length) for length in lengths]
        if self.loud:
            activity = write_activity(graph, colours[1], range_db=_LOUD_DB)
        else:
            activity = write_even(graph, colours[1])
        n_pictures = _write_n_pictures(graph, waveform, _PICTURE_S * self.rate_hz)
        n_columns = graph.add("Mul", [n_pictures, graph.constant(float(SIDE_PX))])
        drawn = [self._write_colour(graph, c, activity, n_columns) for c in colours]
        pictures = graph.add("Concat", drawn, axis=2)  # (n * n_pictures, side, 3, side): time first
        return graph.add("Transpose", [pictures], perm=[0, 2, 3, 1])

    def _write_levels(self, graph: Graph, waveform: str, length: int) -> str:
        hop = round(_HOP_S * self.rate_hz)
        return write_mel_db(
            graph, waveform, rate_hz=self.rate_hz, length=length, hop=hop, n_mels=SIDE_PX
        )

    def _write_colour(self, graph: Graph, level_db: str, activity: str, n_columns: str) -> str:
        """Append one colour: (n * n_pictures, side columns, 1, side bands), high bands first."""
        above = graph.add("Add", [write_relative(graph, level_db), graph.constant(_RANGE_DB)])
        bright = graph.add("Mul", [above, graph.constant(255 / _RANGE_DB)])
        bright = graph.add("Clip", [bright, graph.constant(0.0), graph.constant(255.0)])
        columns = write_columns(graph, bright, activity, n_columns)
        shape = graph.constant([-1, SIDE_PX, 1, SIDE_PX], np.int64)
        upwards = [graph.constant([k], np.int64) for k in (-1, -SIDE_PX - 1, 3, -1)]
        return graph.add("Slice", [graph.add("Reshape", [columns, shape]), *upwards])

    @cached_property
    def _exact(self) -> LogMel:
        return LogMel(self.image.card, self.rate_hz, loud=self.loud, fast=False)

    @cached_property
    def _pictures(self) -> Any:
        graph = Graph("spectrograms")
        waveform = graph.input("waveform", np.float32, ["n", "samples"])
        pictures = self.write_pictures(graph, waveform)
        graph.output(pictures, "pictures", np.float32, ["m", 3, SIDE_PX, SIDE_PX])
        return open_session(graph.model().SerializeToString(), threads=1)

    @cached_property
    def _network(self) -> Runtime:
        graph = Graph("network")
        pictures = graph.input("pictures", np.float32, ["m", 3, SIDE_PX, SIDE_PX])
        features = self.image.write_network(graph, pictures)
        graph.output(features, "features", np.float32, ["m", self.width])
        model = graph.model().SerializeToString()
        return OpenVino(model) if self.image.fast else OnnxRuntime(model)


def _write_n_pictures(graph: Graph, waveform: str, samples_a_picture: float) -> str:
    """Append how many pictures a sound fills, float32 scalar, at least 1."""
    length = graph.add("Shape", [waveform], start=1, end=2)
    length = graph.add("Squeeze", [graph.add("Cast", [length], to=1)])
    whole = graph.add("Round", [graph.add("Div", [length, graph.constant(samples_a_picture)])])
    return graph.add("Max", [whole, graph.constant(1.0)])
