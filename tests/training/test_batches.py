"""Batches: every sample once, in an order of its own every epoch; series filled up at the end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handful.training.batches import as_targets, batches, collate, one_hot


@pytest.mark.parametrize(("n", "size"), [(1, 1), (10, 3), (32, 32), (33, 32), (100, 7)])
def test_every_sample_once_and_batches_nearly_even(n, size):
    found = batches(n, size, seed=0, epoch=0)
    assert sorted(np.concatenate(found).tolist()) == list(range(n))
    sizes = {len(rows) for rows in found}
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1


def test_the_order_is_of_seed_and_epoch():
    order = [np.concatenate(batches(50, 8, seed=s, epoch=e)) for s, e in [(0, 0), (0, 1), (1, 0)]]
    assert not (order[0] == order[1]).all()
    assert not (order[0] == order[2]).all()
    assert (order[0] == np.concatenate(batches(50, 8, seed=0, epoch=0))).all()


def test_arrays_become_one_tensor():
    X = np.arange(24, dtype=np.float64).reshape(4, 2, 3)
    (x,) = collate(X, np.array([3, 1]))
    assert x.dtype == torch.float32
    np.testing.assert_array_equal(x, X[[3, 1]])


def test_series_are_filled_up_with_zeros_and_come_with_their_lengths():
    X = [np.full((2, n), n, np.float32) for n in (1, 4, 2)]
    x, lengths = collate(X, np.array([2, 0]))
    assert lengths.tolist() == [2, 1]
    assert x.tolist() == [[[2, 2], [2, 2]], [[1, 0], [1, 0]]]


def test_targets():
    assert as_targets(np.array([0, 2])).dtype == torch.int64
    assert as_targets(np.array([True, False])).tolist() == [1, 0]
    assert as_targets(np.array([0.5, 2])).dtype == torch.float32
    assert as_targets(one_hot(np.array([1]), 3)).tolist() == [[0, 1, 0]]
