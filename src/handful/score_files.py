"""Reads tables of truths and scores chunk by chunk: CSV with Python alone, Parquet with pyarrow."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from handful.errors import InputError, MissingExtraError

_ROWS = 1 << 20  # a chunk: 16 MB of truths and scores
_ROWS_COUNTED = "Rows are counted from 0 below the header."
_YES, _NO = frozenset(("1", "1.0", "true", "yes")), frozenset(("0", "0.0", "false", "no"))


@dataclass(frozen=True)
class Columns:
    """Which columns of a table to read, and what counts as positive.

    Attributes
    ----------
    truth, score : str
    positive : str or None
        The truth's value that is looked for; without it truths must be 0 and 1.
    """

    truth: str
    score: str
    positive: str | None


def score_chunks(path: Path, columns: Columns) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Truths (bool) and scores (float64) of a table, in chunks of bounded size.

    Raises
    ------
    InputError
        The file, a column or a value cannot be used; a value is named by its row, from 0.
    MissingExtraError
        Parquet without pyarrow.
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file: give a CSV or Parquet table of scores.")
    chunks = _parquet(path, columns) if path.suffix.lower() == ".parquet" else _csv(path, columns)
    row = 0
    for truths, scores in chunks:
        yield _truths(truths, columns, row), _scores(scores, columns, row)
        row += len(truths)


def _parquet(path: Path, columns: Columns) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if find_spec("pyarrow") is None:
        raise MissingExtraError("Parquet files need pyarrow: pip install 'handful[parquet]'")
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            _check_header(file.schema_arrow.names, columns, path)
            names = [columns.truth, columns.score]
            for batch in file.iter_batches(batch_size=_ROWS, columns=names):
                truth, score = (batch.column(name) for name in names)
                yield truth.to_numpy(zero_copy_only=False), score.to_numpy(zero_copy_only=False)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise InputError(f"{path} is not a Parquet table: {error}") from error


def _csv(path: Path, columns: Columns) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            _check_header(header, columns, path)
            truth, score = header.index(columns.truth), header.index(columns.score)
            while chunk := list(islice(rows, _ROWS // 8)):
                yield (
                    np.array([row[truth] for row in chunk]),
                    np.array([row[score] for row in chunk]),
                )
    except (UnicodeDecodeError, csv.Error, IndexError) as error:
        raise InputError(f"{path} is not a CSV table in UTF-8.") from error


def _check_header(names: list[str], columns: Columns, path: Path) -> None:
    for name in (columns.truth, columns.score):
        if name not in names:
            raise InputError(
                f"{path} has no column {name!r}. It has {', '.join(names[:20]) or 'none'}."
            )


def _truths(values: np.ndarray, columns: Columns, row: int) -> np.ndarray:
    if columns.positive is not None:
        return np.asarray(values.astype(str) == columns.positive)
    if values.dtype == bool:
        return values
    if values.dtype.kind in "iuf":
        yes, no = values == 1, values == 0
    else:
        texts = np.char.lower(values.astype(str))
        yes, no = np.isin(texts, list(_YES)), np.isin(texts, list(_NO))
    if not (yes | no).all():
        wrong = int(np.argmin(yes | no))
        raise InputError(
            f"column {columns.truth!r}, row {row + wrong}: {str(values[wrong])!r} is neither 0 nor "
            f"1. Say what counts as positive: --positive VALUE. {_ROWS_COUNTED}"
        )
    return np.asarray(yes)


def _scores(values: np.ndarray, columns: Columns, row: int) -> np.ndarray:
    try:
        scores = np.asarray(values.astype(np.float64))
    except (TypeError, ValueError):
        wrong = next(i for i, value in enumerate(values) if not _is_number(value))
        raise InputError(
            f"column {columns.score!r}, row {row + wrong}: {str(values[wrong])!r} is not a number. "
            f"{_ROWS_COUNTED}"
        ) from None
    if not np.isfinite(scores).all():
        wrong = int(np.argmin(np.isfinite(scores)))
        raise InputError(
            f"column {columns.score!r}, row {row + wrong}: {scores[wrong]} is not a finite number. "
            f"{_ROWS_COUNTED}"
        )
    return scores


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
