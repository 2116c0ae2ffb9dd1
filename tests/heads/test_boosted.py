"""Boosted trees: what is kept answers as scikit-learn's model does, in NumPy and in the graph."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from handful.graphs import Graph
from handful.heads.boosted import as_trees, fit_boosted, together
from handful.splits import fold_numbers


def made(n_tags, n=150, seed=0):
    """Tags by bounds on two of five features; values on a coarse grid, so that bounds meet them."""
    random = np.random.default_rng(seed)
    X = (random.integers(-8, 9, (n, 5)) / np.float32(3)).astype(np.float32)
    y = ((X[:, 0] > 0.5).astype(int) + (X[:, 3] > -0.2) * (n_tags > 2)).astype(np.int64)
    return X, y


def run(head, X):
    graph = Graph("head")
    features = graph.input("features", np.float32, ["n", X.shape[1]])
    n_tags = head.predict_proba(X[:1]).shape[1]
    graph.output(head.write(graph, features), "shares", np.float32, ["n", n_tags])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    return session.run(None, {"features": X})[0]


@pytest.mark.parametrize("n_tags", [2, 3])
def test_the_arrays_add_up_to_what_scikit_learn_says(n_tags):
    X, y = made(n_tags)
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(X, y)
    scores = as_trees(model).scores(X)
    expected = model.decision_function(X).reshape(len(X), -1)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=2e-5)


def test_a_bound_between_two_neighbouring_numbers_keeps_them_apart():
    """In 32 bits the bound would round up to the larger number."""
    low = np.float32(1 / 3)
    high = np.nextafter(low, np.float32(1))
    X = np.repeat([low, high], 30)[:, None]
    y = np.repeat([0, 1], 30)
    model = HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5).fit(X, y)
    assert model.score(X, y) == 1
    assert (np.sign(as_trees(model).scores(X)[:, 0]) == np.repeat([-1, 1], 30)).all()


@pytest.mark.parametrize("n_tags", [2, 3])
def test_learns_what_bounds_can_tell_and_the_graph_says_the_same(n_tags):
    X, y = made(n_tags)
    folds = fold_numbers(y, np.arange(len(y)), n_folds=5, seed=0)
    weight = np.ones(len(y), np.float32)
    fitted = fit_boosted(X, y, n_tags=n_tags, folds=folds, sample_weight=weight, seed=0)
    assert (fitted.inner.argmax(axis=1) == y).mean() > 0.93
    np.testing.assert_allclose(fitted.inner.sum(axis=1), 1, atol=1e-5)
    fresh, truth = made(n_tags, seed=1)
    assert (fitted.head.predict_proba(fresh).argmax(axis=1) == truth).mean() > 0.95
    for head in (fitted.head, fitted.head.tempered(2.5)):
        np.testing.assert_allclose(run(head, fresh), head.predict_proba(fresh), atol=1e-5)


def test_no_fold_is_predicted_by_trees_that_saw_it():
    """Tags at random: trees that saw them would know them."""
    random = np.random.default_rng(0)
    X, y = random.normal(size=(200, 4)).astype(np.float32), random.integers(0, 2, 200)
    folds = fold_numbers(y, np.arange(200), n_folds=5, seed=0)
    fitted = fit_boosted(
        X, y, n_tags=2, folds=folds, sample_weight=np.ones(200, np.float32), seed=0
    )
    assert (fitted.inner.argmax(axis=1) == y).mean() < 0.65
    assert (fitted.head.predict_proba(X).argmax(axis=1) == y).mean() > 0.9


def test_a_tag_that_a_fold_lacks_is_not_answered_there():
    X, y = made(3, n=90)
    folds = np.where(y == 2, 0, np.arange(90) % 3)
    fitted = fit_boosted(X, y, n_tags=3, folds=folds, sample_weight=np.ones(90, np.float32), seed=0)
    assert (fitted.inner[folds == 0][:, 2] < 1e-6).all()


def test_the_average_of_trees_is_the_average_of_their_sums():
    X, y = made(3)
    grown = [
        as_trees(HistGradientBoostingClassifier(max_iter=n, random_state=n).fit(X, y))
        for n in (3, 7)
    ]
    expected = np.mean([trees.scores(X) for trees in grown], axis=0)
    np.testing.assert_allclose(together(grown).scores(X), expected, atol=1e-5)


def test_a_tag_a_row_is_no_reason_for_scikit_learn_to_speak_up():
    """Warnings are errors here: none reaches the terminal of a person who has few rows a tag."""
    X = np.arange(40, dtype=np.float32).reshape(-1, 1)
    y = np.arange(40) // 2
    folds = np.arange(40) % 2
    fit_boosted(X, y, n_tags=20, folds=folds, sample_weight=np.ones(40, np.float32), seed=0)
