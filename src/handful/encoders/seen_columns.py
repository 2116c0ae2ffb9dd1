"""What a person should know of the columns of a table: which count, and how they are read."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from handful.encoders.disguises import RANGE, VALUE, gives_away
from handful.encoders.numerals import is_ambiguous, numerals_of
from handful.encoders.schemas import (
    category,
    category_column,
    columns_of,
    is_numeric,
    kind_of,
    number,
)
from handful.encoders.telling_columns import share_told

_NAMED = 5
_MANY_RARE = 0.2  # share of rows with rare categories from which that is said
_READ, _UNCLEAR, _UNUSED, _POOLED = "read", "unclear", "unused", "pooled"
_NEARLY = "nearly"
_LEFT_OUT = {
    "empty": "are empty",
    "constant": "say the same in every row",
    "numbering": "only number the rows",
    "identities": "only name the rows, by a whole number each",
    "names": "say something else in nearly every row",
}
_SAID = {
    **{
        kind: f"Nothing is learnt from columns that {why}: {{}}." for kind, why in _LEFT_OUT.items()
    },
    _READ: "Read as numbers, in these rows and in all that come later: {}.",
    _UNCLEAR: "These columns look like numbers, but are written in several ways, or a comma or "
    "point in them may mean two things, so that they are not taken as numbers: {}. Write them "
    "like 1200.5 to have them counted.",
    _UNUSED: "Cells in columns of numbers that are infinite, too large or no number count as "
    "missing: {}.",
    _POOLED: "Rare values of these columns count as one value together, as there is too little "
    "to learn of each: {}.",
    VALUE: "The tag can be read off {} alone: is that known before the tag is, or is it the tag in "
    "disguise? Then remove it, or every figure here is void.",
    RANGE: "Each tag has a range of its own in {}. That may be so; but remove it if it is known "
    "only once the tag is.",
    _NEARLY: "One column alone gives nearly every answer: {}. That may be so; but if it is known "
    "only once the answer is, remove it, or every figure here is void.",
}


def about_columns(rows: Sequence[dict[str, Any]], tags: Sequence[str]) -> list[str]:
    """Sentences on the columns of these rows, each naming the columns that it is about.

    Parameters
    ----------
    rows : sequence of dict
        Cells by column.
    tags : sequence of str
        One a row; none where nothing is to be said of disguises.
    """
    found: dict[str, list[str]] = defaultdict(list)
    names = columns_of(rows)
    for name in names:
        cells = [row.get(name) for row in rows]
        kind = kind_of(cells, name)
        found[kind].append(name)
        if kind == "number":
            cells = _numbers(name, cells, found)
        elif is_ambiguous(cells):
            found[_UNCLEAR] += _such_as(name, cells)
        if kind == "category":
            found[_POOLED] += _pooled(name, cells)
        if kind not in _LEFT_OUT and tags:
            how = gives_away(cells, tags, n_columns=len(names))
            found[how].append(name)
            found[_NEARLY] += [] if how else _telling(name, cells, tags)
    return [said.format(_some(found[key])) for key, said in _SAID.items() if found[key]]


def _telling(name: str, cells: Sequence[Any], tags: Sequence[str]) -> list[str]:
    """How much a column alone tells, where that is nearly everything."""
    told = share_told(cells, tags)
    if told is None:
        return []
    share, are_numbers = told
    of = "of the differences" if are_numbers else "of the rows"
    return [f"{name} (tells {100 * share:.0f} % {of})"]


def _numbers(name: str, cells: Sequence[Any], found: dict[str, list[str]]) -> list[Any]:
    """A column's numbers, None where missing; adds what there is to say of how they stand."""
    numerals = numerals_of(cells)
    values = [number(cell, numerals) for cell in cells]
    found[_UNUSED] += _unused(name, cells, values)
    found[_READ] += _read_as(name, cells, values) if numerals else []
    return [None if math.isnan(value) else value for value in values]


def _read_as(name: str, cells: Sequence[Any], values: Sequence[float]) -> list[str]:
    """A cell that shows best how a column's numbers are written, and what it is read as."""
    pairs = zip(cells, values, strict=True)
    texts = [(c, v) for c, v in pairs if isinstance(c, str) and not math.isnan(v)]
    cell, value = max(texts, key=lambda pair: len(set(pair[0]) - set("0123456789")))
    return [f"{name} ({cell!r} is {value:.12g})"]


def _such_as(name: str, cells: Sequence[Any]) -> list[str]:
    return [f"{name} (such as {next(c for c in cells if not is_numeric(c) and c)!r})"]


def _unused(name: str, cells: Sequence[Any], values: Sequence[float]) -> list[str]:
    """What stands in a column of numbers and is none that can be learnt from, with an example."""
    pairs = zip(cells, values, strict=True)
    strange = [c for c, v in pairs if c is not None and math.isnan(v) and str(c) != "nan"]
    return [f"{name} ({len(strange)}, such as {str(strange[0])[:20]!r})"] if strange else []


def _pooled(name: str, cells: Sequence[Any]) -> list[str]:
    """How many values of a column of categories are told apart, where that leaves out many."""
    known = set(category_column(name, cells).values) | {""}
    rest = [text for cell in cells if (text := category(cell)) not in known]
    if len(rest) < _MANY_RARE * len(cells):
        return []
    return [f"{name} ({len(set(rest)):,} of its {len(set(rest) | known) - 1:,} values)"]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
