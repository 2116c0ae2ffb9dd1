"""What is usual in a stretch of sound, and what may be promised of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handful.detectors.alarms import RELEASE
from handful.detectors.sound_level import QUIETEST_DB
from handful.errors import InputError
from handful.signals import a_weighting_db, decibels, power

LEAST_FRAMES = 64  # eight seconds: with less, nothing can be said of what is usual
_MOST_SILENT = 0.5  # share of frames; against silence, every sound would be unusual
_BLOCK = 8  # frames whose loudest counts as one trial: a second, longer than frames hang together
# Chosen on 240 composed scenes; other ways and their figures: docs/unusual-sound.md.
_MARGIN_DB = 4.0  # above the loudest second of the baseline
_SINGLE_BAND_DB = 4.0  # more than that where only one third octave stands out
_DEPTH_DB = 15.0  # third octaves this far under the whole sound cannot be heard through it
_USUAL = 0.99  # share of the baseline that is usual
_Z_FACTOR = 2.0  # times the highest robust z-score of the baseline
_LEAST_SPREAD_DB = 0.3
_ENDING = 0.9  # share of usual seconds in which an event ends
_TAIL_RATE = 3.0  # a promise is aimed at a third of the rate, so that luck does not break it


@dataclass(frozen=True)
class Usual:
    """What is usual in some frames, per third octave.

    Attributes
    ----------
    median_db, spread_db : ndarray of float64, shape (n_bands,)
        Median, and 1.4826 times the median absolute deviation from it.
    loud_db : ndarray of float64, shape (n_bands,)
        Level, half A-weighted, exceeded in one frame of a hundred; never far below the whole.
    loud_whole_db, quiet_whole_db : float
        Levels of the whole sound, half A-weighted: exceeded in one frame of a hundred, lowest.
    """

    median_db: np.ndarray
    spread_db: np.ndarray
    loud_db: np.ndarray
    loud_whole_db: float
    quiet_whole_db: float


@dataclass(frozen=True)
class Baseline:
    """What was learnt from a stretch of usual sound.

    Attributes
    ----------
    middles_hz : ndarray of float64, shape (n_bands,)
    hop_s : float
        Seconds from frame to frame.
    n_frames : int
    usual : Usual
    loud_limit_db, z_limit : float
        Excess and z-score at which the score is 1.
    trials : ndarray of float64, shape (n_trials,)
        Highest score in each second of the baseline, judged by the other half of the baseline.
    a_range_db : tuple of float
        A-weighted levels between which 98 % of the baseline lies, and its mean level.
    """

    middles_hz: np.ndarray
    hop_s: float
    n_frames: int
    usual: Usual
    loud_limit_db: float
    z_limit: float
    trials: np.ndarray
    a_range_db: tuple[float, float, float]

    @property
    def seconds(self) -> float:
        """Length of the baseline."""
        return self.n_frames * self.hop_s

    @property
    def rarest_per_hour(self) -> float:
        """The lowest rate of false alarms that so long a baseline can promise.

        Of n + 1 seconds that come about alike, each is the loudest with the same chance: a new
        second exceeds all n of the baseline with chance 1 / (n + 1).

        References
        ----------
        Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World, section 2.2.
        """
        return 3600 / (_BLOCK * self.hop_s * (len(self.trials) + 1))

    def threshold(self, per_hour: float | None) -> float | None:
        """Score from which on a frame is unusual; None where that rate cannot be promised.

        The conformal threshold keeps its promise on average over baselines, and half of them
        break it. So it is raised to where an exponential tail, fitted to the highest tenth of
        the baseline's seconds, falls to a third of the rate.

        Parameters
        ----------
        per_hour : float or None
            False alarms allowed in an hour; None: as rare as can be, which is a score of 1.
        """
        if per_hour is None:
            return 1.0
        allowed = int(per_hour / self.rarest_per_hour * (1 + 1e-9))
        if allowed < 1:
            return None
        ordered = np.sort(self.trials)[::-1]
        tail = ordered[: max(5, len(ordered) // 10, allowed)]
        slope = float(np.mean(tail - tail[-1]))
        smooth = float(tail[-1]) + slope * np.log(max(1.0, len(tail) * _TAIL_RATE / allowed))
        conformal = float(ordered[min(allowed, len(ordered)) - 1])
        return float(min(1.0, max(conformal, smooth)))

    def release(self, threshold: float) -> float:
        """Share of the threshold below which an event ends: nine of ten usual seconds stay there.

        Where many false alarms are allowed the threshold lies within what is usual, and half of
        it below: an event would never end.
        """
        usual = float(np.quantile(self.trials, _ENDING)) / threshold
        return min(1.0, max(RELEASE, usual))


def learn(
    bands_db: np.ndarray, a_db: np.ndarray, *, middles_hz: np.ndarray, hop_s: float
) -> Baseline:
    """A baseline from frames of usual sound.

    Each half of it is judged by the other half; those scores set the limits.

    Parameters
    ----------
    bands_db : ndarray of float32, shape (n_frames, n_bands)
    a_db : ndarray of float, shape (n_frames,)

    Raises
    ------
    InputError
        There are too few frames, or most of them are silent.
    """
    n_frames = len(bands_db)
    if n_frames < LEAST_FRAMES:
        raise InputError(
            f"the baseline is only {n_frames * hop_s:.1f} s long; it takes at least "
            f"{LEAST_FRAMES * hop_s:.0f} s of usual sound: give a longer one with --baseline"
        )
    silent = float((bands_db.max(axis=1) <= QUIETEST_DB + 0.1).mean())
    if silent > _MOST_SILENT:
        raise InputError(
            f"{'all' if silent > 0.99 else f'{silent:.0%}'} of the baseline is silence, as of a "
            "muted microphone or a gap in the recording, and against silence every sound is "
            "unusual: give another one with --baseline"
        )
    halves = np.array_split(bands_db.astype(float), 2)
    judged = [
        excesses(judge, half, middles_hz)
        for half, judge in zip(halves, [usual(h, middles_hz) for h in halves[::-1]], strict=True)
    ]
    loud, z = (np.concatenate(parts) for parts in zip(*judged, strict=True))
    loud_limit_db = max(0.0, float(loud.max())) + _MARGIN_DB
    z_limit = max(1.0, float(z.max())) * _Z_FACTOR
    scores = np.maximum(loud / loud_limit_db, z / z_limit)
    low, high = np.quantile(a_db, [1 - _USUAL, _USUAL])
    mean_db = float(decibels(power(a_db).mean()))
    return Baseline(
        middles_hz=middles_hz,
        hop_s=hop_s,
        n_frames=n_frames,
        usual=usual(bands_db, middles_hz),
        loud_limit_db=loud_limit_db,
        z_limit=z_limit,
        trials=np.maximum.reduceat(scores, np.arange(0, n_frames, _BLOCK)),
        a_range_db=(float(low), float(high), mean_db),
    )


def usual(bands_db: np.ndarray, middles_hz: np.ndarray) -> Usual:
    """What is usual in frames of band levels, float (n_frames, n_bands)."""
    bands = bands_db.astype(float)
    median = np.median(bands, axis=0)
    spread = 1.4826 * np.median(np.abs(bands - median), axis=0)
    heard, whole = half_weighted(bands, middles_hz)
    loud = np.maximum(np.quantile(heard, _USUAL, axis=0), float(whole.max()) - _DEPTH_DB)
    return Usual(
        median,
        np.maximum(spread, _LEAST_SPREAD_DB),
        np.maximum(loud, QUIETEST_DB / 1.2),
        float(np.quantile(whole, _USUAL)),
        float(whole.min()),
    )


def excesses(
    reference: Usual, bands: np.ndarray, middles_hz: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far frames stand out: in dB over the usual, and in robust z-scores; (n_frames,) each."""
    heard, whole = half_weighted(bands, middles_hz)
    single = (heard - reference.loud_db).max(axis=1) - _SINGLE_BAND_DB
    z = ((bands - reference.median_db) / reference.spread_db).max(axis=1)
    return np.maximum(single, whole - reference.loud_whole_db), z


def half_weighted(bands: np.ndarray, middles_hz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half A-weighted: levels of the third octaves, and of the whole sound, in dB.

    Half way between what is there and what an ear makes of it: on our sounds better than either.
    """
    heard = bands + a_weighting_db(middles_hz) / 2
    return heard, decibels(power(heard).sum(axis=1))
