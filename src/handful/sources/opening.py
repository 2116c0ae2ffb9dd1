"""Opens a folder or a table of samples, whatever kind they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from handful.errors import SamplesError
from handful.folders import tagged_files
from handful.modalities.base import Modality, detect, nothing_fits
from handful.rows import is_table, read_table
from handful.samples import Source
from handful.sources.found import Found
from handful.sources.steps import SERIES, from_steps, from_ts, names_files, recordings
from handful.sources.tables import ROWS, from_table, held_by, sources_of

TS = ".ts"


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
        return from_ts(samples)
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
        return from_steps(table, columns)
    modality, column = held_by(table, samples.parent, {tag, column_of_groups})
    columns = {"tag": tag, "sample": column, "group": column_of_groups}
    return from_table(modality, table, samples, columns)


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
        return from_ts(samples)
    tag = tag or columns.get("tag")
    if _is_table(samples, tag) and tag is not None:
        table = read_table(samples)
        table.column(tag)
        column = columns.get("sample")
        if modality.name != ROWS and column is None:
            _, column = held_by(table, samples.parent, {tag})
        group = columns.get("group")
        known = {
            "tag": tag,
            "sample": column,
            "group": group if group in table.columns else None,
        }
        if modality.name == SERIES and column is not None and not names_files(table, column):
            return from_steps(table, known)
        return from_table(modality, table, samples, known)
    files = tagged_files(samples, modality.accepts)
    if not files.paths:
        raise SamplesError(nothing_fits(samples, files, modality.nouns))
    return Found(modality, files, ("",) * len(files.paths))


def rows_of(path: Path, modality: Modality, columns: dict[str, Any]) -> list[tuple[str, Source]]:
    """Every sample of a table without regard to tags: name and source.

    Raises
    ------
    SamplesError
        A column is missing.
    """
    table = read_table(path)
    column = columns.get("sample")
    if modality.name == SERIES and column is not None and not names_files(table, column):
        found = recordings(table, columns)
        return [(f"{path}:{name}", content) for name, (_, content) in found.items()]
    sources = sources_of(modality, table, path, columns)
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
