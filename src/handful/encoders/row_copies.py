"""Rows that are copies of one another: the same in every column that is learned from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from handful.encoders.columns import Row, Schema

SAME = 1e-6  # parts of a number, or of what is typical of its column, that it may be off
_NEXT = 8  # rows that each is compared with, in an order in which copies are neighbours
_HASH = 2**24  # whole numbers below are exact as float32


class RowCopies:
    """Compares rows by the columns that are learned from, but for dates.

    Where rows may well agree by chance (a few categories, small whole numbers) none is called a
    copy: the pairs to be expected, if the columns had nothing to do with one another, must be
    fewer than one.

    Parameters
    ----------
    schema : Schema
        What the columns are.
    """

    def __init__(self, schema: Schema) -> None:
        text = json.dumps(schema.to_json(), sort_keys=True)
        self.key = f"row-copies-1-{hashlib.sha256(text.encode()).hexdigest()[:24]}"
        self._compared = [at for at, column in enumerate(schema.numbers) if not column.part]
        self._n_numbers = len(self._compared)
        self.width = self._n_numbers + len(schema.categories)

    def transform(self, batch: Sequence[Row]) -> np.ndarray:
        """Numbers, NaN where missing, then hashes of categories, float32 (n_samples, width)."""
        rows = [[*row.numbers[self._compared], *_hashes(row.categories)] for row in batch]
        return np.array(rows, np.float32)

    def pairs(self, prints: np.ndarray) -> np.ndarray:
        """Pairs of rows that are copies of one another, int64 (n_pairs, 2)."""
        none = np.empty((0, 2), np.int64)
        if len(prints) < 2 or _expected(prints) >= 1:
            return none
        values, gaps = prints.astype(np.float64), np.isnan(prints)
        values[gaps] = 0.0
        typical = np.median(np.abs(values), axis=0)
        typical[self._n_numbers :] = 0.0
        spread = np.maximum(values.std(axis=0), 1e-30)
        directions = np.random.default_rng(0).normal(size=(2, self.width))
        order = np.argsort(values / spread @ directions[0] + gaps @ directions[1])
        values, gaps = values[order], gaps[order]
        found = [none]
        for step in range(1, min(_NEXT, len(values) - 1) + 1):
            one, other = values[:-step], values[step:]
            may = SAME * np.maximum(np.maximum(np.abs(one), np.abs(other)), typical)
            may[:, self._n_numbers :] = 0.0
            same = (np.abs(one - other) <= may) & (gaps[:-step] == gaps[step:])
            at = np.flatnonzero(same.all(axis=1))
            found.append(np.stack([order[at], order[at + step]], axis=1))
        return np.concatenate(found)


def _hashes(categories: Sequence[str]) -> list[int]:
    return [crc32(category.encode()) % _HASH for category in categories]


def _expected(prints: np.ndarray) -> float:
    """Pairs that would be equal by chance, if the columns had nothing to do with one another."""
    n_pairs = len(prints) * (len(prints) - 1) / 2
    expected = n_pairs
    for column in prints.T:
        counts = np.unique(column, return_counts=True)[1]
        expected *= (counts * (counts - 1) / 2).sum() / n_pairs
    return float(expected)
