"""Samples handed on whole: what networks learn from that begin with the first weight."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders.runtimes import open_session
from handful.encoders.weights import WeightCard
from handful.graphs import Graph, GraphInput


@dataclass(frozen=True)
class Layout:
    """How the values of one sample stand in its row of features.

    Attributes
    ----------
    shape : tuple of int
        (n_channels, height, width) of a picture, (n_channels, n_steps) of a series,
        (n_values,) of a row.
    has_length : bool
        A last value says how many of the steps are the sample's own; the others are filling.
    n_symbols : int
        The values are numbers of symbols, below this; 0: they are quantities.
    """

    shape: tuple[int, ...]
    has_length: bool = False
    n_symbols: int = 0

    @property
    def width(self) -> int:
        """Values a row."""
        return math.prod(self.shape) + self.has_length


class Whole(ABC):
    """Every sample itself, brought to one size, in one row.

    Attributes
    ----------
    name, key : str
        As of every encoder.
    view : str
        What a person calls the samples so.
    kinds : tuple of str
        Heads that are tried.
    enough : int
        Samples from which `auto` tries them, so that seconds do not become minutes for nothing.
    layout : Layout
    inputs : tuple of GraphInput
        What the graph takes.
    """

    name: str
    key: str
    view: str
    kinds: tuple[str, ...]
    enough: int
    layout: Layout
    inputs: tuple[GraphInput, ...]

    @property
    def width(self) -> int:
        """Number of features."""
        return self.layout.width

    @property
    def views(self) -> Mapping[str, slice]:
        """One: everything."""
        return {self.view: self.likeness}

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Networks."""
        return {self.view: self.kinds}

    @property
    def likeness(self) -> slice:
        """All of it."""
        return slice(0, self.width)

    @property
    def start(self) -> Mapping[str, np.ndarray] | None:
        """Weights that the networks begin with; None: they begin with drawn ones."""
        return None

    def exact(self) -> Whole:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """None: nothing here was learnt."""
        return ()

    def transform(self, batch: Sequence[Any]) -> np.ndarray:
        """Rows of samples, float32 (n_samples, width)."""
        return np.concatenate([self._session.run(None, self.fed(one))[0] for one in batch])

    @abstractmethod
    def fed(self, sample: Any) -> dict[str, np.ndarray]:
        """A decoded sample as the graph takes it, a batch of one."""

    @abstractmethod
    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append the path from samples to rows; gives the rows' name."""

    @cached_property
    def _session(self) -> Any:
        graph = Graph("whole")
        declared = {one[0]: graph.input(*one) for one in self.inputs}
        rows = self.write(graph, declared)
        graph.output(rows, "rows", np.float32, ["n", self.width])
        return open_session(graph.model().SerializeToString(), threads=1)


def write_padded(graph: Graph, x: str, most: int, *, mode: str = "linear") -> str:
    """Append what brings series to `most` steps: longer ones squeezed, shorter ones filled up.

    Parameters
    ----------
    graph : Graph
    x : str
        float32 (n, n_channels, n_steps).
    most : int
    mode : str
        Of the squeezing: ``linear``, or ``nearest`` where values between two mean nothing.

    Returns
    -------
    str
        Name of float32 (n, n_channels * most + 1): the last value is the number of own steps.
    """
    size = graph.add("Shape", [x], start=2, end=3)
    kept = graph.add("Min", [size, graph.constant([most], np.int64)])
    smooth = {"antialias": 1} if mode == "linear" else {"nearest_mode": "floor"}
    squeezed = graph.add(
        "Resize", [x, "", "", kept], axes=[2], mode=mode,
        coordinate_transformation_mode="half_pixel" if mode == "linear" else "asymmetric",
        **smooth,
    )  # fmt: skip
    missing = graph.add("Sub", [graph.constant([most], np.int64), kept])
    none = graph.constant([0] * 5, np.int64)
    filled = graph.add("Pad", [squeezed, graph.add("Concat", [none, missing], axis=0)])
    n_samples = graph.add("Shape", [x], start=0, end=1)
    shape = graph.add("Concat", [n_samples, graph.constant([1], np.int64)], axis=0)
    lengths = graph.add("Expand", [graph.add("Cast", [kept], to=1), shape])
    return graph.add("Concat", [graph.add("Flatten", [filled], axis=1), lengths], axis=1)
