"""The beta distribution against SciPy, from fractions of a sample to ten million."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from handful.metrics.beta import beta_quantile, beta_tails

TAILS = [0.0005, 0.005, 0.025, 0.05, 0.3, 0.9]
SHAPES = [
    (1, 1), (0.3, 20.7), (1, 1e7), (1e7, 1), (81, 183), (5e6, 5e6 + 1), (3.7, 9.1e6), (0.5, 2.0),
    (20, 1), (1e-2, 3), (123456.5, 9876543.5),
]  # fmt: skip


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_quantiles_equal_scipys(tail, a, b):
    assert beta_quantile(tail, a, b) == pytest.approx(stats.beta.ppf(tail, a, b), abs=1e-12)
    upper = beta_quantile(tail, a, b, upper=True)
    assert upper == pytest.approx(stats.beta.isf(tail, a, b), abs=1e-12)


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("n", [1, 20, 1e3, 1e7])
def test_small_quantiles_keep_their_digits(tail, n):
    closed_form = -np.expm1(np.log1p(-tail) / n)  # of beta(1, n)
    assert beta_quantile(tail, 1, n) == pytest.approx(closed_form, rel=1e-12)


@given(
    a=st.floats(0.05, 1e6), b=st.floats(0.05, 1e6), x=st.floats(0, 1, allow_subnormal=False)
)  # fmt: skip
def test_tails_equal_scipys(a, b, x):
    lower, upper = beta_tails(x, a, b)
    assert lower == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-11)
    assert upper == pytest.approx(stats.beta.sf(x, a, b), abs=1e-11)


@given(a=st.floats(0.1, 1e7), b=st.floats(0.1, 1e7), tail=st.floats(1e-6, 1 - 1e-6))
def test_quantile_undoes_the_tail(a, b, tail):
    x = beta_quantile(tail, a, b)
    if 1e-9 < x < 1 - 1e-9:  # nearer the ends the rounding of x itself moves the tail
        assert beta_tails(x, a, b)[0] == pytest.approx(tail, rel=1e-6)
