"""Heads that are whole networks: the graph, the folds, the race, and threads side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import pytest

from handful.encoders.base import CNN, FINE_TUNED, MLP, RNN, TRANSFORMER
from handful.encoders.whole import Layout
from handful.graphs import Graph
from handful.heads.deep import fit_deep, fit_deep_values, fit_one_deep
from handful.heads.pace import Pace
from handful.heads.teaching import Lesson, n_rounds
from handful.splits import fold_numbers


def upper_weights(width=4):
    """A last stage in small: as `efficientnet_lite.upper_part` gives it."""
    random = np.random.default_rng(0)
    shapes = {
        "expand": (8, width, 1, 1), "filter": (8, 1, 3, 3), "project": (6, 8, 1, 1),
        "last": (16, 6, 1, 1),
    }  # fmt: skip
    found = {}
    for name, shape in shapes.items():
        found[f"{name}.weight"] = random.normal(0, 0.5, shape).astype(np.float32)
        found[f"{name}.bias"] = random.normal(0, 0.1, shape[0]).astype(np.float32)
    return found


LESSONS = {
    CNN: Lesson(CNN, Layout((3, 8, 8)), Pace()),
    RNN: Lesson(RNN, Layout((2, 9), has_length=True), Pace()),
    TRANSFORMER: Lesson(TRANSFORMER, Layout((2, 9), has_length=True), Pace()),
    "letters": Lesson(TRANSFORMER, Layout((1, 12), has_length=True, n_symbols=30), Pace()),
    MLP: Lesson(MLP, Layout((5,)), Pace()),
    FINE_TUNED: Lesson(FINE_TUNED, Layout((4, 3, 3)), Pace(), upper_weights()),
}


@pytest.fixture(params=LESSONS, ids=str)
def lesson(request):
    return LESSONS[request.param]


def samples(lesson, n=60, n_tags=3, seed=0, apart=1.5):
    """Rows of that layout whose values are higher, or symbols later, the higher the tag."""
    random = np.random.default_rng(seed)
    layout, y = lesson.layout, np.arange(n) % n_tags
    X = random.normal(0, 1, (n, layout.width)).astype(np.float32) + apart * y[:, None]
    if layout.n_symbols:
        X = random.integers(0, 8, X.shape) + 8 * y[:, None]
    X = X.astype(np.float32)
    if layout.has_length:
        lengths = random.integers(3, layout.shape[1] + 1, n)
        beyond = np.arange(layout.shape[1]) >= lengths[:, None]
        values = X[:, :-1].reshape(n, *layout.shape)
        values[np.repeat(beyond[:, None], layout.shape[0], axis=1)] = 0
        X = np.column_stack([values.reshape(n, -1), lengths]).astype(np.float32)
    return X, y


def fitted(lesson, X, y, *, seed=0, to_beat=None):
    folds = fold_numbers(y, np.arange(len(y)), n_folds=3, seed=0)
    weight = np.ones(len(y), np.float32)
    return fit_deep(
        lesson, X, y, n_tags=int(y.max()) + 1, folds=folds, sample_weight=weight, seed=seed,
        to_beat=to_beat,
    )  # fmt: skip


def run(head, X):
    graph = Graph("head")
    features = graph.input("features", np.float32, ["n", X.shape[1]])
    graph.output(head.write(graph, features), "said", np.float32, ["n", "k"])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    return session.run(None, {"features": X})[0]


def test_it_learns_and_the_graph_says_the_same(lesson):
    X, y = samples(lesson)
    found = fitted(lesson, X, y)
    assert found.inner.shape == (60, 3)
    assert np.allclose(found.inner.sum(axis=1), 1, atol=1e-5)
    assert (found.inner.argmax(axis=1) == y).mean() > 0.6  # guessing: 0.33
    for head in (found.head, found.head.tempered(2.5)):
        said = head.predict_proba(X)
        assert (said.dtype, said.shape) == (np.float32, (60, 3))
        np.testing.assert_allclose(run(head, X), said, atol=2e-5)


def test_tempering_twice_is_tempering_once_by_the_product():
    X, y = samples(LESSONS[MLP])
    head = fitted(LESSONS[MLP], X, y).head
    twice, once = head.tempered(2.0).tempered(3.0), head.tempered(6.0)
    assert twice.predict_proba(X).tobytes() == once.predict_proba(X).tobytes()


def test_side_by_side_in_threads_gives_the_same_bits(lesson):
    X, y = samples(lesson, n=30)
    alone = fitted(lesson, X, y, seed=4)
    with ThreadPoolExecutor(3) as threads:
        several = list(threads.map(lambda seed: fitted(lesson, X, y, seed=seed), (4, 5, 4)))
    assert alone.inner.tobytes() == several[0].inner.tobytes() == several[2].inner.tobytes()
    assert alone.inner.tobytes() != several[1].inner.tobytes()
    assert alone.head.predict_proba(X).tobytes() == several[2].head.predict_proba(X).tobytes()


def test_no_fold_is_predicted_by_a_network_that_saw_it():
    lesson, random = LESSONS[MLP], np.random.default_rng(0)
    X, y = random.normal(size=(150, 5)).astype(np.float32), random.integers(0, 2, 150)
    folds = fold_numbers(y, np.arange(150), n_folds=3, seed=0)
    weight = np.ones(150, np.float32)
    one = fit_deep(lesson, X, y, n_tags=2, folds=folds, sample_weight=weight, seed=0)
    other = y.copy()
    other[folds == 1] = 1 - other[folds == 1]
    two = fit_deep(lesson, X, other, n_tags=2, folds=folds, sample_weight=weight, seed=0)
    assert one.inner[folds == 1].tobytes() == two.inner[folds == 1].tobytes()
    assert one.inner[folds != 1].tobytes() != two.inner[folds != 1].tobytes()


def test_whoever_is_clearly_behind_after_one_fold_is_given_up():
    pace = Pace()
    lesson = Lesson(MLP, Layout((5,)), pace)
    random = np.random.default_rng(0)
    X, y = random.normal(size=(90, 5)).astype(np.float32), np.arange(90) % 2  # nothing to learn
    assert fitted(lesson, X, y, to_beat=np.full(90, 0.01)) is None
    assert fitted(lesson, X, y, to_beat=np.full(90, 3.0)) is not None


def test_one_network_where_there_are_no_folds():
    lesson = LESSONS[MLP]
    X, y = samples(lesson, n=12)
    found = fit_one_deep(lesson, X, y, n_tags=3, sample_weight=np.ones(12, np.float32))
    assert found.inner is None
    assert run(found.head, X).shape == (12, 3)


@pytest.mark.parametrize("kind", [MLP, RNN])
def test_numbers_are_told_in_their_own_unit(kind):
    lesson = LESSONS[kind]
    X, tags = samples(lesson, n=90, apart=3)
    y = (1000 + 50 * tags).astype(np.float32)
    folds = np.arange(90) // 3 % 3
    found = fit_deep_values(lesson, X, y, folds, 0)
    assert np.corrcoef(found.inner, y)[0, 1] > 0.8
    assert abs(found.inner.mean() - y.mean()) < 20
    np.testing.assert_allclose(run(found.head, X)[:, 0], found.head.predict(X), rtol=1e-5)
    assert fit_deep_values(lesson, X, y, folds, 0, to_beat=np.full(90, 1e-3)) is None


def test_more_samples_are_never_shown_fewer_in_all():
    for kind in (CNN, RNN, MLP, FINE_TUNED):
        shown = [n * n_rounds(kind, n) for n in (1, 10, 100, 1000, 2000, 5000, 40_000, 100_000)]
        assert shown == sorted(shown)
    assert n_rounds(CNN, 10**6) == 1
