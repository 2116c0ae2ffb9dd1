"""The multilayer perceptron: every unit of a layer hears every unit of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import nn

from handful.networks.activations import relu
from handful.networks.dropout import Dropout
from handful.networks.starting import RELU_GAIN, start
from handful.networks.writing import Activation, write_activation, write_linear

if TYPE_CHECKING:
    from handful.graphs import Graph


class MLP(nn.Module):
    """Layers of weights with an activation between them.

    Parameters
    ----------
    n_inputs, n_outputs : int
        Outputs are logits of tags, or numbers.
    hidden : sequence of int
        Units of each layer between; none makes it a linear model.
    activation : callable
        From `handful.networks.activations`.
    dropout : float
        Share of each hidden layer's values that is left out while training.
    seed : int
        Of the weights to start with.

    Examples
    --------
    >>> network = MLP(4, 3, hidden=(16, 16))
    >>> network(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        *,
        hidden: Sequence[int] = (64, 64),
        activation: Activation = relu,
        dropout: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        sizes = (n_inputs, *hidden, n_outputs)
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in pairwise(sizes)])
        self.thinnings = nn.ModuleList([Dropout(dropout) for _ in hidden])
        self.activation = activation
        start(self, seed, gain=RELU_GAIN)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs, float32 (n_samples, n_outputs), of inputs (n_samples, n_inputs)."""
        for layer, thinning in zip(self.layers, self.thinnings, strict=False):
            x = thinning(self.activation(layer(x)))
        outputs: torch.Tensor = self.layers[-1](x)
        return outputs

    def write(self, graph: Graph, x: str) -> str:
        """Append the network behind float32 x (n, n_inputs); gives its outputs' name."""
        *hidden, last = (layer for layer in self.layers if isinstance(layer, nn.Linear))
        for layer in hidden:
            x = write_activation(graph, self.activation, write_linear(graph, layer, x))
        return write_linear(graph, last, x)
