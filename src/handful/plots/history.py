"""What is remembered of a long sound for a picture: ever coarser, never more."""

from __future__ import annotations

import numpy as np

from handful.signals import decibels, power

_COLUMNS = 2048


class History:
    """Levels over time in at most 2048 columns, however long it lasts.

    Attributes
    ----------
    frames_a_column : int
    """

    def __init__(self, n_bands: int) -> None:
        self.frames_a_column = 1
        self._waiting = np.zeros((0, n_bands + 2))
        self._columns = np.zeros((0, n_bands + 2))

    def add(self, a_db: np.ndarray, fast_db: np.ndarray, bands_db: np.ndarray) -> None:
        """Remember frames: mean and highest level (n,), third octaves (n, n_bands), in dB."""
        rows = np.column_stack([power(a_db), power(fast_db), power(bands_db)])
        self._waiting = np.concatenate([self._waiting, rows])
        self._store()
        while len(self._columns) > _COLUMNS:
            odd = len(self._columns) % 2
            if odd:
                last = np.repeat(self._columns[-1:], self.frames_a_column, axis=0)
                self._waiting = np.concatenate([last, self._waiting])
                self._columns = self._columns[:-1]
            self._columns = _merged(self._columns, 2)
            self.frames_a_column *= 2

    def _store(self) -> None:
        whole = len(self._waiting) // self.frames_a_column * self.frames_a_column
        if whole:
            merged = _merged(self._waiting[:whole], self.frames_a_column)
            self._columns = np.concatenate([self._columns, merged])
            self._waiting = self._waiting[whole:]

    def columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean and highest level of each column (n,), and its third octaves (n, n_bands), in dB."""
        rows = self._columns
        if len(self._waiting):
            rows = np.concatenate([rows, _merged(self._waiting, len(self._waiting))])
        levels = decibels(rows)
        return levels[:, 0], levels[:, 1], levels[:, 2:]


def _merged(rows: np.ndarray, n: int) -> np.ndarray:
    """Every `n` rows as one: means, but of the second column the highest."""
    parts = rows.reshape(-1, n, rows.shape[1])
    merged = parts.mean(axis=1)
    merged[:, 1] = parts[:, :, 1].max(axis=1)
    return np.asarray(merged)
