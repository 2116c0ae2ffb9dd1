"""What a unit does with the sum of its inputs: without it, layers on layers are but one layer."""

from __future__ import annotations

import math

import torch


def relu(x: torch.Tensor) -> torch.Tensor:
    """The positive part, max(0, x).

    Derivative: 1 where x > 0, else 0 (at 0 there is none; 0 is taken).

    >>> relu(torch.tensor([-2.0, 0.0, 3.0])).tolist()
    [0.0, 0.0, 3.0]
    """
    return torch.where(x > 0, x, torch.zeros_like(x))


def leaky_relu(x: torch.Tensor, slope: float = 0.01) -> torch.Tensor:
    """Like `relu`, but for x < 0 a small positive slope keeps the unit learning.

    Derivative: 1 where x > 0, else `slope`.

    >>> leaky_relu(torch.tensor([-2.0, 3.0]), slope=0.5).tolist()
    [-1.0, 3.0]
    """
    return torch.where(x > 0, x, slope * x)


def sigmoid(x: torch.Tensor) -> torch.Tensor:
    """1 / (1 + exp(-x)), between 0 and 1: for tags that do not exclude one another.

    Derivative: s (1 - s), where s is the sigmoid itself; at most 1/4.

    >>> sigmoid(torch.tensor([0.0, 200.0, -200.0])).tolist()
    [0.5, 1.0, 0.0]
    """
    return torch.sigmoid(x)  # the formula as written has no finite slope at -200


def softmax(x: torch.Tensor, axis: int = -1) -> torch.Tensor:
    """exp(x) / sum(exp(x)): shares of tags that exclude one another; they sum to 1.

    Derivative: of share i by input j, p_i ((i = j) - p_j).

    >>> softmax(torch.tensor([1000.0, 1000.0])).tolist()  # no overflow
    [0.5, 0.5]
    """
    shares = torch.exp(x - x.amax(axis, keepdim=True))
    return shares / shares.sum(axis, keepdim=True)


def gelu(x: torch.Tensor) -> torch.Tensor:
    """A `relu` with a soft corner: x times the share of a normal distribution below x.

    Derivative: P(x) + x p(x), where P is the normal distribution's share below x and p its
    density. Reference: Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415.

    >>> [round(value, 4) for value in gelu(torch.tensor([-1.0, 0.0, 1.0])).tolist()]
    [-0.1587, 0.0, 0.8413]
    """
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
