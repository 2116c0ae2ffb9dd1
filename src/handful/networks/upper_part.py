"""The upper part of a pretrained EfficientNet-Lite, which goes on learning from new samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from handful.networks.dropout import Dropout
from handful.networks.writing import array, write_linear

if TYPE_CHECKING:
    from handful.graphs import Graph

_LEFT_OUT = 0.2  # of the last layer's values while training, as EfficientNet-Lite was trained


class UpperPart(nn.Module):
    """The last stage and the last layer, started from their weights, and new outputs.

    Parameters
    ----------
    start : mapping of str to ndarray
        Weights and biases by layer, as `handful.encoders.efficientnet_lite.upper_part` gives.
    n_outputs : int
        Logits of tags, or numbers; they begin at 0.

    References
    ----------
    Tan and Le 2019, table 1, https://arxiv.org/abs/1905.11946
    """

    def __init__(self, start: Mapping[str, np.ndarray], n_outputs: int) -> None:
        super().__init__()
        self.expand, self.filter = _convolution(start, "expand"), _convolution(start, "filter")
        self.project, self.last = _convolution(start, "project"), _convolution(start, "last")
        self.thinning = Dropout(_LEFT_OUT)
        self.tags = nn.Linear(self.last.out_channels, n_outputs)
        nn.init.zeros_(self.tags.weight)
        nn.init.zeros_(self.tags.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs, float32 (n, n_outputs), of maps (n, n_channels, height, width)."""
        found = _relu6(self.filter(_relu6(self.expand(x))))
        found = _relu6(self.last(self.project(found)))
        outputs: torch.Tensor = self.tags(self.thinning(found.mean((2, 3))))
        return outputs

    def write(self, graph: Graph, x: str) -> str:
        """Append it behind float32 x (n, n_channels, height, width); gives its name."""
        found = _write_relu6(graph, _write(graph, self.expand, x))
        found = _write(graph, self.project, _write_relu6(graph, _write(graph, self.filter, found)))
        found = _write_relu6(graph, _write(graph, self.last, found))
        mean = graph.add("ReduceMean", [found, graph.constant([2, 3], np.int64)], keepdims=0)
        return write_linear(graph, self.tags, mean)


def _convolution(start: Mapping[str, np.ndarray], name: str) -> nn.Conv2d:
    weight, bias = start[f"{name}.weight"], start[f"{name}.bias"]
    n_outputs, n_inputs, size, _ = weight.shape
    groups = n_outputs if n_inputs == 1 else 1
    layer = nn.Conv2d(n_inputs * groups, n_outputs, size, padding=size // 2, groups=groups)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.array(weight)))
        layer.bias.copy_(torch.from_numpy(np.array(bias)))  # type: ignore[union-attr]
    return layer


def _relu6(x: torch.Tensor) -> torch.Tensor:
    return x.clamp(0, 6)


def _write_relu6(graph: Graph, x: str) -> str:
    return graph.add("Clip", [x, graph.constant(0.0), graph.constant(6.0)])


def _write(graph: Graph, layer: nn.Conv2d, x: str) -> str:
    size = layer.kernel_size[0]
    bias = np.zeros(layer.out_channels) if layer.bias is None else array(layer.bias)
    parts = [x, graph.constant(array(layer.weight)), graph.constant(bias)]
    return graph.add(
        "Conv", parts, kernel_shape=[size, size], pads=[size // 2] * 4, group=layer.groups
    )
