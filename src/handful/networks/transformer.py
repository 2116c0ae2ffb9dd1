"""The Transformer encoder for series: every step looks at every other and takes what it needs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from handful.errors import InputError
from handful.networks.activations import gelu, softmax
from handful.networks.dropout import Dropout
from handful.networks.padding import (
    full_lengths,
    inside,
    mean_inside,
    write_full_lengths,
    write_inside,
    write_mean_inside,
)
from handful.networks.starting import start
from handful.networks.writing import write_activation, write_layer_norm, write_linear

if TYPE_CHECKING:
    from handful.graphs import Graph

_SLOWEST = 10_000.0  # the slowest wave has 10,000 times the period of the fastest: Vaswani 2017


def attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, seen: torch.Tensor
) -> torch.Tensor:
    """For each place a mixture of all values, most of those whose key resembles its query.

    Parameters
    ----------
    query, key, value : Tensor of float, shape (..., n_places, width)
    seen : Tensor of bool, broadcast to (..., n_places, n_places)
        Which places may be looked at; each must see at least one.

    References
    ----------
    Vaswani et al. 2017, equation 1, https://arxiv.org/abs/1706.03762
    """
    resemblance = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    shares = softmax(resemblance.masked_fill(~seen, -math.inf))
    return shares @ value


class Attention(nn.Module):
    """Several attentions side by side, each on its own part of the width."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.asks = nn.Linear(width, 3 * width)  # query, key and value at once
        self.mixes = nn.Linear(width, width)

    def forward(self, x: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """From (n, n_places, width) to the same; `seen` is bool (n, n_places)."""
        n, n_places, width = x.shape
        parts = self.asks(x).view(n, n_places, 3, self.n_heads, width // self.n_heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (n, n_heads, n_places, part)
        found = attention(query, key, value, seen[:, None, None, :])
        mixed: torch.Tensor = self.mixes(found.transpose(1, 2).reshape(n, n_places, width))
        return mixed

    def write(self, graph: Graph, x: str, seen: str) -> str:
        """Append it behind x (n, places, width) and bool `seen` (n, places); gives its name."""
        width = self.mixes.in_features
        part = width // self.n_heads
        asks = write_linear(graph, self.asks, x)
        shape = graph.constant([0, 0, 3, self.n_heads, part], np.int64)
        asks = graph.add("Transpose", [graph.add("Reshape", [asks, shape])], perm=[2, 0, 3, 1, 4])
        query, key, value = (
            graph.add("Gather", [asks, graph.constant(at, np.int64)], axis=0) for at in range(3)
        )
        turned = graph.add("Transpose", [key], perm=[0, 1, 3, 2])
        scores = graph.add("MatMul", [query, turned])
        scores = graph.add("Div", [scores, graph.constant(math.sqrt(part))])
        mask = graph.add("Unsqueeze", [seen, graph.constant([1, 2], np.int64)])
        scores = graph.add("Where", [mask, scores, graph.constant(-np.inf)])
        found = graph.add("MatMul", [graph.add("Softmax", [scores], axis=-1), value])
        found = graph.add("Transpose", [found], perm=[0, 2, 1, 3])
        found = graph.add("Reshape", [found, graph.constant([0, 0, width], np.int64)])
        return write_linear(graph, self.mixes, found)


class Block(nn.Module):
    """Attention, then two layers at each place; each adds to what was there.

    Normalised before, not after, which trains more steadily (Xiong et al. 2020).
    """

    def __init__(self, width: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, n_heads)
        self.widens, self.narrows = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.first_thinning, self.second_thinning = Dropout(dropout), Dropout(dropout)

    def forward(self, x: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """From (n, n_places, width) to the same; `seen` is bool (n, n_places)."""
        x = x + self.first_thinning(self.attention(self.first_norm(x), seen))
        thought = self.narrows(gelu(self.widens(self.second_norm(x))))
        added: torch.Tensor = self.second_thinning(thought)
        return x + added

    def write(self, graph: Graph, x: str, seen: str) -> str:
        """Append the block; gives its name."""
        first = write_layer_norm(graph, self.first_norm, x)
        x = graph.add("Add", [x, self.attention.write(graph, first, seen)])
        second = write_layer_norm(graph, self.second_norm, x)
        wide = write_activation(graph, gelu, write_linear(graph, self.widens, second))
        return graph.add("Add", [x, write_linear(graph, self.narrows, wide)])


class Transformer(nn.Module):
    """A Transformer encoder over series of any length; the mean over all places is what is tagged.

    Parameters
    ----------
    n_channels, n_outputs : int
        Values a step; outputs are logits of tags, or numbers.
    width, n_heads, n_layers : int
        `width` is a multiple of twice `n_heads`.
    patch : int
        Steps that are read together as one place; time and memory grow with the square of the
        number of places.
    dropout : float
        Share of what each layer adds that is left out while training.
    seed : int
        Of the weights to start with.

    Raises
    ------
    InputError
        The width cannot be shared out.

    Examples
    --------
    >>> network = Transformer(6, 4)
    >>> network(torch.zeros(2, 6, 100), torch.tensor([100, 37])).shape
    torch.Size([2, 4])
    """

    def __init__(
        self,
        n_channels: int,
        n_outputs: int,
        *,
        width: int = 64,
        n_heads: int = 4,
        n_layers: int = 2,
        patch: int = 4,
        dropout: float = 0.1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if width % (2 * n_heads):
            raise InputError(
                f"a width of {width} cannot be shared by {n_heads} heads: it must be a multiple of "
                f"{2 * n_heads}."
            )
        self.patch = patch
        self.first = nn.Linear(n_channels * patch, width)
        self.blocks = nn.ModuleList([Block(width, n_heads, dropout) for _ in range(n_layers)])
        self.norm = nn.LayerNorm(width)
        self.last = nn.Linear(width, n_outputs)
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
        own = inside(lengths, x.shape[2])[:, None]
        x = self.first(self._patches(torch.where(own, x, torch.zeros_like(x))))
        x = x + positions(x.shape[1], x.shape[2]).to(x)
        n_places = (lengths + self.patch - 1) // self.patch
        seen = inside(n_places, x.shape[1])
        for block in self.blocks:
            x = block(x, seen)
        outputs: torch.Tensor = self.last(mean_inside(self.norm(x), n_places))
        return outputs

    def _patches(self, x: torch.Tensor) -> torch.Tensor:
        """From (n, channels, steps) to (n, places, channels x patch)."""
        n, n_channels, n_steps = x.shape
        x = nn.functional.pad(x, (0, -n_steps % self.patch))
        x = x.view(n, n_channels, -1, self.patch).transpose(1, 2)
        return x.reshape(n, -1, n_channels * self.patch)

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
        own = write_inside(graph, lengths, graph.add("Shape", [x], start=2, end=3))
        own = graph.add("Unsqueeze", [own, graph.constant([1], np.int64)])
        x = graph.add("Where", [own, x, graph.constant(0)])
        x = write_linear(graph, self.first, self._write_patches(graph, x))
        n_all = graph.add("Shape", [x], start=1, end=2)
        x = graph.add("Add", [x, _write_positions(graph, n_all, self.first.out_features)])
        patch = graph.constant(self.patch, np.int64)
        filled = graph.add("Add", [lengths, graph.constant(self.patch - 1, np.int64)])
        n_places = graph.add("Div", [filled, patch])
        seen = write_inside(graph, n_places, n_all)
        for block in (block for block in self.blocks if isinstance(block, Block)):
            x = block.write(graph, x, seen)
        mean = write_mean_inside(graph, write_layer_norm(graph, self.norm, x), seen, n_places)
        return write_linear(graph, self.last, mean)

    def _write_patches(self, graph: Graph, x: str) -> str:
        patch = graph.constant([self.patch], np.int64)
        missing = graph.add("Mod", [graph.add("Neg", [self._n_steps(graph, x)]), patch])
        before = graph.constant([0] * 5, np.int64)
        x = graph.add("Pad", [x, graph.add("Concat", [before, missing], axis=0)])
        n_channels = self.first.in_features // self.patch
        shape = graph.constant([0, n_channels, -1, self.patch], np.int64)
        x = graph.add("Transpose", [graph.add("Reshape", [x, shape])], perm=[0, 2, 1, 3])
        joined = graph.constant([0, 0, n_channels * self.patch], np.int64)
        return graph.add("Reshape", [x, joined])

    def _n_steps(self, graph: Graph, x: str) -> str:
        return graph.add("Shape", [x], start=2, end=3)


def positions(n_places: int, width: int) -> torch.Tensor:
    """Where each place stands, as waves of `width` / 2 periods, float32 (n_places, width).

    Vaswani et al. 2017, section 3.5, with all sines first and all cosines after.
    """
    angles = torch.arange(n_places, dtype=torch.float32)[:, None] * torch.from_numpy(_speeds(width))
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)


def _write_positions(graph: Graph, n_places: str, width: int) -> str:
    zero, one = graph.constant(0, np.int64), graph.constant(1, np.int64)
    numbers = graph.add("Range", [zero, graph.add("Squeeze", [n_places]), one])
    column = graph.add("Unsqueeze", [numbers, graph.constant([1], np.int64)])
    angles = graph.add(
        "Mul", [graph.add("Cast", [column], to=1), graph.constant(_speeds(width)[None])]
    )
    return graph.add("Concat", [graph.add("Sin", [angles]), graph.add("Cos", [angles])], axis=1)


def _speeds(width: int) -> np.ndarray:
    """Radians a place of each wave, float32 (width / 2,)."""
    shares = np.arange(0, width, 2) / width
    return np.asarray(_SLOWEST**-shares, np.float32)
