"""Arithmetic of sampled signals: framing, spectra, weighting, levels. Hz, s, dB."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

# IEC 61672-1:2013, annex E: the poles of the A and C weightings, Hz.
_F1_HZ, _F2_HZ, _F3_HZ, _F4_HZ = 20.598997, 107.65265, 737.86223, 12194.217
_A_AT_1_KHZ_DB, _C_AT_1_KHZ_DB = -2.000, -0.062  # what makes both weightings 0 dB at 1 kHz
FAST_S, SLOW_S = 0.125, 1.0  # time constants of the Fast and Slow time weightings, IEC 61672-1
LOWEST_BAND_HZ = 50  # frames of a quarter second tell narrower bands not apart
_HALF_BAND = 10**0.05  # from the middle of a third octave to its edge: IEC 61260-1, base ten

Weighting = Callable[[np.ndarray], np.ndarray]


def decibels(power: np.ndarray) -> np.ndarray:
    """10 log10 of powers; -inf for silence."""
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(power))


def power(level_db: np.ndarray) -> np.ndarray:
    """Powers of levels: the inverse of `decibels`."""
    return np.asarray(10 ** (np.asarray(level_db, float) / 10))


def a_weighting_db(frequency_hz: np.ndarray) -> np.ndarray:
    """How much the ear-like A weighting adds at each frequency, dB; -inf at 0 Hz.

    References
    ----------
    IEC 61672-1:2013, annex E.

    Examples
    --------
    >>> a_weighting_db(np.array([100.0, 1000.0, 10000.0])).round(1) + 0.0
    array([-19.1,   0. ,  -2.5])
    """
    f = np.asarray(frequency_hz, float) ** 2
    gain = _F4_HZ**2 * f**2 / ((f + _F1_HZ**2) * (f + _F4_HZ**2))
    gain = gain / np.sqrt((f + _F2_HZ**2) * (f + _F3_HZ**2))
    return np.asarray(2 * decibels(gain) - _A_AT_1_KHZ_DB)


def c_weighting_db(frequency_hz: np.ndarray) -> np.ndarray:
    """How much the almost even C weighting adds at each frequency, dB; -inf at 0 Hz.

    References
    ----------
    IEC 61672-1:2013, annex E.
    """
    f = np.asarray(frequency_hz, float) ** 2
    return 2 * decibels(_F4_HZ**2 * f / ((f + _F1_HZ**2) * (f + _F4_HZ**2))) - _C_AT_1_KHZ_DB


def third_octaves_hz(rate_hz: float) -> np.ndarray:
    """Middles of the third octaves from 50 Hz up to half the sampling rate, float64 (n_bands,).

    References
    ----------
    IEC 61260-1:2014, base ten: 1000 Hz x 10^(k/10).
    """
    middles = 1000 * 10 ** (np.arange(-13, 14) / 10)
    return np.asarray(middles[middles * _HALF_BAND <= rate_hz / 2])


def nominal_hz(middle_hz: float) -> float:
    """The name by which a third octave goes.

    >>> [nominal_hz(f) for f in third_octaves_hz(8000)[:5]], nominal_hz(12589.25)
    ([50.0, 63.0, 80.0, 100.0, 125.0], 12500.0)
    """
    tens, k = divmod(round(10 * math.log10(middle_hz)), 10)
    return round((1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8)[k] * 10.0**tens, 3)


def shares_of_bands(frequencies_hz: np.ndarray, middles_hz: np.ndarray) -> np.ndarray:
    """How much of each bin of a spectrum lies in each third octave, float64 (n_bins, n_bands).

    Parameters
    ----------
    frequencies_hz : ndarray of float, shape (n_bins,)
        Evenly spaced.
    middles_hz : ndarray of float, shape (n_bands,)
    """
    width = frequencies_hz[1] - frequencies_hz[0]
    low, high = frequencies_hz - width / 2, frequencies_hz + width / 2
    overlap = np.minimum.outer(high, middles_hz * _HALF_BAND) - np.maximum.outer(
        low, middles_hz / _HALF_BAND
    )
    return np.asarray(np.clip(overlap / width, 0, 1))


def quick_length(n: float) -> int:
    """The multiple of 8 nearest to `n` whose Fourier transform is quick: no factor above 7.

    >>> quick_length(6000), quick_length(5512.5)
    (6000, 5488)
    """
    nearest = sorted(range(8, int(2 * n) + 16, 8), key=lambda k: abs(k - n))
    return next(k for k in nearest if _without(k, (2, 3, 5, 7)) == 1)


def _without(n: int, primes: tuple[int, ...]) -> int:
    for prime in primes:
        while n % prime == 0:
            n //= prime
    return n


def divisor_near(n: int, wanted: float) -> int:
    """The divisor of `n` nearest to `wanted`."""
    return min((k for k in range(1, n + 1) if n % k == 0), key=lambda k: abs(k - wanted))


def frames(samples: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Overlapping frames of a signal as a view, shape (n_frames, length); the rest is left out."""
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]


