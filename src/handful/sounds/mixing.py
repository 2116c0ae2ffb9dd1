"""Several channels as one, without those of opposite polarity cancelling each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from handful.sounds.base import Sound, mono

_SEGMENT_S = 0.125
_REMEMBERED_S = 4.0  # half-life
_OPPOSITE = -0.5  # correlation with the first channel from which a channel is turned round
_SAME = 0.0  # and from which it is turned back


class Mixer:
    """The mean of all channels, those turned round whose polarity is opposite to the first.

    A segment of an eighth of a second is mixed by what was heard before it (the first one by
    itself), so the mix does not depend on the sizes of the blocks.

    Parameters
    ----------
    rate_hz : float

    Attributes
    ----------
    turned : set of int
        Channels that were turned round at some time, from 0.
    """

    def __init__(self, rate_hz: float) -> None:
        self.turned: set[int] = set()
        self._segment = max(1, round(_SEGMENT_S * rate_hz))
        self._forget = 0.5 ** (_SEGMENT_S / _REMEMBERED_S)
        self._waiting: list[np.ndarray] = []  # the part of a segment that was not looked at
        self._n_waiting = 0
        self._signs: np.ndarray | None = None
        self._products = self._powers = np.zeros(0)

    def add(self, samples: np.ndarray) -> np.ndarray:
        """Mix samples: float32 (n_samples,) or (n_samples, n_channels) to (n_mixed,).

        The first eighth of a second is given only when it is whole.
        """
        if samples.ndim == 1 or samples.shape[1] == 1:
            return mono(samples)
        if len(self._products) != samples.shape[1]:
            self._products = self._powers = np.zeros(samples.shape[1])
        mixed = []
        with np.errstate(over="ignore", invalid="ignore"):  # what is no number is told later on
            while len(samples):
                part, samples = np.split(samples, [self._segment - self._n_waiting])
                self._waiting.append(part)
                self._n_waiting += len(part)
                if self._signs is not None:
                    mixed.append(part @ self._signs)
                if self._n_waiting == self._segment:
                    mixed.append(self._look())
        return np.concatenate(mixed) if mixed else np.zeros(0, np.float32)

    def finish(self) -> np.ndarray:
        """What is left of a sound shorter than a segment."""
        with np.errstate(over="ignore", invalid="ignore"):
            short = self._signs is None and self._waiting
            return self._look() if short else np.zeros(0, np.float32)

    def _look(self) -> np.ndarray:
        """Learn from a segment; mix it, if it is the first."""
        segment = np.concatenate(self._waiting).astype(np.float32, copy=False)
        self._waiting, self._n_waiting = [], 0
        heard = np.nan_to_num(segment, nan=0.0, posinf=0.0, neginf=0.0)
        self._products = self._forget * self._products + heard.T @ heard[:, 0]
        self._powers = self._forget * self._powers + np.einsum("ij,ij->j", heard, heard)
        size = np.sqrt(self._powers * self._powers[0])
        alike = np.divide(self._products, size, out=np.zeros(len(size)), where=size > 0)
        first = self._signs is None
        before = np.ones(len(size)) if self._signs is None else self._signs
        turned = np.where(before < 0, alike <= _SAME, alike < _OPPOSITE)
        self.turned |= set(np.flatnonzero(turned).tolist())
        self._signs = np.where(turned, -1, 1).astype(np.float32) / np.float32(len(size))
        return segment @ self._signs if first else np.zeros(0, np.float32)


def mixed(blocks: Iterable[np.ndarray], sound: Sound) -> Iterator[np.ndarray]:
    """Blocks of one channel, float32 (n_samples,), from blocks of any number of them."""
    mixer = Mixer(sound.rate_hz)
    for block in blocks:
        yield mixer.add(block)
        sound.turned = tuple(sorted(mixer.turned))
    yield mixer.finish()
    sound.turned = tuple(sorted(mixer.turned))
