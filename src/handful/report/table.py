"""predictions.csv: every sample with what a model that had not seen it said of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handful.errors import InputError
from handful.judging import Judgement
from handful.judging.several import SeveralJudgement
from handful.judging.values import ValueJudgement
from handful.metrics import ASK

_BETWEEN = "|"
_NEEDED = ("tag", "group", "fold", "sha256")
_ROUNDING = 1e-4  # of a sum of probabilities that were written with nine digits
_MEND = (
    "Wanted: predictions.csv as it stands in a model's folder, or what `handful evaluate --save` "
    "wrote. Copy it again from where it was whole, or train, or evaluate, again."
)
COLUMNS = ("file", "tag", "predicted", "probability", "fold", "group", "sha256")


def predictions_csv(judged: Judgement, names: Sequence[str], contents: Sequence[str]) -> bytes:
    """The table as UTF-8: `COLUMNS`, then one probability a tag, ``p(tag)``.

    Where a person was asked, "predicted" and "probability" are empty.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *(f"p({tag})" for tag in judged.tags)])
    record = judged.record
    predicted = record.predicted()
    for i, (name, content) in enumerate(zip(names, contents, strict=True)):
        shares = [f"{p:.9g}" for p in record.probabilities[i]]
        asked = predicted[i] == ASK
        said = ("", "") if asked else (judged.tags[predicted[i]], shares[predicted[i]])
        place = (int(record.folds[i]), int(judged.groups[i]))
        rows.writerow([name, judged.tags[judged.y[i]], *said, *place, content, *shares])
    return text.getvalue().encode()


def several_csv(judged: SeveralJudgement, names: Sequence[str], contents: Sequence[str]) -> bytes:
    """The same table where a sample may have several tags: they stand with ``|`` between them."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *(f"p({tag})" for tag in judged.tags)])
    for i, (name, content) in enumerate(zip(names, contents, strict=True)):
        has, given = (
            _BETWEEN.join(tag for tag, yes in zip(judged.tags, row, strict=True) if yes)
            for row in (judged.Y[i], judged.answers[i])
        )
        place = (int(judged.folds[i]), int(judged.groups[i]))
        shares = [f"{p:.9g}" for p in judged.probabilities[i]]
        rows.writerow([name, has, given, "", *place, content, *shares])
    return text.getvalue().encode()


def numbers_csv(judged: ValueJudgement, names: Sequence[str], contents: Sequence[str]) -> bytes:
    """The table of a model of numbers, as UTF-8."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["file", "number", "predicted", "fold", "group", "sha256"])
    for i, (name, content) in enumerate(zip(names, contents, strict=True)):
        place = (int(judged.folds[i]), int(judged.groups[i]))
        rows.writerow([name, f"{judged.y[i]:.9g}", f"{judged.said[i]:.9g}", *place, content])
    return text.getvalue().encode()


def read_contents(data: bytes) -> list[str]:
    """SHA-256 of every sample in a table of predictions; none where it is no such table."""
    try:
        rows = csv.DictReader(io.StringIO(data.decode()))
        return [row["sha256"] for row in rows if row.get("sha256")]
    except (UnicodeDecodeError, csv.Error, KeyError):
        return []


@dataclass(frozen=True)
class Table:
    """What a table of predictions holds.

    Attributes
    ----------
    tags : tuple of str
    Y : ndarray of bool, shape (n_samples, n_tags)
        Which sample has which tag.
    probabilities : ndarray of float64, shape (n_samples, n_tags)
    groups : ndarray of int64, shape (n_samples,)
    folds : ndarray of int64, shape (n_samples,)
    contents : tuple of str
        SHA-256 of each file.
    """

    tags: tuple[str, ...]
    Y: np.ndarray
    probabilities: np.ndarray
    groups: np.ndarray
    folds: np.ndarray
    contents: tuple[str, ...]

    @property
    def y(self) -> np.ndarray:
        """Number of each sample's tag where each has one, int64 (n_samples,)."""
        return np.asarray(self.Y.argmax(axis=1), np.int64)


def read_table(data: bytes, *, name: str, exclusive: bool) -> Table:
    """Read what `predictions_csv` or, of several tags a sample, `several_csv` wrote.

    Raises
    ------
    InputError
        It is not such a table, was cut off, or was changed to what no model says; `name` stands
        in the message.
    """
    table = _read(data, name)
    wrong = _what_is_wrong(table, exclusive)
    if not wrong and not data.endswith(b"\n"):
        wrong = "its last line is cut off"
    if wrong:
        raise InputError(f"{name} was changed or damaged: {wrong}. {_MEND}")
    return table


def _what_is_wrong(table: Table, exclusive: bool) -> str:
    """What no model says, with the first line that says it; "" where all is well."""
    shares = table.probabilities
    outside = ~((shares >= 0) & (shares <= 1))
    if outside.any():
        row, column = (int(at) for at in np.argwhere(outside)[0])
        return (
            f"line {row + 2} gives {table.tags[column]} a probability of {shares[row, column]:g}, "
            "and probabilities lie from 0 to 1"
        )
    if not exclusive:
        return ""
    sums = shares.sum(axis=1)
    if (off := np.abs(sums - 1) > _ROUNDING).any():
        row = int(off.argmax())
        return f"the probabilities in line {row + 2} sum to {sums[row]:.6g}, and should to 1"
    if (untagged := table.Y.sum(axis=1) != 1).any():
        return f"line {int(untagged.argmax()) + 2} has no tag"
    return ""


def _read(data: bytes, name: str) -> Table:
    try:
        reader = csv.DictReader(io.StringIO(data.decode()))
        header = reader.fieldnames or ()
        tags = tuple(c[2:-1] for c in header if c.startswith("p(") and c.endswith(")"))
        if lacking := [name for name in _NEEDED if name not in header]:
            raise ValueError(f"it has no column {lacking[0]}")
        if not tags or not (rows := list(reader)):
            raise ValueError("it has no rows" if tags else "it has no column p(TAG)")
        if short := [i for i, row in enumerate(rows, 2) if None in row.values() or None in row]:
            raise ValueError(f"line {short[0]} has not as many cells as the header")
        return Table(
            tags=tags,
            Y=np.array([_has(row["tag"], tags) for row in rows], bool),
            probabilities=np.array([[float(row[f"p({tag})"]) for tag in tags] for row in rows]),
            groups=np.array([int(row["group"]) for row in rows], np.int64),
            folds=np.array([int(row["fold"]) for row in rows], np.int64),
            contents=tuple(row["sha256"] for row in rows),
        )
    except (UnicodeDecodeError, csv.Error, ValueError, TypeError) as error:
        raise InputError(f"{name} is not a table of predictions ({error}). {_MEND}") from error


def _has(text: str, tags: Sequence[str]) -> list[bool]:
    """Which tags a cell names: one that may hold any sign, or several."""
    if text in tags:
        return [tag == text for tag in tags]
    named = set(text.split(_BETWEEN)) - {""}
    if not named <= set(tags):
        raise ValueError(f"the tag {text!r} has no column")
    return [tag in named for tag in tags]
