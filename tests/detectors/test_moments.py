"""Moments of repetitions: shares of known sizes, and movements whose phase is known."""

import numpy as np
import pytest

from handful.detectors.moments import Moments, Stretch


def told(cycles, flows=None):
    """Starts and ends, in slots, of a run of shares; slot i lies at i seconds."""
    flows = np.zeros((len(cycles), 2)) if flows is None else flows
    stretch = Stretch(0, flows, np.arange(len(cycles), dtype=float))
    moments, found = Moments(), []
    for slot, cycle in enumerate(cycles):
        found += moments.add(slot, cycle, stretch)
    found += moments.finish(stretch)
    return moments, found


def test_a_repetition_is_done_when_its_length_is_over():
    _, found = told([0] * 10 + [0.25] * 12 + [0] * 10)
    assert np.allclose(found, [(9.5, 13.5), (13.5, 17.5), (17.5, 21.5)])


def test_half_of_one_left_at_the_end_counts_and_less_does_not():
    for slots, n in ((11, 3), (10, 3), (9, 2), (2, 1), (1, 0)):
        moments, found = told([0.25] * slots)
        assert len(found) == moments.told == n
    _, found = told([0.25] * 10 + [0] * 30)
    assert found[-1][1] == 9.5  # where the movement ended, not in the rest


def test_a_rest_begins_a_new_bout():
    moments, found = told([0.1] * 25 + [0] * 20 + [0.1] * 24)
    assert [end for _, end in found] == pytest.approx([9.5, 19.5, 24.5, 54.5, 64.5])
    assert found[3][0] == 44.5
    assert moments.counted == pytest.approx(4.9)


def test_a_short_pause_belongs_to_the_repetition():
    _, found = told([0.1] * 14 + [0] * 5 + [0.1] * 17)
    assert [end for _, end in found] == pytest.approx([9.5, 24.5, 34.5])


def test_moments_keep_to_one_phase_of_the_movement():
    """Shares that are wrong by a tenth, and a movement that tells better: 20 slots each."""
    slots = np.arange(400)
    flows = np.stack([np.cos(np.pi * slots / 10), np.sin(np.pi * slots / 10)], axis=1)
    shares = np.where(slots // 20 % 2, 1 / 18, 1 / 22)
    rough = np.diff([end for _, end in told(shares)[1]])
    ends = np.diff([end for _, end in told(shares, flows)[1]])
    assert np.abs(rough - 20).max() > 1
    assert np.abs(ends[:15] - 20).max() < 1
    assert np.abs(ends[:15] - 20).mean() < 0.5 * np.abs(rough[:15] - 20).mean()
