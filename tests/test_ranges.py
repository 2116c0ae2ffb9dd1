"""Ranges: CV+ by its definition, in the graph, and how often they hold."""

from __future__ import annotations

import math

import numpy as np
import onnxruntime
import pytest

from handful.graphs import Graph
from handful.ranges import Ranges, fit_ranges

RANDOM = np.random.default_rng(0)


def by_definition(said, residuals):
    """Barber et al. 2021, section 3: the floor(alpha (n + 1))-th smallest of each kind."""
    n = sum(map(len, residuals))
    place = max(1, math.floor(0.1 * (n + 1) + 1e-9))
    low = sorted(s - r for s, part in zip(said, residuals, strict=True) for r in part)
    high = sorted(s + r for s, part in zip(said, residuals, strict=True) for r in part)
    return low[place - 1], high[n - place]


@pytest.mark.parametrize("sizes", [(3, 4), (20, 20, 21), (1, 2, 3, 4, 50)])
def test_bounds_and_graph_follow_the_definition(sizes):
    residuals = tuple(np.abs(RANDOM.normal(size=n)).astype(np.float32) for n in sizes)
    ranges = Ranges(residuals)
    said = RANDOM.normal(size=(7, len(sizes))).astype(np.float32)
    low, high = ranges.bounds(said)
    expected = [by_definition(row, residuals) for row in said]
    np.testing.assert_allclose(np.stack([low, high], axis=1), expected, rtol=1e-6)

    graph = Graph("ranges")
    inputs = [graph.input(f"x{k}", np.float32, ["n", 1]) for k in range(len(sizes))]
    for tensor, name in zip(ranges.write(graph, inputs), ("low", "high"), strict=True):
        graph.output(tensor, name, np.float32, ["n"])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    found = session.run(None, {f"x{k}": said[:, k : k + 1] for k in range(len(sizes))})
    np.testing.assert_allclose(np.stack(found, axis=1), expected, rtol=1e-6)


def test_nine_of_ten_new_numbers_lie_in_their_range():
    """Means of five folds as learners: 300 sets of 40, a fresh number each."""
    held, runs = 0, 300
    folds = np.arange(40) % 5
    for _ in range(runs):
        y = RANDOM.standard_t(4, size=40).astype(np.float32)
        means = np.array([y[folds != k].mean() for k in range(5)], np.float32)
        low, high = fit_ranges(y, means[folds], folds, seed=0).bounds(means[None])
        held += bool(low[0] <= RANDOM.standard_t(4) <= high[0])
    assert held / runs >= 0.9 - 3 * math.sqrt(0.09 / runs)
    assert held / runs <= 0.97


def test_many_residuals_are_thinned():
    y = RANDOM.normal(size=5000).astype(np.float32)
    ranges = fit_ranges(y, np.zeros(5000, np.float32), np.arange(5000) % 5, seed=0)
    assert sum(map(len, ranges.residuals)) == 1000
    low, high = ranges.bounds(np.zeros((1, 5), np.float32))
    assert high[0] == pytest.approx(1.645, abs=0.15)
    assert low[0] == pytest.approx(-1.645, abs=0.15)
