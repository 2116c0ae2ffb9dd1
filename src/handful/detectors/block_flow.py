"""How the picture moves, block by block: grids of brightness and the signed flow between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from handful.videos import Frame

ROWS, COLUMNS = 32, 40  # cells of the grid
BLOCK_ROWS, BLOCK_COLUMNS = 4, 5  # blocks of 8 x 8 cells
N_FLOWS = 2 * BLOCK_ROWS * BLOCK_COLUMNS
_ROWS_LOOKED_AT = 4  # rows of pixels averaged in each cell; more do not change the counts
_DARK = 8.0  # added before the logarithm: the noise of dark pixels is not a large change
_CORE = 0.5  # per cent; smaller changes are noise
_TEXTURE = 50.0  # of a block that says nothing about the camera's movement
_TRIES = 3  # at laying grids over each other; a camera that stands still takes one
_SMALL_SHIFT = 0.02  # cells
_FARTHEST = 3.0  # cells; further is a cut or a pan that no longer overlaps
_FORGIVEN = 2.0  # times the median change; cells that change more count less and less
_STIFF = 200.0  # in a picture without texture the camera is taken to stand still
_CUT = 12.0  # per cent; more than half of the cells change so much only where a scene is cut


@dataclass(frozen=True, slots=True)
class Flow:
    """Movement between two grids.

    Attributes
    ----------
    blocks : ndarray of float32, shape (2 * n_blocks,)
        Signed movement of each block, down and to the right positive, weighted by its texture,
        without the camera's: first all vertical ones, then all horizontal ones.
    camera : float
        What was taken away, as energy in the same unit.
    shift_down, shift_right : float
        The camera's picture has moved, in cells.
    """

    blocks: np.ndarray
    camera: float
    shift_down: float = 0.0
    shift_right: float = 0.0


STILL = Flow(np.zeros(N_FLOWS, np.float32), 0.0)


def grid_of(frame: Frame) -> np.ndarray:
    """Mean brightness of each cell, upright, float32 (ROWS, COLUMNS), from 0 to 255."""
    if frame.turns % 2:
        return np.rot90(_cell_means(frame.luma, COLUMNS, ROWS), frame.turns)
    cells = _cell_means(frame.luma, ROWS, COLUMNS)
    return np.rot90(cells, frame.turns) if frame.turns else cells


def _cell_means(luma: np.ndarray, n_rows: int, n_columns: int) -> np.ndarray:
    height, width = luma.shape
    tall = height // n_rows
    rows = luma[: n_rows * tall].reshape(n_rows, tall, width)[:, :: -(-tall // _ROWS_LOOKED_AT)]
    sums = np.add.reduce(rows, axis=1, dtype=np.uint16)
    starts, widths = _columns(width, n_columns)
    totals = np.add.reduceat(sums, starts, axis=1, dtype=np.uint32)
    means: np.ndarray = totals * (1 / (widths * np.float32(rows.shape[1])))
    return means


@lru_cache(maxsize=8)
def _columns(width: int, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """First pixel and width of each column of cells."""
    edges = np.arange(n_columns + 1) * width // n_columns
    return edges[:-1], np.diff(edges).astype(np.float32)


def log_light(grid: np.ndarray) -> np.ndarray:
    """Brightness on a scale where 1 is a change of about one per cent, float32."""
    return np.float32(100) * np.log(grid + np.float32(_DARK))


def flow_between(before: np.ndarray, after: np.ndarray, speed: float) -> Flow:
    """Movement from one grid to the next.

    The camera's shift is taken out first. Then each block adds up -It Iy: the change in time
    times the slope in space, whose sign says up or down (Lucas and Kanade 1981, without the
    division that makes it a speed).

    Parameters
    ----------
    before, after : ndarray of float32, shape (ROWS, COLUMNS)
        Of `log_light`.
    speed : float
        By which changes are multiplied: the slot's length over the time that really passed.
    """
    steady = _without_camera(before, after)
    if np.count_nonzero(np.abs(steady.change) > _CUT) * 2 > steady.change.size:
        return STILL
    change = steady.change * ((np.abs(steady.change) > _CORE) * np.float32(-speed))
    parts, camera = [], 0.0
    for slope, shift in ((steady.down, steady.shift_down), (steady.right, steady.shift_right)):
        moved = _per_block(change * slope)
        texture = _per_block(slope * slope)
        rest = _median(moved / (texture + _TEXTURE)) * texture
        parts.append(moved - rest)
        taken = rest + np.float32(shift) * texture
        camera += float(taken @ taken)
    return Flow(np.concatenate(parts), camera, steady.shift_down, steady.shift_right)


@dataclass(frozen=True, slots=True)
class _Steady:
    """What changes, and the slopes, once the camera stands still; its shift in cells."""

    change: np.ndarray
    down: np.ndarray
    right: np.ndarray
    shift_down: float
    shift_right: float


def _without_camera(before: np.ndarray, after: np.ndarray) -> _Steady:
    """Lay both grids over each other: least squares that forgives what moves by itself.

    Each is moved half of the way, so that both are blurred alike.
    """
    down = right = 0.0
    first, second = before, after
    lit = np.maximum(1 - np.float32(_DARK) * np.exp(after * np.float32(-0.01)), 0.1)
    for last in (False,) * _TRIES + (True,):
        change = second - first
        change -= _median(change / lit) * lit  # the light, of which dark cells have less
        middle = (first + second) * np.float32(0.5)
        slope_down, slope_right = _slope(middle), _slope(middle.T).T
        if last:
            break
        step_down, step_right = _shift(change, slope_down, slope_right)
        if max(abs(step_down), abs(step_right)) < _SMALL_SHIFT:
            break
        down = min(max(down + step_down, -_FARTHEST), _FARTHEST)
        right = min(max(right + step_right, -_FARTHEST), _FARTHEST)
        first = _moved(before, -down / 2, -right / 2)
        second = _moved(after, down / 2, right / 2)
    return _Steady(change, slope_down, slope_right, down, right)


def _shift(change: np.ndarray, down: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Shift in cells that explains most of the change (Lucas and Kanade 1981, Cauchy weights)."""
    scale = _FORGIVEN * _median(np.abs(change)) + 0.3
    weights = 1 / (1 + np.square(change * np.float32(1 / scale)))
    weighted_down, weighted_right = weights * down, weights * right
    dd = float(np.vdot(weighted_down, down)) + _STIFF
    rr = float(np.vdot(weighted_right, right)) + _STIFF
    dr = float(np.vdot(weighted_down, right))
    d, r = -float(np.vdot(weighted_down, change)), -float(np.vdot(weighted_right, change))
    of_all = dd * rr - dr * dr
    return (rr * d - dr * r) / of_all, (dd * r - dr * d) / of_all


