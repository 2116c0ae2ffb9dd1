"""Axes of the report on numbers: round ticks inside, few of them."""

from __future__ import annotations

import numpy as np
import pytest

from handful.report.values import round_ticks


@pytest.mark.parametrize("seed", range(20))
def test_ticks_are_round_even_and_inside(seed):
    random = np.random.default_rng(seed)
    low = float(random.normal() * 10 ** random.uniform(-4, 6))
    size = max(1e-4 * abs(low), float(10 ** random.uniform(-3, 6)))
    ticks = round_ticks(low, low + size)
    assert 3 <= len(ticks) <= 7
    assert low - 1e-6 * size <= ticks[0] < ticks[-1] <= low + size * (1 + 1e-6)
    steps = np.diff(ticks)
    assert steps == pytest.approx(np.full(len(steps), steps[0]))
    first_digits = float(f"{steps[0]:.3e}".partition("e")[0])
    assert first_digits in (1.0, 2.0, 2.5, 5.0)


def test_one_number_has_one_tick():
    assert round_ticks(3.5, 3.5) == [3.5]
