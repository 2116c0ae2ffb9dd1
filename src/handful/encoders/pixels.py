"""Raw small pixels: the rival that shows whether a pretrained network is needed at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders.resizing import write_resize
from handful.encoders.runtimes import open_session
from handful.encoders.weights import WeightCard
from handful.graphs import Graph
from handful.pictures import Picture


class Pixels:
    """Every photo shrunk to a few pixels, 0 to 1.

    Parameters
    ----------
    size_px : int
        Width and height after shrinking.
    """

    def __init__(self, size_px: int = 16) -> None:
        self.size_px = size_px
        self.name = f"raw pixels, {size_px} x {size_px}"
        self.key = f"pixels-{size_px}-2"

    @property
    def width(self) -> int:
        """Number of features."""
        return 3 * self.size_px**2

    @property
    def views(self) -> Mapping[str, slice]:
        """One: all pixels."""
        return {"pixels": slice(0, self.width)}

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Logistic regression alone."""
        return {}

    @property
    def likeness(self) -> slice:
        """All of them."""
        return slice(0, self.width)

    def transform(self, batch: Sequence[Picture]) -> np.ndarray:
        """Features of photos, float32 (n_samples, width)."""
        rows = [self._session.run(None, {"pixels": p.pixels[None]})[0] for p in batch]
        return np.concatenate(rows)

    def exact(self) -> Pixels:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """None: nothing here was learnt."""
        return ()

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append resize and flattening to `graph`; "pixels" is uint8 (n, height, width, 3)."""
        small = write_resize(graph, inputs["pixels"], self.size_px)
        scaled = graph.add("Mul", [small, graph.constant(1 / 255)])
        return graph.add("Flatten", [scaled], axis=1)

    @cached_property
    def _session(self) -> Any:
        graph = Graph("pixels")
        samples = graph.input("pixels", np.uint8, ["n", "height", "width", 3])
        graph.output(
            self.write(graph, {"pixels": samples}), "features", np.float32, ["n", self.width]
        )
        return open_session(graph.model().SerializeToString(), threads=1)
