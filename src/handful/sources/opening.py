"""Opens a folder or a table of samples, whatever kind they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from handful.errors import SamplesError
from handful.folders import tagged_files
from handful.modalities.base import Modality, detect, nothing_fits
from handful.rows import Table, is_table, read_table
from handful.samples import BETWEEN, Source
from handful.sources.found import EXCLUSIVE, NUMBER, SEVERAL, Found, kind_of_tags
from handful.sources.steps import SERIES, from_steps, from_ts, names_files, recordings
from handful.sources.tables import ROWS, from_table, held_by, names_of, sources_of
from handful.sources.written import Columns, check_columns, columns_of

TS = ".ts"


def open_samples(
    samples: Path,
    *,
    tag: Columns | None,
    group: str | None,
    series: str | None = None,
    kind: str | None = None,
) -> Found:
    """Samples to learn from: what kind they are is seen from the folder or the table.

    Parameters
    ----------
    samples : Path
        A folder with one sub-folder per tag, or a table.
    tag : str or sequence of str, optional
        The table's column of tags, or a column of yes and no for each tag.
    group : str, optional
        The table's column of groups; for folders it means something else and is left alone.
    series : str, optional
        The table's column that says which recording a row is a step of.
    kind : str, optional
        What the tags are. Default: seen from them.

    Raises
    ------
    SamplesError
        Nothing fits, or the tag's column is missing.
    """
    if samples.suffix.lower() == TS and samples.is_file():
        _refuse_columns(samples, tag, series)
        return replace(from_ts(samples), kind=kind or EXCLUSIVE)
    if not _is_table(samples, tag):
        if series is not None:
            raise SamplesError(
                f"{samples} is a folder, in which each file is a recording: --series names the "
                "column of a table. Leave it out, or give a table."
            )
        modality, files = detect(samples)
        seen = SEVERAL if any(BETWEEN in name for name in files.tags) else EXCLUSIVE
        return Found(modality, files, ("",) * len(files.paths), kind or seen)
    table = read_table(samples)
    tag = tag or _no_tag(samples, table)
    check_columns(table, tag)
    _refuse_one_of(tag, kind)
    column_of_groups = group if group in table.columns else None
    if series is not None:
        table.column(series)
        columns = {"tag": tag, "sample": series, "group": column_of_groups}
        return from_steps(table, columns, kind)
    modality, column = held_by(table, samples.parent, {*columns_of(tag), column_of_groups})
    columns = {"tag": tag, "sample": column, "group": column_of_groups}
    found = from_table(modality, table, samples, columns, kind)
    if kind == SEVERAL:
        _refuse_numbers(found.files.tags, tag)
    return found


def open_known(
    samples: Path, modality: Modality, columns: dict[str, Any], tag: Columns | None, kind: str
) -> Found:
    """Tagged samples for a model that knows their kind and, of a table, its columns.

    Raises
    ------
    SamplesError
        Nothing fits, or a column is missing.
    """
    if samples.suffix.lower() == TS and samples.is_file():
        _refuse_columns(samples, tag, None)
        return replace(from_ts(samples), kind=kind)
    if _is_table(samples, tag):
        table = read_table(samples)
        tag = tag or columns.get("tag") or _no_tag(samples, table)
        check_columns(table, tag)
        column = columns.get("sample")
        if modality.name != ROWS and column is None:
            _, column = held_by(table, samples.parent, columns_of(tag))
        group = columns.get("group")
        known = {
            "tag": tag,
            "sample": column,
            "group": group if group in table.columns else None,
        }
        if modality.name == SERIES and column is not None and not names_files(table, column):
            return from_steps(table, known, kind)
        return from_table(modality, table, samples, known, kind)
    files = tagged_files(samples, modality.accepts)
    if not files.paths:
        raise SamplesError(nothing_fits(samples, files, modality.nouns))
    return Found(modality, files, ("",) * len(files.paths), kind)


def rows_of(
    path: Path, modality: Modality, columns: dict[str, Any], content: bytes | None = None
) -> list[tuple[str, Source]]:
    """Every sample of a table without regard to tags: name and source.

    `content` is what is in the table, where it came some other way than from the disk.

    Raises
    ------
    SamplesError
        A column is missing.
    """
    table = read_table(path, content)
    column = columns.get("sample")
    if modality.name == SERIES and column is not None and not names_files(table, column):
        found = recordings(table, columns)
        return [(f"{path}:{name}", content) for name, (_, content) in found.items()]
    sources, names = sources_of(modality, table, path, columns), names_of(modality, table, columns)
    return [(f"{path}:{name}", s) for name, s in zip(names, sources, strict=True)]


def _no_tag(samples: Path, table: Table) -> NoReturn:
    raise SamplesError(
        f"{samples} is a table: say which column holds the tags, like --tag {table.columns[-1]}. "
        f"It has {', '.join(table.columns[:20])}."
    )


def _refuse_columns(samples: Path, tag: Columns | None, series: str | None) -> None:
    given = [option for option, column in (("--tag", tag), ("--series", series)) if column]
    if given:
        raise SamplesError(
            f"{samples} says itself which recordings there are and what their tags are: leave "
            f"{' and '.join(given)} out."
        )


def _refuse_numbers(tags: Sequence[str], tag: Columns) -> None:
    """Numbers without a ``|`` anywhere are no names of which a sample may have several."""
    said = [text for text in tags if text]
    if isinstance(tag, str) and kind_of_tags(said) == NUMBER:
        raise SamplesError(
            f"--kind {SEVERAL} wants names with {BETWEEN} between those of one sample; the column "
            f"{tag!r} holds a number in each row, such as {', '.join(said[:3])}. Leave --kind out, "
            f"or say --kind {NUMBER} to have numbers told, or --kind {EXCLUSIVE} if each is a name."
        )


def _refuse_one_of(tag: Columns, kind: str | None) -> None:
    if not isinstance(tag, str) and kind not in (None, SEVERAL):
        raise SamplesError(
            f"--tag names {len(tag)} columns, one for each tag that a sample may have: that is "
            f"--kind {SEVERAL}, not {kind}."
        )


def _is_table(samples: Path, tag: Columns | None) -> bool:
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
