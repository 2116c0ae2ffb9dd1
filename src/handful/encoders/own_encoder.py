"""Photos or sounds through a network that the user brings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders.base import LOGISTIC, NEAREST_MEAN
from handful.encoders.encoder_cards import PixelInput
from handful.encoders.own_inputs import write_pixels, write_windows
from handful.encoders.own_networks import OwnNetwork
from handful.encoders.runtimes import OnnxRuntime, open_session
from handful.encoders.weights import WeightCard
from handful.errors import InputError
from handful.graphs import Graph, GraphInput

_RECIPE = "1"  # raised whenever the graph changes, so that cached features are not mixed
_VIEW = "your encoder"


class OwnEncoder:
    """Features from a network of the user's own; of a sound in pieces, their mean.

    Parameters
    ----------
    network : OwnNetwork
    inputs : sequence of tuple
        What the modality hands to a graph.
    as_input : callable
        A decoded sample as the graph takes it.
    rate_hz : int
        Of sounds as they are read; the graph brings them to the network's own rate.
    """

    def __init__(
        self,
        network: OwnNetwork,
        *,
        inputs: Sequence[GraphInput],
        as_input: Callable[[Any], Mapping[str, np.ndarray]],
        rate_hz: int = 0,
    ) -> None:
        self.network = network
        self.inputs = inputs
        self.as_input = as_input
        self.rate_hz = rate_hz
        self.name = f"your {network.card.name}"

    @cached_property
    def key(self) -> str:
        """Identity for the feature cache: the file, what its card says it takes, and the rate."""
        network = self.network
        parts = (network.graph.sha256, network.card.input, network.card.output, self.rate_hz)
        text = f"own {_RECIPE} {OnnxRuntime.name} {parts}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def width(self) -> int:
        """Number of features."""
        return self.network.width

    @property
    def views(self) -> Mapping[str, slice]:
        """One: all of them."""
        return {_VIEW: slice(0, self.width)}

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Nearest class mean too: it needs the fewest samples."""
        return {_VIEW: (LOGISTIC, NEAREST_MEAN)}

    @property
    def likeness(self) -> slice:
        """All of them."""
        return slice(0, self.width)

    def transform(self, batch: Sequence[Any]) -> np.ndarray:
        """Features of samples, float32 (n_samples, width).

        Raises
        ------
        InputError
            The network gives values that are no numbers.
        """
        rows = [self._session.run(None, dict(self.as_input(sample)))[0] for sample in batch]
        features = np.concatenate(rows)
        if not np.isfinite(features).all():
            raise InputError(
                f"the encoder {self.network.graph.path} gives values that are no numbers (NaN or "
                "infinity) for some samples. In float16 large values overflow: export it in "
                "float32."
            )
        return features

    def exact(self) -> OwnEncoder:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """What its own card says."""
        card, graph = self.network.card, self.network.graph
        return (
            WeightCard(
                name=card.name,
                package="",
                path=str(graph.path),
                distribution=self.network.origin,
                sha256=graph.sha256,
                licence=card.licence,
                origin=card.origin,
            ),
        )

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append everything; "pixels" is uint8 (n, height, width, 3), "waveform" float32 (n, m)."""
        wanted = self.network.card.input
        if isinstance(wanted, PixelInput):
            return self.network.write(graph, write_pixels(graph, inputs["pixels"], wanted))
        window, waveform = self.network.window, inputs["waveform"]
        rows = write_windows(graph, waveform, wanted, window=window, rate_hz=self.rate_hz)
        if self.network.channel is not None:
            rows = graph.add("Unsqueeze", [rows, graph.constant([self.network.channel], np.int64)])
        features = self.network.write(graph, rows)
        n_sounds = graph.add("Shape", [waveform], start=0, end=1)
        rest = graph.constant([-1, self.width], np.int64)
        shape = graph.add("Concat", [n_sounds, rest], axis=0)
        apart = graph.add("Reshape", [features, shape])
        return graph.add("ReduceMean", [apart, graph.constant([1], np.int64)], keepdims=0)

    @cached_property
    def _session(self) -> Any:
        graph = Graph("own")
        inputs = {declared[0]: graph.input(*declared) for declared in self.inputs}
        graph.output(self.write(graph, inputs), "features", np.float32, ["n", self.width])
        return open_session(graph.model().SerializeToString(), threads=1)
