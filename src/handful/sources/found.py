"""Tagged samples that were found, not yet read, and what kind of tags they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from handful.folders import TaggedFiles
from handful.modalities.base import Modality
from handful.samples import BETWEEN

EXCLUSIVE, SEVERAL, NUMBER = "exclusive", "several", "number"
KINDS = (EXCLUSIVE, SEVERAL, NUMBER)
_MOSTLY = 0.9  # share of numbers from which the others are taken for mistakes
_MANY_NUMBERS = 12  # different whole numbers from which they count rather than name


@dataclass(frozen=True)
class Found:
    """Tagged samples, not yet read.

    Attributes
    ----------
    modality : Modality
    files : TaggedFiles
    groups : tuple of str
        One entry a sample: what the column of groups says; "" where there is none.
    kind : str
        What the tags are: ``exclusive`` names, ``several`` names a sample, or a ``number``.
    columns : dict
        Of a table: which columns hold the tag, the sample (None: all others) and the group.
        Empty for folders.
    """

    modality: Modality
    files: TaggedFiles
    groups: tuple[str, ...] = ()
    kind: str = EXCLUSIVE
    columns: dict[str, Any] = field(default_factory=dict)


def kind_of_tags(tags: Sequence[str]) -> str:
    """What tags are.

    ``several`` where one holds ``|``; ``number`` where nearly all are numbers and too many, or
    too finely divided, to be names.
    """
    if any(BETWEEN in tag for tag in tags):
        return SEVERAL
    values = [value for tag in tags if (value := _number(tag)) is not None]
    if len(values) < max(1, _MOSTLY * len(tags)):
        return EXCLUSIVE
    whole = all(value.is_integer() for value in values)
    return NUMBER if not whole or len(set(values)) >= _MANY_NUMBERS else EXCLUSIVE


def _number(tag: str) -> float | None:
    try:
        return float(tag)
    except ValueError:
        return None


def tags_of(text: str) -> tuple[str, ...]:
    """The tags of one sample, in order and without doubles.

    >>> tags_of("wind | rain|wind"), tags_of("")
    (('rain', 'wind'), ())
    """
    return tuple(sorted({tag.strip() for tag in text.split(BETWEEN)} - {""}))
