"""Texts that are copies of one another: the same letters and digits, or nearly."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from handful.encoders.sketches import N_BITS, shared, sketch

RUN = 5  # letters and digits that are looked at together, across the borders of words
SHORT = 40  # letters and digits below which one other word often makes another question
SHARED, SHORT_SHARED = 0.7, 0.8  # of the runs that two texts hold together


class TextCopies:
    """Compares texts by their runs of letters and digits; capitals, spaces and marks are not seen.

    docs/near-copies.md shows how the bounds were found and what slips through.
    """

    key = "text-copies-1"
    width = N_BITS + 1

    def transform(self, batch: Sequence[str]) -> np.ndarray:
        """The sketch of each text's runs, and its length, float32 (n_samples, width)."""
        return np.stack([_print(text) for text in batch])

    def pairs(self, prints: np.ndarray) -> np.ndarray:
        """Pairs of texts that are copies of one another, int64 (n_pairs, 2)."""
        sketches, short = prints[:, :N_BITS], prints[:, N_BITS] < SHORT
        found = [np.empty((0, 2), np.int64)]
        for start, share in shared(sketches):
            rows = short[start : start + len(share), None] | short[None, start:]
            left, right = np.nonzero(np.triu(share >= np.where(rows, SHORT_SHARED, SHARED), 1))
            found.append(np.stack([left, right], axis=1) + start)
        return np.concatenate(found)


def _print(text: str) -> np.ndarray:
    plain = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(filter(str.isalnum, plain)) or plain
    runs = {letters[at : at + RUN] for at in range(max(1, len(letters) - RUN + 1))}
    members = np.array([crc32(run.encode()) for run in runs], np.uint32)
    return np.append(sketch(members), np.float32(len(letters)))
