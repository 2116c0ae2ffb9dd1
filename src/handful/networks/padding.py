"""Series of unequal lengths in one batch: filled up at the end, and the filling never counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from handful.graphs import Graph


def inside(lengths: torch.Tensor, n_steps: int) -> torch.Tensor:
    """Which steps are the series' own and not filling, bool (n_samples, n_steps).

    >>> inside(torch.tensor([1, 3]), 3).tolist()
    [[True, False, False], [True, True, True]]
    """
    return torch.arange(n_steps, device=lengths.device) < lengths[:, None]


def full_lengths(x: torch.Tensor) -> torch.Tensor:
    """The lengths of series without filling, int64 (n_samples,)."""
    return torch.full((x.shape[0],), x.shape[-1], dtype=torch.int64, device=x.device)


def mean_inside(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Mean over each series' own steps.

    Parameters
    ----------
    x : Tensor, shape (n_samples, n_steps, width)
    lengths : Tensor of int64, shape (n_samples,)

    Returns
    -------
    Tensor, shape (n_samples, width)
    """
    kept = torch.where(inside(lengths, x.shape[1])[..., None], x, torch.zeros_like(x))
    return kept.sum(1) / lengths[:, None]


def write_full_lengths(graph: Graph, x: str) -> str:
    """Append `full_lengths` of x, (n, channels, steps); gives an int64 tensor's name."""
    n_samples = graph.add("Shape", [x], start=0, end=1)
    return graph.add("Expand", [graph.add("Shape", [x], start=2, end=3), n_samples])


def write_inside(graph: Graph, lengths: str, n_steps: str) -> str:
    """Append `inside`; `n_steps` is int64 (1,); gives a bool tensor's name."""
    zero, one = graph.constant(0, np.int64), graph.constant(1, np.int64)
    numbers = graph.add("Range", [zero, graph.add("Squeeze", [n_steps]), one])
    column = graph.add("Unsqueeze", [lengths, graph.constant([1], np.int64)])
    return graph.add("Less", [numbers, column])


def write_mean_inside(graph: Graph, x: str, inside: str, lengths: str) -> str:
    """Append `mean_inside` of x, (n, steps, width); gives its name."""
    column = graph.add("Unsqueeze", [inside, graph.constant([2], np.int64)])
    kept = graph.add("Where", [column, x, graph.constant(0)])
    total = graph.add("ReduceSum", [kept, graph.constant([1], np.int64)], keepdims=0)
    divisor = graph.add("Unsqueeze", [lengths, graph.constant([1], np.int64)])
    return graph.add("Div", [total, graph.add("Cast", [divisor], to=1)])
