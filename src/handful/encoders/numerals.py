"""How a column writes its numbers: decimal commas, separators of thousands, signs of money."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_MOSTLY = 0.95  # share of the cells that must be written so
_MARKS = (".", ",")
_GAPS = " \u00a0\u202f\u2009"  # spaces that stand between thousands
_QUOTES = "'\u2019"
_MINUS = "\u2212"
_COMMA_GROUPS = "$\u00a3\u00a5\u20b9\u20a9"  # of money whose thousands are set off by commas
_WHOLE = {
    mark: re.compile(
        rf"[-+]?(?:[1-9]\d{{0,2}}(?:([{re.escape(mark)} '])\d{{3}})(?:\1\d{{3}})*|\d+)"
    )
    for mark in _MARKS
}


@dataclass(frozen=True)
class Numerals:
    """How the numbers of one column are written.

    Attributes
    ----------
    decimal : str
        The decimal mark: a point or a comma.
    grouped : bool
        Whether the other mark was seen between thousands.
    money : str
        The sign of money beside them, or "".
    """

    decimal: str
    grouped: bool
    money: str

    def read(self, cell: Any) -> float:
        """A cell's number; NaN where it is not written so.

        A mark between thousands counts where the column has shown that it means this, or where
        the cell itself has a decimal mark too: ``1.200`` may be a number of another table.

        Examples
        --------
        >>> euros = Numerals(",", True, "€")
        >>> euros.read("€ 1.200,50"), euros.read("-3,1"), euros.read("$5"), euros.read(7)
        (1200.5, -3.1, nan, 7.0)
        """
        if not isinstance(cell, str):
            return math.nan if cell is None else float(cell)
        text, money = _without_money(cell)
        found = _parsed(text, self.decimal)
        if found is None or money not in ("", self.money):
            return math.nan
        if found.grouped and not self.grouped and not found.decimals:
            return math.nan
        return found.value


@dataclass(frozen=True)
class _Parsed:
    value: float
    grouped: bool  # by the mark that is not the decimal one
    decimals: bool
    shown: bool  # nobody would write a decimal mark where that one stands


@dataclass(frozen=True)
class _Way:
    """One way to read a column: the cells that can be read so, in order."""

    numerals: Numerals
    cells: tuple[_Parsed, ...]

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(one.value for one in self.cells)

    @property
    def is_shown(self) -> bool:
        """Whether a mark between thousands, where there is one, must be such somewhere."""
        return not self.numerals.grouped or any(one.shown for one in self.cells)


def numerals_of(cells: Sequence[Any]) -> Numerals | None:
    """How a column writes its numbers, where that is not the plain way and cannot be mistaken.

    Parameters
    ----------
    cells : sequence
        None where a cell is empty.
    """
    ways = _fitting(cells)
    if not ways:
        return None
    clear = len({way.values for way in ways}) == 1 and ways[-1].is_shown
    return ways[-1].numerals if clear or _have_comma_groups(cells) else None


def is_ambiguous(cells: Sequence[Any]) -> bool:
    """Whether a column is of numbers, but they are written in several ways or may mean two."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    if not texts or len(texts) < _MOSTLY * sum(cell is not None for cell in cells):
        return False
    like = [text for text in texts if any(_parsed(_without_money(text)[0], m) for m in _MARKS)]
    special = [text for text in like if not _is_plain(text)]
    return bool(
        special
        and len(like) >= _MOSTLY * len(texts)
        and len(like) - len(special) < _MOSTLY * len(texts)
        and numerals_of(cells) is None
    )


def _fitting(cells: Sequence[Any]) -> list[_Way]:
    """Ways in which most cells can be read; that of a decimal point comes last."""
    given = [cell for cell in cells if cell is not None]
    texts = [_without_money(cell) for cell in given if isinstance(cell, str)]
    if not texts or sum(map(_is_plain, given)) >= _MOSTLY * len(given):
        return []
    signs = {money for _, money in texts} - {""}
    if len(signs) > 1:
        return []
    n_others = len(given) - len(texts)
    ways = []
    for mark in reversed(_MARKS):
        found = tuple(one for text, _ in texts if (one := _parsed(text, mark)) is not None)
        grouped = any(one.grouped for one in found)
        ways.append(_Way(Numerals(mark, grouped, "".join(signs)), found))
    most = max(len(way.cells) for way in ways)
    enough = most + n_others >= _MOSTLY * len(given)
    return [way for way in ways if len(way.cells) == most] if enough else []


def _have_comma_groups(cells: Sequence[Any]) -> bool:
    """Whether money is of a kind whose thousands are set off by commas, and some are."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    signs = {_without_money(text)[1] for text in texts} - {""}
    return len(signs) == 1 and signs <= set(_COMMA_GROUPS) and any("," in t for t in texts)


def _without_money(cell: str) -> tuple[str, str]:
    """A cell without a sign of money before or behind it, and that sign."""
    text = cell.strip().replace(_MINUS, "-")
    signs = [sign for sign in text if unicodedata.category(sign) == "Sc"]
    if len(signs) != 1:
        return text, ""
    before, _, behind = text.partition(signs[0])
    if before.strip() not in ("", "-", "+") and behind.strip():
        return text, ""
    return (before.strip() + behind.strip()).strip(), signs[0]


def _parsed(text: str, decimal: str) -> _Parsed | None:
    """What a text is as a number with this decimal mark; None where it is none."""
    for sign in _GAPS:
        text = text.replace(sign, " ")
    for sign in _QUOTES:
        text = text.replace(sign, "'")
    whole, mark, tail = text.partition(decimal)
    other = "," if decimal == "." else "."
    found = _WHOLE[other].fullmatch(whole)
    if found is None or (mark and not (tail.isascii() and tail.isdigit())):
        return None
    between = found.group(1) or ""
    digits, grouped = whole.replace(between, "") if between else whole, between == other
    shown = grouped and (bool(mark) or whole.count(other) > 1)
    return _Parsed(float(f"{digits}.{tail or 0}"), grouped, bool(mark), shown)


def _is_plain(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError, OverflowError):
        return isinstance(cell, int)
    return True
