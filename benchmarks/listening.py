"""How sharp and how quiet `handful listen` is, beside what people would write first.

python benchmarks/listening.py [recordings] [scenes] [tones] [false-alarms] [short-promises]

Peers, in the same run: the A-weighted level alone with the same kind of threshold (above
everything in the baseline), and "3 MAD" (any third octave more than three scaled median absolute
deviations from its median), both with the same merging into events.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import made_sounds
import measure
from handful.detectors.alarms import Alarms, Scored
from handful.detectors.sound_level import SoundLevelMeter
from handful.detectors.unusual_sound import UnusualSound
from handful.sounds.files import open_file

RECORDINGS = measure.ROOT.parent / "shared" / "data" / "recordings"
NOISES = ("white", "pink", "band")
HOURS = 10
_RUN_S = 840.0  # after a short baseline
_N_TONES = 40
SLACK_S = 0.5  # an event that touches a true one, give or take so much, found it
Frames = tuple[np.ndarray, np.ndarray, float, np.ndarray]  # bands, A levels, hop_s, middles_hz
Scores = Callable[[Frames, int], np.ndarray]


def main(parts: list[str]) -> None:
    ways = {
        "recordings": recordings, "scenes": scenes, "tones": tones, "false-alarms": false_alarms,
        "short-promises": short_promises,
    }  # fmt: skip
    report: dict[str, Any] = {}
    for part in parts or list(ways):
        report[part.replace("-", "_")] = ways[part]()
    measure.write("listening", report)


def levels_of(blocks: Iterable[np.ndarray], rate_hz: float) -> Frames:
    meter = SoundLevelMeter(rate_hz)
    found = [meter.add(block) for block in blocks]
    found.append(meter.finish())
    bands = np.concatenate([levels.bands_db for levels in found])
    a_db = np.concatenate([levels.a_db for levels in found])
    return bands, a_db, meter.hop_s, meter.middles_hz


def by_handful(frames: Frames, n_learnt: int) -> np.ndarray:
    bands, _, hop_s, middles = frames
    detector = UnusualSound(middles, hop_s=hop_s, baseline_frames=n_learnt)
    for frame in bands[:n_learnt]:
        detector.learn_one(frame)
    return detector.compare(bands[n_learnt:]).scores


def by_a_level(frames: Frames, n_learnt: int) -> np.ndarray:
    """Robust z of the A-weighted level; the limit is the highest in the second half."""
    a_db = frames[1]
    first, second = a_db[: n_learnt // 2], a_db[n_learnt // 2 : n_learnt]
    middle = np.median(first)
    spread = 1.4826 * np.median(np.abs(first - middle))
    return (a_db[n_learnt:] - middle) / spread / max(1, ((second - middle) / spread).max())


def by_three_mad(frames: Frames, n_learnt: int) -> np.ndarray:
    bands = frames[0].astype(float)
    middle = np.median(bands[:n_learnt], axis=0)
    spread = 1.4826 * np.median(np.abs(bands[:n_learnt] - middle), axis=0)
    return np.abs((bands[n_learnt:] - middle) / np.maximum(spread, 1e-3)).max(axis=1) / 3


WAYS: dict[str, Scores] = {
    "handful": by_handful, "A level alone": by_a_level, "3 MAD": by_three_mad,
}  # fmt: skip


def events(scores: np.ndarray, hop_s: float, first: int) -> list[tuple[float, float]]:
    alarms, found = Alarms(), []
    for i, score in enumerate(scores.tolist(), start=first):
        found += alarms.add(Scored(i * hop_s, (i + 1) * hop_s, score, 0.0, 1000.0))
    found += alarms.finish()
    return [(event.start_s, event.end_s) for event in found]


def judged(got: list[tuple[float, float]], true: list[tuple[float, float]]) -> tuple[int, int]:
    """Events found, and false ones: those that touch none, or swallow what is around one."""

    def touches(one: tuple[float, float], other: tuple[float, float]) -> bool:
        return one[0] < other[1] + SLACK_S and one[1] > other[0] - SLACK_S

    def fits(one: tuple[float, float]) -> bool:
        return any(touches(one, t) and one[0] > t[0] - 2 and one[1] < t[1] + 4 for t in true)

    good = [one for one in got if fits(one)]
    return sum(any(touches(one, t) for one in good) for t in true), len(got) - len(good)


def recordings() -> list[dict[str, Any]]:
    listed = json.loads((RECORDINGS / "events.json").read_text())
    rows = []
    for name, facts in listed.items():
        sound = open_file(RECORDINGS / name)
        frames = levels_of(sound.blocks(), sound.rate_hz)
        true = [(event["start_s"], event["end_s"]) for event in facts["events"]]
        rows.append(_row(name, frames, true))
    measure.table(rows)
    return rows


def _row(name: str, frames: Frames, true: list[tuple[float, float]]) -> dict[str, Any]:
    row: dict[str, Any] = {"sound": name, "events": len(true)}
    n_learnt = round(30 / frames[2])
    for way, scores in WAYS.items():
        found, false = judged(events(scores(frames, n_learnt), frames[2], n_learnt), true)
        row |= {f"{way}: found": found, f"{way}: false": false}
    return row


def scenes() -> list[dict[str, Any]]:
    """60 composed scenes that no constant was chosen on (those had seeds below 100,000)."""
    clips = made_sounds.clips()
    rows = []
    for snr_db in (20, 12, 6, None):
        total: dict[str, Any] = {}
        for seed in range(15):
            for number, background in enumerate(made_sounds.BACKGROUNDS):
                made = made_sounds.scene(
                    clips,
                    background,
                    snr_db,
                    seed=100_000 + 100 * seed + 10 * number + (snr_db or 0),
                )
                frames = levels_of([made.samples], made_sounds.RATE_HZ)
                row = _row(f"{snr_db} dB" if snr_db else "no event", frames, made.events_s)
                total = {
                    key: value if key == "sound" else total.get(key, 0) + value
                    for key, value in row.items()
                }
        rows.append(total)
    print("45 scenes a row")
    measure.table(rows)
    return rows


def false_alarms() -> list[dict[str, Any]]:
    """Alarms in ten hours of steady noise: an hour of baseline and 1/hour, and 30 s of it."""
    rows = []
    for seed, kind in enumerate(NOISES):
        whole = levels_of(
            made_sounds.noise(kind, 3600 * (HOURS + 1), seed=seed), made_sounds.RATE_HZ
        )
        rows.append({"noise": kind, "baseline": "1 h", "promised/h": 1.0, **_alarms(whole, 3600)})
        rows.append({"noise": kind, "baseline": "30 s", "promised/h": 116.0, **_alarms(whole, 30)})
    measure.table(rows)
    return rows


def _alarms(frames: Frames, baseline_s: float) -> dict[str, float]:
    bands, a_db, hop_s, middles = frames
    n_learnt = round(baseline_s / hop_s)
    stretch = n_learnt + round((3600 * HOURS if baseline_s >= 3600 else 1800) / hop_s)
    counts = dict.fromkeys(WAYS, 0.0)
    over = 0.0
    hours = 0.0
    for start in range(0, len(bands) - stretch + 1, stretch):
        part = (bands[start : start + stretch], a_db[start : start + stretch], hop_s, middles)
        hours += (stretch - n_learnt) * hop_s / 3600
        for name, scores in WAYS.items():
            found = scores(part, n_learnt) / (_promised(part, n_learnt) if name == "handful" else 1)
            counts[name] += len(events(found, hop_s, n_learnt))
            if name == "3 MAD":
                over += float((found >= 1).sum()) * hop_s / 36
    rates = {f"{name}/h": count / hours for name, count in counts.items()}
    return {"hours": hours, **rates, "frames over 3 MAD, %": over / hours}


def short_promises() -> list[dict[str, Any]]:
    """Alarms in 14 minutes after a short baseline, again and again in ten hours of noise."""
    rows = []
    for kind in NOISES:
        whole = levels_of(made_sounds.noise(kind, 3600 * HOURS, seed=50), made_sounds.RATE_HZ)
        for baseline_s, per_hour in ((60, 60), (60, 120), (300, 12), (300, 60), (600, 12)):
            counts = _runs(whole, baseline_s, float(per_hour))
            rows.append({
                "noise": kind, "baseline, s": baseline_s, "promised/h": per_hour,
                "runs": len(counts), "alarms/h": np.mean(counts) * 3600 / _RUN_S,
                "more than promised, %": 100 * np.mean(counts > per_hour * _RUN_S / 3600),
            })  # fmt: skip
    measure.table(rows)
    return rows


def _runs(whole: Frames, baseline_s: float, per_hour: float) -> np.ndarray:
    bands, _, hop_s, middles = whole
    n_learnt, n = round(baseline_s / hop_s), round((baseline_s + _RUN_S) / hop_s)
    counts = []
    for start in range(0, len(bands) - n + 1, n):
        detector = UnusualSound(middles, hop_s=hop_s, baseline_frames=n_learnt)
        for frame in bands[start : start + n_learnt]:
            detector.learn_one(frame)
        baseline = detector.baseline
        assert baseline is not None
        threshold = baseline.threshold(per_hour)
        assert threshold is not None
        scores = detector.compare(bands[start + n_learnt : start + n]).scores / threshold
        alarms = Alarms(baseline.release(threshold))
        rows = (
            Scored(i * hop_s, (i + 1) * hop_s, score, 0.0, 1000.0)
            for i, score in enumerate(scores.tolist())
        )
        counts.append(sum(len(list(alarms.add(row))) for row in rows))
    return np.array(counts)


def _promised(frames: Frames, n_learnt: int) -> float:
    """The threshold of --false-alarms 1/hour where that can be promised."""
    bands, _, hop_s, middles = frames
    detector = UnusualSound(middles, hop_s=hop_s, baseline_frames=n_learnt)
    for frame in bands[:n_learnt]:
        detector.learn_one(frame)
    baseline = detector.baseline
    assert baseline is not None
    return baseline.threshold(1.0) or 1.0


def tones() -> list[dict[str, Any]]:
    """Tones of 2 s, 12 dB under noise at 48 kHz, after a minute of baseline: how many are found."""
    rate_hz, rows = 48_000, []
    for kind in ("white", "pink"):
        found = dict.fromkeys(WAYS, 0)
        for seed in range(_N_TONES):
            noise = np.concatenate(list(made_sounds.noise(kind, 250, seed=seed)))[: 80 * rate_hz]
            pitch_hz = 10 ** np.random.default_rng(seed).uniform(2, 4)
            wave_s = np.arange(2 * rate_hz) / rate_hz
            tone = 0.05 * 10 ** (-12 / 20) * np.sqrt(2) * np.sin(2 * np.pi * pitch_hz * wave_s)
            noise[68 * rate_hz : 70 * rate_hz] += tone.astype(np.float32)
            frames = levels_of([noise], rate_hz)
            n_learnt = round(60 / frames[2])
            for name, scores in WAYS.items():
                got = events(scores(frames, n_learnt), frames[2], n_learnt)
                found[name] += judged(got, [(68.0, 70.0)]) == (1, 0)
        rows.append({"noise": kind, "tones": _N_TONES, **found})
    print("found, and nothing else beside it")
    measure.table(rows)
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
