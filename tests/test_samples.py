"""Samples keep what belongs together together."""

import numpy as np

from handful.samples import Samples


def test_take_keeps_items_tags_names_and_groups_in_step():
    samples = Samples(
        items=("a", "b", "c"),
        tags=np.array(["x", "y", "x"]),
        names=("x/a", "y/b", "x/c"),
        groups=np.array([7, 8, 9]),
    )
    taken = samples.take(np.array([2, 0, 2]))
    assert taken.items == ("c", "a", "c")
    assert taken.tags.tolist() == ["x", "x", "x"]
    assert taken.names == ("x/c", "x/a", "x/c")
    assert taken.groups.tolist() == [9, 7, 9]
    assert len(taken) == 3
    assert len(samples) == 3


def test_take_nothing():
    samples = Samples(("a",), np.array(["x"]), ("x/a",), np.array([0]))
    nothing = samples.take(np.array([], dtype=int))
    assert len(nothing) == 0
    assert nothing.tags.shape == nothing.groups.shape == (0,)
