"""Heads that answer numbers: against closed forms, scikit-learn and their own graphs."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from handful.graphs import Graph
from handful.heads.values import fit_ridge, fit_value_networks, fit_value_trees


def made(n=200, seed=0):
    """A smooth curve of two features out of four, with noise of 0.1."""
    random = np.random.default_rng(seed)
    X = random.uniform(-2, 2, (n, 4)).astype(np.float32)
    y = np.sin(2 * X[:, 0]) + 0.5 * X[:, 1] + random.normal(0, 0.1, n)
    return X, (10 * y + 50).astype(np.float32)


FOLDS = np.arange(200) % 5
FITS = {
    "ridge": lambda X, y: fit_ridge(X, y, FOLDS),
    "trees": lambda X, y: fit_value_trees(X, y, FOLDS, 0),
    "networks": lambda X, y: fit_value_networks(X, y, FOLDS, 0),
}


@pytest.fixture(scope="module", params=FITS)
def fitted(request):
    X, y = made()
    return request.param, FITS[request.param](X, y), X, y


def test_the_graph_says_the_same(fitted):
    _, found, _, _ = fitted
    fresh, _ = made(seed=1)
    graph = Graph("head")
    features = graph.input("features", np.float32, ["n", 4])
    graph.output(found.head.write(graph, features), "value", np.float32, ["n", 1])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    said = session.run(None, {"features": fresh})[0][:, 0]
    np.testing.assert_allclose(said, found.head.predict(fresh), rtol=1e-5, atol=1e-3)


def test_it_learns_what_it_can(fitted):
    name, found, _, y = fitted
    fresh, truth = made(seed=1)
    off = np.abs(found.head.predict(fresh) - truth).mean()
    inner = np.abs(found.inner - y).mean()
    usual = {"ridge": 5.5, "trees": 3.0, "networks": 3.0}[name]  # the spread is 9, the noise 1
    assert off < usual
    assert abs(off - inner) < 0.35 * usual


def test_nothing_in_a_fold_was_learnt_there():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(200, 4)).astype(np.float32), random.normal(size=200)
    for fit in (FITS["trees"], FITS["networks"]):
        found = fit(X, y.astype(np.float32))
        assert np.corrcoef(found.inner, y)[0, 1] < 0.2
        assert np.corrcoef(found.head.predict(X), y)[0, 1] > 0.5


def test_ridge_is_scikit_learns_at_the_penalty_it_chose():
    X, y = made()
    found = fit_ridge(X, y, FOLDS)
    penalty = float(found.note.removeprefix("penalty "))
    scaled = StandardScaler().fit(X)
    model = Ridge(alpha=penalty).fit(scaled.transform(X), y)
    fresh, _ = made(seed=1)
    expected = model.predict(scaled.transform(fresh))
    np.testing.assert_allclose(found.head.predict(fresh), expected, atol=0.05)


def test_one_feature_on_a_line_is_found_exactly():
    X = np.linspace(-1, 1, 200, dtype=np.float32)[:, None]
    found = fit_ridge(X, (3 * X[:, 0] + 2).astype(np.float32), FOLDS)
    assert found.head.weights[0] == pytest.approx(3, abs=1e-3)
    assert found.head.bias == pytest.approx(2, abs=1e-3)
