"""How fast `handful listen` is on one core, and how much memory it takes.

python benchmarks/listening_speed.py
"""

from __future__ import annotations

import os
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import handful
import measure
from handful.sounds.files import open_file


def main() -> None:
    measure.write("listening_speed", {"speed": speed(), "memory": memory()})


def speed() -> list[dict[str, Any]]:
    """CPU seconds for ten minutes at 48 kHz on one core, decoding included."""
    path = _wav(600)
    ways = {
        "handful listen (levels, third octaves, events)": lambda: handful.listen(path).to_json(),
        "SciPy: A weighting and Fast, nothing else": lambda: _scipy_level(path),
        "soundfile: decoding alone": lambda: sum(len(b) for b in open_file(path).blocks()),
    }
    turns = measure.take_turns(ways, rounds=5)
    rows = [
        {
            "what": name,
            "CPU s": float(np.median(turn.cpu_s)),
            "x real time": 600 / float(np.median(turn.cpu_s)),
        }
        for name, turn in turns.items()
    ]
    measure.table(rows)
    return rows


def _scipy_level(path: Path) -> float:
    """The usual recipe: a bilinear A filter, squares, an exponential average."""
    from scipy import signal

    poles = (
        -2 * np.pi * np.array([20.598997, 20.598997, 107.65265, 737.86223, 12194.217, 12194.217])
    )
    gain = (2 * np.pi * 12194.217) ** 2 * 10 ** (2.0 / 20)
    sos = signal.zpk2sos(*signal.bilinear_zpk([0, 0, 0, 0], poles, gain, 48_000))
    state, needle, highest = signal.sosfilt_zi(sos) * 0, np.zeros(1), 0.0
    kept = np.exp(-1 / 6000)
    for block in open_file(path).blocks():
        weighted, state = signal.sosfilt(sos, block, zi=state)
        fast, needle = signal.lfilter([1 - kept], [1, -kept], weighted**2, zi=needle)
        highest = max(highest, float(fast.max()))
    return highest


def memory() -> list[dict[str, Any]]:
    """Peak memory of the whole command over one minute and over an hour at 48 kHz."""
    command = Path(sys.executable).with_name("handful")
    rows = []
    for seconds in (60, 3600):
        run = measure.run([command, "listen", _wav(seconds), "--json"])
        rows.append({"seconds": seconds, "peak MB": run.peak_mb, "CPU s": run.cpu_s})
    measure.table(rows)
    return rows


def _wav(seconds: int) -> Path:
    """Noise with a 3 dB swell, 48 kHz, 16 bit."""
    path = measure.BUILD / f"noise-{seconds}s.wav"
    if not path.exists():
        measure.BUILD.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(48_000)
            for block in _swelling(seconds):
                file.writeframes((block * 32767).astype("<i2").tobytes())
    return path


def _swelling(seconds: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(0)
    for second in range(seconds):
        yield rng.normal(0, 0.02, 48_000) * 10 ** (0.15 * np.sin(second / 7) / 2)


if __name__ == "__main__":
    main()
