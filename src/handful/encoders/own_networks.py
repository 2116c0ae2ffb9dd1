"""A network that the user brings, as it is written into the graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handful.encoders.encoder_cards import EncoderCard
from handful.encoders.foreign_graphs import ForeignGraph
from handful.graphs import Graph


@dataclass(frozen=True)
class OwnNetwork:
    """A network that was tried and can be put into a model file.

    Attributes
    ----------
    card : EncoderCard
    graph : ForeignGraph
        In operators no older than handful's own.
    shape : tuple of int or None
        Of one sample as it is handed over; None: sounds of any length.
    batch : int or None
        How many samples it takes at a time; 0: one, without an axis for more; None: any number.
    pooled : tuple of int
        Axes of its output over which the mean is taken.
    width : int
        Number of features.
    origin : str
        Where the file came from.
    remark : str
        What a person should know of how its output is used; mostly nothing.
    """

    card: EncoderCard
    graph: ForeignGraph
    shape: tuple[int | None, ...]
    batch: int | None
    pooled: tuple[int, ...]
    width: int
    origin: str
    remark: str

    @property
    def window(self) -> int | None:
        """Samples of a sound that it takes at a time; None: any number."""
        return next((size for size in self.shape if size != 1), 1)

    @property
    def channel(self) -> int | None:
        """Axis of the one channel of sounds, where it wants one."""
        if len(self.shape) == 1:
            return None
        return 1 if self.shape[0] == 1 else 2

    def write(self, graph: Graph, rows: str) -> str:
        """Append the network; takes float32 (m, *shape), gives float32 (m, width)."""
        if self.batch is None:
            answers = self._embedded(graph, rows)
        else:
            body = Graph(f"{graph.name}/one by one")
            row = body.input(f"{body.name}/row", np.float32, named_sizes(self.shape))
            body.output(self._one(body, row), f"{body.name}/answer", np.float32, None)
            answers = graph.scan(body, rows)
        if self.pooled:
            axes = graph.constant(self.pooled, np.int64)
            answers = graph.add("ReduceMean", [answers, axes], keepdims=0)
        return graph.add("Reshape", [answers, graph.constant([-1, self.width], np.int64)])

    def _one(self, graph: Graph, row: str) -> str:
        """Append the network for one sample that is repeated as often as it takes samples."""
        if not self.batch:
            return self._embedded(graph, row)
        several = graph.add("Unsqueeze", [row, graph.constant([0], np.int64)])
        shape = graph.constant([self.batch] + [1] * len(self.shape), np.int64)
        answers = self._embedded(graph, graph.add("Expand", [several, shape]))
        return graph.add("Gather", [answers, graph.constant(0, np.int64)], axis=0)

    def _embedded(self, graph: Graph, rows: str) -> str:
        """Append the network as it is, between what it takes and float32."""
        (port,) = self.graph.inputs
        kind = port.kind
        if kind == "uint8":
            rows = graph.add("Round", [rows])
            rows = graph.add("Clip", [rows, graph.constant(0.0), graph.constant(255.0)])
        taken = rows if kind == "float" else graph.add("Cast", [rows], to=port.element)
        found = graph.embed(self.graph.model.graph, {port.name: taken}, opset=self.graph.opset)
        return graph.add("Cast", [found[self.card.output]], to=1)


def named_sizes(shape: tuple[int | None, ...]) -> list[int | str]:
    """A sample's shape as a graph declares it."""
    return ["samples" if size is None else size for size in shape]
