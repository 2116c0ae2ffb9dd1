"""Log loss, Brier score and temperature against scikit-learn, SciPy and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scipy.special import softmax
from sklearn import metrics as sklearn_metrics

from handful.errors import InputError
from handful.metrics import apply_temperature, brier, fit_temperature, log_loss

RNG = np.random.default_rng(4)


def predictions(n=80, k=5, kind=np.float64):
    return RNG.integers(0, k, n), RNG.dirichlet(np.ones(k), n).astype(kind)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("weighted", [False, True])
def test_losses_equal_scikit_learn(kind, weighted):
    truth, p = predictions(kind=kind)
    weights = RNG.random(len(truth)) if weighted else None
    settings = {"sample_weight": weights, "labels": np.arange(5)}
    tolerance = 1e-12 if kind is np.float64 else 1e-6
    assert log_loss(truth, p, sample_weight=weights) == pytest.approx(
        sklearn_metrics.log_loss(truth, p, **settings), abs=tolerance
    )
    assert brier(truth, p, sample_weight=weights) == pytest.approx(
        sklearn_metrics.brier_score_loss(truth, p, scale_by_half=False, **settings), abs=tolerance
    )


def test_a_wrong_zero_is_clipped_as_scikit_learn_does():
    truth, p = np.array([0, 1]), np.array([[1.0, 0.0], [1.0, 0.0]])
    assert log_loss(truth, p) == pytest.approx(sklearn_metrics.log_loss(truth, p), rel=1e-12)
    assert np.isfinite(log_loss(truth, p.astype(np.float32)))


def test_closed_forms():
    even = np.full((7, 4), 0.25)
    assert log_loss(np.arange(7) % 4, even) == pytest.approx(np.log(4), abs=1e-15)
    assert brier(np.arange(7) % 4, even) == pytest.approx(0.75**2 + 3 * 0.25**2, abs=1e-15)


@pytest.mark.parametrize("metric", [log_loss, brier])
@pytest.mark.parametrize(
    ("truth", "p", "message"),
    [
        ([0, 2], [[0.5, 0.5], [0.5, 0.5]], "no column 2"),
        ([0, -1], [[0.5, 0.5], [0.5, 0.5]], "no column -1"),
        ([0, 1], [[0.5, 0.5], [0.5, np.nan]], "row 1"),
        ([0, 1], [[0.5, 0.5], [1.5, -0.5]], "row 1"),
        ([0], [[0.5, 0.5], [0.5, 0.5]], "equally long"),
        ([0.0, 1.0], [[0.5, 0.5], [0.5, 0.5]], "integers"),
        ([0, 1], [0.5, 0.5], "one column a tag"),
    ],
)
def test_wrong_input_is_refused(metric, truth, p, message):
    with pytest.raises(InputError, match=message):
        metric(np.array(truth), np.array(p))


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1.0, 3.0, 20.0])
def test_temperature_divides_the_logits(temperature):
    logits = RNG.normal(size=(50, 4)) * 3
    found = apply_temperature(softmax(logits, axis=1), temperature)
    np.testing.assert_allclose(found, softmax(logits / temperature, axis=1), atol=1e-12)


def test_zeros_stay_zeros_and_types_stay():
    p = np.array([[1.0, 0.0], [0.5, 0.5]], np.float32)
    found = apply_temperature(p, 0.05)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, p)
    tiny = apply_temperature(np.array([[1e-300, 1e-320, 0.0]]), 0.05)
    assert np.isfinite(tiny).all()
    assert tiny.sum() == pytest.approx(1)


@pytest.mark.parametrize("temperature", [0, -1, np.nan, np.inf])
def test_impossible_temperatures_are_refused(temperature):
    with pytest.raises(InputError, match="temperature"):
        apply_temperature(np.array([[0.5, 0.5]]), temperature)
    with pytest.raises(InputError, match="all are 0"):
        apply_temperature(np.array([[0.0, 0.0]]), 1.0)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("sharpness", [0.3, 1.0, 4.0])
def test_fitted_temperature_is_scipys_minimum(seed, sharpness):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(120, 4)) * 2
    drawn = softmax(logits, axis=1)
    truth = np.array([rng.choice(4, p=row) for row in drawn])
    p = softmax(logits * sharpness, axis=1)
    weights = rng.random(120)

    def loss(log_temperature):
        return log_loss(
            truth, apply_temperature(p, float(np.exp(log_temperature))), sample_weight=weights
        )

    best = optimize.minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded")
    found = fit_temperature(p, truth, sample_weight=weights)
    assert found == pytest.approx(float(np.exp(best.x)), rel=1e-3)
    assert loss(np.log(found)) <= best.fun + 1e-9


@given(share=st.floats(0.55, 0.95), said=st.floats(0.55, 0.999))
def test_fitted_temperature_in_closed_form(share, said):
    """Always the same two probabilities: afterwards they are the shares that came true."""
    n = 1000
    right = round(share * n)
    truth = (np.arange(n) >= right).astype(int)
    found = fit_temperature(np.tile([said, 1 - said], (n, 1)), truth)
    expected = np.log(said / (1 - said)) / np.log(right / (n - right))
    assert found == pytest.approx(np.clip(expected, 0.05, 20), rel=1e-6)


def test_fitted_temperature_stays_in_its_range():
    sure_and_right = np.tile([0.6, 0.4], (10, 1))
    assert fit_temperature(sure_and_right, np.zeros(10, int)) == pytest.approx(0.05)
    assert fit_temperature(sure_and_right, np.ones(10, int)) == pytest.approx(20)
    zeros = np.tile([1.0, 0.0], (10, 1)).astype(np.float32)
    assert 1 < fit_temperature(zeros, np.arange(10) // 6) <= 20
    with pytest.raises(InputError, match="no samples"):
        fit_temperature(np.zeros((0, 2)), np.zeros(0, int))
