"""Rows of tables: each a JSON object, whatever table it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from handful.encoders.base import Encoder
from handful.encoders.columns import (
    Columns,
    Row,
    Schema,
    as_input,
    inputs,
    lacking,
    schema_from_json,
)
from handful.encoders.row_copies import RowCopies
from handful.encoders.schemas import decoded, needed, schema
from handful.encoders.seen_columns import about_columns
from handful.encoders.whole_samples import WholeRows
from handful.errors import SamplesError, UnreadableError
from handful.graphs import GraphInput
from handful.modalities.base import Comparing, Exhibit
from handful.rows import OddJsonError, plain, strict_json
from handful.samples import Source

_LARGEST_B = 10_000_000
_SHOWN = 24  # columns of a row that the report shows
_DECIMALS = re.compile(r"-?\d{0,6}\.\d{6,}(?:[eE][-+]?\d{1,2})?")
_NAMED = 5
_KINDS = {bool: "true or false", list: "a list", dict: "an object"}
_MADE = 24


class Tables:
    """Rows."""

    name = "tables"
    noun = "row"
    nouns = "rows"
    fingerprint = None
    small = None
    repeats = True
    own_input = None

    def accepts(self, path: Path) -> bool:
        """Whether a file's name is that of one row by itself."""
        return path.suffix.lower() == ".json"

    def measure(self, data: Source) -> dict[str, Any]:
        """The row's cells by column."""
        return _cells(data)

    def encoders(
        self, measures: Sequence[dict[str, Any]], *, small: bool = False
    ) -> tuple[Encoder, ...]:
        """The columns as numbers; what they are is seen from all rows, without their tags."""
        found = schema(measures)
        if not found.numbers and not found.categories:
            raise SamplesError(
                "there is nothing to learn from in these columns: "
                + "; ".join(self.remarks(measures, ()))
            )
        return (Columns(found),)

    def whole(self, measures: Sequence[dict[str, Any]]) -> WholeRows:
        """Gaps, categories and squashed numbers."""
        return WholeRows(schema(measures))

    def lower_part(self, measures: Sequence[dict[str, Any]]) -> None:
        """None: nothing that is learnt from one table holds for another."""

    def remarks(
        self, measures: Sequence[dict[str, Any]], tags: Sequence[str], names: Sequence[str] = ()
    ) -> list[str]:
        """Columns that are left out, how others are read, and the tag in disguise."""
        return about_columns(measures, tags)

    def reading(self, encoders: Sequence[Encoder]) -> dict[str, Any]:
        """What the columns are."""
        (columns,) = [encoder for encoder in encoders if isinstance(encoder, Columns)]
        return {"schema": columns.schema.to_json()}

    def read(self, source: Source, reading: Mapping[str, Any]) -> Row:
        """One row, decoded."""
        cells, known = _object(source), schema_from_json(reading["schema"])
        if missing := [name for name in needed(known) if name not in cells]:
            raise UnreadableError(
                f"has no {'column' if len(missing) == 1 else 'columns'} {_some(missing)}, which "
                f"the model learned from (it has {_some(list(cells)) or 'none'}); where only a "
                "value is missing, leave its cell empty, or say null in JSON"
            )
        _check_numbers(cells, known)
        return decoded({name: plain(cell) for name, cell in cells.items()}, known)

    def comparing(self, reading: Mapping[str, Any]) -> Comparing:
        """By the columns that are learned from, but for dates."""
        finder = RowCopies(schema_from_json(reading["schema"]))
        return Comparing(partial(self.read, reading=reading), finder)

    def inputs(self, reading: Mapping[str, Any]) -> tuple[GraphInput, ...]:
        """Numbers, NaN where missing, and categories as text."""
        return inputs(schema_from_json(reading["schema"]))

    def as_input(self, sample: Row) -> dict[str, np.ndarray]:
        """A row as a batch of one."""
        return as_input([sample])

    def doubt(self, given: Mapping[str, np.ndarray], reading: Mapping[str, Any]) -> str:
        """Columns without a value that can be used, where every training row had one."""
        gone = lacking(given, schema_from_json(reading["schema"]))
        if not gone:
            return ""
        what = f"nothing that can be used in {_some(gone)}"
        return f"has {what}, where every row that the model learned from had a value"

    def show(self, source: Source) -> Exhibit:
        """Its cells, a line each."""
        cells = list(_cells(source).items())
        lines = [f"{name}: {_shown(value)}" for name, value in cells[:_SHOWN]]
        more = [f"and {len(cells) - _SHOWN} more columns"] if len(cells) > _SHOWN else []
        return Exhibit(text="\n".join([*lines, *more])[:2000])

    def strangers(self) -> list[Row]:
        """None: what a strange row looks like depends on the columns."""
        return []

    def write_example(self, folder: Path, *, seed: int = 0) -> None:
        """Flowers of two kinds that do not exist: three numbers with gaps, a colour, a date."""
        random = np.random.default_rng(seed)
        for tag, middle in (("alpine", 2.0), ("meadow", 5.0)):
            (folder / tag).mkdir(parents=True, exist_ok=True)
            for number in range(20):
                values = random.normal(middle, 1.0, 3).round(2).tolist()
                colours = ("white", "blue") if tag == "alpine" else ("yellow", "blue")
                row = {
                    "petal_cm": values[0],
                    "leaf_cm": None if number % 7 == 3 else values[1],
                    "height_cm": round(values[2] * 10, 1),
                    "colour": str(random.choice(colours)),
                    "seen": f"2026-{random.integers(4, 8):02}-{random.integers(1, 29):02}",
                }
                path = folder / tag / f"{tag}-{number:02}.json"
                path.write_text(json.dumps(row), encoding="utf-8")

    def made(self, reading: Mapping[str, Any]) -> list[Row]:
        """Rows around what is usual in these columns; some cells are missing or new."""
        random, known = np.random.default_rng(0), schema_from_json(reading["schema"])
        rows = []
        for _ in range(_MADE):
            numbers = [
                np.nan if column.gaps and random.random() < 0.2
                else random.normal(column.middle, 1.5 * column.spread)
                for column in known.numbers
            ]  # fmt: skip
            names = tuple(str(random.choice([*c.values, "other"])) for c in known.categories)
            rows.append(Row(np.array(numbers, np.float32), names))
        return rows


