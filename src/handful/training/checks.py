"""Refuses samples that a network cannot learn from, before any time is spent on them."""

from __future__ import annotations

import numpy as np

from handful.errors import InputError
from handful.training.batches import Samples


def check_samples(X: Samples, y: np.ndarray) -> None:
    """Refuse samples that do not fit their targets, and values that are no numbers.

    Raises
    ------
    InputError
        The message says which sample, and what to do.
    """
    y = np.asarray(y)
    if len(X) == 0 or len(X) != len(y):
        raise InputError(f"got {len(X)} samples and {len(y)} targets: one of each is needed.")
    if y.dtype.kind not in "iubf" or not np.isfinite(y).all():
        raise InputError(
            "targets must be finite numbers: number the tags (numpy.unique with return_inverse "
            "does), and leave out samples without a target."
        )
    if isinstance(X, np.ndarray):
        if not np.isfinite(X).all():
            row = int(np.flatnonzero(~np.isfinite(X.reshape(len(X), -1)).all(axis=1))[0])
            raise InputError(f"sample {row} holds values that are not finite: leave it out.")
        return
    for row, series in enumerate(X):
        if series.ndim != 2 or series.shape[0] != len(X[0]) or series.shape[1] == 0:
            raise InputError(
                f"series {row} has the shape {series.shape}: wanted are {len(X[0])} channels, as "
                "the first has, and at least one step."
            )
        if not np.isfinite(series).all():
            raise InputError(f"series {row} holds values that are not finite: leave it out.")


def check_numbers(**numbers: int | float | None) -> None:
    """Refuse counts, rates and times that are not above 0; None is left out.

    Raises
    ------
    InputError
        The message names it.
    """
    for name, value in numbers.items():
        if value is not None and not value > 0:
            raise InputError(f"{name} is {value}: it must be above 0.")
