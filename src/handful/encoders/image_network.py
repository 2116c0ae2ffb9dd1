"""Photos through a frozen EfficientNet-Lite: the means and spreads of every stage."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders import efficientnet_lite, weights
from handful.encoders.base import LOGISTIC, NEAREST_MEAN
from handful.encoders.resizing import write_fitting_resize
from handful.encoders.runtimes import (
    OnnxRuntime,
    OpenVino,
    Runtime,
    has_openvino,
    open_session,
    openvino_name,
)  # fmt: skip
from handful.encoders.weights import WeightCard
from handful.graphs import Graph
from handful.pictures import Picture

_RECIPE = "5"  # raised whenever the graph changes, so that cached features are not mixed


class ImageNetwork:
    """Features of photos from a network trained on ImageNet.

    Parameters
    ----------
    card : WeightCard
        Which network.
    size_px : int
        Every photo is resized to about this many pixels squared: its shape is kept, its sides
        become multiples of 32.
    fast : bool, optional
        Use OpenVINO. Default: where it is installed.
    """

    def __init__(self, card: WeightCard, size_px: int, *, fast: bool | None = None) -> None:
        self.card = card
        self.size_px = size_px
        self.fast = has_openvino() if fast is None else fast
        self.name = f"{card.name}, {size_px} px"

    @cached_property
    def key(self) -> str:
        """Identity for the feature cache."""
        runtime = openvino_name() if self.fast else OnnxRuntime.name
        text = f"{self.card.sha256} {self.size_px} {runtime} {_RECIPE}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def width(self) -> int:
        """Number of features."""
        return efficientnet_lite.feature_width(self.card.name)

    @cached_property
    def views(self) -> Mapping[str, slice]:
        """All stages (what things are and what they are made of), and the last layer alone."""
        return {"all stages": slice(0, self.width), "last layer": self.likeness}

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Nearest class mean too on the last layer: it needs the fewest samples."""
        return {"last layer": (LOGISTIC, NEAREST_MEAN)}

    @property
    def likeness(self) -> slice:
        """The last layer: photos of one thing are close there."""
        return slice(0, efficientnet_lite.LAST_WIDTH)

    def transform(self, batch: Sequence[Picture]) -> np.ndarray:
        """Features of photos, float32 (n_samples, width)."""
        inputs = [self._resize.run(None, {"pixels": p.pixels[None]})[0] for p in batch]
        features = np.empty((len(batch), self.width), np.float32)
        for shape in dict.fromkeys(one.shape for one in inputs):
            alike = [i for i, one in enumerate(inputs) if one.shape == shape]
            features[alike] = self._network(np.concatenate([inputs[i] for i in alike]))
        return features

    def exact(self) -> ImageNetwork:
        """The same network in ONNX Runtime, 32-bit, as the exported graph runs."""
        return self._exact if self.fast else self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """The network's."""
        return (self.card,)

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append resize and network to `graph`; "pixels" is uint8 (n, height, width, 3)."""
        resized = write_fitting_resize(graph, inputs["pixels"], self.size_px)
        return self.write_network(graph, resized)

    def write_network(self, graph: Graph, pixels: str) -> str:
        """Append the network alone; `pixels` is float32 (n, 3, height, width)."""
        last, *stages = efficientnet_lite.write_network(graph, self._tensors, pixels)
        scaled = efficientnet_lite.write_unit_length(graph, last)
        return graph.add("Concat", [scaled, *stages], axis=1)

    @cached_property
    def _exact(self) -> ImageNetwork:
        return ImageNetwork(self.card, self.size_px, fast=False)

    @cached_property
    def _tensors(self) -> dict[str, np.ndarray]:
        return weights.load(self.card)

    @cached_property
    def _resize(self) -> Any:
        graph = Graph("resize")
        pixels = graph.input("pixels", np.uint8, ["n", "height", "width", 3])
        resized = write_fitting_resize(graph, pixels, self.size_px)
        graph.output(resized, "resized", np.float32, ["n", 3, "h", "w"])
        return open_session(graph.model().SerializeToString(), threads=1)

    @cached_property
    def _network(self) -> Runtime:
        graph = Graph("network")
        pixels = graph.input("resized", np.float32, ["n", 3, "h", "w"])
        graph.output(self.write_network(graph, pixels), "features", np.float32, ["n", self.width])
        model = graph.model().SerializeToString()
        return OpenVino(model) if self.fast else OnnxRuntime(model)
