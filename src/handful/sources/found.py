"""Tagged samples that were found, not yet read, and what kind of tags they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from handful.folders import TaggedFiles
from handful.modalities.base import Modality
from handful.rows import Value

EXCLUSIVE, NUMBER = "exclusive", "number"
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
        What the tags are: ``exclusive`` names, or a ``number``.
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
    """``number`` where all tags are numbers and too many, or too finely divided, to be names."""
    try:
        values = {float(tag) for tag in tags}
    except ValueError:
        return EXCLUSIVE
    whole = all(value.is_integer() for value in values)
    return NUMBER if not whole or len(values) >= _MANY_NUMBERS else EXCLUSIVE


def shown(cell: Value) -> str:
    """A cell as text: 1.0 of a column of numbers with gaps is the tag 1."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
