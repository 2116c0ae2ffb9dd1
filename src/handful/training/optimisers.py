"""Which way and how far the weights step, given their slopes."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch._dynamo  # loaded by the first optimiser anyway: better now than in someone's budget
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

Optimise = Callable[[nn.Module, float], Optimizer]  # network, learning rate


def sgd(network: nn.Module, rate: float, *, momentum: float = 0.9, decay: float = 0.0) -> Optimizer:
    """Steps down the slope; with momentum, a running sum of slopes.

    Parameters
    ----------
    network : Module
    rate : float
        Learning rate: the length of a step for a slope of 1.
    momentum : float
        Share of the last step that is kept, 0 to below 1.
    decay : float
        Weights (not biases or norms) are pulled towards 0 by this share of themselves.
    """
    return SGD(_split(network, decay), lr=rate, momentum=momentum)


def adam(network: nn.Module, rate: float, *, beta_2: float = 0.999) -> Optimizer:
    """Steps of about `rate` for every weight, however large its slopes are (Kingma and Ba 2015).

    Parameters
    ----------
    network : Module
    rate : float
    beta_2 : float
        How slowly what is known of the slopes' size is forgotten.
    """
    return Adam(_split(network, 0.0), lr=rate, betas=(0.9, beta_2))


def adamw(network: nn.Module, rate: float, *, decay: float = 0.01) -> Optimizer:
    """Adam whose pull of weights towards 0 stands apart (Loshchilov and Hutter 2019).

    Parameters
    ----------
    network : Module
    rate : float
    decay : float
        Weights (not biases or norms) shrink by `rate` times this in each step.
    """
    return AdamW(_split(network, decay), lr=rate)


def _split(network: nn.Module, decay: float) -> list[dict[str, object]]:
    """Weights, which decay, apart from biases and norms, which do not; frozen ones left out."""
    trained = [part for part in network.parameters() if part.requires_grad]
    groups: list[tuple[list[torch.Tensor], float]] = [
        ([part for part in trained if part.ndim > 1], decay),
        ([part for part in trained if part.ndim <= 1], 0.0),
    ]
    return [{"params": parts, "weight_decay": pull} for parts, pull in groups if parts]
