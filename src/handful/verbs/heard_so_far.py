"""What is known of a sound that is, or was, listened to."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from handful.detectors.alarms import SoundEvent
from handful.detectors.sound_level import SoundLevelMeter
from handful.detectors.unusual_sound import UnusualSound
from handful.plots.history import History
from handful.sounds.base import Sound
from handful.verbs.listening_options import WhereFrom
from handful.verbs.telling import Teller


class HeardSoFar(Protocol):
    """What JSON, words and picture are made of; `hearing.Listening` says what each one is."""

    sound: Sound
    where: WhereFrom
    meter: SoundLevelMeter
    detector: UnusualSound
    history: History | None
    unit: str
    offset_db: float
    per_hour: float | None
    events: list[SoundEvent]
    told: Teller
    unfit: str
    compared: int
    saved: bool

    @property
    def asked_to_save(self) -> Path | None:
        """Where the baseline was to be saved."""
        ...

    @property
    def changes(self) -> list[SoundEvent]:
        """Lasting changes heard."""
        ...

    @property
    def changed(self) -> bool:
        """Whether the latest of them goes on to the end."""
        ...
