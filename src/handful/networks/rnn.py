"""The recurrent network for series: it reads step by step and remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from handful.networks.padding import (
    full_lengths,
    mean_inside,
    write_full_lengths,
    write_inside,
    write_mean_inside,
)
from handful.networks.starting import start
from handful.networks.writing import array, write_linear

if TYPE_CHECKING:
    from handful.graphs import Graph

_ONNX_ORDER = {
    "GRU": (1, 0, 2),
    "LSTM": (0, 3, 1, 2),
}  # torch: r z n, i f g o; ONNX: z r n, i o f g


class RNN(nn.Module):
    """A GRU or LSTM over series of any length, forwards and backwards.

    The last layer sees what was remembered at the end of each direction, and the mean over all
    steps. References: Cho et al. 2014 (GRU), Hochreiter and Schmidhuber 1997 (LSTM).

    Parameters
    ----------
    n_channels, n_outputs : int
        Values a step; outputs are logits of tags, or numbers.
    hidden : int
        Values remembered in each direction.
    n_layers : int
    cell : str
        ``gru`` or ``lstm``.
    seed : int
        Of the weights to start with.

    Examples
    --------
    >>> network = RNN(6, 4)
    >>> network(torch.zeros(2, 6, 100), torch.tensor([100, 37])).shape
    torch.Size([2, 4])
    """

    def __init__(
        self,
        n_channels: int,
        n_outputs: int,
        *,
        hidden: int = 64,
        n_layers: int = 1,
        cell: Literal["gru", "lstm"] = "gru",
        seed: int = 0,
    ) -> None:
        super().__init__()
        kind = nn.GRU if cell == "gru" else nn.LSTM
        self.cells = kind(n_channels, hidden, n_layers, batch_first=True, bidirectional=True)
        self.last = nn.Linear(4 * hidden, n_outputs)
        start(self, seed)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs, float32 (n_samples, n_outputs).

        Parameters
        ----------
        x : Tensor of float32, shape (n_samples, n_channels, n_steps)
        lengths : Tensor of int64, shape (n_samples,), optional
            Steps of each series, at least 1; what stands behind them has no influence.
        """
        lengths = full_lengths(x) if lengths is None else lengths
        packed = pack_padded_sequence(
            x.transpose(1, 2), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        steps, end = self.cells(packed)
        over_time, _ = pad_packed_sequence(steps, batch_first=True)
        ends = end[0] if isinstance(end, tuple) else end  # (layers x directions, n, hidden)
        parts = [ends[-2], ends[-1], mean_inside(over_time, lengths)]
        outputs: torch.Tensor = self.last(torch.cat(parts, dim=1))
        return outputs

    def write(self, graph: Graph, x: str, lengths: str = "") -> str:
        """Append the network behind x (n, n_channels, steps); gives its outputs' name.

        Parameters
        ----------
        graph : Graph
        x : str
            Name of a float32 tensor.
        lengths : str
            Name of an int64 tensor (n,); without it all steps count.
        """
        lengths = lengths or write_full_lengths(graph, x)
        n_steps = graph.add("Shape", [x], start=2, end=3)
        steps = graph.add("Transpose", [x], perm=[2, 0, 1])  # (steps, n, channels)
        short = graph.add("Cast", [lengths], to=6)  # int32
        for layer in range(self.cells.num_layers):
            steps, ends = self._write_layer(graph, layer, steps, short)
        rows = graph.add("Transpose", [steps], perm=[1, 0, 2])
        inside = write_inside(graph, lengths, n_steps)
        mean = write_mean_inside(graph, rows, inside, lengths)
        features = graph.add("Concat", [ends, mean], axis=1)
        return write_linear(graph, self.last, features)

    def _write_layer(self, graph: Graph, layer: int, x: str, lengths: str) -> tuple[str, str]:
        """Names of all states (steps, n, 2 hidden) and of the last ones (n, 2 hidden)."""
        kind, size = self.cells.mode, self.cells.hidden_size
        more: dict[str, Any] = {"linear_before_reset": 1} if kind == "GRU" else {}
        all_states, last, *_ = graph.add_all(
            kind,
            [x, *(graph.constant(part) for part in self._weights(layer)), lengths],
            n_outputs=2 if kind == "GRU" else 3,
            hidden_size=size,
            direction="bidirectional",
            **more,
        )
        joined = graph.constant([0, 0, 2 * size], np.int64)
        by_sample = graph.add("Transpose", [all_states], perm=[0, 2, 1, 3])
        ends = graph.add("Transpose", [last], perm=[1, 0, 2])
        whole = graph.constant([0, 2 * size], np.int64)
        return graph.add("Reshape", [by_sample, joined]), graph.add("Reshape", [ends, whole])

    def _weights(self, layer: int) -> list[np.ndarray]:
        """Of the inputs, of what is remembered, and biases, each with a row a direction."""
        found = []
        for names in (["weight_ih"], ["weight_hh"], ["bias_ih", "bias_hh"]):
            ways = [
                np.concatenate([self._in_order(f"{name}_l{layer}{way}") for name in names])
                for way in ("", "_reverse")
            ]
            found.append(np.stack(ways))
        return found

    def _in_order(self, name: str) -> np.ndarray:
        """A parameter with its gates in ONNX's order."""
        gates = np.split(array(getattr(self.cells, name)), len(_ONNX_ORDER[self.cells.mode]))
        return np.concatenate([gates[at] for at in _ONNX_ORDER[self.cells.mode]])
