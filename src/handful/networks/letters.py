"""The network for texts letter by letter: each symbol becomes a few learnt numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from handful.networks.transformer import Transformer
from handful.networks.writing import array

if TYPE_CHECKING:
    from handful.graphs import Graph


class LetterNetwork(nn.Module):
    """A table of learnt numbers for each symbol, and a Transformer that reads their rows.

    Parameters
    ----------
    n_symbols, n_outputs : int
        Symbols are numbered from 0; outputs are logits of tags, or numbers.
    width : int
        Numbers a symbol.
    seed : int
        Of the weights to start with.

    Examples
    --------
    >>> network = LetterNetwork(256, 3)
    >>> network(torch.zeros(2, 1, 40), torch.tensor([40, 7])).shape
    torch.Size([2, 3])
    """

    def __init__(self, n_symbols: int, n_outputs: int, *, width: int = 16, seed: int = 0) -> None:
        super().__init__()
        self.table = nn.Embedding(n_symbols, width)
        random = torch.Generator().manual_seed(seed)
        nn.init.normal_(self.table.weight, generator=random)
        self.reader = Transformer(width, n_outputs, seed=seed)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs, float32 (n_samples, n_outputs).

        Parameters
        ----------
        x : Tensor of float32, shape (n_samples, 1, n_letters)
            Numbers of symbols.
        lengths : Tensor of int64, shape (n_samples,), optional
            Letters of each text, at least 1; what stands behind them has no influence.
        """
        rows = self.table(x[:, 0].to(torch.int64))
        outputs: torch.Tensor = self.reader(rows.transpose(1, 2), lengths)
        return outputs

    def write(self, graph: Graph, x: str, lengths: str = "") -> str:
        """Append the network behind x (n, 1, letters); gives its outputs' name."""
        numbers = graph.add("Cast", [x], to=7)
        rows = graph.add("Gather", [graph.constant(array(self.table.weight)), numbers], axis=0)
        # (n, 1, letters, width) -> (n, width, letters)
        turned = graph.add("Transpose", [rows], perm=[0, 1, 3, 2])
        flat = graph.add("Squeeze", [turned, graph.constant([1], "int64")])
        return self.reader.write(graph, flat, lengths)
