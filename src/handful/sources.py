"""From a folder or a table to tagged samples of one kind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handful.errors import SamplesError
from handful.folders import TaggedFiles, tagged_files
from handful.modalities.base import Modality, by_name, detect, modalities, nothing_fits
from handful.recordings import read_ts
from handful.rows import Table, Value, is_table, read_table
from handful.samples import Source

ROWS, TEXTS, SERIES = "tables", "texts", "series"
TS = ".ts"
EXCLUSIVE, NUMBER = "exclusive", "number"
_MANY_NUMBERS = 12  # different whole numbers from which they count rather than name
_MOSTLY = 0.8  # share of a column's cells that must be files for it to be a column of files
_TEXT_WORDS = 2.0  # words a cell, on average, from which a column is text
_TEXT_DISTINCT = 0.5  # share of different cells from which it is no category


@dataclass(frozen=True)
class Found:
    """Tagged samples, not yet read.

    Attributes
    ----------
    modality : Modality
    files : TaggedFiles
    groups : tuple of str
        One entry a sample: what the column of groups says; "" where there is none.
    kind : str
        What the tags are: ``exclusive`` names, or a ``number``.
    columns : dict
        Of a table: which columns hold the tag, the sample (None: all others) and the group.
        Empty for folders.
    """

    modality: Modality
    files: TaggedFiles
    groups: tuple[str, ...] = ()
    kind: str = EXCLUSIVE
    columns: dict[str, Any] = field(default_factory=dict)


def open_samples(
    samples: Path, *, tag: str | None, group: str | None, series: str | None = None
) -> Found:
    """Samples to learn from: what kind they are is seen from the folder or the table.

    Parameters
    ----------
    samples : Path
        A folder with one sub-folder per tag, or a table.
    tag : str, optional
        The table's column of tags.
    group : str, optional
        The table's column of groups; for folders it means something else and is left alone.
    series : str, optional
        The table's column that says which recording a row is a step of.

    Raises
    ------
    SamplesError
        Nothing fits, or the tag's column is missing.
    """
    if samples.suffix.lower() == TS and samples.is_file():
        return _from_ts(samples)
    if not _is_table(samples, tag):
        if series is not None:
            raise SamplesError(
                f"{samples} is a folder, in which each file is a recording: --series names the "
                "column of a table. Leave it out, or give a table."
            )
        modality, files = detect(samples)
        return Found(modality, files, ("",) * len(files.paths))
    table = read_table(samples)
    if tag is None:
        raise SamplesError(
            f"{samples} is a table: say which column holds the tags, like --tag "
            f"{table.columns[-1]}. It has {', '.join(table.columns[:20])}."
        )
    table.column(tag)
    column_of_groups = group if group in table.columns else None
    if series is not None:
        table.column(series)
        columns = {"tag": tag, "sample": series, "group": column_of_groups}
        return _from_steps(table, columns)
    modality, column = _kind(table, samples.parent, {tag, column_of_groups})
    columns = {"tag": tag, "sample": column, "group": column_of_groups}
    return _from_table(modality, table, samples, columns)


def open_known(
    samples: Path, modality: Modality, columns: dict[str, Any], tag: str | None
) -> Found:
    """Tagged samples for a model that knows their kind and, of a table, its columns.

    Raises
    ------
    SamplesError
        Nothing fits, or a column is missing.
    """
    if samples.suffix.lower() == TS and samples.is_file():
        return _from_ts(samples)
    tag = tag or columns.get("tag")
    if _is_table(samples, tag) and tag is not None:
        table = read_table(samples)
        table.column(tag)
        column = columns.get("sample")
        if modality.name != ROWS and column is None:
            _, column = _kind(table, samples.parent, {tag})
        group = columns.get("group")
        known = {
            "tag": tag,
            "sample": column,
            "group": group if group in table.columns else None,
        }
        if modality.name == SERIES and column is not None and not _names_files(table, column):
            return _from_steps(table, known)
        return _from_table(modality, table, samples, known)
    files = tagged_files(samples, modality.accepts)
    if not files.paths:
        raise SamplesError(nothing_fits(samples, files, modality.nouns))
    return Found(modality, files, ("",) * len(files.paths))


def _from_ts(path: Path) -> Found:
    """Recordings of a .ts file, which holds its tags itself."""
    rows = sorted(read_ts(path), key=lambda row: row[2])
    names, tables, tags = zip(*rows, strict=True)
    files = TaggedFiles(tables, tags, names, (), (), (), ())
    return Found(by_name(SERIES), files, ("",) * len(rows))


def _from_steps(table: Table, columns: dict[str, Any]) -> Found:
    """Recordings of a table that holds a step a row."""
    recordings = _recordings(table, columns)
    tags = {name: _one_of(table, rows, columns["tag"]) for name, (rows, _) in recordings.items()}
    order = sorted((name for name in tags if tags[name]), key=lambda name: (tags[name], name))
    grouped = columns["group"]
    groups = [_one_of(table, recordings[name][0], grouped) if grouped else "" for name in order]
    files = TaggedFiles(
        paths=tuple(recordings[name][1] for name in order),
        tags=tuple(tags[name] for name in order),
        names=tuple(order),
        untagged=tuple(name for name in tags if not tags[name]),
        ignored=(),
        empty_tags=(),
        closed=(),
    )
    return Found(by_name(SERIES), files, tuple(groups), kind_of_tags(files.tags), columns)


def _recordings(table: Table, columns: dict[str, Any]) -> dict[str, tuple[list[int], bytes]]:
    """By recording: its rows, and they as a table of numbers."""
    apart = {columns.get(name) for name in ("tag", "sample", "group")}
    kept = [i for i, name in enumerate(table.columns) if name not in apart]
    rows: dict[str, list[int]] = {}
    for at, cell in enumerate(table.column(columns["sample"])):
        rows.setdefault("" if cell is None else _shown(cell), []).append(at)
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
    return "" if cell is None else str(cell).replace(",", ".")


def _one_of(table: Table, rows: Sequence[int], column: str) -> str:
    """The one value that a recording's rows have in a column.

    Raises
    ------
    SamplesError
        They have several.
    """
    at = table.columns.index(column)
    values = {_shown(table.rows[i][at]) for i in rows if table.rows[i][at] is not None}
    if len(values) > 1:
        raise SamplesError(
            f"the rows of one recording have several values of {column!r} ({table.names[rows[0]]} "
            f"and on: {', '.join(sorted(values)[:5])}). Each recording needs one."
        )
    return next(iter(values), "")


def _names_files(table: Table, column: str) -> bool:
    """Whether a model that learned from files of recordings named in a table meets such again."""
    modality = by_name(SERIES)
    cells = [str(cell) for cell in table.column(column) if cell is not None]
    return bool(cells) and all(modality.accepts(Path(cell)) for cell in cells)


def kind_of_tags(tags: Sequence[str]) -> str:
    """``number`` where all tags are numbers and too many, or too finely divided, to be names."""
    try:
        values = {float(tag) for tag in tags}
    except ValueError:
        return EXCLUSIVE
    whole = all(value.is_integer() for value in values)
    return NUMBER if not whole or len(values) >= _MANY_NUMBERS else EXCLUSIVE


def rows_of(path: Path, modality: Modality, columns: dict[str, Any]) -> list[tuple[str, Source]]:
    """Every sample of a table without regard to tags: name and source.

    Raises
    ------
    SamplesError
        A column is missing.
    """
    table = read_table(path)
    column = columns.get("sample")
    if modality.name == SERIES and column is not None and not _names_files(table, column):
        found = _recordings(table, columns)
        return [(f"{path}:{name}", content) for name, (_, content) in found.items()]
    sources = _sources(modality, table, path, columns)
    return [(f"{path}:{name}", s) for name, s in zip(table.names, sources, strict=True)]


def _is_table(samples: Path, tag: str | None) -> bool:
    if samples.is_dir():
        if tag is not None:
            raise SamplesError(
                f"{samples} is a folder, whose sub-folders are the tags: --tag names the column "
                "of a table. Leave it out, or give a table."
            )
        return False
    if samples.is_file() and not is_table(samples):
        raise SamplesError(
            f"{samples} is a file: give the folder that holds one sub-folder per tag, or a table "
            "(.csv, .tsv, .jsonl, .parquet) with --tag COLUMN."
        )
    return samples.is_file()


def _kind(table: Table, folder: Path, apart: set[str | None]) -> tuple[Modality, str | None]:
    """The kind of sample that a table holds, and the column they are in (None: whole rows)."""
    others = [name for name in table.columns if name not in apart]
    for name in others:
        cells = [str(cell) for cell in table.column(name) if cell is not None]
        for modality in modalities():
            fitting = [cell for cell in cells if modality.accepts(Path(cell))]
            if cells and len(fitting) >= _MOSTLY * len(cells) and _are_files(fitting, folder):
                return modality, name
    texts = [name for name in others if _is_text(table.column(name))]
    if len(texts) == 1 and len(others) == 1:
        return by_name(TEXTS), texts[0]
    if not others:
        raise SamplesError("the table has no column beside the tags: there is nothing to learn.")
    return by_name(ROWS), None


def _are_files(cells: Sequence[str], folder: Path) -> bool:
    there = sum((folder / cell).is_file() for cell in cells)
    return there >= _MOSTLY * len(cells)


def _is_text(cells: Sequence[Value]) -> bool:
    """Whether a column holds sentences rather than names of categories."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    if not texts or len(texts) < _MOSTLY * len(cells):
        return False
    words = sum(len(text.split()) for text in texts) / len(texts)
    return words >= _TEXT_WORDS and len(set(texts)) >= _TEXT_DISTINCT * len(texts)


