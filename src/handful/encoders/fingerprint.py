"""A photo's fingerprint: a perceptual hash, when it was taken, and by which camera.

The hash keeps the signs of the 63 lowest frequencies of a 32 x 32 grey version against their
median (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions"):
copies that were resized, recompressed or slightly brightened differ in a few bits at most.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from handful.pictures import Picture

N_BITS = 63
_SIDE = 32
_FREQUENCIES = 8
_DAY_S = 86400.0


class PhotoFingerprint:
    """Fingerprints of photos: N_BITS hash bits, day, second of the day, number of the camera."""

    key = "fingerprint-1"
    width = N_BITS + 3

    def transform(self, batch: Sequence[Picture]) -> np.ndarray:
        """Fingerprints, float32 (n_samples, width); NaN where a photo tells no time."""
        return np.stack([np.concatenate([_hash_bits(p.pixels), _origin(p)]) for p in batch])

    def hash_bits(self, fingerprints: np.ndarray) -> np.ndarray:
        """Perceptual hashes, 0 or 1, float32 (n_samples, N_BITS)."""
        return fingerprints[:, :N_BITS]

    def mirrored_bits(self, fingerprints: np.ndarray) -> np.ndarray:
        """Hashes of the mirror images: frequencies that are odd across change their sign."""
        bits = self.hash_bits(fingerprints)
        odd = np.tile(np.arange(_FREQUENCIES) % 2, _FREQUENCIES)[1:]
        return np.where(odd == 1, 1 - bits, bits)

    def taken_s(self, fingerprints: np.ndarray) -> np.ndarray:
        """Seconds since 1970, float64 (n_samples,); NaN where unknown."""
        days = fingerprints[:, N_BITS].astype(np.float64)
        return np.asarray(days * _DAY_S + fingerprints[:, N_BITS + 1])

    def devices(self, fingerprints: np.ndarray) -> np.ndarray:
        """Number of the camera, float32 (n_samples,); 0 where unknown."""
        return fingerprints[:, N_BITS + 2]


def _hash_bits(pixels: np.ndarray) -> np.ndarray:
    from PIL import Image

    small = Image.fromarray(pixels).convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    waves = _cosines()
    frequencies = (waves @ np.asarray(small, np.float64) @ waves.T).ravel()[1:]
    return np.asarray(frequencies > np.median(frequencies), np.float32)


def _cosines() -> np.ndarray:
    """The lowest rows of the DCT-II matrix, float64 (8, 32)."""
    at = (2 * np.arange(_SIDE) + 1) * np.pi / (2 * _SIDE)
    return np.cos(np.arange(_FREQUENCIES)[:, None] * at)


def _origin(picture: Picture) -> np.ndarray:
    camera = zlib.crc32(picture.camera.encode()) % 2**24 if picture.camera else 0
    if picture.taken_s is None:
        return np.array([np.nan, np.nan, camera], np.float32)
    day, second = divmod(picture.taken_s, _DAY_S)
    return np.array([day, second, camera], np.float32)
