"""Networks for series, and series to try them on."""

from __future__ import annotations

import numpy as np
import torch

from handful.networks import RNN, Transformer

MAKERS = {
    "gru": lambda: RNN(3, 4, hidden=8),
    "gru of two layers": lambda: RNN(3, 4, hidden=8, n_layers=2),
    "lstm": lambda: RNN(3, 4, hidden=8, cell="lstm"),
    "lstm of two layers": lambda: RNN(3, 4, hidden=8, n_layers=2, cell="lstm"),
    "transformer": lambda: Transformer(3, 4, width=16, n_heads=2, patch=1),
    "transformer of patches": lambda: Transformer(3, 4, width=16, n_heads=2),
}


def series(lengths, seed=0):
    """Recordings of 3 channels, each float32 (3, length)."""
    random = np.random.default_rng(seed)
    return [random.normal(size=(3, length)).astype(np.float32) for length in lengths]


def stirred(network, seed=1):
    """The network with every parameter moved, so that zeros and ones hide no mistake."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in network.parameters():
            part += 0.2 * torch.randn(part.shape, generator=random)
    return network.eval()