def _from_table(modality: Modality, table: Table, path: Path, columns: dict[str, Any]) -> Found:
    tags = ["" if cell is None else _shown(cell) for cell in table.column(columns["tag"])]
    grouped = columns["group"]
    groups = table.column(grouped) if grouped else [None] * len(tags)
    sources = _sources(modality, table, path, columns)
    order = [i for i in sorted(range(len(tags)), key=lambda i: (tags[i], i)) if tags[i]]
    files = TaggedFiles(
        paths=tuple(sources[i] for i in order),
        tags=tuple(tags[i] for i in order),
        names=tuple(table.names[i] for i in order),
        untagged=tuple(name for name, tag in zip(table.names, tags, strict=True) if not tag),
        ignored=(),
        empty_tags=(),
        closed=(),
    )
    found = tuple("" if groups[i] is None else str(groups[i]) for i in order)
    return Found(modality, files, found, kind_of_tags(files.tags), columns)


def _sources(modality: Modality, table: Table, path: Path, columns: dict[str, Any]) -> list[Source]:
    column = columns.get("sample")
    if modality.name == ROWS:
        apart = {columns.get("tag"), columns.get("group")}
        kept = [i for i, name in enumerate(table.columns) if name not in apart]
        return [_row(table, row, kept) for row in table.rows]
    if column is None:
        raise SamplesError(f"{path} is a table, but the model learned from files of its own.")
    cells = ["" if cell is None else str(cell) for cell in table.column(column)]
    if modality.name == TEXTS:
        return [cell.encode() for cell in cells]
    return [path.parent / cell for cell in cells]


def _row(table: Table, row: tuple[Value, ...], kept: Sequence[int]) -> bytes:
    values = {table.columns[i]: row[i] for i in kept}
    return json.dumps(values, ensure_ascii=False).encode()


def _shown(cell: Value) -> str:
    """A tag as text: 1.0 of a column of numbers with gaps is the tag 1."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
