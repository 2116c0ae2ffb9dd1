"""The lines of a sensor recording as cells: what stands between them, and what the numbers mean."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from handful.errors import UnreadableError

_SEPARATORS = (";", "\t", "|", ",", None)  # None: any white space
_MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?", "-"))
_TIME = re.compile(
    r"(?:time|t|time ?stamp|seconds|sec|s|ms|datetime|date|zeit|zeitstempel|uhrzeit|datum)"
    r"[ _]*[\[(]?(?:s|ms|us|µs|ns|sec|seconds)?[\])]?"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d[\d:.,Z+-]*)?|\d\d?:\d\d:\d\d(?:[.,]\d+)?")
_WITH_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
_WHOLE = re.compile(r"[-+]?\d+")
_MANY_LINES = 100
_LONGEST_UNIT = 12  # letters: what is longer is no unit
_LARGEST = 1e18  # beyond it squares overflow 32 bits


@dataclass(frozen=True)
class Rows:
    """Cells, a line each, under the names of their columns; `lines` are as in the file, counted."""

    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[tuple[int, str], ...]


def lines_of(text: str) -> list[tuple[int, str]]:
    """Lines that hold something, with their numbers; of comments only what names the columns."""
    every = [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = [(at, line) for at, line in every if not line.startswith("#")]
    if not lines:
        return lines
    before = [(at, line.lstrip("# ")) for at, line in every if at < lines[0][0]]
    separator = separator_of([line for _, line in lines])
    first = _cells(lines[0][1], separator)
    named = _cells(before[-1][1], separator) if before else []
    fit = len(named) == len(first) > 1 and all(number(cell) is None for cell in named)
    return [before[-1], *lines] if fit and not _is_header(first) else lines


def separator_of(lines: Sequence[str]) -> str | None:
    """The first that gives every looked-at line the same number of cells, more than one.

    Where several do, one between which numbers stand.
    """
    head = lines[:20]
    fitting = []
    for separator in _SEPARATORS:
        counts = {len(_cells(line, separator)) for line in head}
        if len(counts) == 1 and counts != {1}:
            fitting.append(separator)
    of_numbers = [s for s in fitting if not _is_header(_cells(head[-1], s))]
    return next(iter((*of_numbers, *fitting)), ",")


def rows_of(lines: Sequence[tuple[int, str]], separator: str | None) -> Rows:
    """All cells, without the header and a line of units."""
    cells = [tuple(_cells(line, separator)) for _, line in lines]
    named = _is_header(cells[0])
    columns = cells[0] if named else [f"channel {i + 1}" for i in range(len(cells[0]))]
    start = named + (named and len(cells) > 2 and _are_units(cells[1], len(columns)))
    return Rows(tuple(columns), tuple(cells[start:]), tuple(lines[start:]))


def _cells(line: str, separator: str | None) -> list[str]:
    if separator and '"' in line and len(line) < csv.field_size_limit():
        cells = next(csv.reader([line], delimiter=separator))
    else:
        cells = line.split(separator)
    return [cell.strip().strip('"').strip() for cell in cells]


def _is_header(cells: Sequence[str]) -> bool:
    return any(
        number(cell) is None and not _WITH_COMMA.fullmatch(cell) and not _MOMENT.fullmatch(cell)
        for cell in cells
    )


def _are_units(cells: Sequence[str], n_columns: int) -> bool:
    """Whether a line below the header names units: short words, and not one number."""
    numbers = [number(cell) for cell in cells]
    words = [cell for cell, n in zip(cells, numbers, strict=True) if n is None]
    short = all(len(cell) <= _LONGEST_UNIT and not cell[0].isdigit() for cell in words)
    no_number = all(n is None or math.isnan(n) for n in numbers)
    return bool(words) and len(cells) == n_columns and no_number and short


def is_time(name: str, cells: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column, the one at this place, tells when its rows were recorded."""
    return bool(_TIME.fullmatch(name.lower()) or all(_MOMENT.fullmatch(row[at]) for row in cells))


def with_points(rows: Rows) -> Rows:
    """The same with a point for a decimal comma, where another sign stands between cells.

    Raises
    ------
    UnreadableError
        A comma may mean something else there.
    """
    if not any("," in cell for row in rows.cells for cell in row):
        return rows
    every = [cell for row in rows.cells for cell in row if not _MOMENT.fullmatch(cell)]
    commas = [cell for cell in every if "," in cell] or [""]
    points = [cell for cell in every if "." in cell and number(cell) is not None]
    grouped = [column for column in zip(*rows.cells, strict=False) if "," in "".join(column)]
    whole = any(_WHOLE.fullmatch(cell) for column in grouped for cell in column)
    if points or (whole and all(_THOUSANDS.fullmatch(cell) for cell in commas)):
        beside = f"{points[0]!r} beside {commas[0]!r}" if points else repr(commas[0])
        raise UnreadableError(
            f"has commas in its numbers that may be decimal commas or not ({beside}): write "
            "decimals with a point"
        )
    cells = tuple(
        tuple(c.replace(",", ".") if _WITH_COMMA.fullmatch(c) else c for c in row)
        for row in rows.cells
    )
    return replace(rows, cells=cells)


def one_column(lines: Sequence[tuple[int, str]]) -> Rows:
    """Lines as one channel whose numbers may have decimal commas."""
    cells = [(line.strip().strip('"'),) for _, line in lines]
    named = _is_header(cells[0])
    return with_points(
        Rows(
            cells[0] if named else ("channel 1",),
            tuple(cells[named:]),
            tuple(lines[named:]),
        )
    )


def is_one_with_commas(lines: Sequence[tuple[int, str]]) -> bool:
    """Whether lines like ``1,771`` can only be one channel with a decimal comma.

    The header names one, or some lines have no comma, or what stands behind the comma begins
    with 0 as no number does, or before it stands ``-0``.
    """
    texts = [line.strip().strip('"') for _, line in lines]
    named = _is_header([texts[0]]) and not any(sign in texts[0] for sign in ",;\t|")
    body = texts[named:]
    fit = all(
        _WITH_COMMA.fullmatch(text) or _WHOLE.fullmatch(text) or text.lower() in _MISSING
        for text in body
    )
    if not fit or not any("," in text for text in body):
        return False
    shown = any(re.fullmatch(r"[-+]?\d+,0\d+|[-+]0,\d+", text) for text in body)
    return (
        named or shown or not all("," in text for text in body[:-1])
    )  # the last line may have been cut off


def may_have_commas(lines: Sequence[tuple[int, str]]) -> bool:
    """Whether all lines are like ``1,771``, with as many digits behind each comma.

    Of many lines with several digits some would have a 0 behind the comma, if it were decimal.
    """
    texts = [line.strip() for _, line in lines]
    if not all(_WITH_COMMA.fullmatch(text) for text in texts):
        return False
    lengths = {len(text.partition(",")[2]) for text in texts}
    return lengths == {1} or (len(lengths) == 1 and len(texts) < _MANY_LINES)


def number(cell: str) -> float | None:
    """NaN for a gap, None for what is no number."""
    if cell.lower() in _MISSING:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) <= _LARGEST else math.nan
