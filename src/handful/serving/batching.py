"""Samples wait in one line; threads, one a core, take what is next and answer it in batches."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from handful.errors import UnreadableError
from handful.serving.limits import Limits, check_sample
from handful.serving.models import Loaded
from handful.serving.refusals import BadSample, Refusal

_log = logging.getLogger(__name__)
_ENDING_S = 5.0  # for threads to end when nothing waits any more


class Errand:
    """The samples of one request, answered one by one in any order.

    Attributes
    ----------
    done : asyncio.Future
        Has a result as soon as every sample is answered or refused.
    answers : list
        In the order of the samples; None where there is none.
    bad : dict of int to str
        Why a sample cannot be answered, by its place.
    abandoned : bool
        Nobody waits for it any more.
    """

    def __init__(self, n_samples: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._open = n_samples
        self.done: asyncio.Future[None] = self._loop.create_future()
        self.answers: list[Any] = [None] * n_samples
        self.bad: dict[int, str] = {}
        self.abandoned = False

    def settle(self, place: int, answer: Any, why: str = "") -> None:
        """Note what became of a sample; from any thread."""
        with self._lock:
            self.answers[place] = answer
            if why:
                self.bad[place] = why
            self._open -= 1
            last = self._open == 0
        if last:
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


@dataclass(frozen=True)
class Job:
    """One sample of an errand."""

    errand: Errand
    place: int
    model: Loaded
    name: str
    data: bytes = field(repr=False)


class Line:
    """The line of waiting samples and the threads that answer them.

    Parameters
    ----------
    n_threads : int
    limits : Limits
    on_batch : callable
        Told the model and the number of samples of every batch.
    """

    def __init__(
        self, n_threads: int, limits: Limits, on_batch: Callable[[Loaded, int], None]
    ) -> None:
        self._limits, self._on_batch = limits, on_batch
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._work, name=f"answering-{i}", daemon=True)
            for i in range(n_threads)
        ]

    def open(self) -> None:
        """Begin to answer."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Answer what waits, then end the threads."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(_ENDING_S)

    @property
    def waiting(self) -> int:
        """Samples that no thread has taken yet."""
        return len(self._jobs)

    def check_room(self, model: Loaded, n_samples: int = 1) -> None:
        """Refuse what would make the line too long.

        Raises
        ------
        Refusal
            429, and when to come again.
        """
        waiting = self.waiting
        if waiting and waiting + n_samples > self._limits.waiting:
            seconds = waiting * model.pace.sample_s / len(self._threads)
            raise Refusal(
                429,
                f"{waiting} samples are waiting already: ask again later",
                retry_after_s=max(1, math.ceil(seconds)),
            )

    def submit(self, model: Loaded, samples: Sequence[tuple[str, bytes]]) -> Errand:
        """Queue samples; to be called in the event loop.

        Raises
        ------
        Refusal
            The line is too long.
        """
        self.check_room(model, len(samples))
        errand = Errand(len(samples))
        with self._changed:
            for place, (name, data) in enumerate(samples):
                self._jobs.append(Job(errand, place, model, name, data))
            self._changed.notify(len(samples))
        return errand

    def _work(self) -> None:
        while jobs := self._take():
            prepared = [(job, feed) for job in jobs if (feed := self._prepare(job)) is not None]
            for batch in _of_one_shape(prepared):
                self._answer(batch)

    def _take(self) -> list[Job]:
        """The next sample and those behind it that go with it; none when all is over."""
        with self._changed:
            while not self._jobs and not self._closing:
                self._changed.wait()
            if not self._jobs:
                return []
            share = math.ceil(len(self._jobs) / len(self._threads))
            jobs = [self._jobs.popleft()]
            model = jobs[0].model
            while len(jobs) < min(share, model.pace.batch) and self._jobs[0].model is model:
                jobs.append(self._jobs.popleft())
            return jobs

    def _prepare(self, job: Job) -> dict[str, Any] | None:
        """What the model file takes; None where there is nothing to answer."""
        if job.errand.abandoned:
            job.errand.settle(job.place, None)
            return None
        predictor = job.model.predictor
        try:
            check_sample(predictor.modality, job.data, self._limits)
            return predictor.input_of(job.data)
        except UnreadableError as error:
            job.errand.settle(job.place, None, str(error))
        except MemoryError:
            job.errand.settle(job.place, None, "needs more memory than is free")
        except Exception as error:  # noqa: BLE001 - a reader's fault must not end the thread
            _log.error("reading failed", exc_info=error)
            job.errand.settle(job.place, None, "cannot be read")
        return None

    def _answer(self, batch: list[tuple[Job, dict[str, Any]]]) -> None:
        jobs = [job for job, _ in batch]
        model = jobs[0].model
        start_s = time.perf_counter()
        try:
            answers = model.predictor.answers([job.name for job in jobs], [f for _, f in batch])
        except Exception as error:  # noqa: BLE001 - one odd sample must not harm the others
            if len(batch) > 1:
                for one in batch:
                    self._answer([one])
                return
            _log.error("answering failed", exc_info=error)
            jobs[0].errand.settle(jobs[0].place, None, "cannot be answered by this model")
            return
        model.pace.learn_one(time.perf_counter() - start_s, len(jobs))
        self._on_batch(model, len(jobs))
        for job, answer in zip(jobs, answers, strict=True):
            job.errand.settle(job.place, answer)


def bad_samples(errand: Errand, names: Sequence[str]) -> list[BadSample]:
    """Those that cannot be answered, in the order in which they were sent."""
    return [BadSample(names[place], errand.bad[place]) for place in sorted(errand.bad)]


def _of_one_shape(
    prepared: list[tuple[Job, dict[str, Any]]],
) -> list[list[tuple[Job, dict[str, Any]]]]:
    """Samples that can go into the model together."""
    groups: dict[Any, list[tuple[Job, dict[str, Any]]]] = {}
    for job, feed in prepared:
        shapes = tuple((name, array.shape) for name, array in feed.items())
        groups.setdefault(shapes, []).append((job, feed))
    return list(groups.values())
