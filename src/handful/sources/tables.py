"""Samples in a table: a row each, or a cell each, or a file that a cell names."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from handful.encoders.numerals import numerals_of
from handful.errors import SamplesError
from handful.folders import TaggedFiles
from handful.modalities.base import Modality, by_name, modalities
from handful.rows import Table, Value, present
from handful.samples import Source
from handful.sources.found import SEVERAL, Found
from handful.sources.written import columns_of, without_gaps, written

ROWS, TEXTS = "tables", "texts"
_MOSTLY = 0.8  # share of a column's cells that must be files for it to be a column of files
_TEXT_WORDS = 2.0  # words a cell, on average, from which a column is text
_TEXT_DISTINCT = 0.5  # share of different cells from which it is no category


def held_by(
    table: Table, folder: Path, apart: Collection[str | None]
) -> tuple[Modality, str | None]:
    """The kind of sample that a table holds, and the column they are in (None: whole rows)."""
    others = [name for name in table.columns if name not in apart]
    for name in others:
        cells = [str(cell) for cell in table.column(name) if cell is not None]
        for modality in modalities():
            fitting = [cell for cell in cells if modality.accepts(Path(cell))]
            if cells and len(fitting) >= _MOSTLY * len(cells) and _are_files(fitting, folder):
                return modality, name
    _refuse_mixed(table, others, folder)
    texts = [name for name in others if _is_text(table.column(name))]
    if len(texts) == 1 and len(others) == 1:
        return by_name(TEXTS), texts[0]
    if not others:
        raise SamplesError("the table has no column beside the tags: there is nothing to learn.")
    return by_name(ROWS), None


def _refuse_mixed(table: Table, columns: Sequence[str], folder: Path) -> None:
    """Refuse a column of files of several kinds, none of which is most of them."""
    for name in columns:
        cells = [str(cell) for cell in table.column(name) if cell is not None]
        kinds = {
            modality.nouns: sum(modality.accepts(Path(cell)) for cell in cells)
            for modality in modalities()
        }
        found = {nouns: n for nouns, n in kinds.items() if n}
        if len(found) > 1 and _are_files(cells, folder):
            some = ", ".join(f"{n} {nouns}" for nouns, n in found.items())
            raise SamplesError(
                f"the column {name!r} names files of several kinds ({some}): a model learns from "
                "one kind. Make a table for each."
            )


def _are_files(cells: Sequence[str], folder: Path) -> bool:
    there = sum((folder / cell).is_file() for cell in cells)
    return there >= _MOSTLY * len(cells)


def _is_text(cells: Sequence[Value]) -> bool:
    """Whether a column holds sentences rather than names of categories, empty cells apart."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    n_given = sum(cell is not None for cell in cells)
    if not texts or len(texts) < _MOSTLY * n_given or numerals_of(cells) is not None:
        return False
    words = sum(len(text.split()) for text in texts) / len(texts)
    return words >= _TEXT_WORDS and len(set(texts)) >= _TEXT_DISTINCT * len(texts)


def from_table(
    modality: Modality, table: Table, path: Path, columns: dict[str, Any], kind: str | None
) -> Found:
    """Tagged samples of a table that holds one a row; `kind` of tags where it is known."""
    tags = [written(table, row, columns["tag"]) for row in range(len(table.rows))]
    tags, kind = without_gaps(tags, kind, columns["tag"])
    grouped = columns["group"]
    groups = [present(cell) for cell in table.column(grouped)] if grouped else [None] * len(tags)
    sources, names = sources_of(modality, table, path, columns), names_of(modality, table, columns)
    kept = [i for i, tag in enumerate(tags) if tag or kind == SEVERAL]
    order = sorted(kept, key=lambda i: (tags[i], i))
    left_out = sorted(set(range(len(tags))) - set(kept))
    files = TaggedFiles(
        paths=tuple(sources[i] for i in order),
        tags=tuple(tags[i] for i in order),
        names=tuple(names[i] for i in order),
        untagged=tuple(names[i] for i in left_out),
        ignored=(),
        empty_tags=(),
        closed=(),
    )
    found = tuple("" if groups[i] is None else str(groups[i]) for i in order)
    return Found(modality, files, found, kind, columns)


def names_of(modality: Modality, table: Table, columns: dict[str, Any]) -> list[str]:
    """What a person calls each row's sample: its file, where it has one, and its line."""
    column = columns.get("sample")
    if column is None or modality.name in (ROWS, TEXTS):
        return list(table.names)
    cells = table.column(column)
    return [
        row if cell is None else f"{cell} ({row})"
        for cell, row in zip(cells, table.names, strict=True)
    ]


def sources_of(
    modality: Modality, table: Table, path: Path, columns: dict[str, Any]
) -> list[Source]:
    """Where each row's sample is."""
    column = columns.get("sample")
    if modality.name == ROWS:
        apart = {*columns_of(columns.get("tag")), columns.get("group")}
        kept = [i for i, name in enumerate(table.columns) if name not in apart]
        return [_row(table, row, kept) for row in table.rows]
    if column is None:
        raise SamplesError(f"{path} is a table, but the model learned from files of its own.")
    cells = ["" if cell is None else str(cell) for cell in table.column(column)]
    if modality.name == TEXTS:
        return [cell.encode() for cell in cells]
    return [path.parent / cell for cell in cells]


def _row(table: Table, row: tuple[Value, ...], kept: Sequence[int]) -> bytes:
    values = {table.columns[i]: _as_json(present(row[i])) for i in kept}
    return json.dumps(values, ensure_ascii=False).encode()


def _as_json(cell: Value) -> Value:
    """The same, but infinity, which JSON has no number for, in words."""
    return str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell
