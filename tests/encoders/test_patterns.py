"""Patterns: features against a plain computation with NumPy and torch."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch

from handful.encoders.patterns import LEVELS, SHAPES, Patterns, Scales

ONE = Patterns(Scales((2.0,), (3.0,), 60))
THREE = Patterns(Scales((0.0, 1.0, -1.0), (1.0, 2.0, 4.0), 60))


def recording(n_channels, steps, seed=0):
    random = np.random.default_rng(seed)
    return np.cumsum(random.normal(size=(n_channels, steps)), axis=1).astype(np.float32)


def shares_by_hand(values, encoder):
    """Share of each convolution above -3/4, -1/4, 1/4 and 3/4 of its own standard deviations."""
    scales = encoder.scales
    middle, spread = (np.array(part)[:, None] for part in (scales.middle, scales.spread))
    x = torch.tensor(((values - middle) / spread)[None], dtype=torch.float64)
    kernels = -torch.ones(84, 1, 9, dtype=torch.float64)
    for at, places in enumerate(combinations(range(9), 3)):
        kernels[at, 0, list(places)] = 2
    parts = []
    for span, mix in encoder._spans:
        weights = kernels * torch.tensor(mix, dtype=torch.float64)[:, :, None]
        found = torch.nn.functional.conv1d(x, weights, dilation=span, padding=4 * span)[0]
        deviation = found.std(dim=1, unbiased=False)
        for share in (-0.75, -0.25, 0.25, 0.75):
            parts.append((found > share * deviation[:, None]).double().mean(dim=1))
    return torch.cat(parts).numpy()


@pytest.mark.parametrize("encoder", [ONE, THREE])
@pytest.mark.parametrize("steps", [60, 200, 9, 3])
def test_patterns_are_shares_of_convolutions(encoder, steps):
    values = recording(len(encoder.scales.middle), steps)
    found = encoder.transform([values])[0, encoder.views[SHAPES]]
    expected = shares_by_hand(values, encoder)
    assert found.shape == expected.shape
    # a value on a bound may fall to either side in 32 bits: at most one step in a few features
    assert np.abs(found - expected).max() <= 1.01 / steps
    assert (np.abs(found - expected) > 1e-6).mean() < 0.01


def test_levels_shape_and_length():
    values = recording(3, 64)
    found = THREE.transform([values])[0, THREE.views[LEVELS]]
    middle, spread = (np.array(p)[:, None] for p in (THREE.scales.middle, THREE.scales.spread))
    x = (values - middle) / spread
    expected = [
        x.mean(axis=1), x.std(axis=1), x.min(axis=1), x.max(axis=1),
        np.diff(x, axis=1, append=x[:, -1:]).std(axis=1), x.ravel(), [np.log(64)],
    ]  # fmt: skip
    np.testing.assert_allclose(found, np.concatenate(expected), atol=2e-3)


def test_one_step_is_enough():
    found = ONE.transform([np.array([[5.0]], np.float32)])
    assert found.shape == (1, ONE.width)
    assert np.isfinite(found).all()


def test_spans_reach_across_the_recording_and_no_further():
    for steps in (1, 9, 24, 150, 8192):
        spans = [span for span, _ in Patterns(Scales((0.0,), (1.0,), steps))._spans]
        assert min(spans) == 1
        assert max(spans) * 8 <= max(8, steps)
        assert len(spans) <= 24


def test_other_scales_are_other_features():
    assert ONE.key != Patterns(Scales((2.0,), (3.0,), 61)).key
