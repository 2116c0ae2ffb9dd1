"""The beta distribution's tails and quantiles, to full precision, without SciPy."""

from __future__ import annotations

import math
from statistics import NormalDist

_MAX_STEPS = 200
_NORMAL = NormalDist()
_TINY = 1e-300  # keeps the continued fraction from dividing by zero
_PRECISION = 3e-16  # one unit in the last place
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)  # Abramowitz 6.1.40
_STIRLING_FROM = 20.0  # from here on the six terms above are exact to rounding


def beta_tails(x: float, a: float, b: float) -> tuple[float, float]:
    """Probability of at most `x` and of more than `x` under a beta distribution.

    Parameters
    ----------
    x : float
        Between 0 and 1.
    a, b : float
        Positive shape parameters.

    References
    ----------
    Press et al., Numerical Recipes, 3rd edition, section 6.4 (continued fraction);
    Loader 2000, "Fast and accurate computation of binomial probabilities" (its factor).

    Examples
    --------
    >>> [round(tail, 12) for tail in beta_tails(0.25, 1, 1)]
    [0.25, 0.75]
    """
    if x <= 0 or x >= 1:
        return (0.0, 1.0) if x <= 0 else (1.0, 0.0)
    if _left_of_middle(x, a, b):
        lower = math.exp(_log_lower(x, 1 - x, a, b))
        return lower, 1 - lower
    upper = math.exp(_log_lower(1 - x, x, b, a))
    return 1 - upper, upper


def beta_quantile(tail: float, a: float, b: float, *, upper: bool = False) -> float:
    """Return the x that leaves the probability `tail` below it (or above it, with `upper`).

    Newton's method on the logarithm of the tail over logit(x). There every beta density is
    log-concave, hence so are both tails (Prekopa 1973), and Newton's method on a concave
    function reaches its root from any start without a bracket.

    Parameters
    ----------
    tail : float
        Between 0 and 1, both excluded.
    a, b : float
        Positive shape parameters.
    upper : bool
        Whether `tail` is the probability of more than x: keeps precision near 1.

    Examples
    --------
    >>> round(beta_quantile(0.025, 1, 20, upper=True), 4)  # 1 - 0.025 ** (1 / 20)
    0.1684
    """
    if upper:  # more than x under (a, b) is less than 1 - x under (b, a)
        return _expit(-_logit_quantile(tail, b, a))
    return _expit(_logit_quantile(tail, a, b))


def _logit_quantile(tail: float, a: float, b: float) -> float:
    """logit(x) of the lower quantile."""
    u, log_tail, log_factor = _logit_guess(tail, a, b), math.log(tail), _log_factor(a, b)
    for _ in range(_MAX_STEPS):
        x, y = _expit(u), _expit(-u)
        log_density = log_factor - _distance(x, y, a, b)
        if _left_of_middle(x, a, b):
            log_lower = log_density + math.log(_continued_fraction(x, a, b) / a)
        else:
            log_upper = log_density + math.log(_continued_fraction(y, b, a) / b)
            log_lower = math.log1p(-math.exp(log_upper))
        step = (log_tail - log_lower) * math.exp(min(log_lower - log_density, 700.0))
        u = min(max(u + step, -690.0), 690.0)  # expit(-690) is the last one above underflow
        if abs(step) <= 1e-9 * max(1.0, abs(u)):  # the error left is about its square
            break
    return u


def _logit_guess(tail: float, a: float, b: float) -> float:
    """Near logit(x): Abramowitz and Stegun 26.5.22, of two parameters above one half."""
    if min(a, b) <= 0.5:
        return math.log(a / b)
    z, p, q = _NORMAL.inv_cdf(min(max(tail, 1e-12), 1 - 1e-12)), 1 / (2 * a - 1), 1 / (2 * b - 1)
    spread, third = 2 / (p + q), (z * z - 3) / 6
    w = z * math.sqrt(max(spread + third, 0.0)) / spread
    w += (q - p) * (third + 5 / 6 - 2 / (3 * spread))
    return math.log(a / b) + 2 * min(max(w, -300.0), 300.0)


def _expit(u: float) -> float:
    return 1 / (1 + math.exp(-u)) if u >= 0 else math.exp(u) / (1 + math.exp(u))


def _left_of_middle(x: float, a: float, b: float) -> bool:
    """Tell whether the continued fraction for the lower tail converges fast."""
    return x < (a + 1) / (a + b + 2)


def _log_lower(x: float, y: float, a: float, b: float) -> float:
    """Logarithm of the lower tail left of the middle; y = 1 - x, apart because it may be tiny."""
    return _log_density(x, y, a, b) + math.log(_continued_fraction(x, a, b) / a)


def _log_density(x: float, y: float, a: float, b: float) -> float:
    """Logarithm of the density of logit(x), x^a y^b / B(a, b), without large terms to cancel."""
    return _log_factor(a, b) - _distance(x, y, a, b)


def _log_factor(a: float, b: float) -> float:
    """What does not depend on x."""
    n = a + b
    exponent = _stirling_error(n) - _stirling_error(a) - _stirling_error(b)
    return exponent + 0.5 * math.log(a * b / (2 * math.pi * n))


def _distance(x: float, y: float, a: float, b: float) -> float:
    """How far x and y = 1 - x are from the parameters' shares."""
    return _deviance(a, (a + b) * x) + _deviance(b, (a + b) * y)


def _stirling_error(z: float) -> float:
    """Return what Stirling's formula leaves of log gamma(z)."""
    if z < _STIRLING_FROM:
        return math.lgamma(z) - (z - 0.5) * math.log(z) + z - 0.5 * math.log(2 * math.pi)
    return sum(term / z ** (2 * i + 1) for i, term in enumerate(_STIRLING))


def _deviance(k: float, expected: float) -> float:
    """Return k log(k / expected) + expected - k, by a series where they are close."""
    if abs(k - expected) > 0.1 * (k + expected):
        return k * math.log(k / expected) + expected - k
    v = (k - expected) / (k + expected)
    total, power, i = (k - expected) * v, 2 * k * v, 1
    while True:
        power *= v * v
        grown = total + power / (2 * i + 1)
        if grown == total:
            return total
        total, i = grown, i + 1


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function by Lentz's method."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value, m = d, 0
    while True:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _away_from_zero(1 + even * d)
        c = _away_from_zero(1 + even / c)
        value *= c * d
        d = 1 / _away_from_zero(1 + odd * d)
        c = _away_from_zero(1 + odd / c)
        value *= c * d
        if abs(c * d - 1) <= _PRECISION:
            return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
