"""Layers as ONNX nodes: what was trained here answers the same wherever ONNX runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from handful.errors import InputError
from handful.networks.activations import gelu, leaky_relu, relu, sigmoid

if TYPE_CHECKING:
    from handful.graphs import Graph

Activation = Callable[[torch.Tensor], torch.Tensor]
_NODES = {relu: "Relu", leaky_relu: "LeakyRelu", sigmoid: "Sigmoid"}  # LeakyRelu: 0.01 in both


def array(tensor: torch.Tensor) -> np.ndarray:
    """A parameter's values, float32, on any device."""
    return np.asarray(tensor.detach().cpu().numpy(), np.float32)


def write_linear(graph: Graph, layer: nn.Linear, x: str) -> str:
    """Append a layer of weights behind x, (..., n_inputs); gives its name."""
    found = graph.add("MatMul", [x, graph.constant(array(layer.weight).T)])
    return graph.add("Add", [found, graph.constant(array(layer.bias))])


def write_layer_norm(graph: Graph, layer: nn.LayerNorm, x: str) -> str:
    """Append a normalisation over the last axis; gives its name."""
    parts = [x, graph.constant(array(layer.weight)), graph.constant(array(layer.bias))]
    return graph.add("LayerNormalization", parts, axis=-1, epsilon=layer.eps)


def write_activation(graph: Graph, activation: Activation, x: str) -> str:
    """Append an activation; gives its name.

    Raises
    ------
    InputError
        It is not one of handful.networks.
    """
    if activation is gelu:
        reach = graph.add("Erf", [graph.add("Mul", [x, graph.constant(1 / math.sqrt(2))])])
        share = graph.add("Add", [reach, graph.constant(1)])
        return graph.add("Mul", [graph.add("Mul", [x, graph.constant(0.5)]), share])
    if activation not in _NODES:
        raise InputError(
            f"{activation} cannot be written to ONNX: use relu, leaky_relu, sigmoid or gelu from "
            "handful.networks."
        )
    return graph.add(_NODES[activation], [x])
