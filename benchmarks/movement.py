"""Counting movement: how often right, how fast, how much memory, beside the notes and OpenCV.

python benchmarks/movement.py accuracy   # the sample videos, at three speeds, cut in six ways
python benchmarks/movement.py small      # the sample videos, as small as the studio sends them
python benchmarks/movement.py made       # drawn videos: light, flicker, shake, noise, rates
python benchmarks/movement.py rates      # drawn videos: slow frames, fast and wide movement
python benchmarks/movement.py choice     # constants chosen on all clips but one, tried on it
python benchmarks/movement.py speed      # CPU time over bare decoding, frames a second
python benchmarks/movement.py memory     # an hour of video
"""

from __future__ import annotations

import csv
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import av
import numpy as np

from handful.detectors import activity, block_flow, blocks, periods
from handful.detectors.blocks import BlockCounter
from handful.detectors.counting import Counter
from handful.detectors.plain import PlainCounter
from handful.detectors.robust import RobustCounter
from handful.verbs.counting import Counting
from handful.videos import Frame, open_video
from measure import BUILD, ROOT, ratio, run, shown, table, take_turns, write

sys.path.insert(0, str(ROOT / "tests"))
from made_videos import frames, movement, write_video

VIDEOS = ROOT.parent / "shared" / "data" / "videos"
SPEEDS = (1.0, 0.75, 4 / 3)
CROPS = {  # top, bottom, left, right, as shares
    "whole": (0, 1, 0, 1), "middle": (0.1, 0.9, 0.1, 0.9), "left": (0, 0.9, 0, 0.85),
    "right": (0.1, 1, 0.15, 1), "top": (0, 0.85, 0.05, 0.95), "bottom": (0.15, 1, 0.05, 0.95),
}  # fmt: skip
METHODS: dict[str, Callable[[], Counter]] = {
    "blocks": BlockCounter, "robust": RobustCounter, "plain": PlainCounter,
}  # fmt: skip
TROUBLES = {
    "clean": {}, "drift 40 %": {"drift": 0.4}, "flicker": {"flicker": 0.06},
    "shake 6 px": {"shake_px": 6.0}, "noise 8": {"noise": 8.0},
    "all": {"drift": 0.4, "flicker": 0.06, "shake_px": 6.0, "noise": 8.0},
}  # fmt: skip
# Two neighbours of each constant that decides: (module, name, values, the one in use first).
CONSTANTS = [
    (periods, "_NEARLY_BEST", (0.8, 0.7, 0.9)),
    (activity, "_ACTIVE", (0.1, 0.05, 0.2)),
    (activity, "_MOVING", (0.15, 0.05, 0.3)),
    (activity, "_LIKE_NEIGHBOUR", (0.15, 0.0, 0.3)),
    (blocks, "_LOCKED", (0.4, 0.3, 0.5)),
    (blocks, "_LOCAL", (6, 4, 10)),
    (blocks, "_CAMERA_EXPLAINS", (0.2, 0.1, 0.4)),
    (block_flow, "_CORE", (0.5, 0.25, 1.0)),
]


def truth() -> dict[str, int]:
    with (VIDEOS / "counts.csv").open(encoding="utf-8") as file:
        return {row["file"]: int(row["repetitions"]) for row in csv.DictReader(file)}


def right(counted: int, actual: int) -> bool:
    return abs(counted - actual) <= 1 if actual else counted == 0


def cropped(frame: Frame, crop: tuple[float, ...], speed: float) -> Frame:
    height, width = frame.luma.shape
    top, bottom, left, right = crop
    rows, columns = (
        slice(int(top * height), int(bottom * height)),
        slice(int(left * width), int(right * width)),
    )
    return Frame(frame.luma[rows, columns], frame.time_s / speed, frame.turns)


def counts(name: str, ways: dict[str, tuple[Callable[[], Counter], str, float]]) -> dict[str, int]:
    """What several ways count in one video, decoded once."""
    counters = {way: (make(), CROPS[crop], speed) for way, (make, crop, speed) in ways.items()}
    with open_video(VIDEOS / name) as video:
        for frame in video:
            for counter, crop, speed in counters.values():
                counter.learn_one(cropped(frame, crop, speed))
    return {way: counter.finish().repetitions for way, (counter, _, _) in counters.items()}


def accuracy() -> None:
    rows, shares = [], {method: [] for method in METHODS}
    for name, actual in truth().items():
        ways = {
            f"{method} {crop} {speed:.2f}": (make, crop, speed)
            for method, make in METHODS.items()
            for crop, speed in itertools.product(CROPS, SPEEDS)
        }
        found = counts(name, ways)
        row: dict[str, object] = {"video": name, "actual": actual}
        for method in METHODS:
            all_ways = [n for way, n in found.items() if way.startswith(method)]
            row[method] = found[f"{method} whole 1.00"]
            row[f"{method}, 18 ways"] = statistics.mean(right(n, actual) for n in all_ways)
            shares[method].append((right(int(str(row[method])), actual), row[f"{method}, 18 ways"]))
        rows.append(row)
    table(rows)
    summary = [
        {"method": m, "right": sum(a for a, _ in s), "of": len(s),
         "right, 18 ways": statistics.mean(float(str(b)) for _, b in s)}
        for m, s in shares.items()
    ]  # fmt: skip
    table(summary)
    write("movement-accuracy", {"rows": rows, "summary": summary})


