"""Tables from disk as rows of plain values: CSV, TSV, JSON Lines, Parquet."""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO

from handful.errors import MissingExtraError, SamplesError

SUFFIXES = frozenset((".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet"))
_SEPARATORS = (",", ";", "\t", "|")
_MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?", "-"))
_LOOKED_AT = 50  # lines that show which separator a table uses
_NAMED = 20

Value = str | float | int | bool | None


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    columns : tuple of str
    rows : tuple of tuple
        Values in the order of the columns; None where a cell is empty.
    names : tuple of str
        What a person calls each row: where it stands in the file.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    names: tuple[str, ...]

    def column(self, name: str) -> list[Value]:
        """One column's values.

        Raises
        ------
        SamplesError
            There is none of this name; those that exist are named.
        """
        if name not in self.columns:
            raise SamplesError(
                f"there is no column {name!r}. The table has {', '.join(self.columns[:_NAMED])}."
            )
        at = self.columns.index(name)
        return [row[at] for row in self.rows]


def is_table(path: Path) -> bool:
    """Whether a file's name is a table's."""
    return path.suffix.lower() in SUFFIXES


def read_table(path: Path, content: bytes | None = None) -> Table:
    """All rows of a table with a header.

    Parameters
    ----------
    path : Path
        Its ending says which kind of table it is.
    content : bytes, optional
        What is in it, where it came some other way than from the disk: then nothing is opened.

    Raises
    ------
    SamplesError
        The file cannot be read as a table, has no rows, or its header is no header.
    MissingExtraError
        Parquet without pyarrow.
    """
    try:
        return _read(path, content)
    except OSError as error:
        raise SamplesError(f"{path} cannot be opened: {error.strerror}.") from error
    except UnicodeError as error:
        data = path.read_bytes() if content is None else content
        raise SamplesError(f"{path} {_other_encoding(data)}") from error


