"""A table of what each answer costs, as a person writes it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handful.errors import InputError

_ACTUAL, _ASK = "actual", "ask"
_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Costs:
    """What answers cost.

    Attributes
    ----------
    matrix : ndarray of float64, shape (n_tags, n_tags)
        matrix[k, j]: of answering tag j where the truth is tag k.
    asking : float or None
        What asking a person costs.
    """

    matrix: np.ndarray
    asking: float | None


def read_costs(path: Path, tags: tuple[str, ...]) -> Costs:
    """Costs in the order of the tags; separated by commas, semicolons, tabs or bars.

    The first column, "actual", names the true tag; the others are answers. A column "ask" is
    what a person costs, unless the model has a tag of that name.

    Raises
    ------
    InputError
        It is no such table, its tags are not the model's, or a cost is negative.
    """
    asks = "" if _ASK in tags else f" (and perhaps ',{_ASK}')"
    wanted = (
        f"Wanted: a first row '{_ACTUAL},{','.join(tags)}'{asks}, then a row for each of these "
        "tags with what each answer costs, 0 or more."
    )
    try:
        return _costs(_rows(path), tags)
    except ValueError as error:
        raise InputError(f"{path} {error}. {wanted}") from error


def _rows(path: Path) -> list[list[str]]:
    """Cells of every line that holds any; decimal commas made points."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise ValueError("is not text in UTF-8") from None
    first = (lines or [""])[0].strip().removeprefix('"').removeprefix(_ACTUAL).removeprefix('"')
    separator = first[:1] if first[:1] in _SEPARATORS else ","
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    except csv.Error as error:
        raise ValueError(f"is not a table: {error}") from None
    return [row for row in rows if any(row)]


def _costs(rows: list[list[str]], tags: tuple[str, ...]) -> Costs:
    if not rows or rows[0][0] != _ACTUAL:
        raise ValueError(f"does not begin with {_ACTUAL!r}")
    answers, by_tag = rows[0][1:], {row[0]: row[1:] for row in rows[1:]}
    known = {*tags, _ASK}
    _check_names("column", answers, set(tags), known)
    _check_names("row", [row[0] for row in rows[1:]], set(tags), set(tags))
    uneven = [tag for tag, cells in by_tag.items() if len(cells) != len(answers)]
    if uneven:
        raise ValueError(f"has another number of cells in the row {uneven[0]!r} than in its first")
    costs = {tag: dict(zip(answers, map(_cost, by_tag[tag]), strict=True)) for tag in tags}
    matrix = np.array([[costs[actual][answer] for answer in tags] for actual in tags])
    if _ASK in tags or _ASK not in answers:
        return Costs(matrix, None)
    asking = {costs[tag][_ASK] for tag in tags}
    if len(asking) > 1:
        raise ValueError("says several costs of asking a person: it must cost the same everywhere")
    return Costs(matrix, asking.pop())


def _check_names(what: str, names: list[str], needed: set[str], known: set[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    missing, strange = sorted(needed - set(names)), sorted(set(names) - known)
    if twice:
        raise ValueError(f"has more than one {what} {twice[0]!r}")
    if missing:
        raise ValueError(f"has no {what} {missing[0]!r}")
    if strange:
        raise ValueError(f"has a {what} {strange[0]!r}, which is no tag of the model")


def _cost(text: str) -> float:
    try:
        cost = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"holds {text!r} where a cost is wanted") from None
    if not np.isfinite(cost) or cost < 0:
        raise ValueError(f"holds {text!r}: a cost must be a finite number, 0 or more")
    return cost
