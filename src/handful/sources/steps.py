"""Recordings: of a table that holds a step a row, or of a .ts file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from handful.errors import SamplesError
from handful.folders import TaggedFiles
from handful.modalities.base import by_name
from handful.recordings import read_ts
from handful.rows import Table, Value, present
from handful.sources.found import SEVERAL, Found
from handful.sources.written import Columns, columns_of, shown, without_gaps, written

SERIES = "series"


def from_ts(path: Path) -> Found:
    """Recordings of a .ts file, which holds its tags itself."""
    rows = sorted(read_ts(path), key=lambda row: row[2])
    names, tables, tags = zip(*rows, strict=True)
    files = TaggedFiles(tables, tags, names, (), (), (), ())
    return Found(by_name(SERIES), files, ("",) * len(rows))


def from_steps(table: Table, columns: dict[str, Any], kind: str | None) -> Found:
    """Recordings of a table that holds a step a row; `kind` of tags where it is known."""
    found = recordings(table, columns)
    tags = {name: _tags(table, rows, columns["tag"]) for name, (rows, _) in found.items()}
    said, kind = without_gaps(list(tags.values()), kind, columns["tag"])
    tags = dict(zip(tags, said, strict=True))
    kept = [name for name in tags if tags[name] or kind == SEVERAL]
    order = sorted(kept, key=lambda name: (tags[name], name))
    grouped = columns["group"]
    groups = [_one_of(table, found[name][0], grouped) if grouped else "" for name in order]
    files = TaggedFiles(
        paths=tuple(found[name][1] for name in order),
        tags=tuple(tags[name] for name in order),
        names=tuple(order),
        untagged=tuple(name for name in tags if name not in set(kept)),
        ignored=(),
        empty_tags=(),
        closed=(),
    )
    return Found(by_name(SERIES), files, tuple(groups), kind, columns)


def _tags(table: Table, rows: Sequence[int], tag: Columns) -> str:
    """The tag or tags that a recording's rows agree on."""
    if isinstance(tag, str):
        return _one_of(table, rows, tag)
    for name in tag:
        _one_of(table, rows, name)
    return written(table, rows[0], tag)


def recordings(table: Table, columns: dict[str, Any]) -> dict[str, tuple[list[int], bytes]]:
    """By recording: its rows, and they as a table of numbers."""
    apart = {*columns_of(columns.get("tag")), columns.get("sample"), columns.get("group")}
    kept = [i for i, name in enumerate(table.columns) if name not in apart]
    rows: dict[str, list[int]] = {}
    for at, cell in enumerate(table.column(columns["sample"])):
        rows.setdefault(shown(cell), []).append(at)
    rows.pop("", None)
    header = ",".join(table.columns[i].replace(",", " ") for i in kept)
    return {
        name: (
            steps,
            "\n".join(
                [header, *(",".join(_step(table.rows[at][i]) for i in kept) for at in steps)]
            ).encode(),
        )
        for name, steps in rows.items()
    }


def _step(cell: Value) -> str:
    value = present(cell)
    return "" if value is None else str(value).replace(",", ".")


def _one_of(table: Table, rows: Sequence[int], column: str) -> str:
    """The one value that a recording's rows have in a column.

    Raises
    ------
    SamplesError
        They have several.
    """
    at = table.columns.index(column)
    values = {shown(table.rows[i][at]) for i in rows if table.rows[i][at] is not None}
    if len(values) > 1:
        raise SamplesError(
            f"the rows of one recording have several values of {column!r} ({table.names[rows[0]]} "
            f"and on: {', '.join(sorted(values)[:5])}). Each recording needs one."
        )
    return next(iter(values), "")


def names_files(table: Table, column: str) -> bool:
    """Whether a model that learned from files of recordings named in a table meets such again."""
    modality = by_name(SERIES)
    cells = [str(cell) for cell in table.column(column) if cell is not None]
    return bool(cells) and all(modality.accepts(Path(cell)) for cell in cells)
