"""A few samples at a time: which ones, in what order, and as tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

Samples = np.ndarray | Sequence[np.ndarray]  # all of one shape, or series (channels, steps)
Inputs = tuple[torch.Tensor, ...]  # what a network is called with: x, or x and lengths


def batches(n: int, size: int, *, seed: int, epoch: int) -> list[np.ndarray]:
    """Every sample once, shuffled, in batches as even as possible, none larger than `size`.

    Parameters
    ----------
    n, size : int
    seed, epoch : int
        The same two give the same order.

    Examples
    --------
    >>> [len(rows) for rows in batches(10, 4, seed=0, epoch=0)]
    [4, 3, 3]
    """
    order = np.random.default_rng((seed, epoch)).permutation(n)
    return np.array_split(order, -(-n // size))


def collate(X: Samples, rows: np.ndarray) -> Inputs:
    """Some of the samples as a batch.

    Parameters
    ----------
    X : ndarray, shape (n_samples, ...), or sequence of ndarray, shape (n_channels, n_steps)
        Series may be of unequal lengths: shorter ones are filled up with 0.
    rows : ndarray of int

    Returns
    -------
    tuple of Tensor
        x as float32; for a sequence also the lengths, int64 (n_samples,).
    """
    if isinstance(X, np.ndarray):
        return (torch.from_numpy(X[rows].astype(np.float32, copy=False)),)
    chosen = [X[row] for row in rows]
    lengths = [series.shape[1] for series in chosen]
    padded = np.zeros((len(chosen), len(chosen[0]), max(lengths)), np.float32)
    for row, series in zip(padded, chosen, strict=True):
        row[:, : series.shape[1]] = series
    return torch.from_numpy(padded), torch.tensor(lengths, dtype=torch.int64)


def as_targets(y: np.ndarray) -> torch.Tensor:
    """Numbers of tags as int64, everything else as float32."""
    y = np.asarray(y)
    kind = np.int64 if y.ndim == 1 and y.dtype.kind in "iub" else np.float32
    return torch.from_numpy(np.ascontiguousarray(y, kind))


def one_hot(y: np.ndarray, n_tags: int) -> np.ndarray:
    """A column a tag, 1 where the sample has it, float32 (n_samples, n_tags).

    >>> one_hot(np.array([0, 2]), 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    return np.asarray(np.eye(n_tags, dtype=np.float32)[y])
