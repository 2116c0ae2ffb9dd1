"""Measuring for the benchmarks: ways that take turns, whole processes, medians, a table, JSON.

Timings are compared as ratios of medians over rounds in which every way has its turn: what else
runs on the machine then slows all of them alike. `SPREAD` of the rounds' own ratios is shown too.

Ways that run networks have a process each (`take_turns_apart`). In a common one they would share
the C library's memory allocator, whose habits one library changes for the others: torch, which
asks for memory afresh for every layer, then seems a quarter faster than in a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "benchmarks"
PHOTOS = ROOT.parent / "shared" / "data" / "images" / "trash"
SPREAD = (10, 90)  # percentiles of the rounds
_PACKAGES = ("handful", "numpy", "onnxruntime", "openvino", "pillow", "scikit-learn", "torch")


@dataclass(frozen=True)
class Turns:
    """Seconds that one way took, a value a round.

    Attributes
    ----------
    wall_s : tuple of float
    cpu_s : tuple of float
        Of all threads of the process.
    """

    wall_s: tuple[float, ...]
    cpu_s: tuple[float, ...]


@dataclass(frozen=True)
class Run:
    """One run of a command: its time, its most memory, and what it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    out: str


@dataclass(frozen=True)
class Maker:
    """How a process of its own comes by a way: `make(*args)` gives it there.

    Attributes
    ----------
    make : callable
        Of a module, so that it can be sent.
    args : tuple
    env : mapping of str to str
        Set before the process begins.
    """

    make: Callable[..., Callable[[], Any]]
    args: tuple[Any, ...]
    env: Mapping[str, str] = field(default_factory=dict)


def take_turns(ways: Mapping[str, Callable[[], Any]], *, rounds: int) -> dict[str, Turns]:
    """Seconds of every way, by name; each is run once before, uncounted."""
    for way in ways.values():
        way()
    return _rounds({name: _timed(way) for name, way in ways.items()}, rounds)


def take_turns_apart(makers: Mapping[str, Maker], *, rounds: int) -> dict[str, Turns]:
    """The same with every way in a process of its own; all wait while one has its turn."""
    with ExitStack() as stack:
        lines = {name: stack.enter_context(_process(maker)) for name, maker in makers.items()}
        for line in lines.values():
            line.recv()
        return _rounds({name: _asked(line) for name, line in lines.items()}, rounds)


def _rounds(
    timers: Mapping[str, Callable[[], tuple[float, float]]], rounds: int
) -> dict[str, Turns]:
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in timers}
    for _ in range(rounds):
        for name, timer in timers.items():
            taken[name].append(timer())
    return {
        name: Turns(tuple(wall_s for wall_s, _ in some), tuple(cpu_s for _, cpu_s in some))
        for name, some in taken.items()
    }


def _timed(way: Callable[[], Any]) -> Callable[[], tuple[float, float]]:
    return lambda: stopwatch(way)


def _asked(line: Connection) -> Callable[[], tuple[float, float]]:
    def ask() -> tuple[float, float]:
        line.send(True)
        wall_s, cpu_s = line.recv()
        return wall_s, cpu_s

    return ask


@contextmanager
def _process(maker: Maker) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_answer, args=(there, maker), daemon=True)
    with _environment(maker.env):
        process.start()
    there.close()
    try:
        yield here
    finally:
        here.send(False)
        process.join()


@contextmanager
def _environment(env: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _answer(line: Connection, maker: Maker) -> None:
    way = maker.make(*maker.args)
    for _ in range(2):
        way()
    line.send(True)
    while line.recv():
        line.send(stopwatch(way))


def stopwatch(way: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    started, cpu = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - started, time.process_time() - cpu


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end.

    Keep the calling process small: a child's peak memory begins at what its parent held.

    Raises
    ------
    RuntimeError
        It failed; the message holds what it printed.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(env or {})},
        cwd=ROOT,
    ) as child:
        out = child.stdout.read() if child.stdout else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    if child.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {child.returncode}:\n{out}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, out)


def ratio(of: Sequence[float], to: Sequence[float]) -> dict[str, float]:
    """Ratio of the medians, and the spread of the rounds' ratios."""
    low, high = spread([a / b for a, b in zip(of, to, strict=True)])
    return {"ratio": statistics.median(of) / statistics.median(to), "low": low, "high": high}


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The SPREAD percentiles, by the nearest rank."""
    ordered = sorted(values)
    low, high = (ordered[round(p / 100 * (len(ordered) - 1))] for p in SPREAD)
    return low, high


def shown(value: Mapping[str, float]) -> str:
    """A ratio for people: ``3.42 (3.30-3.51)``."""
    return f"{value['ratio']:.2f} ({value['low']:.2f}-{value['high']:.2f})"


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows of equal keys in columns; floats with two digits."""
    cells = [list(rows[0])] + [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print("  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip())
    print(flush=True)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return "" if value is None else str(value)


def write(name: str, report: Mapping[str, Any]) -> None:
    """Write build/benchmarks/NAME.json: the report and the machine that it was made on."""
    BUILD.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**report, "machine": machine()}, indent=2)
    (BUILD / f"{name}.json").write_text(text + "\n")


def machine() -> dict[str, Any]:
    """Processor, cores and versions."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: found for name in _PACKAGES if (found := _version(name))},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
