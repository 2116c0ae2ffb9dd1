"""What every source of sound offers: its rate and its samples, block after block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from handful.errors import InputError

LOWEST_RATE_HZ = 4000  # below, hardly a third octave is left to listen to
PIPE = "-"
BLOCK_S = 4.0  # read at once from files; streams come as they come


@dataclass
class Sound:
    """A sound that can be read once, from its beginning, in constant memory.

    Attributes
    ----------
    name : str
        File, device, or ``-`` for a pipe.
    rate_hz : float
        Samples a second.
    seconds : float or None
        Its length where that is known beforehand.
    live : bool
        Whether it comes as it happens: a microphone, a pipe, an iterable.
    damage : str
        What of it could not be heard, and why; empty where all was.
    turned : tuple of int
        Channels that were turned round, because they cancelled the first one.
    """

    name: str
    rate_hz: float
    source: Iterable[np.ndarray] = field(repr=False)
    seconds: float | None = None
    live: bool = False
    damage: str = ""
    turned: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """Its name as people read it."""
        return "standard input" if self.name == PIPE else self.name

    def blocks(self) -> Iterator[np.ndarray]:
        """Samples of one channel, float32 (n_samples,), full scale -1 to 1; any n_samples."""
        yield from self.source


def check_rate(rate_hz: float, name: str) -> None:
    """Refuse rates that no ear and no meter can use.

    Raises
    ------
    InputError
        The rate is too low or no number.
    """
    if not LOWEST_RATE_HZ <= rate_hz <= 1_000_000:
        raise InputError(
            f"{name} has {rate_hz:g} samples a second; it takes {LOWEST_RATE_HZ} to 1000000"
        )


def mono(samples: np.ndarray) -> np.ndarray:
    """The mean of all channels: float32 (n_samples, n_channels) or (n_samples,) to (n_samples,).

    >>> mono(np.array([[1, 0], [0.5, 0.5]], np.float32))
    array([0.5, 0.5], dtype=float32)
    """
    if samples.ndim == 1:
        return samples
    n_channels = samples.shape[1]
    if n_channels == 1:
        return samples[:, 0]
    return np.asarray(samples @ np.full(n_channels, 1 / n_channels, np.float32))


def to_float(samples: np.ndarray) -> np.ndarray:
    """Samples as float32 with full scale -1 to 1; whole numbers by the size of their type.

    >>> to_float(np.array([-32768, 16384], np.int16))
    array([-1. ,  0.5], dtype=float32)
    """
    samples = np.asarray(samples)
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128) / np.float32(128)
    if np.issubdtype(samples.dtype, np.signedinteger):
        return samples.astype(np.float32) / np.float32(-float(np.iinfo(samples.dtype).min))
    if np.issubdtype(samples.dtype, np.floating):
        return samples.astype(np.float32, copy=False)
    raise InputError(
        f"samples of type {samples.dtype} are no sound: float (-1 to 1), int16, int32 or uint8 are"
    )
