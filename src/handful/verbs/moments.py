"""How things stand while a sound is listened to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handful.detectors.alarms import SoundEvent

State = Literal["learning", "usual", "unusual", "changed", "unfit"]


@dataclass(frozen=True)
class Moment:
    """How things stand after a piece of the sound.

    Attributes
    ----------
    time_s : float
        Seconds since the sound began.
    level_db : float
        Highest A-weighted Fast level of the piece.
    state : str
        ``learning`` the baseline, ``usual``, ``unusual``, ``changed`` for a minute and more, or
        ``unfit``: the baseline cannot be used, and nothing is compared.
    learnt : float
        How much of the baseline there is, 0 to 1.
    events : tuple of SoundEvent
        Those that ended in this piece.
    """

    time_s: float
    level_db: float
    state: State
    learnt: float
    events: tuple[SoundEvent, ...]
