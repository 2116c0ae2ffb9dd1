"""Where the arithmetic is done: processor or graphics card."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from handful.errors import InputError

_changing = threading.Lock()
_wanted: list[int] = []  # of all that compute now
_before: list[int] = []  # what torch had before the first of them


def device_of(name: str = "auto") -> torch.device:
    """The device of that name, or the quickest there is.

    Parameters
    ----------
    name : str
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``. Only on the CPU does the same seed give
        the same weights to the last bit, and there with the same number of threads.

    Raises
    ------
    InputError
        No such device here.
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if name == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    kind, _, number = name.partition(":")
    count = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(mps)}.get(kind, 0)
    if not (number or "0").isdecimal() or int(number or "0") >= count:
        there = ", ".join(["cpu", *(["cuda"] * cuda), *(["mps"] * mps)])
        raise InputError(f"there is no device {name!r} here. There is: {there}; or say auto.")
    return torch.device(name)


@contextmanager
def cpu_threads(n: int) -> Iterator[None]:
    """Let torch use so many processor threads, and as many as before when the last one is done.

    Sums come out the same to the last bit only with the same number of threads. And threads wait
    for each other busily: where other work needs the cores, two can be many times slower than one.
    The number is partly the whole process's: who ends first must not change it for the others.
    """
    with _changing:
        if not _wanted:
            _before.append(torch.get_num_threads())
        _wanted.append(n)
        torch.set_num_threads(n)
    try:
        yield
    finally:
        with _changing:
            _wanted.remove(n)
            torch.set_num_threads(_wanted[-1] if _wanted else _before.pop())
