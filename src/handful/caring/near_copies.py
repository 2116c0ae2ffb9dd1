"""Near-copies and bursts: samples that belong together and must not be parted by a split."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

SAME_PIXELS = 0.997  # correlation of small versions, beyond what all samples share
SAME_BITS = 6  # of 63 hash bits that may differ then
SAME_LOOK = 0.80  # cosine of features, beyond what all samples share
SAME_FEATURES = 0.999  # the same, where features are all there is to compare
LOOK_BITS = 20  # of 63 hash bits, straight or mirrored, that may differ then; chance gives 31
BURST_S = 3.0  # seconds between two photos of one burst
_RECORDED = re.compile(r"burst-([0-9a-z]{10,})-[0-9]{3}")  # what the studio calls its photos
_BLOCK = 1024


@dataclass(frozen=True)
class Group:
    """Samples that belong together, and why."""

    members: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Grouping:
    """All samples in groups.

    Attributes
    ----------
    groups : ndarray of int64, shape (n_samples,)
        Number of each sample's group; most samples stand alone.
    found : tuple of Group
        The groups of more than one sample.
    """

    groups: np.ndarray
    found: tuple[Group, ...]


def group_samples(n_samples: int, links: Sequence[tuple[str, np.ndarray]]) -> Grouping:
    """Groups from pairs of samples that belong together.

    Parameters
    ----------
    n_samples : int
    links : sequence of (str, ndarray of int, shape (n_pairs, 2))
        Why, and which; a group is named after the first reason that made it.
    """
    parents = np.arange(n_samples)
    why: dict[int, int] = {}

    def root(sample: int) -> int:
        while parents[sample] != sample:
            parents[sample] = parents[parents[sample]]
            sample = int(parents[sample])
        return sample

    for order, (_, pairs) in enumerate(links):
        for left, right in pairs:
            first, second = sorted((root(int(left)), root(int(right))))
            if first != second:
                parents[second] = first
                why[first] = min(why.get(first, order), why.get(second, order))
    roots = np.array([root(sample) for sample in range(n_samples)], np.int64)
    names, groups = np.unique(roots, return_inverse=True)
    found = [
        Group(tuple(np.flatnonzero(roots == name).tolist()), links[why[int(name)]][0])
        for name in names[np.bincount(groups) > 1]
    ]
    return Grouping(groups.astype(np.int64), tuple(found))


def same_content(contents: Sequence[str]) -> np.ndarray:
    """Pairs of samples whose files are the same, int64 (n_pairs, 2)."""
    return _chain(np.unique(np.asarray(contents), return_inverse=True)[1])


def same_value(values: Sequence[str]) -> np.ndarray:
    """Pairs of samples with the same non-empty value (of a user's rule), int64 (n_pairs, 2)."""
    named = np.array([at for at, value in enumerate(values) if value], np.int64)
    numbers = np.unique([values[at] for at in named], return_inverse=True)[1]
    return named[_chain(numbers)] if len(named) else np.empty((0, 2), np.int64)


def recorded_bursts(names: Sequence[str]) -> list[str]:
    """Which burst of the studio's webcam each file is of, by its name; "" where of none.

    >>> recorded_bursts(["cup/burst-mf3k2a9qx1zz-004.jpg", "cup/a burst-1.jpg"])
    ['mf3k2a9qx1zz', '']
    """
    found = [_RECORDED.search(name) for name in names]
    return [match[1] if match else "" for match in found]


def _chain(numbers: np.ndarray) -> np.ndarray:
    order = np.argsort(numbers, kind="stable")
    same = numbers[order][1:] == numbers[order][:-1]
    return np.stack([order[:-1][same], order[1:][same]], axis=1).astype(np.int64)


def near_copies(
    bits: np.ndarray, mirrored: np.ndarray, pixels: np.ndarray, features: np.ndarray
) -> np.ndarray:
    """Pairs of samples that are copies of one another, int64 (n_pairs, 2).

    Either the small versions agree to the last detail (saved again, resized, noisy), or hash
    and features are both alike (cropped, turned a little, mirrored, brightened). Each alone
    would join different photos of one scene. docs/near-copies.md shows how the bounds were
    found and what slips through.

    Parameters
    ----------
    bits, mirrored : ndarray of float32, shape (n_samples, n_bits)
        Perceptual hashes of the samples and of their mirror images, 0 or 1.
    pixels : ndarray of float32, shape (n_samples, n_pixels)
        Small versions.
    features : ndarray of float32, shape (n_samples, n_features)
    """
    small, look = _beyond_mean(pixels), _beyond_mean(features)
    signs, flipped = 2 * bits - 1, 2 * mirrored - 1
    pairs = [np.empty((0, 2), np.int64)]
    for rows in _blocks(len(bits)):
        rest = slice(rows.start, None)
        straight = (bits.shape[1] - signs[rows] @ signs[rest].T) / 2
        across = (bits.shape[1] - signs[rows] @ flipped[rest].T) / 2
        same = (straight <= SAME_BITS) & (small[rows] @ small[rest].T >= SAME_PIXELS)
        near = np.minimum(straight, across) <= LOOK_BITS
        copies = same | (near & (look[rows] @ look[rest].T >= SAME_LOOK))
        left, right = np.nonzero(np.triu(copies, 1))
        pairs.append(np.stack([left, right], axis=1) + rows.start)
    return np.concatenate(pairs)


def hardly_apart(features: np.ndarray) -> np.ndarray:
    """Pairs of samples that an encoder can hardly tell apart, int64 (n_pairs, 2).

    Parameters
    ----------
    features : ndarray of float32, shape (n_samples, n_features)
    """
    look = _beyond_mean(features)
    pairs = [np.empty((0, 2), np.int64)]
    for rows in _blocks(len(look)):
        alike = look[rows] @ look[rows.start :].T >= SAME_FEATURES
        left, right = np.nonzero(np.triu(alike, 1))
        pairs.append(np.stack([left, right], axis=1) + rows.start)
    return np.concatenate(pairs)


def _beyond_mean(values: np.ndarray) -> np.ndarray:
    """Rows of length 1 that point from the mean of all: what all share says nothing."""
    away = values - values.mean(axis=0)
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9))


def bursts(taken_s: np.ndarray, cameras: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pairs of photos of one tag, one camera, taken within `BURST_S`, int64 (n_pairs, 2).

    Parameters
    ----------
    taken_s : ndarray of float64, shape (n_samples,)
        NaN where unknown.
    cameras : ndarray, shape (n_samples,)
    y : ndarray of int, shape (n_samples,)
    """
    timed = np.flatnonzero(~np.isnan(taken_s))
    order = timed[np.lexsort((taken_s[timed], y[timed], cameras[timed]))]
    left, right = order[:-1], order[1:]
    together = (cameras[left] == cameras[right]) & (y[left] == y[right])
    close = taken_s[right] - taken_s[left] <= BURST_S
    return np.stack([left[together & close], right[together & close]], axis=1).astype(np.int64)


def _blocks(length: int) -> Iterator[slice]:
    for start in range(0, length, _BLOCK):
        yield slice(start, min(start + _BLOCK, length))
