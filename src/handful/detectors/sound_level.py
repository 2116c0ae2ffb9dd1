"""Sound level meter: A, C and Z weighting, Fast and Slow, third octaves, in constant memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from handful.signals import (
    FAST_S,
    SLOW_S,
    LevelHistogram,
    TimeWeighting,
    a_weighting_db,
    c_weighting_db,
    decibels,
    divisor_near,
    filter_spectrum,
    frames,
    hann,
    power,
    quick_length,
    shares_of_bands,
    third_octaves_hz,
)

HOP_S, _STEP_S = 0.125, 0.001  # a frame of levels, a reading of the needle
QUIETEST_DB = -120.0  # below any recording; stands for silence where a number is needed
_LARGEST = 1e6  # 120 dB above full scale: no sample of any sound, whatever its scale
_AT_ONCE = 8  # frames transformed together: they fit the processor's cache


@dataclass(frozen=True)
class Levels:
    """What a sound level meter read, frame after frame of an eighth of a second.

    Attributes
    ----------
    first : int
        Number of the first of these frames since the stream began.
    bands_db : ndarray of float32, shape (n_frames, n_bands)
        Level of each third octave, unweighted.
    a_db : ndarray of float64, shape (n_frames,)
        Mean A-weighted level of each frame.
    fast_db : ndarray of float64, shape (n_frames,)
        Highest A-weighted Fast level in each frame.
    """

    first: int
    bands_db: np.ndarray
    a_db: np.ndarray
    fast_db: np.ndarray


@dataclass(frozen=True)
class Summary:
    """Levels of a whole sound, dB; -inf where there was only silence, None where nothing was.

    Attributes
    ----------
    laeq, lceq, lzeq : float
        Mean level with A, C and no weighting.
    lmax, lsmax : float
        Highest A-weighted level, Fast and Slow.
    l10, l50, l90 : float
        A-weighted Fast level exceeded 10, 50 and 90 % of the time.
    bands : ndarray of float64, shape (n_bands,)
        Mean level of each third octave, unweighted.
    """

    laeq: float
    lceq: float
    lzeq: float
    lmax: float
    lsmax: float
    l10: float
    l50: float
    l90: float
    bands: np.ndarray


class SoundLevelMeter:
    """Reads levels from a stream of samples, whatever the sizes of its blocks.

    Each frame is transformed once: its spectrum, windowed, gives the third octaves; multiplied by
    the A weighting and transformed back, it gives the A-weighted sound, squared and averaged
    exponentially for Fast and Slow. A full-scale sine reads -3.0 dB.

    Parameters
    ----------
    rate_hz : float
        Samples a second.

    Attributes
    ----------
    hop : int
        Samples from frame to frame, about an eighth of a second.
    middles_hz : ndarray of float64, shape (n_bands,)
    clipped, damaged : int
        Samples at full scale, and samples that were no numbers, or absurd ones (read as 0).
    n_samples : int
    """

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self.hop = quick_length(HOP_S * rate_hz)
        self.middles_hz = third_octaves_hz(rate_hz)
        self.n_samples = self.clipped = self.damaged = self._n_frames = 0
        self._step = divisor_near(self.hop, _STEP_S * rate_hz)
        self._rest = np.zeros(self.hop // 2, np.float32)
        self._prepare_spectra()
        self._n_steps, step_s = self.hop // self._step, self._step / rate_hz
        self._fast = TimeWeighting(step_s=step_s, constant_s=FAST_S, n_steps=self._n_steps)
        self._slow = TimeWeighting(step_s=step_s, constant_s=SLOW_S, n_steps=self._n_steps)
        self._histogram = LevelHistogram()
        self._highest_fast = self._highest_slow = self._a = self._z = 0.0
        self._bands = np.zeros(len(self.middles_hz) + 1)

    @property
    def hop_s(self) -> float:
        """Seconds from frame to frame."""
        return self.hop / self.rate_hz

    def _prepare_spectra(self) -> None:
        length = 2 * self.hop
        bins_hz = np.fft.rfftfreq(length, 1 / self.rate_hz)
        self._filter = filter_spectrum(a_weighting_db, rate_hz=self.rate_hz, length=length)
        shares = shares_of_bands(bins_hz, self.middles_hz)
        weights = np.column_stack([shares, power(c_weighting_db(bins_hz))])
        scale = 2 / (length * 0.375 * length)  # one-sided; 3/8 is the mean square of the window
        self._weights = (weights * scale).astype(np.float32)
        # Fresh memory for every frame would cost as much time as the arithmetic.
        self._spectra = np.empty((3, _AT_ONCE, len(bins_hz)), np.complex64)
        self._powers = np.empty((2, _AT_ONCE, len(bins_hz)), np.float32)
        self._sounds = np.empty((_AT_ONCE, length), np.float32)

    def add(self, samples: np.ndarray) -> Levels:
        """The levels of all frames that a block of samples completes.

        Parameters
        ----------
        samples : ndarray of float32, shape (n_samples,)
            Full scale is -1 to 1; what is no number counts as 0.
        """
        buffer = np.concatenate([self._rest, self._sound(samples)])
        ready = max(0, (len(buffer) - self.hop) // self.hop)
        self._rest = buffer[ready * self.hop :].copy()
        return self._read(buffer, ready, ready * self.hop)

    def finish(self) -> Levels:
        """The levels of what is left when the stream has ended."""
        left = len(self._rest) - self.hop // 2
        ready = max(0, math.ceil(left / self.hop))
        buffer = np.concatenate([self._rest, np.zeros(2 * self.hop, np.float32)])
        levels = self._read(buffer, ready, left)
        kept = round(left / self.hop)  # a last frame that is mostly silence says nothing
        return Levels(
            levels.first, levels.bands_db[:kept], levels.a_db[:kept], levels.fast_db[:kept]
        )

    def summary(self) -> Summary:
        """The levels of the whole sound so far."""
        n, n_frames = max(1, self.n_samples), max(1, self._n_frames)
        found = decibels(
            np.array([self._a / n, self._z / n, self._highest_fast, self._highest_slow])
        )
        bands = decibels(self._bands / n_frames)
        l10, l50, l90 = (self._histogram.exceeded(percent) for percent in (10, 50, 90))
        laeq, lzeq, lmax, lsmax = (float(level) for level in found)
        return Summary(laeq, float(bands[-1]), lzeq, lmax, lsmax, l10, l50, l90, bands[:-1])

    def _sound(self, samples: np.ndarray) -> np.ndarray:
        samples = np.asarray(samples, np.float32)
        largest = float(np.abs(samples).max(initial=0))
        if not largest <= _LARGEST:
            good = np.abs(samples) <= _LARGEST
            self.damaged += int(samples.size - good.sum())
            samples = np.where(good, samples, np.float32(0))
            largest = float(np.abs(samples).max(initial=0))
        if largest >= 0.9999:
            self.clipped += int((np.abs(samples) >= 0.9999).sum())
        self.n_samples += len(samples)
        return samples

    def _read(self, buffer: np.ndarray, n_frames: int, n_samples: int) -> Levels:
        """Levels of the first frames of a buffer, of whose samples so many are real."""
        first, n_bands = self._n_frames, len(self.middles_hz)
        bands = np.zeros((n_frames, n_bands + 1), np.float32)
        steps = np.zeros((n_frames, self._n_steps))
        if n_frames:
            views = frames(buffer, 2 * self.hop, self.hop)[:n_frames]
            for start in range(0, n_frames, _AT_ONCE):
                some = slice(start, start + _AT_ONCE)
                bands[some], steps[some] = self._transform(views[some])
            heard = buffer[self.hop // 2 :][:n_samples]
            self._z += float(np.dot(heard, heard))
        fast = self._average(steps, n_samples // self._step)
        self._bands += bands.sum(axis=0, dtype=float)
        self._n_frames += n_frames
        quiet = float(power(np.array(QUIETEST_DB)))
        return Levels(
            first,
            decibels(np.maximum(bands[:, :n_bands], np.float32(quiet))),
            decibels(np.maximum(steps.mean(axis=1), quiet)),
            decibels(np.maximum(fast.max(axis=1, initial=0), quiet)),
        )

    def _transform(self, views: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Band powers of frames, and mean squares of the A-weighted sound in small steps."""
        n = len(views)
        spectra, first, second = (place[:n] for place in self._spectra)
        sound, powers, squares = self._sounds[:n], self._powers[0, :n], self._powers[1, :n]
        np.fft.rfft(views, out=spectra)  # type: ignore[arg-type]
        np.fft.irfft(np.multiply(spectra, self._filter, out=first), 2 * self.hop, out=sound)  # type: ignore[arg-type]
        parts = sound[:, self.hop :].reshape(n, -1, self._step)
        windowed = hann(spectra, out=first, scratch=second)
        np.square(windowed.real, out=powers)
        np.square(windowed.imag, out=squares)
        powers += squares
        return powers @ self._weights, np.einsum("ijk,ijk->ij", parts, parts) / self._step

    def _average(self, steps: np.ndarray, n_real: int) -> np.ndarray:
        """Fast averages after each step; counts the first `n_real` of them."""
        fast, slow = self._fast.add(steps), self._slow.add(steps)
        real = fast.ravel()[:n_real]
        self._a += float(steps.sum()) * self._step
        self._highest_fast = max(self._highest_fast, float(real.max(initial=0)))
        self._highest_slow = max(self._highest_slow, float(slow.ravel()[:n_real].max(initial=0)))
        self._histogram.add(decibels(real))
        return fast
