"""The confusion matrix against scikit-learn's, for every kind of tag."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from handful.errors import InputError
from handful.metrics import confusion_matrix

RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 5, (2, 400))
KINDS = {
    "int64": CODES,
    "int8": CODES.astype(np.int8),
    "uint64": CODES.astype(np.uint64),
    "negative": CODES - 3,
    "far apart": np.array([0, 7, 10**6, -(10**9), 2**62])[CODES],
    "bool": CODES > 2,
    "float": CODES / 4,
    "text": np.array(["wood", "glass", "ärger", "paper", ""])[CODES],
    "object": np.array(["a", "bb", "c", "d", "e"], dtype=object)[CODES],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_scikit_learn(kind, weighted):
    actual, predicted = KINDS[kind]
    weights = RNG.random(len(actual)) if weighted else None
    found = confusion_matrix(actual, predicted, sample_weight=weights)
    if kind == "float":  # which scikit-learn takes for numbers to predict
        actual, predicted = CODES
    expected = sklearn_metrics.confusion_matrix(actual, predicted, sample_weight=weights)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert found.dtype == (np.float64 if weighted else np.int64)


def test_rows_are_actual():
    assert confusion_matrix(np.array([0, 0, 1]), np.array([1, 1, 1])).tolist() == [[0, 2], [0, 1]]


@pytest.mark.parametrize("labels", [["paper", "wood"], ["unseen", "glass"], ["", "metal"]])
def test_labels_choose_and_order(labels):
    actual, predicted = KINDS["text"]
    found = confusion_matrix(actual, predicted, labels=labels)
    expected = sklearn_metrics.confusion_matrix(actual, predicted, labels=labels)
    np.testing.assert_array_equal(found, expected)


def test_labels_may_be_a_range():
    found = confusion_matrix(np.array([2, 2]), np.array([0, 2]), labels=range(4))
    assert found.shape == (4, 4)
    assert found[2].tolist() == [1, 0, 1, 0]


def test_chunks_add_up():
    codes = RNG.integers(0, 3, (2, 3 * 2**20 + 17))
    found = confusion_matrix(*codes)
    expected = np.array(
        [[((codes[0] == i) & (codes[1] == j)).sum() for j in range(3)] for i in range(3)]
    )
    np.testing.assert_array_equal(found, expected)


def test_no_samples():
    assert confusion_matrix(np.array([], dtype=int), np.array([], dtype=int)).shape == (0, 0)
    assert confusion_matrix(np.array([]), np.array([]), labels=["a"]).tolist() == [[0]]


@pytest.mark.parametrize(
    ("actual", "predicted", "message"),
    [
        ([1, 2], [1], "equally long"),
        ([1, 2], ["1", "2"], "one kind"),
        ([[1, 2]], [[1, 2]], "one dimension"),
        ([1.0, np.nan], [1.0, 1.0], "y_true, row 1"),
    ],
)
def test_wrong_input_is_refused(actual, predicted, message):
    with pytest.raises(InputError, match=message):
        confusion_matrix(np.array(actual), np.array(predicted))


def test_tags_that_cannot_be_sorted_are_refused():
    mixed = np.array(["a", 1], dtype=object)
    with pytest.raises(InputError, match="one kind"):
        confusion_matrix(mixed, mixed)
    with pytest.raises(InputError, match="differ"):
        confusion_matrix(np.array([1]), np.array([1]), labels=[1, 1])


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1.0, -1.0], "row 1"), ([np.nan, 1.0], "row 0"), ([1.0], "shape")],
)
def test_wrong_weights_are_refused(weights, message):
    with pytest.raises(InputError, match=message):
        confusion_matrix(np.array([1, 2]), np.array([1, 2]), sample_weight=np.array(weights))