def hann(
    spectra: np.ndarray, *, out: np.ndarray | None = None, scratch: np.ndarray | None = None
) -> np.ndarray:
    """Spectra of frames as if each had been multiplied by a Hann window first.

    Parameters
    ----------
    spectra : ndarray of complex64, shape (n_frames, n_bins)
        Of frames of even length, from `rfft`.
    out, scratch : ndarray of complex64, shape (n_frames, n_bins), optional
        Where the result and what is needed on the way may be put; not `spectra`.
    """
    quarter = np.multiply(spectra, np.float32(0.25), out=scratch)
    windowed = np.multiply(spectra, np.float32(0.5), out=out)
    windowed[:, 1:] -= quarter[:, :-1]
    windowed[:, :-1] -= quarter[:, 1:]
    windowed[:, 0] -= quarter[:, 1].conj()
    windowed[:, -1] -= quarter[:, -2].conj()
    return np.asarray(windowed)


def filter_spectrum(weighting: Weighting, *, rate_hz: float, length: int) -> np.ndarray:
    """Spectrum that weights a frame of `length` samples when multiplied: for overlap-save.

    The filter has the weighting's exact size at every frequency up to half the rate, a delay of
    a quarter of the frame, and half a frame of coefficients: the second half of each frame is
    free of wrap-around.

    Returns
    -------
    ndarray of complex64, shape (length // 2 + 1,)
    """
    dense = 8 * length
    gain = np.sqrt(power(weighting(np.fft.rfftfreq(dense, 1 / rate_hz))))
    response = np.fft.irfft(gain)
    reach = length // 4
    taps = np.concatenate([response[-reach:], response[: reach + 1]])
    taper = np.minimum(1, 4 * (1 - np.abs(np.arange(-reach, reach + 1)) / reach))
    taps = taps * np.sin(np.pi / 2 * taper) ** 2
    return np.asarray(np.fft.rfft(taps, length).astype(np.complex64))


class TimeWeighting:
    """Exponential average of powers, as the needle of a sound level meter moves.

    Parameters
    ----------
    step_s : float
        Time between two powers.
    constant_s : float
        `FAST_S` or `SLOW_S`.
    n_steps : int
        Powers in a row handed over together.
    """

    def __init__(self, *, step_s: float, constant_s: float, n_steps: int) -> None:
        kept = math.exp(-step_s / constant_s)
        ages = np.subtract.outer(np.arange(n_steps), np.arange(n_steps))
        self._taken = np.where(ages >= 0, (1 - kept) * kept ** np.maximum(ages, 0), 0).T
        self._kept = kept ** np.arange(1, n_steps + 1)
        self._last = 0.0

    def add(self, powers: np.ndarray) -> np.ndarray:
        """The averages after each power.

        Parameters
        ----------
        powers : ndarray of float, shape (n_rows, n_steps)
            Row after row in time.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_steps)
        """
        averages = np.asarray(powers @ self._taken)
        for row in averages:
            row += self._last * self._kept
            self._last = float(row[-1])
        return averages


class LevelHistogram:
    """Which levels were exceeded how often, in constant memory, to a twentieth of a decibel."""

    _LOWEST_DB, _STEP_DB, _N = -250.0, 0.05, 10_000

    def __init__(self) -> None:
        self._counts = np.zeros(self._N, np.int64)

    def add(self, levels_db: np.ndarray) -> None:
        """Count levels, -250 to 250 dB; what lies outside is counted at the end."""
        places = (np.maximum(levels_db, self._LOWEST_DB) - self._LOWEST_DB) / self._STEP_DB
        places = np.clip(places, 0, self._N - 1).astype(np.int64)
        self._counts += np.bincount(places.ravel(), minlength=self._N)

    def exceeded(self, percent: float) -> float:
        """The level exceeded in so many percent of the time; -inf before anything was heard.

        L10 is `exceeded(10)`, the 90th percentile.
        """
        total = int(self._counts.sum())
        if total == 0:
            return -math.inf
        place = int(np.searchsorted(np.cumsum(self._counts), (1 - percent / 100) * total))
        if place == 0:
            return -math.inf
        return self._LOWEST_DB + (place + 0.5) * self._STEP_DB
