"""Samples: what was tagged, with which tag, under which name, in which group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

BETWEEN = "|"  # stands between the tags of one sample

Source = Path | bytes  # where one sample is: a file, or its content (a row, a cell of text)


@dataclass(frozen=True)
class Samples:
    """Tagged samples, not yet encoded.

    Attributes
    ----------
    items : tuple
        What the modality reads: for photos, the path of each file.
    tags : ndarray of str, shape (n_samples,)
    names : tuple of str
        What a person calls each sample: its path below the folder.
    groups : ndarray of int64, shape (n_samples,)
        Samples of one group (one person, one recording, one burst, one set of near-copies)
        never stand on both sides of a split.
    """

    items: tuple[Any, ...]
    tags: np.ndarray
    names: tuple[str, ...]
    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.items)

    def take(self, indices: np.ndarray) -> Samples:
        """The samples at `indices`, in that order."""
        return replace(
            self,
            items=tuple(self.items[i] for i in indices),
            tags=self.tags[indices],
            names=tuple(self.names[i] for i in indices),
            groups=self.groups[indices],
        )
