"""A sample that a model can answer, made from its card: to try it on, and to show how to ask."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from handful.modalities.base import Modality, by_name

_STEPS = 50  # of a made recording
_TEXT = "Hello, when will my parcel arrive?"


def a_sample(modality: Modality, card: Mapping[str, Any]) -> bytes | None:
    """The content of one sample; None where none can be made.

    Parameters
    ----------
    modality : Modality
    card : mapping
        The model's: it says which columns a row has, how many channels a recording.
    """
    reading = card["reading"]
    if modality.name == "texts":
        return _TEXT.encode()
    if modality.name == "tables":
        return json.dumps(_row(reading["schema"]), ensure_ascii=False).encode()
    if modality.name == "series":
        return _recording(reading["channels"])
    return _example(modality.name)


@cache
def _example(modality: str) -> bytes | None:
    """The first file of the modality's own tiny set."""
    with tempfile.TemporaryDirectory() as folder:
        by_name(modality).write_example(Path(folder))
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return files[0].read_bytes() if files else None


def _row(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A row of usual values."""
    row: dict[str, Any] = {}
    for column in schema["numbers"]:
        date = bool(column["part"])
        row[column["name"]] = "2026-06-15" if date else float(f"{column['middle']:.6g}")
    for column in schema["categories"]:
        row[column["name"]] = next(iter(column["values"]), None)
    return row


def _recording(channels: int) -> bytes:
    rows = [",".join(f"{math.sin(step / 5 + at):.4f}" for at in range(channels))
            for step in range(_STEPS)]  # fmt: skip
    return "\n".join([",".join(f"c{at + 1}" for at in range(channels)), *rows]).encode()
