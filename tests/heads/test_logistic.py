"""Logistic regression against scikit-learn's, and the choice of its penalty against brute force."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from handful.heads.logistic import fit_logistic
from handful.splits import fold_numbers

CLOSE = 2e-3  # of any probability: both stop within 1e-8 nats a sample of the least loss


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Many small problems: several threads only wait for one another."""
    with threadpool_limits(1):
        yield


def log_loss(y, p):
    return float(-np.log(p[np.arange(len(y)), y].astype(np.float64)).mean())


def standardised(X):
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)


def by_sklearn(X, y, *, C, weight=None):
    """Probabilities of scikit-learn's optimum on standardised features, solved to the end.

    For two tags it has one row of weights where softmax has two, each of half its size, so that
    the same penalty is C twice as large.
    """
    model = LogisticRegression(C=C if y.max() > 1 else 2 * C, tol=1e-10, max_iter=20_000)
    Z = standardised(X.astype(np.float64))
    return model.fit(Z, y, sample_weight=weight).predict_proba(Z)


def difference(fitted, X, y, **more):
    """Largest between our probabilities and scikit-learn's."""
    found = fitted.head.predict_proba(X.astype(np.float32))
    return np.abs(found - by_sklearn(X, y, **more)).max()


def ours(X, y, *, folds=None, weight=None):
    weight = np.ones(len(y), np.float32) if weight is None else weight.astype(np.float32)
    n_tags = int(y.max()) + 1
    return fit_logistic(X.astype(np.float32), y, n_tags=n_tags, folds=folds, sample_weight=weight)


def chosen_C(fitted):
    return float(fitted.note.removeprefix("C = "))


def digits(per_tag, seed=0):
    data = load_digits()
    rng = np.random.default_rng(seed)
    kept = np.concatenate([rng.permutation(np.flatnonzero(data.target == tag))[:per_tag]
                           for tag in range(10)])  # fmt: skip
    return data.data[kept], data.target[kept]


