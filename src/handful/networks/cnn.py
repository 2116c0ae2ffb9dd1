"""The convolutional network for pictures: small patterns first, then patterns of patterns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from handful.networks.activations import relu
from handful.networks.starting import RELU_GAIN, start
from handful.networks.writing import array, write_linear

if TYPE_CHECKING:
    from handful.graphs import Graph


class Convolution(nn.Module):
    """Every place is compared with the same small patterns; then each channel is normalised.

    Normalisation: Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167.
    """

    def __init__(self, n_inputs: int, n_outputs: int, *, size: int = 3) -> None:
        super().__init__()
        self.patterns = nn.Conv2d(n_inputs, n_outputs, size, padding=size // 2, bias=False)
        self.norm = nn.BatchNorm2d(n_outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (n, n_inputs, height, width) to (n, n_outputs, height, width)."""
        found: torch.Tensor = self.norm(self.patterns(x))
        return found

    def write(self, graph: Graph, x: str) -> str:
        """Append it with the normalisation folded into the patterns; gives its name."""
        scale = array(self.norm.weight) / np.sqrt(_spread(self.norm) + self.norm.eps)
        shift = array(self.norm.bias) - _middle(self.norm) * scale
        patterns = array(self.patterns.weight) * scale[:, None, None, None]
        size = patterns.shape[-1]
        parts = [x, graph.constant(patterns), graph.constant(shift)]
        return graph.add("Conv", parts, kernel_shape=[size, size], pads=[size // 2] * 4)


class Residual(nn.Module):
    """Two convolutions that learn what to add to their input: deep ones learn more easily so.

    Reference: He et al. 2016, https://arxiv.org/abs/1512.03385.
    """

    def __init__(self, n_inputs: int, n_outputs: int) -> None:
        super().__init__()
        self.first = Convolution(n_inputs, n_outputs)
        self.second = Convolution(n_outputs, n_outputs)
        same = n_inputs == n_outputs
        self.shortcut = None if same else Convolution(n_inputs, n_outputs, size=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (n, n_inputs, height, width) to (n, n_outputs, height, width)."""
        added = self.second(relu(self.first(x)))
        return relu(added + (x if self.shortcut is None else self.shortcut(x)))

    def write(self, graph: Graph, x: str) -> str:
        """Append the block; gives its name."""
        added = self.second.write(graph, graph.add("Relu", [self.first.write(graph, x)]))
        kept = x if self.shortcut is None else self.shortcut.write(graph, x)
        return graph.add("Relu", [graph.add("Add", [added, kept])])


class CNN(nn.Module):
    """Residual blocks with pooling between them, the mean over all places, and a last layer.

    Parameters
    ----------
    n_channels, n_outputs : int
        3 channels for colours; outputs are logits of tags, or numbers.
    widths : sequence of int
        Channels of each block; between two blocks every 2 x 2 places become one, the largest.
    seed : int
        Of the weights to start with.

    Examples
    --------
    >>> network = CNN(1, 10, widths=(8, 16))
    >>> network(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        n_channels: int,
        n_outputs: int,
        *,
        widths: Sequence[int] = (32, 64, 128),
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.first = Convolution(n_channels, widths[0])
        sizes = (widths[0], *widths)
        self.blocks = nn.ModuleList([Residual(a, b) for a, b in pairwise(sizes)])
        self.pooling = nn.MaxPool2d(2, ceil_mode=True)
        self.last = nn.Linear(widths[-1], n_outputs)
        start(self, seed, gain=RELU_GAIN)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs, float32 (n, n_outputs), of pictures (n, n_channels, height, width).

        Pictures of one batch have one size; batches may differ.
        """
        x = relu(self.first(x))
        for at, block in enumerate(self.blocks):
            x = block(self.pooling(x) if at else x)
        outputs: torch.Tensor = self.last(x.mean((2, 3)))
        return outputs

    def write(self, graph: Graph, x: str) -> str:
        """Append the network behind float32 x (n, n_channels, height, width); gives its name."""
        x = graph.add("Relu", [self.first.write(graph, x)])
        for at, block in enumerate(block for block in self.blocks if isinstance(block, Residual)):
            if at:
                x = graph.add("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
            x = block.write(graph, x)
        mean = graph.add("ReduceMean", [x, graph.constant([2, 3], np.int64)], keepdims=0)
        return write_linear(graph, self.last, mean)


def _middle(norm: nn.BatchNorm2d) -> np.ndarray:
    return np.zeros(1, np.float32) if norm.running_mean is None else array(norm.running_mean)


def _spread(norm: nn.BatchNorm2d) -> np.ndarray:
    return np.ones(1, np.float32) if norm.running_var is None else array(norm.running_var)
