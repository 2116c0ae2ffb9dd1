"""The notes' signal: brightness of a centre band beside that of a strip which does not move."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from handful.errors import InputError
from handful.videos import Frame

_EVERY = 3  # values: the notes look at every third
_FIT_UINT16 = 257  # rows of 255 that add up to less than 2 ** 16


@dataclass(frozen=True)
class Strip:
    """Rows of the picture, as shares of its height, 0 at the top."""

    start: float
    end: float


CENTRE = Strip(0.45, 0.55)
TOP = Strip(0.0, 0.025)


def strip_of(words: str, what: str) -> Strip:
    """A strip as a person writes it, like ``0.45-0.55``.

    Raises
    ------
    InputError
        It is no part of the picture.
    """
    try:
        start, end = (float(part) for part in words.split("-"))
    except ValueError:
        start, end = math.nan, math.nan
    if not 0 <= start < end <= 1:
        raise InputError(
            f"{what} {words} is no part of the picture: give two shares of its height from top "
            "to bottom, like 0.45-0.55."
        )
    return Strip(start, end)


def strip_mean(frame: Frame, strip: Strip) -> float:
    """Mean of every third value in the rows of a strip, 0 to 255.

    The rows are counted through as if they were one line. Where the width is a multiple of 3
    that would be the same columns in every row: there the start moves by one with each row.
    """
    luma = frame.upright
    height, width = luma.shape
    first = min(round(strip.start * height), height - 1)
    rows = luma[first : max(first + 1, round(strip.end * height))]
    total, n = 0, 0
    for row in range(_EVERY):
        start = row if width % _EVERY == 0 else -row * width % _EVERY
        alike = rows[row::_EVERY]
        # adding up whole rows first is ten times as fast as skipping through each
        kind = np.uint16 if len(alike) <= _FIT_UINT16 else np.uint32
        values = np.add.reduce(alike, axis=0, dtype=kind)[start::_EVERY]
        total += int(values.sum(dtype=np.uint64))
        n += len(alike) * len(values)
    return total / n
