"""Frames and sound that a page sends, looked at by the detectors of `count` and `listen`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from handful.browsing.refusals import Refused
from handful.detectors.alarms import SoundEvent
from handful.detectors.blocks import BlockCounter
from handful.plots.movement import movement_page
from handful.verbs.counted import Seen, counted
from handful.verbs.heard import event_json, to_json
from handful.verbs.heard_notes import refusal
from handful.verbs.listening import listen
from handful.verbs.moments import Moment
from handful.videos import Frame
from handful.videos.frames import SMALLEST_PX

_LARGEST_PX = 640
_LONGEST_AT_ONCE = 600  # points of the trace in one answer


class Movement:
    """Frames of a camera, counted as `handful count --camera` counts them.

    Parameters
    ----------
    width_px, height_px : int
        Of each frame.

    Raises
    ------
    Refused
        Frames of that size cannot be looked at.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        if not all(SMALLEST_PX <= side <= _LARGEST_PX for side in (width_px, height_px)):
            raise Refused(422, f"frames of {width_px} x {height_px} pixels: give {SMALLEST_PX} to "
                               f"{_LARGEST_PX} each way.")  # fmt: skip
        self._layout = np.dtype([("time_s", "<f8"), ("luma", "u1", (height_px, width_px))])
        self._counter, self._seen = BlockCounter(), Seen()
        self._began_s = 0.0
        self._drawn_s = -math.inf

    def take(self, data: bytes) -> dict[str, Any]:
        """The count after more frames.

        Parameters
        ----------
        data : bytes
            Frame after frame: its time in seconds (float64, little endian), its brightness
            (uint8, row by row).

        Raises
        ------
        Refused
            They are no such frames, or not in order of time.
        """
        if len(data) % self._layout.itemsize:
            raise Refused(422, f"{len(data)} bytes are no whole frames.")
        frames = np.frombuffer(data, self._layout)
        times_s = frames["time_s"]
        last_s = self._began_s + self._seen.last_s if self._seen.n else -math.inf
        if not (np.isfinite(times_s).all() and (np.diff(times_s, prepend=last_s) > 0).all()):
            raise Refused(422, "the frames are not in order of time.")
        if len(frames) and not self._seen.n:
            self._began_s = float(times_s[0])
        for time_s, luma in frames:
            frame = Frame(luma, float(time_s) - self._began_s)
            self._counter.learn_one(frame)
            self._seen.add(frame.time_s)
        return {
            "seconds": self._seen.last_s,
            "repetitions": self._counter.repetitions,
            "period_s": self._counter.period_s,
            "least": self._counter.trace().least,
            "points": self._points(),
        }

    def _points(self) -> list[list[float]]:
        """What was drawn into the trace since the last answer."""
        trace = self._counter.trace()
        start = int(np.searchsorted(trace.times_s, self._drawn_s, side="right"))
        times_s, values = trace.times_s[start:], trace.values[start:]
        if len(times_s):
            self._drawn_s = times_s[-1]
        points = np.column_stack([times_s, values])[-_LONGEST_AT_ONCE:]
        return [[round(time_s, 3), round(value, 1)] for time_s, value in points.tolist()]

    def end(self) -> tuple[dict[str, Any], str]:
        """What `count --json` prints, and the page of `count --plot`."""
        if not self._seen.n:
            raise Refused(422, "the camera gave not a single picture.")
        values = counted("camera", self._seen, self._counter.finish(), "blocks").to_json()
        return values, movement_page(values, self._counter.trace())

    def drop(self) -> None:
        """Nothing lies anywhere."""


class Hearing:
    """Sound of a microphone, listened to as `handful listen microphone` does.

    Parameters
    ----------
    rate_hz : float
    baseline : float
        Seconds of usual sound.
    false_alarms : str or None
        Like ``1/hour``.
    page : Path
        Where its page is written meanwhile.

    Raises
    ------
    InputError
        It cannot be listened to in that way.
    """

    def __init__(
        self, rate_hz: float, baseline: float | None, false_alarms: str | None, page: Path
    ) -> None:
        self._listening = listen(
            (), rate_hz=rate_hz, baseline=baseline, false_alarms=false_alarms, plot=page
        )
        self._listening.sound.name = "microphone"
        self._page = page
        self._last: Moment | None = None

    def take(self, data: bytes) -> dict[str, Any]:
        """Level, state and events after more samples.

        Parameters
        ----------
        data : bytes
            Samples of one channel, float32, little endian, full scale -1 to 1.
        """
        if len(data) % 4:
            raise Refused(422, f"{len(data)} bytes are no whole samples.")
        samples, hop = np.frombuffer(data, "<f4"), self._listening.meter.hop
        points: list[list[float | None]] = []
        events: list[SoundEvent] = []
        for start in range(0, len(samples), hop):
            moment = self._listening.hear(samples[start : start + hop])
            if moment is not None:
                self._last = moment
                level = round(moment.level_db, 1) if math.isfinite(moment.level_db) else None
                points.append([round(moment.time_s, 3), level])
                events += moment.events
        return {**self._standing(), "points": points, "events": self._events(events)}

    def _standing(self) -> dict[str, Any]:
        heard, last = self._listening, self._last
        baseline = heard.detector.baseline
        return {
            "seconds": heard.meter.n_samples / heard.meter.rate_hz,
            "state": last.state if last else "learning",
            "learnt": last.learnt if last else 0.0,
            "unit": heard.unit,
            "unfit": heard.unfit,
            "usual": None if baseline is None else [round(db, 1) for db in baseline.a_range_db[:2]],
            "refused": refusal(heard) if baseline is not None and heard.compared else None,
        }

    def _events(self, events: list[SoundEvent]) -> list[dict[str, Any]]:
        return [event_json(event, self._listening.unit) for event in events]

    def end(self) -> tuple[dict[str, Any], str]:
        """What `listen --json` prints, and the page of `listen --plot`."""
        heard = self._listening
        if not heard.meter.n_samples:
            raise Refused(422, "the microphone gave not a single sample.")
        heard.end()
        page = self._page.read_text(encoding="utf-8")
        self._page.unlink()
        return to_json(heard), page

    def drop(self) -> None:
        """Leave nothing behind."""
        self._page.unlink(missing_ok=True)
