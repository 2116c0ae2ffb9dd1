"""What sketches say two sets share, against the sets themselves."""

import numpy as np
import pytest

from handful.encoders.sketches import N_BITS, shared, sketch


@pytest.mark.parametrize("n", [40, 900])
@pytest.mark.parametrize("n_both", [0.0, 0.5, 0.8, 1.0])
def test_the_shared_part_is_that_of_the_sets(n, n_both):
    rng = np.random.default_rng(0)
    errors = []
    for _ in range(20):
        members = rng.integers(0, 2**32, 2 * n, dtype=np.uint32)
        both = round(n_both * n)
        left, right = members[:n], members[n - both : 2 * n - both]
        exact = len(set(left.tolist()) & set(right.tolist())) / len(set(left) | set(right))
        (_, said), *_ = shared(np.stack([sketch(left), sketch(right)]))
        errors.append(said[0, 1] - exact)
    assert abs(np.mean(errors)) < 0.03
    assert np.max(np.abs(errors)) < 0.15


def test_order_and_repetition_change_nothing():
    members = np.random.default_rng(1).integers(0, 2**32, 5000, dtype=np.uint32)
    again = np.concatenate([members[::-1], members[:100]])
    assert np.array_equal(sketch(members), sketch(again))


def test_every_pair_of_many_sets_is_seen_once():
    sketches = np.where(np.random.default_rng(2).random((1500, N_BITS)) < 0.5, -1, 1)
    seen = np.zeros((1500, 1500), int)
    for start, share in shared(sketches.astype(np.float32)):
        seen[start : start + len(share), start:] += np.triu(np.ones(share.shape, int))
    assert np.array_equal(seen, np.triu(np.ones((1500, 1500), int)))
