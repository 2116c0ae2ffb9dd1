"""Made patterns: pictures that are photos of nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_SIDE_PX = 128
_OF_EACH = 6


def patterns() -> Iterator[np.ndarray]:
    """Noise, stripes, boards and clouds in random colours, uint8 (128, 128, 3) each."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[0:_SIDE_PX, 0:_SIDE_PX] / _SIDE_PX
    for _ in range(_OF_EACH):
        turn, pace = random.uniform(0, np.pi), random.uniform(2, 24)
        wave = np.sin(2 * np.pi * pace * (x * np.cos(turn) + y * np.sin(turn)))
        yield _coloured(wave > 0, random)
        yield _coloured((np.floor(x * pace) + np.floor(y * pace)) % 2, random)
        yield _coloured(_cloud(random, int(pace) + 2), random)
        yield random.integers(0, 256, (_SIDE_PX, _SIDE_PX, 3), dtype=np.uint8)


def _cloud(random: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth random heights, 0 to 1."""
    from PIL import Image

    grid = Image.fromarray(random.random((cells, cells)).astype(np.float32))
    smooth = np.asarray(grid.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BICUBIC))
    return np.asarray(np.clip(smooth, 0, 1))


def _coloured(heights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    low, high = random.integers(0, 256, (2, 3))
    mixed = low + np.asarray(heights, np.float64)[..., None] * (high - low)
    return np.asarray(np.rint(mixed), np.uint8)
