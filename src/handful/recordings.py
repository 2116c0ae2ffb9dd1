"""Sensor recordings from disk: a CSV file each, or many in one .ts file."""

from __future__ import annotations

import codecs
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handful.errors import SamplesError, UnreadableError
from handful.samples import Source

_SEPARATORS = (",", ";", "\t", "|", None)  # None: any white space
_MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?", "-"))
_TIMES = frozenset(("time", "t", "timestamp", "seconds", "sec", "s", "ms", "datetime", "date"))
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LARGEST_B = 500_000_000
_LARGEST = 1e18  # beyond it squares overflow 32 bits


@dataclass(frozen=True)
class Recording:
    """One recording.

    Attributes
    ----------
    values : ndarray of float32, shape (n_channels, n_steps)
        Gaps are bridged by straight lines.
    channels : tuple of str
    gaps : int
        Cells without a finite number.
    """

    values: np.ndarray
    channels: tuple[str, ...]
    gaps: int = 0


def read_recording(source: Source) -> Recording:
    """A recording from a table of numbers: a line a step, a column a channel.

    The first line may name the channels; a column named like a time is left out.

    Raises
    ------
    UnreadableError
        It holds no numbers, or something else besides.
    """
    lines = [line for line in _text(source).splitlines() if line.strip()]
    if not lines:
        raise UnreadableError("is empty")
    separator = _separator(lines)
    first = _cells(lines[0], separator)
    named = any(_number(cell) is None for cell in first)
    channels = first if named else [f"channel {i + 1}" for i in range(len(first))]
    rows = [_cells(line, separator) for line in lines[named:]]
    if not rows:
        raise UnreadableError("holds a header at most: there are no numbers")
    values = _values(rows, len(channels), 1 + named)
    kept = [i for i, name in enumerate(channels) if name.strip().lower() not in _TIMES]
    if not kept:
        raise UnreadableError("holds times at most: there is no channel")
    gaps = int(np.isnan(values[:, kept]).sum())
    if gaps == len(rows) * len(kept):
        raise UnreadableError("holds no numbers: all its cells are empty, infinite or too large")
    bridged = np.stack([_bridged(values[:, i]) for i in kept])
    return Recording(bridged.astype(np.float32), tuple(channels[i].strip() for i in kept), gaps)


def read_ts(path: Path) -> list[tuple[str, bytes, str]]:
    """Name, table of numbers and tag of every recording in a .ts file of aeon or sktime.

    Raises
    ------
    SamplesError
        It is no .ts file with tags.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise SamplesError(f"{path} cannot be read as text: {error}.") from error
    heads = [line.strip().lower() for line in lines if line.strip().startswith("@")]
    if "@data" not in heads:
        raise SamplesError(f"{path} is no .ts file: it has no line @data.")
    if any(line.split()[:2] == ["@timestamps", "true"] for line in heads):
        raise SamplesError(f"{path} has time stamps in its values, which handful does not read.")
    start = next(i for i, line in enumerate(lines) if line.strip().lower() == "@data") + 1
    found = []
    for number, line in enumerate(lines[start:], start + 1):
        *channels, tag = line.strip().split(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not channels:
            raise SamplesError(f"{path}, line {number} has no tag behind a colon.")
        found.append((f"line {number}", _as_table(channels), tag.strip()))
    if not found:
        raise SamplesError(f"{path} holds no recordings.")
    return found


def _as_table(channels: Sequence[str]) -> bytes:
    columns = [channel.split(",") for channel in channels]
    longest = max(map(len, columns))
    filled = [column + [""] * (longest - len(column)) for column in columns]
    return "\n".join(",".join(cells) for cells in zip(*filled, strict=True)).encode()


def _text(source: Source) -> str:
    try:
        if isinstance(source, Path) and source.stat().st_size > _LARGEST_B:
            raise UnreadableError(f"is larger than {_LARGEST_B // 1_000_000} MB: cut it in parts")
        data = source if isinstance(source, bytes) else source.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UnreadableError(f"cannot be opened: {(error.strerror or 'error').lower()}") from error
    except UnicodeDecodeError as error:
        coded = "in UTF-16" if data.startswith(_UTF16) else "not in UTF-8"
        raise UnreadableError(f"is {coded}: save it as text in UTF-8") from error


def _separator(lines: Sequence[str]) -> str | None:
    """The first that gives every looked-at line the same number of cells, more than one."""
    head = lines[:20]
    for separator in _SEPARATORS:
        counts = {len(_cells(line, separator)) for line in head}
        if len(counts) == 1 and counts != {1}:
            return separator
    return ","


def _cells(line: str, separator: str | None) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(separator)]


def _number(cell: str) -> float | None:
    """NaN for a gap, None for what is no number."""
    if cell.lower() in _MISSING:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) <= _LARGEST else math.nan


def _values(rows: Sequence[Sequence[str]], n_channels: int, first_line: int) -> np.ndarray:
    values = np.full((len(rows), n_channels), np.nan)
    for at, row in enumerate(rows):
        numbers = [_number(cell) for cell in row]
        if len(row) != n_channels or None in numbers:
            wrong = "another number of columns" if len(row) != n_channels else "no number"
            raise UnreadableError(
                f"is no table of numbers: line {at + first_line} has {wrong}: {','.join(row)[:60]}"
            )
        values[at] = numbers
    return values


def _bridged(values: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(values))
    if len(known) == 0:
        return np.zeros_like(values)
    return np.asarray(np.interp(np.arange(len(values)), known, values[known]))
