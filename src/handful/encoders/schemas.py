"""What the columns of a table are: numbers, categories, dates, or nothing to learn from."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from handful.encoders.columns import CategoryColumn, NumberColumn, Row, Schema
from handful.encoders.numerals import Numerals, numerals_of

_MOST_VALUES = 50  # of a category; rarer ones are one value together
_RARE = 2  # a value must be seen as often to be told from others
_MOSTLY = 0.95  # share of the cells that must be numbers or dates
_ID_SHARE = 0.9  # share of different texts from which a column names rows
_ENOUGH = 20  # rows from which a column can be seen to name them
_IDENTITY = re.compile(  # what a column is called whose numbers name rows
    r"(?i:(?:.*[\W_])?id|id[\W_].*|nr|no|num|index|idx|key|row)|.*[a-z]I[dD]"
)
_LARGEST, _SMALLEST = 1e18, 1e-30  # of numbers and of their spread, for 32 bits
_DATE_PARTS = ("day", "year", "month", "weekday", "hour")


def schema(rows: Sequence[dict[str, Any]]) -> Schema:
    """What the columns of these rows are, seen without their tags."""
    numbers: list[NumberColumn] = []
    categories: list[CategoryColumn] = []
    for name in columns_of(rows):
        cells = [row.get(name) for row in rows]
        kind = kind_of(cells, name)
        if kind == "number":
            numerals = numerals_of(cells)
            values = [number(cell, numerals) for cell in cells]
            numbers.append(_number_column(name, "", values, numerals))
        elif kind == "date":
            numbers += _date_columns(name, cells)
        elif kind == "category":
            categories.append(category_column(name, cells))
    return Schema(tuple(numbers), tuple(categories))


def columns_of(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Names of all columns, in the order in which they appear."""
    return list(dict.fromkeys(name for row in rows for name in row))


def kind_of(cells: Sequence[Any], name: str = "") -> str:
    """``number``, ``category``, ``date``, or why nothing is learnt from it: ``empty``,
    ``constant``, ``numbering``, ``identities``, ``names``.
    """  # noqa: D205
    present = [cell for cell in cells if cell is not None]
    if not present:
        return "empty"
    if numerals := numerals_of(present):
        read = [number(cell, numerals) for cell in present]
        present = [c if math.isnan(v) else v for c, v in zip(present, read, strict=True)]
    if len(set(map(str, present))) == 1:
        return "constant"
    numeric = sum(is_numeric(cell) for cell in present)
    if not any(math.isfinite(number(cell)) for cell in present) and numeric == len(present):
        return "empty"
    if numeric >= _MOSTLY * len(present) and not all(isinstance(c, bool) for c in present):
        if _counts_rows(present, len(cells)):
            return "numbering"
        named = _IDENTITY.fullmatch(name) and _tell_rows_apart(present, len(cells))
        return "identities" if named else "number"
    if sum(moment(cell) is not None for cell in present) >= _MOSTLY * len(present):
        return "date"
    distinct = len(set(map(str, present)))
    many = len(present) >= _ENOUGH and distinct >= _ID_SHARE * len(present)
    return "names" if many else "category"


def decoded(row: dict[str, Any], known: Schema) -> Row:
    """One row by its schema."""
    numbers = [
        _part(row.get(column.name), column.part, column.numerals) for column in known.numbers
    ]
    categories = tuple(category(row.get(column.name)) for column in known.categories)
    return Row(np.array(numbers, np.float32), categories)


def needed(known: Schema) -> list[str]:
    """Columns without a gap in training: every row must have them, be the cell empty."""
    numbers = [column.name for column in known.numbers if not column.gaps]
    categories = [column.name for column in known.categories if not column.gaps]
    return list(dict.fromkeys([*numbers, *categories]))


def is_numeric(cell: Any) -> bool:
    """Whether a cell is written as a number, be it infinite, too large, or said to be none."""
    try:
        float(cell)
    except (TypeError, ValueError, OverflowError):
        return isinstance(cell, int)  # of too many digits for a float
    return True


def number(cell: Any, numerals: Numerals | None = None) -> float:
    """A cell's number; NaN where it is none, is infinite, or too large to be squared."""
    try:
        value = float(cell) if numerals is None else numerals.read(cell)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return value if abs(value) <= _LARGEST else math.nan


def moment(cell: Any) -> datetime | None:
    """A cell's date or time, in UTC where it says no zone."""
    if not isinstance(cell, str) or len(cell) < len("2026-1-1"):
        return None
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _counts_rows(present: Sequence[Any], n_rows: int) -> bool:
    """Whether whole numbers count 1, 2, 3, ... in some order: they name rows."""
    values = np.sort([number(cell) for cell in present])
    return bool(n_rows == len(values) >= _ENOUGH and (np.diff(values) == 1).all())


def _tell_rows_apart(present: Sequence[Any], n_rows: int) -> bool:
    """Whether every row has a whole number of its own."""
    values = np.array([number(cell) for cell in present])
    whole = bool((values == np.floor(values)).all())
    return whole and n_rows == len(np.unique(values)) >= _ENOUGH


def _number_column(
    name: str, part: str, values: Sequence[float], numerals: Numerals | None = None
) -> NumberColumn:
    found = np.array(values, np.float64)
    gaps = np.isnan(found)
    known = found[~gaps]
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    spread = (high - low) / 1.349 or float(known.std()) or 1.0
    spread = max(float(spread), _SMALLEST)
    return NumberColumn(name, part, float(middle), spread, bool(gaps.any()), numerals)


def _date_columns(name: str, cells: Sequence[Any]) -> list[NumberColumn]:
    """The parts of a date that are not the same everywhere."""
    found = []
    for part in _DATE_PARTS:
        values = [_part(cell, part) for cell in cells]
        if len({value for value in values if not math.isnan(value)}) > 1:
            found.append(_number_column(name, part, values))
    return found


def _part(cell: Any, part: str, numerals: Numerals | None = None) -> float:
    if not part:
        return number(cell, numerals)
    when = moment(cell)
    if when is None:
        return math.nan
    parts = {
        "day": float(date(when.year, when.month, when.day).toordinal()),
        "year": float(when.year),
        "month": float(when.month),
        "weekday": float(when.weekday()),
        "hour": when.hour + when.minute / 60,
    }
    return parts[part]


def category_column(name: str, cells: Sequence[Any]) -> CategoryColumn:
    """The values of a column that are told apart: the commonest, each seen more than once."""
    counts = Counter(category(cell) for cell in cells)
    common = sorted(counts, key=lambda value: (-counts[value], value))[:_MOST_VALUES]
    values = tuple(value for value in common if counts[value] >= _RARE)
    return CategoryColumn(name, values, gaps="" in counts)


def category(cell: Any) -> str:
    """A cell as a category; "" where it is missing."""
    if cell is None:
        return ""
    value = number(cell)
    if isinstance(cell, bool) or math.isnan(value):
        return str(cell)
    return f"{value:g}"  # 1, 1.0 and "1" are one category
