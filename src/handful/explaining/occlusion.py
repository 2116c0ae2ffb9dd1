"""What a model looks at: how much surer it is of a photo than with a part of it covered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

_CELLS = 7  # a side
_OVERLAP = 1.5  # a cover is so many cells wide: what lies on a border is covered once, too


def occlusion(
    pixels: np.ndarray, share: Callable[[list[dict[str, np.ndarray]]], Sequence[float]]
) -> np.ndarray:
    """How much each part of a photo adds to the probability of a tag.

    Each part is covered with the photo's mean colour, and the model is asked again.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
    share : callable
        The tag's probability for photos as the model file takes them.

    Returns
    -------
    ndarray of float64, shape (7, 7)
        Probability lost by covering each part; negative where the part speaks against the tag.

    References
    ----------
    Zeiler and Fergus (2014), "Visualizing and understanding convolutional networks", section 4.2.
    """
    height, width = pixels.shape[:2]
    colour = pixels.reshape(-1, 3).mean(axis=0).round().astype(np.uint8)
    (whole,) = share([{"pixels": pixels[None]}])
    drops = np.zeros((_CELLS, _CELLS))
    for row in range(_CELLS):
        covered = []
        for column in range(_CELLS):
            part = pixels.copy()
            part[_span(row, height), _span(column, width)] = colour
            covered.append({"pixels": part[None]})
        drops[row] = whole - np.asarray(share(covered))
    return drops


def _span(cell: int, length: int) -> slice:
    middle, half = (cell + 0.5) * length / _CELLS, _OVERLAP * length / _CELLS / 2
    return slice(max(0, round(middle - half)), min(length, round(middle + half)))
