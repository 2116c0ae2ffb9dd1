"""Columns that alone tell nearly every row's tag or number, of which a person should know."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from handful.encoders.disguises import one_each

_ENOUGH = 30  # rows: fewer could be told by chance
_NEARLY = 0.1  # of the mistakes of who does not see the column, at most so many are left
_UNEXPLAINED = 0.05  # of the variance
_NUMBERS = 20  # different numbers from which tags are numbers
_BESIDE = 2  # rows on either side that speak for a row


def share_told(cells: Sequence[object], tags: Sequence[str]) -> tuple[float, bool] | None:
    """How much of the tags a column alone tells, where that is nearly everything; else None.

    Each row's tag is guessed from the other rows: from those with the same value, or, where the
    column is of many numbers, from the four next to it.

    Parameters
    ----------
    cells : sequence
        The column; None where a cell is empty, numbers where they are read as such.
    tags : sequence of str

    Returns
    -------
    share : float
        Of rows guessed rightly, 0 to 1; of numbers' variance that the guesses explain.
    are_numbers : bool
        Whether the tags are numbers.
    """
    known = [(cell, tag) for cell, tag in zip(cells, tags, strict=True) if cell is not None]
    if len(known) < max(_ENOUGH, len(cells) / 2):
        return None
    column, said = [cell for cell, _ in known], [tag for _, tag in known]
    numbers = _numbers(said)
    if numbers is not None:
        left = _unexplained(column, numbers)
        return (1 - left, True) if left <= _UNEXPLAINED else None
    shares = [share for one in one_each(said) if (share := _right(column, one)) is not None]
    return (max(shares), False) if shares else None


def _numbers(tags: Sequence[str]) -> np.ndarray | None:
    try:
        values = np.array([float(tag) for tag in tags])
    except ValueError:
        return None
    return values if len(np.unique(values)) >= _NUMBERS and np.isfinite(values).all() else None


def _right(column: Sequence[object], tags: Sequence[str]) -> float | None:
    """Share of rows whose tag is guessed, where hardly a mistake is left; else None."""
    hot = (np.array(tags)[:, None] == np.unique(tags)).astype(float)
    guesses = _of_others(column, hot)
    right = float(hot[np.arange(len(hot)), guesses.argmax(axis=1)].mean())
    mistakes = 1 - hot.mean(axis=0).max()
    return right if 1 - right <= _NEARLY * mistakes and mistakes > 0 else None


def _unexplained(column: Sequence[object], numbers: np.ndarray) -> float:
    if not numbers.std():
        return math.inf
    return float(np.var(numbers - _of_others(column, numbers[:, None])[:, 0]) / np.var(numbers))


def _of_others(column: Sequence[object], values: np.ndarray) -> np.ndarray:
    """Mean of the values of other rows like each row, float64 (n_rows, n_values)."""
    codes, counts = np.unique([str(c) for c in column], return_inverse=True, return_counts=True)[1:]
    numeric = all(isinstance(cell, int | float) for cell in column)
    if numeric and len(counts) >= _NUMBERS:
        return _of_neighbours(np.array(column, float), values)
    sums = np.stack([np.bincount(codes, weights=one) for one in values.T], axis=1)
    others = (counts[codes] - 1)[:, None]
    means = (sums[codes] - values) / np.maximum(others, 1)
    return np.asarray(np.where(others > 0, means, values.mean(axis=0)))


def _of_neighbours(column: np.ndarray, values: np.ndarray) -> np.ndarray:
    order = np.argsort(column, kind="stable")
    padded = np.pad(values[order], ((_BESIDE, _BESIDE), (0, 0)), mode="reflect")
    n = len(values)
    beside = [at for at in range(2 * _BESIDE + 1) if at != _BESIDE]
    found = np.empty_like(values)
    found[order] = np.mean([padded[at : at + n] for at in beside], axis=0)
    return found
