"""Dropout: while training, a random share of the values is left out, so that none is relied on."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


class Dropout(nn.Module):
    """Sets a share of the values to 0 and enlarges the rest to make up for it; only in training.

    Reference: Srivastava et al. 2014. Unlike torch's own it draws from a seed that `reseed` sets,
    not from a generator that all threads share.

    Attributes
    ----------
    share : float
        From 0 to below 1.
    seed : int
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.seed = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Values of any shape, thinned out."""
        if not self.training or self.share == 0:
            return x
        random = torch.Generator(x.device).manual_seed(self.seed)
        kept = torch.rand(x.shape, generator=random, device=x.device) >= self.share
        return x * kept / (1 - self.share)


def reseed(network: nn.Module, *parts: int) -> None:
    """Give every `Dropout` in the network a seed of its own, drawn from these numbers.

    Parameters
    ----------
    network : Module
    *parts : int
        Say, the training's seed and the number of the step.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, Dropout)]
    for layer, seed in zip(
        layers, np.random.SeedSequence(parts).generate_state(len(layers)), strict=True
    ):
        layer.seed = int(seed)
