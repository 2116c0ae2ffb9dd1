"""A sound being listened to: levels, what is unlike the baseline, and the events made of it."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import write_file, write_page
from handful.detectors.alarms import LASTING, Alarms, Scored, SoundEvent
from handful.detectors.sound_level import QUIETEST_DB, Levels, SoundLevelMeter
from handful.detectors.stored_baseline import to_bytes
from handful.errors import InputError
from handful.plots.history import History
from handful.progress import Progress
from handful.sounds.base import Sound
from handful.verbs.heard import event_json, picture, to_json
from handful.verbs.heard_words import sentence
from handful.verbs.listening_options import WhereFrom, damaged, detector_for
from handful.verbs.moments import Moment, State
from handful.verbs.telling import Teller


class Listening:
    """A sound being listened to: iterate over its events as they end; then it has a summary.

    Attributes
    ----------
    sound : Sound
    meter : SoundLevelMeter
    unit : str
        ``dBFS``, decibels against full scale, or ``dB SPL`` where it was calibrated.
    events : list of SoundEvent
        Those heard so far. A lasting change is handed out when it is a minute long, and here
        grows to its true end.
    unfit : str
        Why the beginning of the sound cannot be a baseline; empty where it can.
    compared : int
        Frames that were compared with the baseline.
    saved : bool
        Whether the baseline was saved.
    """

    def __init__(
        self, sound: Sound, where: WhereFrom, *, per_hour: float | None, offset: float | None,
        save_baseline: Path | None, plot: Path | None, teller: Teller, progress: Progress,
    ) -> None:  # fmt: skip
        self.sound, self.where, self.plot = sound, where, plot
        self.meter = SoundLevelMeter(sound.rate_hz)
        self.detector = detector_for(self.meter, where)
        self.history = History(len(self.meter.middles_hz)) if plot else None
        self.unit = "dBFS" if offset is None else "dB SPL"
        self.offset_db, self.per_hour = offset or 0.0, per_hour
        self.events: list[SoundEvent] = []
        self.told = teller
        self.unfit, self.compared, self.saved = "", 0, False
        self._save, self._progress, self._alarms = save_baseline, progress, Alarms()
        self._threshold, self._change_at = 1.0, 0
        self._moments = self._listen()

    def __iter__(self) -> Iterator[SoundEvent]:
        """The events, each as soon as it is over."""
        told = 0
        while True:
            yield from self.events[told:]
            told = len(self.events)
            if next(self._moments, None) is None:
                yield from self.events[told:]
                return

    def watch(self) -> Iterator[Moment]:
        """How things stand, piece after piece, for whoever shows it live."""
        return self._moments

    def stop(self) -> None:
        """End here; what was heard so far is judged, and the page and the baseline written."""
        self._moments.close()
        self._end_event()
        self._draw()

    def finish(self) -> None:
        """Listen to the end."""
        for _ in self._moments:
            pass

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json; listens to the end first."""
        self.finish()
        return to_json(self)

    def sentence(self) -> str:
        """As the command prints it for people; listens to the end first."""
        self.finish()
        return sentence(self)

    def _listen(self) -> Generator[Moment, None, None]:
        self._choose_threshold()
        seconds = self.sound.seconds
        for block in self.sound.blocks():
            moment = self.hear(block)
            if moment is not None:
                yield moment
            if seconds:
                heard_s = self.meter.n_samples / self.sound.rate_hz
                self._progress("listening", min(int(heard_s), int(seconds)), int(seconds))
        if not self.meter.n_samples:
            raise InputError(f"there is not a single sample of sound in {self.sound.title}")
        yield self.end()

    def hear(self, block: np.ndarray) -> Moment | None:
        """How things stand after more samples; None where they do not yet make a frame.

        For samples that are brought instead of fetched from `sound`; `end` comes after the last.

        Parameters
        ----------
        block : ndarray of float32, shape (n_samples,)
            Full scale is -1 to 1.
        """
        levels = self.meter.add(block)
        return self._moment(levels) if len(levels.a_db) else None

    def end(self) -> Moment:
        """How things stand after the last sample; the page is written."""
        moment = self._moment(self.meter.finish(), ended=True)
        self._draw()
        return moment

    def _moment(self, levels: Levels, *, ended: bool = False) -> Moment:
        before = len(self.events)
        if self.history:
            self.history.add(levels.a_db, levels.fast_db, levels.bands_db)
        n_learnt = self._learn(levels)
        self._hear(levels, n_learnt)
        if ended:
            self._end_event()
        return Moment(
            time_s=self.meter.n_samples / self.meter.rate_hz,
            level_db=float(levels.fast_db.max(initial=-math.inf)) + self.offset_db,
            state=self._state(),
            learnt=self.detector.learnt,
            events=tuple(self.events[before:]),
        )

    def _state(self) -> State:
        if self.unfit:
            return "unfit"
        if not self.detector.ready:
            return "learning"
        if self._alarms.changed:
            return "changed"
        return "unusual" if self._alarms.sounding else "usual"

    def _learn(self, levels: Levels) -> int:
        """Take frames for the baseline; how many were taken."""
        if self.unfit:
            return len(levels.bands_db)
        taken = 0
        try:
            while not self.detector.ready and taken < len(levels.bands_db):
                self.detector.learn_one(levels.bands_db[taken])
                taken += 1
            if taken and self.detector.ready and (reason := damaged(self.meter)):
                raise InputError(f"the baseline cannot be used: {reason}")
        except InputError as error:
            self.unfit, self.detector.baseline = str(error), None
            return len(levels.bands_db)
        if taken and self.detector.ready:
            self._choose_threshold()
        return taken

    def _choose_threshold(self) -> None:
        baseline = self.detector.baseline
        if baseline is not None:
            self._threshold = baseline.threshold(self.per_hour) or 1.0
            self._alarms = Alarms(baseline.release(self._threshold))
            if self._save:
                write_file(self._save, to_bytes(baseline))
                self.saved = True

    def _hear(self, levels: Levels, start: int) -> None:
        if start >= len(levels.bands_db):
            return
        found = self.detector.compare(levels.bands_db[start:])
        self.compared += len(found.scores)
        hop_s, first = self.meter.hop_s, levels.first + start
        rows = zip(
            (found.scores / self._threshold).tolist(), _levels(levels.fast_db[start:]).tolist(),
            found.bands_hz.tolist(), found.hushed.tolist(), strict=True,
        )  # fmt: skip
        for i, (score, level, band, hushed) in enumerate(rows, start=first):
            frame = Scored(i * hop_s, (i + 1) * hop_s, score, level + self.offset_db, band, hushed)
            for event in self._alarms.add(frame):
                self._note(event)
        if self._alarms.change is not None:  # told when a minute long; now more of it is known
            self.events[self._change_at] = self._alarms.change

    def _note(self, event: SoundEvent) -> None:
        if event.kind == LASTING:
            self._change_at = len(self.events)
        self.events.append(event)
        self.told.tell(event_json(event, self.unit))

    def _end_event(self) -> None:
        for event in self._alarms.finish():
            self._note(event)

    def _draw(self) -> None:
        if self.plot:
            from handful.plots.sound import sound_page

            write_page(self.plot, sound_page(picture(self)).encode(), "--plot")
            self.plot = None

    @property
    def asked_to_save(self) -> Path | None:
        """Where the baseline was to be saved."""
        return self._save

    @property
    def changes(self) -> list[SoundEvent]:
        """Lasting changes heard."""
        return [event for event in self.events if event.kind == LASTING]

    @property
    def changed(self) -> bool:
        """Whether the latest of them goes on to the end."""
        return self._alarms.changed


def _levels(levels_db: np.ndarray) -> np.ndarray:
    """Levels, with minus infinity for the number that stands for silence."""
    return np.where(levels_db > QUIETEST_DB, levels_db, -math.inf)
