"""Columns that give the tag away by themselves: perhaps they are the tag in disguise."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from handful.samples import BETWEEN

VALUE, RANGE = "value", "range"

_CHANCE = 1e-3  # that some column of a table would look like this without a reason
_LINE = 9  # steps from which tags count rather than name
_FEW_VALUES = 0.25  # of different values to rows: more would tell any tag by chance


def gives_away(cells: Sequence[object], tags: Sequence[str], *, n_columns: int) -> str:
    """How a column alone tells the tag of every row, if it does.

    ``value``: each of its values goes with one tag only, or it has a value where the tag is one
    and none where it is another, or the larger its number, the larger (or the smaller) that of
    the tag. ``range``: each tag has a range of numbers of its own, as good columns may have too.
    Else "". What could be so by chance in one of `n_columns` columns does not count.

    Parameters
    ----------
    cells : sequence
        The column; None where a cell is empty, numbers where they are read as such.
    tags : sequence of str
        Where rows have several tags, each of them is asked for: has it, or has it not.
    n_columns : int
    """
    apart = one_each(tags)
    ways = {_given_away(cells, one, n_columns * len(apart)) for one in apart}
    return next((how for how in (VALUE, RANGE) if how in ways), "")


def one_each(tags: Sequence[str]) -> list[list[str]]:
    """The tags; where rows have several, for each tag whether a row has it."""
    if not any(BETWEEN in tag or not tag for tag in tags):
        return [list(tags)]
    found = [{part.strip() for part in tag.split(BETWEEN)} for tag in tags]
    every = sorted(set().union(*found) - {""})
    return [[str(tag in here) for here in found] for tag in every]


def _given_away(cells: Sequence[object], tags: Sequence[str], n_tries: int) -> str:
    known = [(cell, tag) for cell, tag in zip(cells, tags, strict=True) if cell is not None]
    there = [(cell is not None, tag) for cell, tag in zip(cells, tags, strict=True)]
    bound = math.log(_CHANCE / n_tries)
    for how, pairs, ways in (
        (VALUE, known, _by_value(known)),
        (VALUE, there, _by_value(there)),
        (VALUE, known, _in_line(known)),
        (RANGE, known, _in_ranges(known)),
    ):
        if ways is not None and ways - _deals(tag for _, tag in pairs) < bound:
            return how
    return ""


def _deals(tags: Iterable[str]) -> float:
    """Logarithm of the ways to deal these tags to rows: all as likely where chance deals."""
    counts = Counter(tags)
    return math.lgamma(counts.total() + 1) - sum(math.lgamma(n + 1) for n in counts.values())


def _by_value(known: Sequence[tuple[object, str]]) -> float | None:
    """Logarithm of the ways to give each value a tag, where each has one only, else None."""
    pairs = {(str(cell), tag) for cell, tag in known}
    values = {value for value, _ in pairs}
    if len(pairs) > len(values) or len(values) > _FEW_VALUES * len(known):
        return None
    return len(values) * math.log(len({tag for _, tag in pairs}))


def _in_ranges(known: Sequence[tuple[object, str]]) -> float | None:
    """Logarithm of the orders of the tags, where each has a range of numbers, else None."""
    runs = _runs(known)
    apart = len(runs) == len(set(runs)) <= _FEW_VALUES * len(known)
    return math.lgamma(len(runs) + 1) if runs and apart else None


def _in_line(known: Sequence[tuple[object, str]]) -> float | None:
    """Logarithm of 2, where numbers rise or fall with those of the tags, else None."""
    try:
        steps = [float(after) - float(before) for before, after in pairwise(_runs(known))]
    except ValueError:
        return None
    one_way = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    return math.log(2) if len(steps) >= _LINE and one_way else None


def _runs(known: Sequence[tuple[object, str]]) -> list[str]:
    """Tags by rising number, each as often as it begins anew; none where it is ambiguous."""
    if not all(isinstance(cell, int | float) for cell, _ in known):
        return []
    by_number: dict[float, set[str]] = {}
    for cell, tag in known:
        by_number.setdefault(float(str(cell)), set()).add(tag)
    if any(len(tags) > 1 for tags in by_number.values()):
        return []
    return [tag for tag, _ in groupby(tag for _, (tag,) in sorted(by_number.items()))]