def small() -> None:
    """Whole pictures beside those of 160 pixels width and at most 50 a second."""
    rows = []
    for name, actual in truth().items():
        whole, shrunk, last_s = BlockCounter(), BlockCounter(), -1.0
        with open_video(VIDEOS / name) as video:
            for frame in video:
                whole.learn_one(frame)
                if frame.time_s - last_s >= 0.02:
                    last_s = frame.time_s
                    shrunk.learn_one(Frame(_shrunk(frame.upright), frame.time_s))
        found = {"whole": whole.finish().repetitions, "small": shrunk.finish().repetitions}
        rows.append({"video": name, "truth": actual, **found})
    table(rows)
    for way in ("whole", "small"):
        n_right = sum(right(row[way], row["truth"]) for row in rows)
        print(f"{way}: {n_right} of {len(rows)} right")
    write("movement-small", {"rows": rows})


def _shrunk(luma: np.ndarray) -> np.ndarray:
    height, width = luma.shape
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(luma), format="gray")
    tall = min(640, max(48, round(160 * height / width)))
    return picture.reformat(width=160, height=tall, interpolation="BILINEAR").to_ndarray()


def made() -> None:
    rows = []
    for trouble, how in TROUBLES.items():
        row: dict[str, object] = {"trouble": trouble}
        for method, make in METHODS.items():
            got = []
            grid = itertools.product((15, 24, 30, 60), (0.3, 0.5, 1.0, 2.0, 4.0), (0.06, 0.12))
            for seed, (fps, period_s, amplitude) in enumerate(grid):
                n = 14 if period_s < 1 else 8 if period_s < 4 else 5
                counter = make()
                rest_s = (0.0, 1.5)[seed // 2 % 2]
                for frame in frames(
                    n, period_s, fps, amplitude=amplitude, rest_s=rest_s, seed=seed, **how
                ):
                    counter.learn_one(frame)
                got.append((fps, period_s, abs(counter.finish().repetitions - n) <= 1))
            row[method] = statistics.mean(ok for *_, ok in got)
            if method == "blocks":
                row["blocks, wrong at"] = " ".join(f"{f} fps {p} s;" for f, p, ok in got if not ok)
        rows.append(row)
    table(rows)
    write("movement-made", {"rows": rows})


def rates() -> None:
    """Frame rates from 6 to 50, finer periods and wider swings than `made`; blocks only."""
    slow = itertools.product((6, 7.5, 8, 9, 10, 12, 14), (0.8, 1.1, 1.5, 2.3, 3.4), (0.08, 0.14))
    periods_s = (0.3, 0.35, 0.4, 0.45, 0.5, 0.57, 0.65, 0.8, 1.3)
    fast = itertools.product((15, 20, 24, 25, 30, 50), periods_s, (0.06, 0.12, 0.2))
    troubles = (TROUBLES["clean"], TROUBLES["noise 8"], TROUBLES["all"])
    clips = [(*clip, 14 if clip[1] < 1 else 9) for clip in slow if clip[0] * clip[1] >= 5]
    clips += [(*clip, 20) for clip in fast if clip[0] * clip[1] >= 4]
    found: dict[float, list[bool]] = {}
    wrong: dict[float, str] = {}
    for seed, (fps, period_s, amplitude, n) in enumerate(clips, start=101):
        counter, rest_s = BlockCounter(), (0.0, 1.5)[seed % 2]
        for frame in frames(
            n, period_s, fps, amplitude=amplitude, rest_s=rest_s, seed=seed, **troubles[seed % 3]
        ):
            counter.learn_one(frame)
        counted = counter.finish().repetitions
        found.setdefault(fps, []).append(abs(counted - n) <= 1)
        if not found[fps][-1]:
            said = f" {period_s} s, swing {amplitude}: {counted} of {n};"
            wrong[fps] = wrong.get(fps, "") + said
    rows = [
        {"fps": fps, "right": sum(ok), "of": len(ok), "wrong": wrong.get(fps, "")}
        for fps, ok in found.items()
    ]
    table(rows)
    print(sum(map(sum, found.values())), "of", len(clips))
    write("movement-rates", {"rows": rows})


def grids(name: str) -> dict[str, list[Frame]]:
    """Each frame's grid in place of the frame, for every crop: what the constants work on."""
    found: dict[str, list[Frame]] = {crop: [] for crop in CROPS}
    with open_video(VIDEOS / name) as video:
        for frame in video:
            for crop, part in CROPS.items():
                grid = block_flow.grid_of(cropped(frame, part, 1.0))
                found[crop].append(Frame(grid, frame.time_s))
    return found


def choice() -> None:
    """Constants chosen on all clips but one and tried on that one."""
    clips = {name: grids(name) for name in truth()}
    blocks.grid_of = lambda frame: frame.luma  # type: ignore[assignment]
    settings = [()] + [
        ((module, constant, value),)
        for module, constant, values in CONSTANTS
        for value in values[1:]
    ]
    scores = {}
    for setting in settings:
        scores[setting] = {name: _share(name, clips[name], setting) for name in clips}
        label = ", ".join(f"{c} = {v}" for _, c, v in setting) or "as they are"
        print(f"{label:28s}{statistics.mean(scores[setting].values()):.3f}", flush=True)
    left_out = []
    for name in clips:
        best = max(settings, key=lambda s: sum(v for k, v in scores[s].items() if k != name))
        left_out.append(scores[best][name])
    print(f"chosen without the clip, tried on it: {statistics.mean(left_out):.3f}")
    write("movement-choice", {"left_out": statistics.mean(left_out)})


def _share(name: str, grids_: dict[str, list[Frame]], setting: tuple) -> float:
    before = [(module, constant, getattr(module, constant)) for module, constant, _ in setting]
    for module, constant, value in setting:
        setattr(module, constant, value)
    try:
        found = []
        for crop, speed in itertools.product(CROPS, SPEEDS):
            counter = BlockCounter()
            for frame in grids_[crop]:
                counter.learn_one(Frame(frame.luma, frame.time_s / speed))
            found.append(right(counter.finish().repetitions, truth()[name]))
    finally:
        for module, constant, value in before:
            setattr(module, constant, value)
    return statistics.mean(found)


def video_of(height: int, width: int, seconds: float) -> Path:
    """A drawn video of H.264, blown up to the size asked for."""
    path = BUILD / f"movement-{height}.mp4"
    if not path.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        write_video(path, _large(height, width, seconds), codec="libx264")
    return path


def _large(height: int, width: int, seconds: float) -> Iterator[tuple[float, np.ndarray]]:
    rng = np.random.default_rng(0)
    for time_s, small in movement(int(seconds), 1.0):
        rows = np.arange(height) * small.shape[0] // height
        columns = np.arange(width) * small.shape[1] // width
        grain = rng.integers(-4, 5, (height, width), dtype=np.int16)
        yield time_s, (small[rows][:, columns] + grain).clip(0, 255).astype(np.uint8)


def bare(path: Path) -> None:
    import av

    with av.open(str(path)) as container:
        track = container.streams.video[0]
        track.thread_type = "AUTO"
        for _ in container.decode(track):
            pass


def opencv(path: Path) -> None:
    """Read, grey, mean: what a loop does before it counts anything."""
    import cv2

    cv2.setNumThreads(1)
    capture = cv2.VideoCapture(str(path))
    while True:
        there, frame = capture.read()
        if not there:
            return
        cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).mean()


