"""Hears sound that is unlike a baseline: loudness and third octaves, with a kept promise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handful.detectors.sound_baseline import Baseline, excesses, half_weighted, learn
from handful.detectors.sound_level import QUIETEST_DB
from handful.errors import InputError
from handful.signals import a_weighting_db, decibels, power

_QUIETER_DB = 6.0  # below the quietest of the baseline


@dataclass(frozen=True)
class Comparison:
    """How frames compare with the baseline.

    Attributes
    ----------
    scores : ndarray of float64, shape (n_frames,)
        1 is the limit.
    bands_hz : ndarray of float64, shape (n_frames,)
        Middle of the third octave that stands out most.
    hushed : ndarray of bool, shape (n_frames,)
        Far quieter than the quietest of the baseline.
    """

    scores: np.ndarray
    bands_hz: np.ndarray
    hushed: np.ndarray


class UnusualSound:
    """Scores frames of third-octave levels by how they stand out from a baseline.

    The score is the larger of two, each over its limit: how many decibels the sound, or one
    third octave of it, exceeds the loudest of the baseline; and the highest robust z-score,
    (level - median) / (1.4826 MAD), of the third octaves. From the threshold on it is unusual.

    Frames are float ndarrays of shape (n_bands,), dB: rows of `Levels.bands_db`.

    Parameters
    ----------
    middles_hz : ndarray of float, shape (n_bands,)
    hop_s : float
        Seconds from frame to frame.
    baseline_frames : int
        How many of the first frames are taken for the baseline.
    """

    def __init__(self, middles_hz: np.ndarray, *, hop_s: float, baseline_frames: int) -> None:
        self.middles_hz = middles_hz
        self.hop_s = hop_s
        self.baseline_frames = baseline_frames
        self.baseline: Baseline | None = None
        self._bands: list[np.ndarray] = []
        self._a: list[float] = []

    @property
    def ready(self) -> bool:
        """Whether there is a baseline to compare with."""
        return self.baseline is not None

    @property
    def learnt(self) -> float:
        """How much of the baseline there is, 0 to 1."""
        return 1.0 if self.ready else min(1.0, len(self._bands) / max(1, self.baseline_frames))

    def score_one(self, frame: np.ndarray) -> float | None:
        """How far a frame stands out, 1 being the limit; None while there is no baseline."""
        if self.baseline is None:
            return None
        return float(self.compare(frame[None]).scores[0])

    def learn_one(self, frame: np.ndarray) -> None:
        """Take a frame into the baseline, until that is complete; then nothing changes it."""
        if self.baseline is not None:
            return
        frame = _sound(frame)
        self._bands.append(frame.astype(np.float32))
        weighted = power(frame + a_weighting_db(self.middles_hz))
        self._a.append(float(decibels(weighted.sum())))
        if len(self._bands) >= self.baseline_frames:
            self.complete()

    def complete(self) -> Baseline:
        """End the baseline with the frames that there are.

        Raises
        ------
        InputError
            There are too few.
        """
        self.baseline = learn(
            np.array(self._bands, np.float32).reshape(-1, len(self.middles_hz)),
            np.array(self._a),
            middles_hz=self.middles_hz,
            hop_s=self.hop_s,
        )
        self._bands, self._a = [], []
        return self.baseline

    def compare(self, bands_db: np.ndarray) -> Comparison:
        """The same for many frames at once, float (n_frames, n_bands).

        Raises
        ------
        InputError
            There is no baseline yet.
        """
        if self.baseline is None:
            raise InputError("the baseline is not complete: nothing can be compared with it yet")
        usual, bands = self.baseline.usual, _sound(bands_db)
        loud, z = excesses(usual, bands, self.middles_hz)
        heard, whole = half_weighted(bands, self.middles_hz)
        return Comparison(
            np.maximum(loud / self.baseline.loud_limit_db, z / self.baseline.z_limit),
            self.middles_hz[np.argmax(heard - usual.loud_db, axis=1)],
            whole < usual.quiet_whole_db - _QUIETER_DB,
        )


def _sound(bands_db: np.ndarray) -> np.ndarray:
    """Levels without anything that is no level."""
    quiet = QUIETEST_DB
    levels = np.nan_to_num(bands_db.astype(float), nan=quiet, neginf=quiet, posinf=quiet)
    return np.asarray(np.maximum(levels, quiet))
