"""Counts repetitions from the movement of blocks: the default method."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

import numpy as np

from handful.detectors.activity import active_slots, trimmed_bouts
from handful.detectors.base import Event
from handful.detectors.block_flow import N_FLOWS, STILL, Flow, flow_between, grid_of, log_light
from handful.detectors.counting import REPETITION, Count, Recorder, Trace
from handful.detectors.flow_memory import REMEMBERED, USUAL, Memory, Slot
from handful.detectors.moments import Moments, Stretch
from handful.detectors.periods import (
    FINER,
    Period,
    autocorrelation,
    explained,
    find_period,
    near_period,
    one_way,
)
from handful.videos import Frame

SLOT_S = 1 / 15
SHORTEST_S, LONGEST_S = 0.3, 10.0  # of one repetition
_LOOK_EVERY = 15  # slots
_LOOK_AGAIN_S = 0.035  # from 30 frames a second on every second one is enough
_LOCKED = 0.4  # likeness from which a movement counts as repeating
# Slots, the likeness that so short a stretch must have, and the share of it that lies before.
_SHORTER = ((180, 0.5, 0.5), (90, 0.6, 0.5), (90, 0.6, 1.0), (90, 0.6, 0.0))
_MORE_ALIKE = 0.15  # by which a shorter stretch must be more alike to be believed
_MOST_ALIKE = 0.98
_SAME = 0.05  # share by which lengths of one rhythm may differ
_LOCKED_NEAR = 0.3  # the same in a short stretch
_LOCAL = 6  # repetitions in the short stretch
_GAP_S = 0.5  # longer gaps between frames are a pause, not slow frames
_FRAMES_WANTED = 4.0  # frames for each repetition, or the rhythm that is seen is not the real one
_CAMERA_FAR_MORE = 6.0  # times the energy of the subject
# What lies nearer than the rest moves more when the camera does: that is left when the camera's
# movement is taken out, and goes along with it. Real subjects: 0.17 at most where it is 3 times.
_CAMERA_MORE, _CAMERA_EXPLAINS = 3.0, 0.2
_CAMERA_LIKE = 0.6  # likeness of the camera's movement with itself one repetition later
_ONE_WAY = 0.75  # 0.3 at most in clips that repeat; what slides over cells has 0.9
_FAINTEST = 2e4  # energy of a slot; the weakest of nine real clips has 300 times as much
_DRAWN_SMALL = 30.0  # times that energy: what a page draws small
_READY = 30  # slots
_FEWEST = 1.5  # repetitions: what happens once does not repeat
_FEWEST_FRAMES, _SHORTEST_VIDEO_S = 8, 0.6


class BlockCounter:
    """Signed movement of 20 blocks, without the camera's; counted by its rhythm.

    Every second the last 24 s are compared with themselves: how much later are they most alike?
    Time during which the movement goes on in that rhythm, divided by the length of the rhythm,
    is the number of repetitions.

    Parameters
    ----------
    per_repetition : float
        Rhythms that make up one repetition: 2 where a repetition has two halves that look alike.
    """

    def __init__(self, *, per_repetition: float = 1.0) -> None:
        self._per_repetition = per_repetition
        self._slot = Slot()
        self._before: np.ndarray | None = None
        self._before_s = 0.0
        self._memory = Memory()
        self._rhythm: Period | None = None
        self._moments = Moments()
        self._done = 0  # slots whose repetitions are counted for good
        self._slid = False  # something moved in one direction only
        self._moving_s = 0.0  # in which repetitions were counted
        self._energy = np.zeros(2)  # of the subject, of the camera
        self._events: deque[Event] = deque()
        self._frames, self._seconds, self._last_s = 0, 0.0, 0.0
        self._recorder = Recorder(2)
        self._scatter, self._axis = np.zeros((N_FLOWS, N_FLOWS)), np.ones(N_FLOWS)
        self._not_final: float | None = None

    @property
    def ready(self) -> bool:
        """Whether two seconds have passed."""
        return self._memory.n >= _READY

    def score_one(self, frame: Frame) -> float | None:
        """How strongly a frame moves, 1 being usual for the last 24 s; None while not ready."""
        if not self.ready or self._before is None:
            return None
        flow = flow_between(self._before, log_light(grid_of(frame)), 1.0).blocks
        strength = np.sqrt(np.square(self._memory.flows()).sum(axis=1))
        usual = float(np.quantile(strength, USUAL))
        return float(np.sqrt(flow @ flow)) / usual if usual > 0 else 0.0

    def learn_one(self, frame: Frame) -> None:
        """Take a frame into account."""
        time_s = frame.time_s
        if self._frames and time_s - self._last_s <= _GAP_S:
            self._seconds += time_s - self._last_s
        self._frames += 1
        self._last_s = time_s
        if self._before is None or time_s - self._before_s > _LOOK_AGAIN_S:
            grid = log_light(grid_of(frame))
            if self._before is not None:
                self._look(self._before, grid, time_s)
            self._before, self._before_s = grid, time_s

    @property
    def repetitions(self) -> int:
        """Repetitions so far; those of the last 12 s may yet be corrected."""
        if self._not_final is None:
            self._not_final = float(self._cycles(self._done, self._memory.n, near=False).sum())
        return _whole(self._moments.counted + self._not_final)

    @property
    def period_s(self) -> float | None:
        """Seconds that a repetition takes now."""
        return None if self._rhythm is None else self._rhythm.length * SLOT_S

    def new_events(self) -> list[Event]:
        """Repetitions that are certain since the last call, about 12 s after they happened."""
        found = list(self._events)
        self._events.clear()
        return found

    def finish(self) -> Count:
        """The count, after the last frame; events are those not yet given by `new_events`."""
        if self._frames:
            self._find_rhythm()
            self._commit(self._memory.n)
            self._tell(self._moments.finish(self._stretch()))
        refused = self._reason()
        events = () if refused else tuple(self.new_events())
        return Count(0 if refused else self._moments.told, events, refused)

    def trace(self) -> Trace:
        """Movement in the direction in which most of it goes, in no unit of its own."""
        times_s, values = self._recorder.columns()
        least = 2 * math.sqrt(_DRAWN_SMALL * _FAINTEST)
        return Trace(times_s, values, "movement there (above) and back (below)", least=least)

    def _look(self, before: np.ndarray, grid: np.ndarray, time_s: float) -> None:
        """Share the movement since the last look out to the slots that it fills."""
        passed_s = time_s - self._before_s
        if passed_s > _GAP_S:
            flow = STILL
        else:
            flow = flow_between(before, grid, min(SLOT_S / passed_s, 2.0))
        self._energy += (float(flow.blocks @ flow.blocks), flow.camera)
        self._recorder.add(time_s, self._main_movement(flow.blocks))
        start_s = max(self._before_s, time_s - REMEMBERED * SLOT_S)
        for whole in self._slot.add(flow, start_s / SLOT_S, time_s / SLOT_S, SLOT_S / passed_s):
            self._remember(whole, (self._slot.number - 0.5) * SLOT_S)

    def _main_movement(self, flow: np.ndarray) -> float:
        """The movement along the direction in which most of the remembered movement goes."""
        self._scatter = 0.99 * self._scatter + np.outer(flow, flow)
        self._axis = self._scatter @ self._axis  # a step of power iteration follows slow changes
        length = np.sqrt(self._axis @ self._axis)
        self._axis = self._axis / length if length > 0 else np.ones(N_FLOWS)
        return float(flow @ self._axis)

    def _remember(self, flow: Flow, time_s: float) -> None:
        self._memory.add(flow, time_s)
        self._not_final = None
        if self._memory.n % _LOOK_EVERY == 0:
            self._find_rhythm()
            if self._memory.n >= REMEMBERED:
                self._commit(self._memory.n - REMEMBERED // 2)

    def _find_rhythm(self) -> None:
        flows = self._memory.tamed()
        found = find_period(flows, SHORTEST_S / SLOT_S, LONGEST_S / SLOT_S)
        if found is not None and (found.likeness < _LOCKED or self._not_of_subject(found)):
            found = None
        if found is not None and one_way(flows) > _ONE_WAY:
            self._slid, found = True, None
        self._rhythm = found

    def _not_of_subject(self, found: Period) -> bool:
        """Whether hardly anything moves, or the camera does in this rhythm and far more."""
        flows, camera = self._memory.flows(), self._memory.camera()
        energy = np.square(flows).sum()
        if energy < _FAINTEST * len(camera):
            return True
        shifts = camera[:, 1:] - camera[:, 1:].mean(axis=0)
        times = camera[:, 0].sum() / energy
        if times >= _CAMERA_MORE and explained(flows, shifts) >= _CAMERA_EXPLAINS:
            return True
        if times < _CAMERA_FAR_MORE:
            return False
        likeness = autocorrelation(shifts, found.length + 1)
        return bool(likeness[round(found.length * FINER)] >= _CAMERA_LIKE)

    def _commit(self, end: int) -> None:
        if end <= self._done:
            return
        stretch, cycles = self._stretch(), self._cycles(self._done, end, near=True)
        self._moving_s += SLOT_S * np.count_nonzero(cycles)
        for slot, cycle in enumerate(cycles, start=self._done):
            self._tell(self._moments.add(slot, float(cycle), stretch))
        self._done = end

    def _stretch(self) -> Stretch:
        memory = self._memory
        return Stretch(memory.first, memory.tamed(), memory.times_s(memory.first, memory.n))

    def _tell(self, moments: Iterator[tuple[float, float]]) -> None:
        score = 0.0 if self._rhythm is None else self._rhythm.likeness
        self._events.extend(Event(REPETITION, start, end, score) for start, end in moments)

    def _cycles(self, start: int, end: int, *, near: bool) -> np.ndarray:
        """Share of a repetition that passes in each slot from `start` to `end`."""
        cycles = np.zeros(end - start)
        flows, first = self._memory.tamed(), self._memory.first
        rhythm = self._rhythm
        active = trimmed = np.zeros(len(flows), bool)
        if rhythm is not None:
            active = active_slots(flows, rhythm.length)
            trimmed = trimmed_bouts(active, flows, rhythm.length)
        for at in range(start, end, _LOOK_EVERY):
            here = slice(at - first, min(at + _LOOK_EVERY, end) - first)
            steady = rhythm is not None and 2 * active[here].sum() >= here.stop - here.start
            beaten = rhythm.likeness + _MORE_ALIKE if rhythm is not None and steady else 0.0
            found = self._other_rhythm(flows, here, beaten)
            if found is None and rhythm is not None and steady:
                middle = (here.start + here.stop) // 2
                length = _length_near(flows, middle, rhythm.length) if near else rhythm.length
                found = trimmed[here] / length
            if found is not None:
                cycles[at - start : at - start + len(found)] = found
        return cycles / self._per_repetition

    def _other_rhythm(self, flows: np.ndarray, here: slice, beaten: float) -> np.ndarray | None:
        """Shares of a repetition where a shorter stretch has a rhythm of its own, or None.

        `beaten` is the likeness that it must reach.
        """
        for n, likeness, share in _SHORTER:
            if n >= len(flows) or beaten > _MOST_ALIKE:
                continue
            start = here.start - round(share * (n - here.stop + here.start))
            start = max(0, min(start, len(flows) - n))
            stretch = flows[start : start + n]
            found = find_period(stretch, SHORTEST_S / SLOT_S, LONGEST_S / SLOT_S)
            if found is None or found.likeness < max(likeness, beaten):
                continue
            if one_way(stretch) > _ONE_WAY:
                continue
            if not self._not_of_subject(found) and not self._twice(found):
                active = trimmed_bouts(active_slots(stretch, found.length), stretch, found.length)
                return active[here.start - start : here.stop - start] / found.length
        return None

    def _twice(self, found: Period) -> bool:
        """Whether it is the rhythm of the whole, only seen more alike after two repetitions.

        Where one repetition takes 7.5 frames, every second one is seen in the same moments.
        """
        if self._rhythm is None:
            return False
        return abs(found.length / (2 * self._rhythm.length) - 1) < _SAME

    def _reason(self) -> str | None:
        frames, seconds = self._frames, self._seconds
        if frames < _FEWEST_FRAMES or seconds < _SHORTEST_VIDEO_S:
            return f"too short: {frames} frames in {seconds:.1f} s; it takes two repetitions."
        if self._moments.counted < _FEWEST:
            subject, camera = self._energy
            if camera > subject:
                return "the camera moves more than what it films: put it on a stand."
            if self._slid:
                return "what moves goes on in one direction: nothing comes back to where it was."
            return "nothing repeats: no movement comes back in one rhythm at least twice."
        fps = (frames - 1) / seconds
        rhythm_s = self._moving_s / (self._moments.counted * self._per_repetition)
        if rhythm_s * fps < _FRAMES_WANTED:
            wanted = math.ceil(_FRAMES_WANTED / rhythm_s)
            return (
                f"too few frames: {fps:.1f} a second for a movement that seems to repeat every "
                f"{rhythm_s:.1f} s; it takes {wanted} a second."
            )
        return None


def _length_near(flows: np.ndarray, slot: int, period: float) -> float:
    half = int(_LOCAL * period / 2)
    start = max(0, min(slot - half, len(flows) - 2 * half))
    stretch = flows[start : start + 2 * half]
    if len(stretch) <= 1.8 * period:
        return period
    found = near_period(stretch, period)
    return found.length if found is not None and found.likeness >= _LOCKED_NEAR else period


def _whole(cycles: float) -> int:
    return int(cycles + 0.5)
