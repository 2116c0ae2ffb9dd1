"""What a format has to say of itself, and what a file in it may differ from the model by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Inputs = Mapping[str, np.ndarray]  # one sample as the model takes it, by input
Runner = Callable[[Inputs], dict[str, np.ndarray]]  # its answers, by output


@dataclass(frozen=True)
class Bound:
    """How far an exported file may be from the model.

    Attributes
    ----------
    largest : float
        Difference in any probability; for numbers, in widths of their range.
    same : float
        Share of samples that must be answered the same.
    why : str
        Why it is not the bound of an exact copy, for people; "" where it is.
    """

    largest: float
    same: float
    why: str = ""


EXACT = Bound(largest=1e-3, same=1.0)


class Format(Protocol):
    """One kind of file.

    Attributes
    ----------
    suffix : str
        What names of such files end in.
    words : str
        What it is, for people.
    start : bytes
        What such files begin with.
    bound : Bound
    calibrated : bool
        Whether writing takes real samples.
    """

    suffix: str
    words: str
    start: bytes
    bound: Bound
    calibrated: bool

    def write(self, model: bytes, card: Mapping[str, Any], tried: Sequence[Inputs]) -> bytes:
        """The file's content.

        Parameters
        ----------
        model : bytes
            The bundle's model file.
        card : mapping
            The bundle's.
        tried : sequence of mapping
            Samples as the model takes them.

        Raises
        ------
        InputError
            This model has nothing that the format is for.
        MissingExtraError
            It takes a package that is not installed.
        """
        ...

    def open(self, content: bytes) -> Runner:
        """What answers by the file."""
        ...
