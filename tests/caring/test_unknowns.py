"""None of these: how often its own kind is refused, how often strangers are."""

import numpy as np
import onnxruntime
import pytest

from handful.caring.unknowns import ALPHA, NEEDED, fit_unknowns
from handful.graphs import Graph


def drawn(n, *, seed, shift=0.0, n_features=30):
    """Three Gaussian clouds, or something `shift` away from all of them."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 3, n)
    centres = 4 * np.eye(3, n_features)
    X = centres[y] + random.normal(size=(n, n_features)) + shift
    return X.astype(np.float32), y


def fitted(n=120, seed=0, groups=None):
    X, y = drawn(n, seed=seed)
    return fit_unknowns(X, y, groups=np.arange(n) if groups is None else groups, n_tags=3, seed=0)


def test_its_own_kind_is_refused_about_as_often_as_promised():
    refused = [
        (fitted(seed=seed).p_values(drawn(500, seed=100 + seed)[0]) <= ALPHA).mean()
        for seed in range(20)
    ]
    assert 0.25 * ALPHA < np.mean(refused) < 1.25 * ALPHA


def test_strangers_are_refused():
    assert (fitted().p_values(drawn(200, seed=5, shift=3.0)[0]) <= ALPHA).mean() > 0.95


def test_p_values_are_conformal_ranks():
    unknowns = fitted()
    X, _ = drawn(50, seed=9)
    scores = unknowns.scores(X)
    wanted = [(1 + (unknowns.calibration >= s).sum()) / (1 + 120) for s in scores]
    assert unknowns.p_values(X) == pytest.approx(np.array(wanted), abs=1e-6)
    assert len(unknowns.calibration) == 120


def test_the_graph_gives_the_same_p_values():
    unknowns = fitted()
    X = np.concatenate([drawn(100, seed=3)[0], drawn(100, seed=4, shift=2.0)[0]])
    graph = Graph("unknowns")
    features = graph.input("x", np.float32, ["n", X.shape[1]])
    graph.output(unknowns.write(graph, features), "p", np.float32, ["n"])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    (found,) = session.run(None, {"x": X})
    assert np.abs(found - unknowns.p_values(X)).max() <= 1.01 / 121  # one rank, by rounding


def test_copies_do_not_calibrate_one_another():
    """Ten copies of each sample look as if nothing were ever far away, unless they are grouped."""
    X, y = drawn(12, seed=0)
    X, y = np.repeat(X, 10, axis=0), np.repeat(y, 10)
    grouped = fit_unknowns(X, y, groups=np.repeat(np.arange(12), 10), n_tags=3, seed=0)
    alone = fit_unknowns(X, y, groups=np.arange(120), n_tags=3, seed=0)
    fresh, _ = drawn(400, seed=77)
    assert (grouped.p_values(fresh) <= ALPHA).mean() < 0.2
    assert (alone.p_values(fresh) <= ALPHA).mean() > 0.8


def test_too_few_samples_refuse_nothing():
    few = fitted(n=NEEDED - 4)
    assert few.p_values(drawn(50, seed=1, shift=50.0)[0]).min() > ALPHA


def test_constant_features_and_single_samples_break_nothing():
    X = np.ones((4, 5), np.float32)
    found = fit_unknowns(X, np.array([0, 0, 1, 1]), groups=np.arange(4), n_tags=2, seed=0)
    assert np.isfinite(found.p_values(X)).all()
