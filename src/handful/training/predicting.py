"""What a network says of samples, batch by batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from handful.training.batches import Samples, collate
from handful.training.devices import cpu_threads, device_of


def predict(
    network: nn.Module,
    X: Samples,
    *,
    batch_size: int = 256,
    device: str = "auto",
    n_threads: int = 1,
) -> np.ndarray:
    """Outputs (logits, or numbers) of every sample, float32 (n_samples, n_outputs).

    Parameters
    ----------
    network : Module
        Called with x, or with x and lengths; switched to evaluation and back.
    X : ndarray, shape (n_samples, ...), or sequence of ndarray, shape (n_channels, n_steps)
    batch_size : int
    device : str
        As in `fit`.
    n_threads : int
        As in `fit`.
    """
    place = device_of(device)
    network.to(place)
    was_training = network.training
    network.eval()
    parts = np.array_split(np.arange(len(X)), max(1, -(-len(X) // batch_size)))
    with torch.inference_mode(), cpu_threads(n_threads):
        found = [
            network(*(part.to(place) for part in collate(X, rows))).cpu().numpy() for rows in parts
        ]
    network.train(was_training)
    return np.asarray(np.concatenate(found), np.float32)
