"""What every metric asks of its arrays, and the message when it does not get it."""

from __future__ import annotations

import numpy as np

from handful.errors import InputError


def check_confidence(confidence: float) -> None:
    """Raise InputError unless `confidence` lies between 0 and 1, both excluded."""
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}: give a share between 0 and 1, like 0.95.")


def check_same_length(**arrays: np.ndarray) -> None:
    """Raise InputError unless all arrays have the same first dimension."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InputError(f"The arrays must be equally long, but {found} rows.")


def check_same_shape(y_true: np.ndarray, y_pred: np.ndarray) -> None:
    """Raise InputError unless what is and what was said have one shape."""
    if y_true.shape != y_pred.shape:
        raise InputError(
            f"y_true and y_pred must have one shape, got {y_true.shape} and {y_pred.shape}."
        )


def check_same_kind(**tags: np.ndarray) -> None:
    """Raise InputError where some tags are text and others numbers."""
    kinds = {
        name: "text" if array.dtype.kind in "US" else "numbers"
        for name, array in tags.items()
        if len(array) and array.dtype.kind != "O"
    }
    if len(set(kinds.values())) > 1:
        found = ", ".join(f"{name} is {kind}" for name, kind in kinds.items())
        raise InputError(f"Tags must be of one kind, but {found}.")


def finite(values: np.ndarray, *, name: str, first_row: int = 0) -> np.ndarray:
    """`values` as an array of floats, its precision kept.

    Raises
    ------
    InputError
        When a value is NaN, infinite or not a number; names the first such row.
    """
    array = np.asarray(values)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise InputError(f"{name} must hold numbers, but it holds {array.dtype}.")
    # NaN and infinity show in the smallest or largest value: no mask as long as the array.
    if array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        found = array[row] if array.ndim == 1 else f"{array[row].tolist()}"
        raise InputError(
            f"{name}, row {first_row + row}: {found} is not a finite number; "
            "repair or leave out that row."
        )
    return array


def scores_of(y_score: np.ndarray, *, first_row: int = 0) -> np.ndarray:
    """`y_score` as finite float32 or float64, shape (n_samples,); raises InputError otherwise."""
    scores = finite(y_score, name="y_score", first_row=first_row)
    if scores.ndim != 1:
        raise InputError(f"y_score must have one dimension, got shape {scores.shape}.")
    narrow = scores.dtype.itemsize <= np.dtype(np.float32).itemsize
    return scores.astype(np.float32 if narrow else np.float64, copy=False)


def probabilities_of(probabilities: np.ndarray) -> np.ndarray:
    """`probabilities` as finite floats between 0 and 1, shape (n_samples, n_tags).

    Raises
    ------
    InputError
        When the array is not two-dimensional or a value is no probability; names the row.
    """
    array = finite(probabilities, name="probabilities")
    if array.ndim != 2:
        raise InputError(
            f"probabilities must have one row a sample and one column a tag, got {array.shape}."
        )
    if array.size and (array.min() < 0 or array.max() > 1):
        row = int(np.argwhere((array < 0) | (array > 1))[0][0])
        raise InputError(f"probabilities, row {row}: {array[row].tolist()} is not within 0 to 1.")
    return array


def weights_of(sample_weight: np.ndarray | None, n_samples: int) -> np.ndarray | None:
    """`sample_weight` as float64 of shape (n_samples,), or None where all count the same.

    Raises
    ------
    InputError
        When the length is wrong or a weight is negative, NaN or infinite; names the row.
    """
    if sample_weight is None:
        return None
    weights = finite(sample_weight, name="sample_weight").astype(np.float64, copy=False)
    if weights.shape != (n_samples,):
        raise InputError(f"sample_weight must have shape ({n_samples},), got {weights.shape}.")
    if weights.size and weights.min() < 0:
        row = int(np.argmin(weights))
        raise InputError(f"sample_weight, row {row}: {weights[row]} is negative.")
    return weights


def binary_of(y_true: np.ndarray, *, first_row: int = 0) -> np.ndarray:
    """`y_true` as booleans, shape (n_samples,).

    Raises
    ------
    InputError
        When it holds anything but booleans or the numbers 0 and 1; names the row.
    """
    array = np.asarray(y_true)
    if array.ndim != 1:
        raise InputError(f"y_true must have one dimension, got shape {array.shape}.")
    if array.dtype.kind not in "biuf":
        raise InputError(f"y_true must hold 0 and 1, got {array.dtype}: give y_true == tag.")
    truth = array.astype(bool, copy=False)
    if array.dtype != bool and not np.array_equal(truth, array):
        row = int(np.argmax(truth != array))
        raise InputError(
            f"y_true, row {first_row + row}: {array[row]!r} is neither 0 nor 1: give y_true == tag."
        )
    return truth


def indices_of(y_true: np.ndarray, n_tags: int) -> np.ndarray:
    """`y_true` as column numbers, integer (n_samples,).

    Raises
    ------
    InputError
        When a value is not a whole number from 0 to n_tags - 1; names the row.
    """
    array = np.asarray(y_true)
    if array.dtype.kind not in "biu" or array.ndim != 1:
        raise InputError(
            "y_true must hold the column number of each sample's tag, integers of shape "
            f"(n_samples,), got {array.dtype} {array.shape}."
        )
    if array.size and (array.min() < 0 or array.max() >= n_tags):
        row = int(np.argmax((array < 0) | (array >= n_tags)))
        raise InputError(f"y_true, row {row}: there is no column {array[row]} among {n_tags}.")
    return array.astype(np.intp, copy=False)