def _moved(grid: np.ndarray, down: float, right: float) -> np.ndarray:
    """A grid looked at `down` rows lower and `right` columns further, between cells by lines."""
    for shift, axis in ((down, 0), (right, 1)):
        whole = math.floor(shift)
        part = np.float32(shift - whole)
        cells = np.arange(grid.shape[axis]) + whole
        near = grid.take(cells, axis=axis, mode="clip")
        grid = near + part * (grid.take(cells + 1, axis=axis, mode="clip") - near)
    return grid


def _median(values: np.ndarray) -> np.float32:
    """Median of an even number of values; NumPy's own takes three times as long on so few."""
    high = values.size // 2
    # two places at once: for one, NumPy 2.4 takes a path that is slow where many are equal
    halves = np.partition(values, (high - 1, high), axis=None)
    found: np.float32 = (halves[high - 1] + halves[high]) * np.float32(0.5)
    return found


def _slope(values: np.ndarray) -> np.ndarray:
    slope = np.empty_like(values)
    np.subtract(values[2:], values[:-2], out=slope[1:-1])
    slope[1:-1] *= 0.5
    slope[0], slope[-1] = values[1] - values[0], values[-1] - values[-2]
    return slope


def _per_block(cells: np.ndarray) -> np.ndarray:
    blocks = cells.reshape(BLOCK_ROWS, ROWS // BLOCK_ROWS, BLOCK_COLUMNS, COLUMNS // BLOCK_COLUMNS)
    sums: np.ndarray = blocks.sum(axis=(1, 3))
    return sums.ravel()
