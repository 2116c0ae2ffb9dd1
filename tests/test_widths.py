"""Widths: the table says what Venn-Abers says, rounded outwards, at any score."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from handful.metrics import venn_abers
from handful.widths import width, width_table

SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]), min_size=1, max_size=30)


@given(SCORES, st.randoms(use_true_random=False), st.floats(0, 1, width=32))
def test_the_table_is_venn_abers_rounded_outwards(scores, random, new):
    truth = np.array([random.random() < 0.5 for _ in scores])
    known = np.array(scores, np.float32)
    low, high = width(width_table(truth, known), new)
    exact = venn_abers(truth, known, scores=np.array([new], np.float32))
    assert exact.low[0] - 0.01 - 1e-9 <= low <= exact.low[0] + 1e-9
    assert exact.high[0] - 1e-9 <= high <= exact.high[0] + 0.01 + 1e-9


def test_by_hand():
    """One positive at 0.8, one negative at 0.2: a new one at 0.8 has one or both of two."""
    table = width_table(np.array([False, True]), np.array([0.2, 0.8], np.float32))
    assert width(table, 0.8) == (0.5, 1.0)
    assert width(table, 0.2) == (0.0, 0.5)
    assert width(table, 0.5) == (0.0, 1.0)
    assert width(table, 0.1) == (0.0, 0.5)
    assert width(table, 0.9) == (0.5, 1.0)


def test_many_samples_narrow_it_and_the_table_stays_small():
    random = np.random.default_rng(0)
    scores = random.uniform(size=50_000).astype(np.float32)
    table = width_table(random.uniform(size=50_000) < scores, scores)
    assert max(map(len, table.values())) <= 101
    for score in (0.1, 0.35, 0.5, 0.8):
        low, high = width(table, score)
        assert high - low <= 0.03
        assert low - 0.05 <= score <= high + 0.05