def blobs(n, d, n_tags, seed=0, apart=1.0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_tags
    return apart * rng.normal(size=(n_tags, d))[y] + rng.normal(size=(n, d)), y


SETS = {
    "fewer samples than features": blobs(30, 80, 3, apart=0.25),
    "more samples than features": blobs(200, 7, 4, apart=0.7),
    "two tags": blobs(24, 10, 2, apart=0.4),
    "many tags": blobs(130, 20, 26),
    "digits": digits(5),
    "wine": load_wine(return_X_y=True),
}


@pytest.mark.parametrize("name", SETS)
def test_probabilities_equal_scikit_learns_at_the_default_penalty(name):
    X, y = SETS[name]
    fitted = ours(X, y)
    assert fitted.inner is None
    C = chosen_C(fitted)
    assert (
        np.abs(fitted.head.predict_proba(X.astype(np.float32)) - by_sklearn(X, y, C=C)).max()
        < CLOSE
    )


@pytest.mark.parametrize("name", SETS)
def test_probabilities_equal_scikit_learns_at_the_chosen_penalty(name):
    X, y = SETS[name]
    folds = fold_numbers(y, np.arange(len(y)), n_folds=5, seed=0)
    fitted = ours(X, y, folds=folds)
    # The note rounds C to two digits; the penalty itself lies on half powers of ten.
    C = 10.0 ** (round(2 * np.log10(chosen_C(fitted))) / 2)
    assert (
        np.abs(fitted.head.predict_proba(X.astype(np.float32)) - by_sklearn(X, y, C=C)).max()
        < 5 * CLOSE
    )


@pytest.mark.parametrize("name", ["fewer samples than features", "more samples than features"])
def test_sample_weights_equal_scikit_learns(name):
    X, y = SETS[name]
    weight = np.random.default_rng(1).uniform(0.2, 3, len(y))
    fitted = ours(X, y, weight=weight)
    C = chosen_C(fitted)
    assert difference(fitted, X, y, C=C, weight=weight) < CLOSE
    assert difference(fitted, X, y, C=C) > 2 * CLOSE


def test_weights_in_raw_features_equal_scikit_learns():
    """Two tags: the difference of the two columns is scikit-learn's one row."""
    X, y = SETS["two tags"]
    X = X * np.geomspace(0.01, 1000, X.shape[1]) + 50
    fitted = ours(X, y)
    Z = standardised(X.astype(np.float64))
    model = LogisticRegression(C=2 * chosen_C(fitted), tol=1e-12, max_iter=20_000).fit(Z, y)
    found = (fitted.head.weights[:, 1] - fitted.head.weights[:, 0]) * X.std(axis=0)
    assert found == pytest.approx(model.coef_[0], abs=2e-3)


def brute_force(X, y, folds, penalties):
    """Mean log loss outside the folds at every penalty, by scikit-learn."""
    Z, losses = standardised(X), []
    for penalty in penalties:
        p = np.zeros((len(y), y.max() + 1))
        for fold in range(folds.max() + 1):
            inside, outside = folds != fold, folds == fold
            C = 1 / penalty if y.max() > 1 else 2 / penalty
            model = LogisticRegression(C=C, tol=1e-6, max_iter=5000)
            p[outside] = model.fit(Z[inside], y[inside]).predict_proba(Z[outside])
        losses.append(log_loss(y, p))
    return np.array(losses)


@pytest.mark.parametrize("name", ["fewer samples than features", "two tags", "wine"])
def test_the_chosen_penalty_is_within_a_step_of_brute_force(name):
    X, y = SETS[name]
    folds = fold_numbers(y, np.arange(len(y)), n_folds=5, seed=0)
    fitted = ours(X, y, folds=folds)
    penalties = 10.0 ** np.arange(4, -2.01, -0.5)
    losses = brute_force(X, y, folds, penalties)
    chosen = int(np.abs(np.log(penalties) + np.log(chosen_C(fitted))).argmin())
    assert abs(chosen - int(losses.argmin())) <= 1
    assert log_loss(y, fitted.inner) == pytest.approx(losses[chosen], abs=0.01)


def test_inner_probabilities_come_from_heads_that_had_not_seen_the_sample():
    """Noise with more features than samples is learnt by heart, but not outside the folds."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 200)), np.arange(60) % 2
    folds = fold_numbers(y, np.arange(60), n_folds=5, seed=0)
    fitted = ours(X, y, folds=folds)
    weak = ours(X, y)
    assert (weak.head.predict_proba(X.astype(np.float32)).argmax(axis=1) == y).all()
    assert 0.3 < (fitted.inner.argmax(axis=1) == y).mean() < 0.7


def test_changing_the_tags_of_a_fold_changes_nothing_it_is_told():
    X, y = blobs(40, 6, 2, apart=0.5)
    folds = np.arange(40) % 4
    swapped = np.where(np.arange(40) == 2, 1 - y, y)  # a sample of fold 2
    default = np.ones(40, np.float32)
    one = fit_logistic(X.astype(np.float32), y, n_tags=2, folds=folds, sample_weight=default)
    other = fit_logistic(X.astype(np.float32), swapped, n_tags=2, folds=folds,
                         sample_weight=default)  # fmt: skip
    assert one.note == other.note  # the same penalty, so the held-out fold's heads are the same
    assert np.abs(one.inner[folds == 2] - other.inner[folds == 2]).max() < CLOSE
    assert np.abs(one.inner[folds != 2] - other.inner[folds != 2]).max() > CLOSE


HARD = {
    "constant features": np.hstack([np.full((12, 3), 7.5), np.eye(12, 2)]),
    "all features constant": np.ones((12, 4)),
    "one feature": np.arange(12.0)[:, None],
    "duplicate samples": np.tile([[1.0, 2.0, 3.0], [1.5, 2.0, 1.0]], (6, 1)),
    "tiny numbers": 1e-20 * np.random.default_rng(0).normal(size=(12, 5)),
    "huge numbers": 1e15 * np.random.default_rng(0).normal(size=(12, 5)),
    "far from zero": 1e6 + np.random.default_rng(0).normal(size=(12, 5)),
    "a copy of a feature": np.tile(np.random.default_rng(0).normal(size=(12, 1)), (1, 6)),
    "one sample far away": np.vstack([np.zeros((11, 2)), [[1e4, 1e4]]]),
}


@pytest.mark.parametrize("tags", [[0, 1] * 6, [0] * 11 + [1], [0, 1, 2] * 4], ids=str)
@pytest.mark.parametrize("name", HARD)
def test_awkward_features_give_finite_probabilities_and_no_warning(name, tags):
    X, y = HARD[name].astype(np.float32), np.array(tags)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for folds in (None, np.arange(12) % 3):
            fitted = ours(X, y, folds=folds)
            p = fitted.head.predict_proba(X)
            assert np.isfinite(p).all()
            assert p.sum(axis=1) == pytest.approx(np.ones(12), abs=1e-5)
            assert folds is None or np.isfinite(fitted.inner).all()


def test_what_no_feature_tells_is_answered_with_the_tags_shares():
    y = np.array([0] * 9 + [1] * 3)
    p = ours(np.ones((12, 4)), y).head.predict_proba(np.ones((1, 4), np.float32))
    assert p[0] == pytest.approx([0.75, 0.25], abs=1e-3)


def test_a_tag_without_samples_gets_no_probability():
    X, y = blobs(30, 5, 2)
    fitted = fit_logistic(X.astype(np.float32), y, n_tags=3, folds=None,
                          sample_weight=np.ones(30, np.float32))  # fmt: skip
    assert fitted.head.predict_proba(X.astype(np.float32))[:, 2].max() < 0.01


def test_the_same_input_gives_the_same_bits():
    X, y = SETS["digits"]
    folds = fold_numbers(y, np.arange(len(y)), n_folds=5, seed=0)
    one, other = ours(X, y, folds=folds), ours(X, y, folds=folds)
    assert one.head.weights.tobytes() == other.head.weights.tobytes()
    assert one.inner.tobytes() == other.inner.tobytes()
