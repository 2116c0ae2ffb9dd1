"""Sensor recordings from disk: a CSV file each, or many in one .ts file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from handful.errors import SamplesError, UnreadableError
from handful.recording_lines import (
    Rows,
    is_one_with_commas,
    is_time,
    lines_of,
    may_have_commas,
    number,
    one_column,
    rows_of,
    separator_of,
    with_points,
)
from handful.samples import Source

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LARGEST_B = 500_000_000


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
    has_commas : bool
        Whether its numbers surely have decimal commas.
    otherwise : Recording or None
        The same lines as one channel with a decimal comma, where they may as well mean that:
        ``1,771``, without a header.
    """

    values: np.ndarray
    channels: tuple[str, ...]
    gaps: int = 0
    has_commas: bool = False
    otherwise: Recording | None = None


def read_recording(source: Source, *, n_channels: int = 0) -> Recording:
    """A recording from a table of numbers: a line a step, a column a channel.

    The first line may name the channels, and the second their units; lines that begin with ``#``
    are comments. A column named like a time, or of dates and times, is left out. Numbers may
    have decimal commas where these cannot be mistaken.

    Parameters
    ----------
    source : Path or bytes
    n_channels : int, optional
        How many are wanted, where that is known: it tells one channel with a decimal comma from
        two channels.

    Raises
    ------
    UnreadableError
        It holds no numbers, or something else besides.
    """
    lines = lines_of(_text(source))
    if not lines:
        raise UnreadableError("is empty")
    if is_one_with_commas(lines):
        return replace(_recording(one_column(lines)), has_commas=True)
    separator = separator_of([line for _, line in lines])
    found = _recording(with_points(rows_of(lines, separator)))
    if separator != "," or not may_have_commas(lines):
        return found
    otherwise = _recording(one_column(lines))
    return otherwise if n_channels == 1 else replace(found, otherwise=otherwise)


def _recording(rows: Rows) -> Recording:
    if not rows.cells:
        raise UnreadableError("holds a header at most: there are no numbers")
    for line, row in zip(rows.lines, rows.cells, strict=True):
        if len(row) != len(rows.columns):
            raise _wrong(line, row, "another number of columns")
    kept = [i for i, name in enumerate(rows.columns) if not is_time(name, rows.cells, i)]
    if not kept:
        raise UnreadableError("holds times at most: there is no channel")
    values = _values(rows, kept)
    gaps = int(np.isnan(values).sum())
    if gaps == values.size:
        raise UnreadableError("holds no numbers: all its cells are empty, infinite or too large")
    bridged = np.stack([_bridged(channel) for channel in values.T])
    return Recording(bridged.astype(np.float32), tuple(rows.columns[i] for i in kept), gaps)


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
    for at, line in enumerate(lines[start:], start + 1):
        *channels, tag = line.strip().split(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not channels:
            raise SamplesError(f"{path}, line {at} has no tag behind a colon.")
        found.append((f"line {at}", _as_table(channels), tag.strip()))
    if not found:
        raise SamplesError(f"{path} holds no recordings.")
    return found


def _as_table(channels: Sequence[str]) -> bytes:
    columns = [channel.split(",") for channel in channels]
    longest = max(map(len, columns))
    filled = [column + [""] * (longest - len(column)) for column in columns]
    named = ["channel 1,channel 2"] if len(columns) == 2 else []  # so that no comma is decimal
    return "\n".join([*named, *map(",".join, zip(*filled, strict=True))]).encode()


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


def _values(rows: Rows, kept: Sequence[int]) -> np.ndarray:
    """Numbers of some columns, float64 (n_steps, n_kept)."""
    values = np.full((len(rows.cells), len(kept)), np.nan)
    for at, row in enumerate(rows.cells):
        numbers = [number(row[i]) for i in kept]
        if None in numbers:
            raise _wrong(rows.lines[at], row, "no number")
        values[at] = numbers
    return values


def _wrong(line: tuple[int, str], row: Sequence[str], what: str) -> UnreadableError:
    at, text = line
    hint = ""
    if any(re.fullmatch(r"0\d+", cell) for cell in row[1:]):
        hint = " (decimal commas? then put semicolons between the columns, or write points)"
    return UnreadableError(f"is no table of numbers: line {at} has {what}: {text[:60]}{hint}")


def _bridged(values: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(values))
    if len(known) == 0:
        return np.zeros_like(values)
    return np.asarray(np.interp(np.arange(len(values)), known, values[known]))