def _other_encoding(data: bytes) -> str:
    """What is wrong with text that is not UTF-8, and what to do."""
    mend = "Save it as UTF-8 (in spreadsheets: CSV UTF-8), or as Parquet."
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return f"is text in UTF-16, not in UTF-8. {mend}"
    lines = data.split(b"\n")
    wrong = [number for number, line in enumerate(lines, 1) if not _is_utf8(line)]
    if any(_is_utf8(line) and not line.isascii() for line in lines):
        return f"mixes encodings: line {wrong[0]} is not UTF-8, though other lines are. {mend}"
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return (
        f"is not text in UTF-8: see line {wrong[0]}{more}; perhaps it is Latin-1 or "
        f"Windows-1252. {mend}"
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(path: Path, content: bytes | None) -> Table:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _parquet(path, content)
    binary = path.open("rb") if content is None else io.BytesIO(content)
    with io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as file:
        if suffix in (".jsonl", ".ndjson"):
            return _json_lines(file, path)
        return _separated(file, path)


def _separated(file: TextIO, path: Path) -> Table:
    head = [line for _, line in zip(range(_LOOKED_AT), file, strict=False)]
    separator = _separator(head, path)
    file.seek(0)
    reader = csv.reader(file, delimiter=separator)
    try:
        header = next(reader, [])
        lines, start = [], reader.line_num + 1
        for cells in reader:
            if cells:
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise SamplesError(
            f"{path}, line {reader.line_num}: {error}. Is a double quote left open?"
        ) from error
    while lines and not any(map(str.strip, lines[-1][1])):  # as spreadsheets leave at the end
        lines.pop()
    columns = _checked_header(header, path)
    for number, cells in lines:
        if len(cells) != len(columns):
            raise SamplesError(
                f"{path}, line {number} has {len(cells)} cells, the header has {len(columns)}. "
                "A text with a separator in it must stand in double quotes."
            )
    rows = tuple(tuple(_cell(cell) for cell in cells) for _, cells in lines)
    return _checked(Table(columns, rows, tuple(f"line {number}" for number, _ in lines)), path)


def _separator(head: Sequence[str], path: Path) -> str:
    """The separator that gives most columns, the same number in the first lines."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    counts = {s: _widths(head, s) for s in _SEPARATORS}
    steady = {s: n[0] for s, n in counts.items() if n and len(set(n[: max(2, len(n) - 1)])) == 1}
    return max(steady, key=lambda s: steady[s]) if steady and max(steady.values()) > 1 else ","


def _widths(head: Sequence[str], separator: str) -> list[int]:
    """Number of cells of each line; none where a quote that never ends makes one too large."""
    try:
        return [len(cells) for cells in csv.reader(head, delimiter=separator)]
    except csv.Error:
        return []


def _cell(text: str) -> Value:
    return text.strip() or None


def present(cell: Value) -> Value:
    """A cell's value; None where it is a word for there being none, such as NA.

    Examples
    --------
    >>> present("NA"), present("none"), present("7"), present(0)
    (None, None, '7', 0)
    """
    return None if isinstance(cell, str) and cell.lower() in _MISSING else cell


def _json_lines(file: TextIO, path: Path) -> Table:
    objects, names = [], []
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, object_pairs_hook=_once_each)
        except (ValueError, RecursionError) as error:
            raise SamplesError(f"{path}, line {number} is not JSON: {error}.") from error
        if not isinstance(value, dict):
            raise SamplesError(f"{path}, line {number} is no JSON object like {{...}}.")
        objects.append(value)
        names.append(f"line {number}")
    return _checked(_from_objects(objects, names), path)


class OddJsonError(ValueError):
    """JSON that programs read in several ways, or that is none though many write it."""


def strict_json(text: str | bytes) -> Any:
    """What stands in JSON, where that is beyond doubt.

    Raises
    ------
    OddJsonError
        A name stands twice in an object, or a number is none (NaN), infinite or beyond all floats.
    ValueError, RecursionError
        It is not JSON.

    References
    ----------
    RFC 8259, 4 and 6.
    """
    return json.loads(
        text, object_pairs_hook=_once_each, parse_float=_finite, parse_constant=_finite
    )


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise OddJsonError(f"it names {twice[:80]!r} twice")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise OddJsonError(f"{text[:40]} is no finite number; where a value is missing say null")
    return value


def _from_objects(objects: Sequence[dict[str, Any]], names: Sequence[str]) -> Table:
    columns = tuple(dict.fromkeys(str(key) for row in objects for key in row))
    rows = tuple(tuple(plain(row.get(column)) for column in columns) for row in objects)
    return Table(columns, rows, tuple(names))


def _parquet(path: Path, content: bytes | None) -> Table:
    if find_spec("pyarrow") is None:
        raise MissingExtraError("Parquet files need pyarrow: pip install 'handful[parquet]'")
    import pyarrow
    from pyarrow import parquet

    with path.open("rb") if content is None else io.BytesIO(content) as file:
        try:
            read = parquet.read_table(file)
            values = [read.column(at).to_pylist() for at in range(read.num_columns)]
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
            raise SamplesError(f"{path} is not a Parquet table: {error}") from error
    columns = _checked_header(read.column_names, path)
    rows = tuple(zip(*(map(plain, column) for column in values), strict=True))
    return _checked(Table(columns, rows, tuple(f"row {n + 1}" for n in range(len(rows)))), path)


def plain(value: Any) -> Value:
    """A cell as text, number, truth or None; times as ISO 8601, anything else as JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _cell(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return json.dumps(value, ensure_ascii=False, default=str)


def _checked_header(header: Iterable[str], path: Path) -> tuple[str, ...]:
    columns = tuple(str(name).strip() for name in header)
    if not columns or not any(columns):
        raise SamplesError(f"{path} is empty: the first line must name the columns.")
    doubled = sorted(name for name, n in Counter(columns).items() if name and n > 1)
    if doubled:
        raise SamplesError(f"{path} has several columns called {', '.join(doubled[:5])}.")
    if "" in columns[1:]:
        raise SamplesError(f"{path}: column {columns.index('', 1) + 1} has no name in the header.")
    return (columns[0] or "row", *columns[1:])


def _checked(table: Table, path: Path) -> Table:
    if not table.rows:
        raise SamplesError(f"{path} holds a header at most: there are no rows.")
    return table
