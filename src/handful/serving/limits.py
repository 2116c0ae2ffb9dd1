"""How much one request may ask for, and how long it may take."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

from handful.errors import InputError, UnreadableError
from handful.modalities.base import Modality
from handful.sounds.files import with_av, with_soundfile

_MB = 1_000_000
_REQUESTS_HELD = 8  # so many requests of the largest size are held at once
# A byte of text becomes up to a hundred in memory while it is taken apart.
_MOST_B = {"tables": 1_000_000, "texts": 2_000_000, "series": 8_000_000}


@dataclass(frozen=True)
class Limits:
    """What is refused.

    Attributes
    ----------
    request_mb : float
        Size of a request's body, in millions of bytes.
    megapixels : float
        Of a photo, before it is scaled down.
    sound_s : float
        Length of a sound.
    timeout_s : float
        For a request to arrive, and again for it to be answered.
    waiting : int
        Samples that wait for their turn, those of one request or of many.
    """

    request_mb: float = 32.0
    megapixels: float = 64.0
    sound_s: float = 600.0
    timeout_s: float = 30.0
    waiting: int = 256

    def __post_init__(self) -> None:
        for name in ("request_mb", "megapixels", "sound_s", "timeout_s", "waiting"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"--{name.replace('_', '-')} is {value}: give more than 0.")

    @property
    def request_b(self) -> int:
        """Largest body in bytes."""
        return int(self.request_mb * _MB)

    @property
    def held_b(self) -> int:
        """Bytes of all bodies that are held at once."""
        return self.request_b * _REQUESTS_HELD


def check_sample(modality: Modality, data: bytes, limits: Limits) -> None:
    """Refuse a sample that would cost far more than its size says.

    Raises
    ------
    UnreadableError
        It is too large; the message follows the sample's name.
    """
    most_b = _MOST_B.get(modality.name)
    if most_b is not None and len(data) > most_b:
        raise UnreadableError(
            f"has {len(data) / _MB:.1f} MB; one {modality.noun} may have {most_b / _MB:.0f} MB here"
        )
    if modality.name == "images":
        width, height = modality.measure(data)
        if width * height > limits.megapixels * 1e6:
            raise UnreadableError(
                f"is {width} x {height} px ({width * height / 1e6:.0f} megapixels); this server "
                f"takes up to {limits.megapixels:g}: send a smaller copy"
            )
    if modality.name == "sounds":
        _check_length(data, limits.sound_s)


def _check_length(data: bytes, most_s: float) -> None:
    """Refuse a long sound by counting: what its header says may be wrong."""
    try:
        sound = with_soundfile(io.BytesIO(data), "it") or with_av(io.BytesIO(data), "it")
        seconds = 0.0
        for block in sound.blocks():
            seconds += len(block) / sound.rate_hz
            if seconds > most_s:
                break
    except UnreadableError:
        return  # the reader says so in better words
    if seconds > most_s:
        raise UnreadableError(f"is longer than the {most_s:g} s that this server takes: cut it")
