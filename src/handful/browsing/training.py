"""One training at a time: started, watched, cancelled, taken up again after a crash."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from handful.browsing.children import Child
from handful.browsing.comparing import difference
from handful.browsing.ledger import CANCELLED, DONE, FAILED, RUNNING, Ledger
from handful.browsing.made import made
from handful.browsing.refusals import Refused
from handful.browsing.shelf import Listing

RULE = "group"  # the setting: what names of samples that belong together share
STAGES = ("reading", "looking", "judging", "writing")


class Trainer:
    """Trains the folder's samples in a process of its own.

    Parameters
    ----------
    folder, model : Path
    ledger : Ledger
    tell : callable
        Told whenever something moves on.
    """

    def __init__(self, folder: Path, model: Path, ledger: Ledger, tell: Callable[[], None]) -> None:
        self._folder, self._model, self._ledger, self._tell = folder, model, ledger, tell
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._number = 0  # of the training in the ledger
        self._thread: threading.Thread | None = None
        self._cancelled = self._closing = False
        self._stage: dict[str, Any] = {}
        self._said: dict[str, Any] = {}  # last
        self._spent_s: dict[str, float] = {}
        self._began_s = self._stage_began_s = 0.0
        self._resumed = False
        self._past: dict[str, Any] | None = None  # of the trainings that ended
        self._noticed: str | None = None  # version of the model that was looked at last
        self._there = True  # a model
        self._cut = ledger.trainings(RUNNING, most=100)  # before a page can begin another

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._child is not None

    def resume(self, listing: Listing) -> None:
        """Take up a training that a crash of the studio cut off."""
        for training in self._cut:
            self._ledger.end_training(training.id, FAILED, reason="the studio was ended meanwhile")
        if self._cut:
            with contextlib.suppress(Refused):  # too little is left of the samples by now
                self.start(listing)
                self._resumed = True

    def start(self, listing: Listing) -> None:
        """Begin.

        Raises
        ------
        Refused
            One is under way, there is too little to learn from, or the rule of groups fits none.
        """
        from handful.browsing.grouping import groups_of

        with self._lock:
            if self._child is not None:
                raise Refused(409, "a training is under way already.")
            check_enough(listing)
            rule = self._ledger.setting(RULE) or None
            groups_of(rule or "", [sample.name for sample in listing.samples])
            self._cancelled, self._resumed = False, False
            self._stage, self._spent_s, self._said = {}, {}, {}
            self._began_s = self._stage_began_s = time.monotonic()
            self._number = self._ledger.begin_training()
            asked = {"samples": str(self._folder), "to": str(self._model), "group": rule}
            self._child = Child("handful.browsing.worker", asked, self._heard)
            self._thread = threading.Thread(
                target=self._follow, args=(self._child, self._number), name="training", daemon=True
            )
            self._thread.start()
        self._tell()

    def cancel(self) -> None:
        """End it; what it has looked at is remembered.

        Raises
        ------
        Refused
            None is under way.
        """
        with self._lock:
            child = self._child
            if child is None:
                raise Refused(409, "no training is under way.")
            self._cancelled = True
            self._ledger.end_training(self._number, CANCELLED, reason="cancelled")
        child.end()

    def close(self) -> None:
        """End with the studio: the training is taken up when it starts again."""
        with self._lock:
            child, self._closing = self._child, True
        if child is not None:
            child.end()
        if self._thread is not None:
            self._thread.join(5)

    def _follow(self, child: Child, number: int) -> None:
        """Wait for its end, and take it down."""
        trouble = child.wait()
        with self._lock:
            if not self._closing:
                self._note_end(number, self._said, trouble)
            self._past = None
            self._child = None
        self._tell()

    def _heard(self, said: dict[str, Any]) -> None:
        self._said = said
        if "stage" in said:
            self._move_on(said)

    def _move_on(self, said: dict[str, Any]) -> None:
        now_s = time.monotonic()
        if said["stage"] != self._stage.get("stage"):
            self._stage_began_s = now_s
        self._spent_s[said["stage"]] = now_s - self._stage_began_s
        self._stage = said
        self._tell()

    def _note_end(self, number: int, said: dict[str, Any], trouble: str) -> None:
        if "result" in said:
            found = made(self._model)
            known = {"verdicts": found.verdicts, "mark": found.mark} if found else {}
            result = said["result"] | {"stages_s": self._spent_s} | known
            self._ledger.end_training(number, DONE, result=result)
        elif not self._cancelled:
            self._ledger.end_training(number, FAILED, reason=said.get("error", trouble))

    def notice(self, version: str) -> None:
        """Take down what was trained elsewhere: on the command line, or with another studio.

        Parameters
        ----------
        version : str
            Of the model's folder; "" where there is no model.
        """
        with self._lock:
            if self.running or version == self._noticed:
                return
            self._noticed, self._past = version, None
            found = made(self._model) if version else None
            self._there = found is not None
            last = self._ledger.trainings(DONE, most=1)
            if found is None or (last and last[0].result.get("mark") == found.mark):
                return
            result = found.result | {"verdicts": found.verdicts, "mark": found.mark}
            self._ledger.note_training(found.ended_s, result)

    def state(self) -> dict[str, Any]:
        """How it goes, and how the last ones went."""
        past = self._past = self._past or self._looked_back()
        running = self.running
        return {
            "running": running,
            "resumed": self._resumed and running,
            "progress": self._progress() if running else None,
            "now": past["now"],
            "before": past["before"],
            "difference": past["difference"],
            "failed": "" if running else past["failed"],
        }

    def _looked_back(self) -> dict[str, Any]:
        done = self._ledger.trainings(DONE)
        failed = self._ledger.trainings(FAILED, most=1)
        now = done[0] if done and self._there else None
        before = done[1] if now and len(done) > 1 else None
        later = [*([now] if now else []), *self._ledger.trainings(CANCELLED, most=1)]
        trouble = failed and all(failed[0].id > other.id for other in later)
        return {
            "now": _summary(now.result, now.ended_s) if now else None,
            "before": _summary(before.result, before.ended_s) if before else None,
            "difference": _difference(before.result, now.result) if now and before else None,
            "failed": failed[0].reason if trouble else "",
            "stages_s": now.result.get("stages_s", {}) if now else {},
        }

    def _progress(self) -> dict[str, Any]:
        stage = self._stage.get("stage", "starting")
        done, total = self._stage.get("done", 0), self._stage.get("total", 0)
        return {
            "stage": stage, "done": done, "total": total, "note": self._stage.get("note", ""),
            "seconds": time.monotonic() - self._began_s, "left_s": self._left_s(stage, done, total),
        }  # fmt: skip

    def _left_s(self, stage: str, done: int, total: int) -> float | None:
        """Seconds that are left: of this stage by its pace, of those to come as last time."""
        spent = (self._past or {}).get("stages_s")
        if not spent or stage not in STAGES or not done:
            return None
        later = sum(spent.get(name, 0.0) for name in STAGES[STAGES.index(stage) + 1 :])
        here = (time.monotonic() - self._stage_began_s) * (total - done) / done
        return float(here + later)


def check_enough(listing: Listing) -> None:
    """Refuse to begin what cannot end well.

    Raises
    ------
    Refused
        Says what is missing.
    """
    counts: dict[str, int] = {}
    for sample in listing.samples:
        counts[sample.tag] = counts.get(sample.tag, 0) + 1
    if len(counts) < 2:
        raise Refused(422, "a model needs at least two tags with samples to tell apart.")
    few = [tag for tag, n in counts.items() if n < 2]
    if few:
        raise Refused(422, f"every tag needs at least 2 samples; these have one: {', '.join(few)}.")


def _summary(result: dict[str, Any], ended_s: float | None) -> dict[str, Any]:
    keys = ("modality", "kind", "n", "tags", "metrics", "seconds", "warnings", "recipe")
    return {key: result.get(key) for key in keys} | {"ended_s": ended_s}


def _difference(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any] | None:
    if not (before.get("verdicts") and now.get("verdicts")):
        return None
    return difference(before["verdicts"], now["verdicts"]).to_json()
