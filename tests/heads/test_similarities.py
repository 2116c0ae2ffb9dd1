"""Logistic regression on similarities, against scikit-learn's on an explicit map of the kernel."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import normalize

from handful.encoders.runtimes import open_session
from handful.graphs import Graph
from handful.heads.logistic import fit_logistic
from handful.heads.similarities import fit_similarities


def made(n_samples, seed=0):
    """Points in 6 dimensions; a tag is two opposite directions, which no plane tells apart."""
    random = np.random.default_rng(seed)
    y = np.arange(n_samples) % 3
    X = random.normal(0, 0.5, (n_samples, 6))
    X[np.arange(n_samples), y] += random.choice([-2.0, 2.0], n_samples)
    return X.astype(np.float32), y


def fitted(fit, X, y, folds=None):
    return fit(X, y, n_tags=3, folds=folds, sample_weight=np.ones(len(y), np.float32))


def test_probabilities_are_those_of_scikit_learn_on_the_kernels_features():
    X, y = made(24)
    Z, _ = made(40, seed=1)
    # exp(2 (cos - 1)) of directions is exp(-|u - v|^2): the kernel called RBF, gamma 1
    A, B = normalize(X.astype(np.float64)), normalize(Z.astype(np.float64))
    K, L = rbf_kernel(A, gamma=1.0), rbf_kernel(B, A, gamma=1.0)
    values, vectors = np.linalg.eigh(K)
    kept = values > 1e-5 * values[-1]
    basis = vectors[:, kept] / np.sqrt(values[kept])
    P, Q = K @ basis, L @ basis
    scale = np.sqrt(P.var(axis=0).mean())  # one for all features; the penalty is 100 then
    peer = LogisticRegression(C=1 / (100 * scale**2), max_iter=5000, tol=1e-9).fit(P, y)
    ours = fitted(fit_similarities, X, y).head.predict_proba(Z)
    assert np.abs(ours - peer.predict_proba(Q)).max() < 2e-3


def test_it_tells_apart_what_no_plane_can():
    X, y = made(120)
    Z, expected = made(300, seed=1)
    folds = np.arange(120) // 3 % 5
    right = {
        fit: (fitted(fit, X, y, folds).head.predict_proba(Z).argmax(axis=1) == expected).mean()
        for fit in (fit_similarities, fit_logistic)
    }
    assert right[fit_similarities] > 0.85
    assert right[fit_logistic] < 0.6


def test_length_tells_nothing():
    X, y = made(60)
    head = fitted(fit_similarities, X, y).head
    assert np.allclose(head.predict_proba(X), head.predict_proba(5 * X), atol=1e-5)


def test_many_samples_are_compared_with_some_of_every_tag():
    X, y = made(2400)
    y[:30] = 2
    head = fitted(fit_similarities, X, y).head
    assert len(head.references) == 2000
    assert (head.predict_proba(X[30:]).argmax(axis=1) == y[30:]).mean() > 0.85


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_the_graph_answers_alike(temperature):
    X, y = made(60)
    Z = np.vstack([made(20, seed=1)[0], np.zeros((1, 6), np.float32)])
    head = fitted(fit_similarities, X, y).head.tempered(temperature)
    graph = Graph("head")
    graph.input("features", np.float32, ["n", 6])
    graph.output(head.write(graph, "features"), "out", np.float32, ["n", 3])
    session = open_session(graph.model().SerializeToString(), threads=1)
    assert np.abs(session.run(None, {"features": Z})[0] - head.predict_proba(Z)).max() < 1e-5
