"""Reads samples in threads ahead of whoever uses them, in order and in bounded memory."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from handful.errors import UnreadableError

Item = TypeVar("Item")
Value = TypeVar("Value")

# Linux, control groups version 2: "<quota> <period>" in microseconds, or "max <period>"
CPU_MAX = Path("/sys/fs/cgroup/cpu.max")


@dataclass(frozen=True)
class Batch(Generic[Value]):
    """A few consecutive samples, read.

    Attributes
    ----------
    indices : tuple of int
        Where in `items` each of `values` comes from.
    values : tuple
        What was read; shorter than the batch size where something was unreadable.
    unreadable : tuple of (int, UnreadableError)
        Which items of this batch could not be read, and why.
    """

    indices: tuple[int, ...]
    values: tuple[Value, ...]
    unreadable: tuple[tuple[int, UnreadableError], ...]


class DataLoader(Generic[Item, Value]):
    """Batches of samples in the order of `items`, read in threads ahead of the consumer.

    At most ``batch_size * (prefetch + 1) + workers`` samples that are read are alive beside
    the batch that the consumer holds. Can be iterated over again.

    Parameters
    ----------
    items : sequence
        What `read` takes, for photos: paths.
    read : callable
        Reads one item; an UnreadableError is collected, anything else it raises is raised.
    batch_size : int
        Samples a batch; the last one may be shorter.
    workers : int or None
        Threads; None takes as many as there are usable cores.
    prefetch : int
        Batches read ahead of the consumer.
    """

    def __init__(
        self,
        items: Sequence[Item],
        read: Callable[[Item], Value],
        *,
        batch_size: int = 8,
        workers: int | None = None,
        prefetch: int = 2,
    ) -> None:
        self.items = items
        self.read = read
        self.batch_size = batch_size
        self.workers = workers
        self.prefetch = prefetch

    def __len__(self) -> int:
        return math.ceil(len(self.items) / self.batch_size)

    def __iter__(self) -> Iterator[Batch[Value]]:
        results = ordered_map(
            self._read_or_error,
            self.items,
            workers=self.workers or usable_cores(),
            ahead=self.prefetch * self.batch_size,
        )
        with closing(results):
            for start in range(0, len(self.items), self.batch_size):
                yield _batch(start, list(islice(results, self.batch_size)))

    def _read_or_error(self, item: Item) -> Value | UnreadableError:
        try:
            return self.read(item)
        except UnreadableError as error:
            return error


def _batch(start: int, results: list[Value | UnreadableError]) -> Batch[Value]:
    numbered = list(enumerate(results, start))
    read = [(i, value) for i, value in numbered if not isinstance(value, UnreadableError)]
    return Batch(
        indices=tuple(i for i, _ in read),
        values=tuple(value for _, value in read),
        unreadable=tuple((i, e) for i, e in numbered if isinstance(e, UnreadableError)),
    )


def ordered_map(
    function: Callable[[Item], Value], iterable: Iterable[Item], *, workers: int, ahead: int
) -> Generator[Value, None, None]:
    """``map(function, iterable)`` in threads: in order, and never far ahead of the consumer.

    At most ``workers + ahead`` results are under way or wait for the consumer. The first
    exception is raised in its place; then, and when the consumer stops early, nothing new is
    begun and the threads end.
    """
    waiting: deque[Future[Value]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="handful-read")
    try:
        for item in iterable:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= workers + ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def usable_cores(cpu_max: Path = CPU_MAX) -> int:
    """How many cores this process may keep busy, at least 1.

    Parameters
    ----------
    cpu_max : Path
        The file in which Linux says how much CPU time a container may use.
    """
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    try:
        quota, period = cpu_max.read_text().split()
        cores = min(cores, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError, ZeroDivisionError):  # no container, or one without a limit
        pass
    return max(1, cores)


def one_thread_each() -> AbstractContextManager[object]:
    """Within it NumPy's matrix products keep to the calling thread.

    Small products in several threads lose more to waiting for one another than they gain, and
    on a busy machine they lose all; handful runs whole folds side by side instead.
    """
    import threadpoolctl

    limits: AbstractContextManager[object] = threadpoolctl.threadpool_limits(1)
    return limits
