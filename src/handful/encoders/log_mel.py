"""Sounds as pictures through a frozen image network: mel bands upwards, time to the right.

Frames of three lengths are the three colours: long ones tell tones apart, short ones moments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders.base import LOGISTIC, NEAREST_MEAN, Encoder
from handful.encoders.image_network import ImageNetwork
from handful.encoders.loudness import Loudness
from handful.encoders.mfcc import Mfcc
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
_RECIPE = "3"  # raised whenever the graph changes, so that cached features are not mixed


class LogMel:
    """Everything that can be heard: spectrograms through a network trained on photos, and MFCC.

    Each sound is seen twice, as time passes and with its loud moments alone, and what is known
    without a network (MFCC, length and loudness) stands beside it, so that one head can weigh all.

    Parameters
    ----------
    card : WeightCard
        Which network.
    rate_hz : int
        Of the waveforms.
    loud : bool
        Also look at the loud moments alone.
    fast : bool, optional
        Use OpenVINO. Default: where it is installed.
    """

    def __init__(
        self, card: WeightCard, rate_hz: int, *, loud: bool = True, fast: bool | None = None
    ) -> None:
        self.image = ImageNetwork(card, SIDE_PX, fast=fast)
        self.plain: tuple[Encoder, ...] = (Mfcc(rate_hz), Loudness(rate_hz))
        self.rate_hz = rate_hz
        self.loud = loud
        self.name = f"spectrograms through {card.name}, and MFCC"

    @cached_property
    def key(self) -> str:
        """Identity for the feature cache."""
        parts = [self.image.key, *(encoder.key for encoder in self.plain)]
        text = f"log-mel {_RECIPE} {self.rate_hz} {self.loud} {' '.join(parts)}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def width(self) -> int:
        """Number of features."""
        return self._n_looks * self.image.width + sum(encoder.width for encoder in self.plain)

    @property
    def views(self) -> Mapping[str, slice]:
        """The stages before the last layer (which knows things in photos) with MFCC; parts of it.

        Of the two looks the last layers come first, then all other stages.
        """
        last, seen = self.likeness.stop, self._n_looks * self.image.width
        return {
            "middle stages and MFCC": slice(last, self.width),
            "middle stages": slice(last, seen),
            "last layer": self.likeness,
        }

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Nearest class mean too on the last layer: it needs the fewest samples."""
        return {"last layer": (LOGISTIC, NEAREST_MEAN)}

    @property
    def likeness(self) -> slice:
        """The last layer."""
        return slice(0, self._n_looks * self.image.likeness.stop)

    @property
    def _n_looks(self) -> int:
        return 2 if self.loud else 1

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Features of waveforms, float32 (n_samples, width)."""
        seen = np.stack([self._seen(waveform) for waveform in batch])
        return np.hstack([seen, *(encoder.transform(batch) for encoder in self.plain)])

    def _seen(self, waveform: np.ndarray) -> np.ndarray:
        """Features of one sound's pictures, one after the other: memory stays bounded."""
        looks = self._pictures.run(None, {"waveform": waveform[None]})
        means = [np.mean([self._network(p[None])[0] for p in look], axis=0) for look in looks]
        last = self.image.likeness.stop
        return np.concatenate([*(m[:last] for m in means), *(m[last:] for m in means)])

    def exact(self) -> LogMel:
        """The same network in ONNX Runtime, 32-bit, as the exported graph runs."""
        return self._exact if self.image.fast else self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """The network's."""
        return self.image.weight_cards()

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append everything; "waveform" is float32 (n, n_samples)."""
        waveform = inputs["waveform"]
        means = self._write_means(graph, waveform)
        last = self.image.likeness.stop
        parts = [_write_part(graph, mean, 0, last) for mean in means]
        parts += [_write_part(graph, mean, last, self.image.width) for mean in means]
        parts += [encoder.write(graph, inputs) for encoder in self.plain]
        return graph.add("Concat", parts, axis=1)

    def _write_means(self, graph: Graph, waveform: str) -> list[str]:
        """Append the network, once for all pictures; of each look the mean, float32 (n, width)."""
        pictures = graph.add("Concat", self.write_pictures(graph, waveform), axis=0)
        features = self.image.write_network(graph, pictures)
        looks = graph.constant([self._n_looks], np.int64)
        n_sounds = graph.add("Shape", [waveform], start=0, end=1)
        rest = graph.constant([-1, self.image.width], np.int64)
        shape = graph.add("Concat", [looks, n_sounds, rest], axis=0)
        apart = graph.add("Reshape", [features, shape])
        means = graph.add("ReduceMean", [apart, graph.constant([2], np.int64)], keepdims=0)
        numbers = [graph.constant(look, np.int64) for look in range(self._n_looks)]
        return [graph.add("Gather", [means, number], axis=0) for number in numbers]

    def write_pictures(self, graph: Graph, waveform: str) -> list[str]:
        """Append the spectrograms alone, each look float32 (n * n_pictures, 3, side, side)."""
        levelled = write_levelled(graph, waveform)
        lengths = [2 ** round(np.log2(s * self.rate_hz)) for s in _FRAMES_S]
        colours = [self._write_levels(graph, levelled, length) for length in lengths]
        n_pictures = _write_n_pictures(graph, waveform, _PICTURE_S * self.rate_hz)
        n_columns = graph.add("Mul", [n_pictures, graph.constant(float(SIDE_PX))])
        paces = [write_even(graph, colours[1])]
        if self.loud:
            paces.append(write_activity(graph, colours[1], range_db=_LOUD_DB))
        bright = [_write_bright(graph, colour) for colour in colours]
        return [_write_drawn(graph, bright, pace, n_columns) for pace in paces]

    def _write_levels(self, graph: Graph, waveform: str, length: int) -> str:
        hop = round(_HOP_S * self.rate_hz)
        return write_mel_db(
            graph, waveform, rate_hz=self.rate_hz, length=length, hop=hop, n_mels=SIDE_PX
        )

    @cached_property
    def _exact(self) -> LogMel:
        return LogMel(self.image.card, self.rate_hz, loud=self.loud, fast=False)

    @cached_property
    def _pictures(self) -> Any:
        graph = Graph("spectrograms")
        waveform = graph.input("waveform", np.float32, ["n", "samples"])
        for number, look in enumerate(self.write_pictures(graph, waveform)):
            graph.output(look, f"look {number}", np.float32, ["m", 3, SIDE_PX, SIDE_PX])
        return open_session(graph.model().SerializeToString(), threads=1)

    @cached_property
    def _network(self) -> Runtime:
        graph = Graph("network")
        pictures = graph.input("pictures", np.float32, ["m", 3, SIDE_PX, SIDE_PX])
        features = self.image.write_network(graph, pictures)
        graph.output(features, "features", np.float32, ["m", self.image.width])
        model = graph.model().SerializeToString()
        return OpenVino(model) if self.image.fast else OnnxRuntime(model)


def _write_n_pictures(graph: Graph, waveform: str, samples_a_picture: float) -> str:
    """Append how many pictures a sound fills, float32 scalar, at least 1."""
    length = graph.add("Shape", [waveform], start=1, end=2)
    length = graph.add("Squeeze", [graph.add("Cast", [length], to=1)])
    whole = graph.add("Round", [graph.add("Div", [length, graph.constant(samples_a_picture)])])
    return graph.add("Max", [whole, graph.constant(1.0)])


def _write_bright(graph: Graph, level_db: str) -> str:
    """Append levels as brightness, 0 to 255: float32 (n, n_frames, n_bands)."""
    above = graph.add("Add", [write_relative(graph, level_db), graph.constant(_RANGE_DB)])
    bright = graph.add("Mul", [above, graph.constant(255 / _RANGE_DB)])
    return graph.add("Clip", [bright, graph.constant(0.0), graph.constant(255.0)])


def _write_drawn(graph: Graph, colours: Sequence[str], pace: str, n_columns: str) -> str:
    """Append pictures of three colours, high bands above, time to the right."""
    shape = graph.constant([-1, SIDE_PX, 1, SIDE_PX], np.int64)
    upwards = [graph.constant([k], np.int64) for k in (-1, -SIDE_PX - 1, 3, -1)]
    drawn = []
    for colour in colours:
        columns = graph.add("Reshape", [write_columns(graph, colour, pace, n_columns), shape])
        drawn.append(graph.add("Slice", [columns, *upwards]))
    pictures = graph.add("Concat", drawn, axis=2)  # time, colour, band
    return graph.add("Transpose", [pictures], perm=[0, 2, 3, 1])


def _write_part(graph: Graph, features: str, start: int, stop: int) -> str:
    """Append a part of the features, float32 (n, stop - start)."""
    bounds = [graph.constant([at], np.int64) for at in (start, stop, 1)]
    return graph.add("Slice", [features, *bounds])