def _cells(source: Source) -> dict[str, Any]:
    return {name: plain(cell) for name, cell in _object(source).items()}


def _object(source: Source) -> dict[str, Any]:
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be opened: {(error.strerror or 'error').lower()}") from error
    if len(data) > _LARGEST_B:
        raise UnreadableError(f"holds {len(data)} bytes: too much for one row")
    try:
        value = strict_json(data)
    except OddJsonError as error:
        raise UnreadableError(f"cannot be used as a row: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError("is not a row: it is not a JSON object") from error
    if not isinstance(value, dict) or not value:
        raise UnreadableError("is not a row: it is not a JSON object with a value a column")
    return value


def _check_numbers(row: Mapping[str, Any], known: Schema) -> None:
    """Refuse what can be no number, nor a date, where one is wanted."""
    for column in known.numbers:
        cell = row.get(column.name)
        if isinstance(cell, bool | list | dict):
            wanted = "a date is wanted" if column.part else "a number is wanted"
            hint = " (1 or 0)" if isinstance(cell, bool) and not column.part else ""
            raise UnreadableError(
                f"has {_KINDS[type(cell)]} in the column {column.name!r}, where {wanted}{hint}"
            )


def _shown(value: Any) -> str:
    """A cell in as few digits as a person needs.

    >>> _shown("0.04897352178648128"), _shown("1024.5"), _shown(12345678), _shown(None)
    ('0.0489735', '1024.5', '12345678', '(missing)')
    """
    if value is None:
        return "(missing)"
    text = str(value)
    return f"{float(text):.6g}" if _DECIMALS.fullmatch(text) else text


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


MODALITY = Tables()
