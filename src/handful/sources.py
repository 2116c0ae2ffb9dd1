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
    columns : dict
        Of a table: which columns hold the tag, the sample (None: all others) and the group.
        Empty for folders.
    """

    modality: Modality
    files: TaggedFiles
    groups: tuple[str, ...] = ()
    columns: dict[str, Any] = field(default_factory=dict)


def open_samples(samples: Path, *, tag: str | None, group: str | None) -> Found:
    """Samples to learn from: what kind they are is seen from the folder or the table.

    Parameters
    ----------
    samples : Path
        A folder with one sub-folder per tag, or a table.
    tag : str, optional
        The table's column of tags.
    group : str, optional
        The table's column of groups; for folders it means something else and is left alone.

    Raises
    ------
    SamplesError
        Nothing fits, or the tag's column is missing.
    """
    if samples.suffix.lower() == TS and samples.is_file():
        return _from_ts(samples)
    if not _is_table(samples, tag):
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


def rows_of(path: Path, modality: Modality, columns: dict[str, Any]) -> list[tuple[str, Source]]:
    """Every sample of a table without regard to tags: name and source.

    Raises
    ------
    SamplesError
        A column is missing.
    """
    table = read_table(path)
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
    return Found(modality, files, found, columns)


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
