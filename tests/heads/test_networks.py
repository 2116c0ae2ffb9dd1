"""Small networks: backpropagation against torch, training, and the graph."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from handful.graphs import Graph
from handful.heads.affine import softmax
from handful.heads.networks import _gradients, _start, fit_networks, outputs, outside
from handful.splits import fold_numbers


def two_moons(n=300, seed=0):
    """Two tags that no straight line tells apart."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, n)
    angle = random.uniform(0, np.pi, n)
    x = np.where(y == 0, np.cos(angle), 1 - np.cos(angle))
    z = np.where(y == 0, np.sin(angle), 0.5 - np.sin(angle))
    X = np.stack([100 * x, z], axis=1) + random.normal(0, 0.1, (n, 2)) * [100, 1]
    return X.astype(np.float32), y


def fitted(X, y, **more):
    folds = fold_numbers(y, np.arange(len(y)), n_folds=5, seed=0)
    weight = np.ones(len(y), np.float32)
    return fit_networks(X, y, n_tags=2, folds=folds, sample_weight=weight, seed=0, **more), folds


def test_gradients_are_torchs():
    random = np.random.default_rng(1)
    X = random.normal(size=(3, 10, 4)).astype(np.float32)  # three networks, rows of their own
    targets = np.eye(5, dtype=np.float32)[random.integers(0, 5, (3, 10))]
    layers = tuple(
        part + random.normal(0, 0.1, part.shape).astype(np.float32)
        for part in _start(3, 4, 5, random)
    )
    activations = outputs(layers, X)
    found = _gradients(layers, X, activations, (softmax(activations[-1]) - targets) / 10)

    parts = [torch.tensor(part, requires_grad=True) for part in layers]
    x = torch.tensor(X)
    for at in (0, 2, 4):
        x = x @ parts[at] + parts[at + 1]
        x = torch.relu(x) if at < 4 else x
    loss = -(torch.log_softmax(x, -1) * torch.tensor(targets)).sum() / 10
    loss.backward()
    for gradient, part in zip(found, parts, strict=True):
        np.testing.assert_allclose(gradient, part.grad.numpy(), atol=2e-6)


def test_learns_what_no_straight_line_can():
    X, y = two_moons()
    found, _ = fitted(X, y)
    assert (found.inner.argmax(axis=1) == y).mean() > 0.95
    fresh, truth = two_moons(seed=1)
    assert (found.head.predict_proba(fresh).argmax(axis=1) == truth).mean() > 0.95


def test_no_fold_is_predicted_by_networks_that_saw_it():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(120, 20)).astype(np.float32), random.integers(0, 2, 120)
    found, _ = fitted(X, y)
    assert (found.inner.argmax(axis=1) == y).mean() < 0.67
    assert (found.head.predict_proba(X).argmax(axis=1) == y).mean() > 0.9


def test_only_networks_that_had_not_seen_a_sample_speak_for_it():
    said = np.arange(6, dtype=np.float32).reshape(3, 2, 1)  # networks, samples, one output
    means = outside(said, np.array([0, 0, 1]), np.array([0, 1]))
    assert means[:, 0].tolist() == [(0 + 2) / 2, 5]


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_the_graph_says_the_same(temperature):
    X, y = two_moons(80)
    head = fitted(X, y)[0].head.tempered(temperature)
    graph = Graph("head")
    features = graph.input("features", np.float32, ["n", 2])
    graph.output(head.write(graph, features), "shares", np.float32, ["n", 2])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    said = session.run(None, {"features": X})[0]
    np.testing.assert_allclose(said, head.predict_proba(X), atol=2e-5)


def test_the_same_seed_gives_the_same_networks():
    X, y = two_moons(60)
    one, other = fitted(X, y)[0], fitted(X, y)[0]
    assert all(
        np.array_equal(a, b) for a, b in zip(one.head.layers, other.head.layers, strict=True)
    )


def test_a_constant_feature_does_no_harm():
    X, y = two_moons(60)
    X = np.hstack([X, np.full((60, 1), 7, np.float32)])
    assert np.isfinite(fitted(X, y)[0].inner).all()


def test_a_column_that_never_varied_has_no_say_when_it_does():
    """A category that no training row has: its column is 0 in all of them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3)).astype(np.float32)
    X[:, 2] = 0
    y = (X[:, 0] > 0).astype(int)
    folds = np.arange(60) % 3
    head = fit_networks(
        X, y, n_tags=2, folds=folds, sample_weight=np.ones(60, np.float32), seed=0
    ).head
    new = X.copy()
    new[:, 2] = 1
    np.testing.assert_allclose(head.predict_proba(new), head.predict_proba(X), atol=1e-6)
