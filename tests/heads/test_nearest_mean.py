"""Nearest class mean against scikit-learn's, and its probabilities outside the folds."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.neighbors import NearestCentroid

from handful.heads.nearest_mean import fit_nearest_mean

SETS = {"iris": load_iris, "wine": load_wine, "digits": load_digits}


def loaded(name):
    X, y = SETS[name](return_X_y=True)
    noise = np.random.default_rng(0).normal(0, 1e-3, X.shape)  # scikit-learn warns of constants
    return (X + noise).astype(np.float32), y


@pytest.mark.parametrize("name", SETS)
def test_decisions_equal_scikit_learns(name):
    X, y = loaded(name)
    fitted = fit_nearest_mean(X, y, n_tags=int(y.max()) + 1, folds=None)
    expected = NearestCentroid().fit(X.astype(np.float64), y).predict(X.astype(np.float64))
    assert (fitted.head.predict_proba(X).argmax(axis=1) == expected).all()
    assert fitted.inner is None


@pytest.mark.parametrize("name", SETS)
def test_inner_decisions_are_those_of_heads_without_the_fold(name):
    X, y = loaded(name)
    folds = np.random.default_rng(0).integers(0, 4, len(y))
    fitted = fit_nearest_mean(X, y, n_tags=int(y.max()) + 1, folds=folds)
    for fold in range(4):
        out = folds == fold
        model = NearestCentroid().fit(X[~out].astype(np.float64), y[~out])
        expected = model.predict(X[out].astype(np.float64))
        assert (fitted.inner[out].argmax(axis=1) == expected).all()


def test_probabilities_by_hand():
    """Means 0 and 2, total variance 1.25: softmax of minus the squared distances over it."""
    X = np.array([[-0.5], [0.5], [1.5], [2.5]], np.float32)
    head = fit_nearest_mean(X, np.array([0, 0, 1, 1]), n_tags=2, folds=None).head
    p = head.predict_proba(np.array([[0.5]], np.float32))[0]
    assert p[0] == pytest.approx(1 / (1 + np.exp((0.25 - 2.25) / 1.25)), abs=1e-6)


def test_a_tag_that_a_fold_lacks_is_not_predicted_there():
    X = np.array([[0.0], [0.1], [1.0], [1.1], [9.0]], np.float32)
    y, folds = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 0])
    fitted = fit_nearest_mean(X, y, n_tags=3, folds=folds)
    assert fitted.inner[folds == 0].argmax(axis=1).tolist() == [0, 1, 1]
    assert np.isfinite(fitted.inner).all()


@pytest.mark.parametrize(
    "X",
    [np.ones((6, 3)), np.zeros((6, 1)), 1e8 * np.eye(6), 1e-12 * np.eye(6), 1e6 + np.eye(6)],
    ids=["constant", "zeros", "huge", "tiny", "far from zero"],
)
def test_awkward_features_give_finite_probabilities(X):
    folds = np.arange(6) % 2
    y = np.array([0, 0, 1, 1, 0, 1])
    fitted = fit_nearest_mean(X.astype(np.float32), y, n_tags=2, folds=folds)
    for p in (fitted.inner, fitted.head.predict_proba(X.astype(np.float32))):
        assert np.isfinite(p).all()
        assert p.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-5)
