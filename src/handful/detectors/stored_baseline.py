"""A baseline as JSON, so that tomorrow can be compared with today."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from handful.detectors.sound_baseline import Baseline, Usual
from handful.errors import InputError

START = b'{"handful": "baseline of sound"'
_VERSION = 1


def to_bytes(baseline: Baseline) -> bytes:
    """The baseline as a JSON file."""
    usual = baseline.usual
    values = {
        "handful": "baseline of sound",
        "version": _VERSION,
        "hop_s": baseline.hop_s,
        "n_frames": baseline.n_frames,
        "middles_hz": baseline.middles_hz.tolist(),
        "median_db": usual.median_db.tolist(),
        "spread_db": usual.spread_db.tolist(),
        "loud_db": usual.loud_db.tolist(),
        "loud_whole_db": usual.loud_whole_db,
        "quiet_whole_db": usual.quiet_whole_db,
        "loud_limit_db": baseline.loud_limit_db,
        "z_limit": baseline.z_limit,
        "a_range_db": list(baseline.a_range_db),
        "trials": baseline.trials.round(6).tolist(),
    }
    return (json.dumps(values) + "\n").encode()


def is_stored(path: Path) -> bool:
    """Whether a file is a stored baseline."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(START)) == START


def from_file(path: Path) -> Baseline:
    """The baseline in a file that `to_bytes` made.

    Raises
    ------
    InputError
        It is damaged, or of a newer version.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["version"] != _VERSION:
            raise InputError(
                f"{path} was saved by another version of handful: make it again with "
                "--save-baseline"
            )
        return _baseline(values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} is a damaged baseline, {_damage(error)}: make it again with --save-baseline"
        ) from error


def _damage(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "its text breaks off or was changed"
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing in it"
    return getattr(error, "strerror", None) or str(error)


def _baseline(values: dict[str, Any]) -> Baseline:
    middles = _numbers(values, "middles_hz", None)
    per_band = {
        name: _numbers(values, name, len(middles)) for name in ("median_db", "spread_db", "loud_db")
    }
    low, high, mean = _numbers(values, "a_range_db", 3).tolist()
    usual = Usual(
        **per_band,
        loud_whole_db=_number(values, "loud_whole_db"),
        quiet_whole_db=_number(values, "quiet_whole_db"),
    )
    return Baseline(
        middles_hz=middles,
        hop_s=_number(values, "hop_s"),
        n_frames=int(_number(values, "n_frames")),
        usual=usual,
        loud_limit_db=_number(values, "loud_limit_db"),
        z_limit=_number(values, "z_limit"),
        trials=_numbers(values, "trials", None),
        a_range_db=(low, high, mean),
    )


def _number(values: dict[str, Any], name: str) -> float:
    value = values[name]
    if not isinstance(value, int | float):
        raise ValueError(f"{name} is no number")
    value = float(value)
    if not math.isfinite(value):
        raise ValueError(f"{name} is no number")
    return value


def _numbers(values: dict[str, Any], name: str, length: int | None) -> np.ndarray:
    try:
        found = np.array(values[name], float)
    except (ValueError, TypeError):
        found = np.zeros(0)
    if found.ndim != 1 or not len(found) or not np.isfinite(found).all():
        raise ValueError(f"{name} is no list of numbers")
    if length is not None and len(found) != length:
        raise ValueError(f"{name} has {len(found)} numbers, not {length}")
    return found
