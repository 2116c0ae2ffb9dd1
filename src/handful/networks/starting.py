"""Where weights start: random, of a size that keeps signals neither fading nor growing."""

from __future__ import annotations

import math

import torch
from torch import nn

RELU_GAIN = math.sqrt(2)  # relu halves the power; He et al. 2015, https://arxiv.org/abs/1502.01852


def start(network: nn.Module, seed: int, *, gain: float = 1.0) -> None:
    """Draw all weights anew, in place: the same seed gives the same network.

    Weights of layers and convolutions are normal with variance gain^2 / inputs; recurrent ones
    are orthogonal (Saxe et al. 2014), so that what is remembered keeps its size; biases are 0, but
    1 at the forget gates of an LSTM (Jozefowicz et al. 2015).

    Parameters
    ----------
    network : Module
    seed : int
    gain : float
        `RELU_GAIN` where a relu follows.
    """
    random = torch.Generator().manual_seed(seed)
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            _normal(layer.weight, gain, random)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.RNNBase):
            _start_recurrent(layer, random)


def _normal(weight: torch.Tensor, gain: float, random: torch.Generator) -> None:
    n_inputs = weight[0].numel()
    nn.init.normal_(weight, 0, gain / math.sqrt(n_inputs), generator=random)


def _start_recurrent(layer: nn.RNNBase, random: torch.Generator) -> None:
    size = layer.hidden_size
    for name, part in layer.named_parameters():
        if name.startswith("weight_hh"):
            for gate in torch.split(part.detach(), size):
                nn.init.orthogonal_(gate, generator=random)
        elif name.startswith("weight_ih"):
            _normal(part, 1.0, random)
        else:
            nn.init.zeros_(part)
            if layer.mode == "LSTM" and name.startswith("bias_ih"):
                part.detach()[size : 2 * size] = 1  # gates: input, forget, cell, output
