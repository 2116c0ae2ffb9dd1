"""A model beside the one before it: what got better, what worse, and whether that is chance."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handful.errors import InputError

CHANCE = 0.05
Verdicts = dict[str, tuple[str, bool, int]]  # by content and tag: tag, right or not, group


@dataclass(frozen=True)
class Difference:
    """Two judgements of the same samples, each by models that had not seen them.

    Attributes
    ----------
    n : int
        Samples, under the same tag, that both judged.
    mended, broken : int
        Wrong before and right now; right before and wrong now.
    p_value : float
        How often so large a difference of the two comes about where neither model is better.
    """

    n: int
    mended: int
    broken: int
    p_value: float

    def to_json(self) -> dict[str, Any]:
        """For the page."""
        return {"n": self.n, "mended": self.mended, "broken": self.broken,
                "p_value": self.p_value, "words": self.words()}  # fmt: skip

    def words(self) -> str:
        """In plain words."""
        if not self.n:
            return "None of the samples is the same as last time: the two cannot be compared."
        same = f"Of the {self.n} samples that both judged"
        if not (self.mended or self.broken):
            return f"{same}, not one is answered differently."
        told = f"{same}, {self.mended} {_were(self.mended)} mended and {self.broken} spoilt."
        if self.p_value > CHANCE:
            return f"{told} That is no more than chance does."
        better = "better" if self.mended > self.broken else "worse"
        return f"{told} That is more than chance: it is {better}."


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def verdicts(predictions: bytes) -> Verdicts:
    """Whether each sample of predictions.csv was told right.

    Raises
    ------
    InputError
        It is no such table.
    """
    rows = list(csv.DictReader(io.StringIO(predictions.decode())))
    try:
        return {
            f"{row['sha256']} {row['tag']}":
                (row["tag"], row["tag"] == row["predicted"], int(row["group"]))
            for row in rows
        }  # fmt: skip
    except KeyError as error:
        raise InputError(f"the table of predictions has no column {error}.") from error


def difference(before: Mapping[str, Sequence[Any]], after: Mapping[str, Sequence[Any]]) -> (
    Difference
):  # fmt: skip
    """Compare on the samples that both judged under the same tag.

    Samples of one group (a burst, near-copies) rise and fall together, so a group counts as one:
    its mended less its spoilt samples. Were neither model better, each group's sign would be
    that of a coin; how often coins reach so large a sum is counted, not estimated. With groups
    of one sample this is McNemar's exact test.

    References
    ----------
    Edgington and Onghena (2007), "Randomization tests", 4th edition, chapter 5.
    """
    common = [key for key in after if key in before]
    signs: Counter[int] = Counter()
    mended = broken = 0
    for key in common:
        change = int(after[key][1]) - int(before[key][1])
        mended, broken = mended + (change > 0), broken + (change < 0)
        signs[int(after[key][2])] += change
    return Difference(len(common), mended, broken, sign_flip_p(list(signs.values())))


def sign_flip_p(sums: Sequence[int]) -> float:
    """Share of all ways to flip the signs of `sums` that reach at least their sum's size.

    >>> sign_flip_p([1, 1, 1, 1, 1])  # 2 of 32
    0.0625
    """
    sizes = [abs(value) for value in sums if value]
    ways = Counter({0: 1})
    for size in sizes:
        ways = Counter(_flipped(ways, size))
    reached = sum(n for total, n in ways.items() if abs(total) >= abs(sum(sums)))
    return float(reached / 2 ** len(sizes))


def _flipped(ways: Mapping[int, int], size: int) -> dict[int, int]:
    flipped: Counter[int] = Counter()
    for total, n in ways.items():
        flipped[total + size] += n
        flipped[total - size] += n
    return flipped
