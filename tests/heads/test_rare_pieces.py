"""Weights by rarity against scikit-learn's TF-IDF; the head in Python and in the graph."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from handful.encoders.runtimes import open_session
from handful.graphs import Graph
from handful.heads.rare_pieces import fit_rare_pieces, rarities

N_TAGS = 3


def made(n_samples, seed=0):
    """Counts of 40 pieces; a tag has three of its own, and one piece is in every text."""
    random = np.random.default_rng(seed)
    y = np.arange(n_samples) % N_TAGS
    X = random.poisson(0.3, (n_samples, 40)).astype(np.float32)
    X[:, 0] = 1 + random.integers(0, 5, n_samples)
    for tag in range(N_TAGS):
        X[y == tag, 1 + 3 * tag : 4 + 3 * tag] += random.poisson(1.0, ((y == tag).sum(), 3))
    return X, y


def fitted(X, y, folds=None):
    weight = np.ones(len(y), np.float32)
    return fit_rare_pieces(X, y, n_tags=N_TAGS, folds=folds, sample_weight=weight)


def test_rarities_are_scikit_learns():
    X, _ = made(60)
    assert np.allclose(rarities(X), TfidfTransformer().fit(X).idf_, atol=1e-6)


def test_a_piece_that_no_text_has_weighs_nothing():
    X, _ = made(60)
    X[:, 5] = 0
    assert rarities(X)[5] == 0


def test_probabilities_are_those_of_scikit_learn_on_tf_idf():
    X, y = made(90)
    Z, _ = made(50, seed=1)
    tfidf = TfidfTransformer().fit(X)
    A, B = (tfidf.transform(part).toarray() for part in (X, Z))
    scale = np.sqrt(A.var(axis=0).mean())  # one for all features; the penalty is 100 then
    peer = LogisticRegression(C=1 / (100 * scale**2), max_iter=5000, tol=1e-8).fit(A, y)
    assert np.abs(fitted(X, y).head.predict_proba(Z) - peer.predict_proba(B)).max() < 2e-3


def test_scaling_a_text_changes_nothing():
    X, y = made(60)
    head = fitted(X, y).head
    assert np.allclose(head.predict_proba(X), head.predict_proba(3 * X), atol=1e-6)


def test_it_tells_its_tags_apart_in_new_texts():
    X, y = made(90)
    Z, expected = made(300, seed=1)
    head = fitted(X, y, folds=np.arange(90) // N_TAGS % 5).head
    assert (head.predict_proba(Z).argmax(axis=1) == expected).mean() > 0.75


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_the_graph_answers_alike(temperature):
    X, y = made(60)
    Z = np.vstack([made(20, seed=1)[0], np.zeros((1, 40), np.float32)])
    head = fitted(X, y).head.tempered(temperature)
    graph = Graph("head")
    graph.input("features", np.float32, ["n", 40])
    graph.output(head.write(graph, "features"), "out", np.float32, ["n", N_TAGS])
    session = open_session(graph.model().SerializeToString(), threads=1)
    assert np.abs(session.run(None, {"features": Z})[0] - head.predict_proba(Z)).max() < 1e-5