def speed() -> None:
    report = []
    for height, width in ((720, 1280), (1080, 1920)):
        path = video_of(height, width, 10)
        ways = {"bare decoding": lambda p=path: bare(p), "OpenCV loop": lambda p=path: opencv(p)}
        for method in METHODS:
            ways[method] = lambda p=path, m=method: Counting(p, method=m).run()
        turns = take_turns(ways, rounds=5)
        base = turns["bare decoding"].cpu_s
        rows = [
            {"lines": height, "way": way, "CPU over decoding": shown(ratio(taken.cpu_s, base))}
            for way, taken in turns.items()
        ]
        table(rows)
        each = alone(path)
        print(f"blocks alone, frames in memory: {each:.0f} a second\n", flush=True)
        report.append({"lines": height, "rows": rows, "alone_per_s": each})
    write("movement-speed", {"report": report})


def alone(path: Path) -> float:
    """Frames a second of the default counter, frames in memory; median of 5."""
    some = []
    with open_video(path) as video:
        for frame in itertools.islice(video, 60):
            some.append(frame.luma.copy())
    found = []
    for _ in range(5):
        counter, started = BlockCounter(), time.process_time()
        for i in range(1800):
            counter.learn_one(Frame(some[i % 60], i / 30))
        counter.finish()
        found.append(1800 / (time.process_time() - started))
    return statistics.median(found)


def memory() -> None:
    """Peak memory of the command over a minute and over an hour of small video."""
    rows = []
    for minutes in (1, 60):
        path = BUILD / f"movement-{minutes}-minutes.mp4"
        if not path.exists():
            BUILD.mkdir(parents=True, exist_ok=True)
            once = [picture for _, picture in movement(2, 1.0, 15)]
            n = minutes * 60 * 15
            part = path.with_suffix(".part.mp4")
            write_video(part, ((i / 15, once[i % len(once)]) for i in range(n)))
            part.replace(path)
        for method in METHODS:
            command = [Path(sys.executable).parent / "handful", "count", path, "--method", method]
            done = run(command)
            rows.append({"minutes": minutes, "method": method, "peak MB": done.peak_mb,
                         "CPU s": done.cpu_s, "said": done.out.splitlines()[1][-40:]})  # fmt: skip
    table(rows)
    write("movement-memory", {"rows": rows})


if __name__ == "__main__":
    known = {f.__name__: f for f in (accuracy, small, made, rates, choice, speed, memory)}
    for asked in sys.argv[1:] or known:
        known[asked]()
