"""Reads whole sounds into memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from handful.sounds.files import open_file


def read(path: Path, *, rate_hz: float | None = None) -> tuple[np.ndarray, float]:
    """All samples of a file, and its rate.

    Parameters
    ----------
    path : Path
    rate_hz : float, optional
        Resample to this rate.

    Returns
    -------
    samples : ndarray of float32, shape (n_samples,)
        The mean of all channels, full scale -1 to 1.
    rate_hz : float

    Raises
    ------
    UnreadableError
        With the reason.
    """
    sound = open_file(path)
    blocks = list(sound.blocks())
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if rate_hz is None or rate_hz == sound.rate_hz:
        return samples, sound.rate_hz
    return resampled(samples, sound.rate_hz, rate_hz), float(rate_hz)


def resampled(samples: np.ndarray, from_hz: float, to_hz: float) -> np.ndarray:
    """Samples at another rate, float32 (n_samples,)."""
    import soxr

    return np.asarray(soxr.resample(samples, from_hz, to_hz), np.float32)
