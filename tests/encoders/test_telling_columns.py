"""Columns that alone tell nearly everything are seen; useful ones and chance are not."""

from __future__ import annotations

import numpy as np
import pytest

from handful.encoders.telling_columns import share_told

RANDOM = np.random.default_rng(0)
TAGS = [["no", "yes"][i % 2] for i in range(200)]
LINE = np.linspace(0, 10, 200)
NOISE = RANDOM.normal(0, 0.1, 200)


def changed(cells, n):
    """The same with the first n exchanged for what another tag has."""
    return [*cells[1 : n + 1], *cells[n:]]


def test_a_category_right_for_97_of_100_rows():
    cells = changed(["A" if tag == "no" else "B" for tag in TAGS], 6)
    assert share_told(cells, TAGS) == (0.97, False)


@pytest.mark.parametrize("wrong", [11, 20, 60])
def test_a_category_that_is_wrong_more_often_is_only_useful(wrong):
    cells = changed(["A" if tag == "no" else "B" for tag in TAGS], wrong)
    assert share_told(cells, TAGS) is None


def test_ranges_of_numbers_that_hardly_touch():
    cells = [i / 200 + (tag == "yes") * 0.98 for i, tag in enumerate(TAGS)]
    share, are_numbers = share_told(cells, TAGS)
    assert share > 0.95
    assert not are_numbers


def test_numbers_that_follow_another_column():
    cells = (np.abs(LINE - 5)).tolist()  # up and down again: no line, but a rule
    numbers = [f"{value + noise:.4f}" for value, noise in zip(cells, NOISE, strict=True)]
    share, are_numbers = share_told(cells, numbers)
    assert are_numbers
    assert share == pytest.approx(1 - 0.1**2 * (1 + 1 / 4) / np.var(cells), abs=0.01)


def test_a_column_that_explains_half_is_only_useful():
    numbers = [f"{value:.4f}" for value in LINE + RANDOM.normal(0, LINE.std(), 200)]
    assert share_told(LINE.tolist(), numbers) is None


def test_several_tags_are_asked_for_one_by_one():
    tags = [["p", "q", "p|q", ""][i % 4] for i in range(200)]
    cells = ["on" if "q" in tag else "off" for tag in tags]
    assert share_told(["off", *cells[1:]], tags)[0] >= 0.99


def test_chance_tells_nothing():
    for n in (30, 60, 100):
        for _ in range(300):
            tags = RANDOM.permutation(["a"] * (n // 2) + ["b"] * (n - n // 2)).tolist()
            assert share_told(RANDOM.integers(0, 5, n).tolist(), tags) is None
            assert share_told(RANDOM.normal(size=n).tolist(), tags) is None
            assert share_told(LINE[:n].tolist(), [f"{v}" for v in RANDOM.normal(size=n)]) is None


def test_few_rows_say_nothing():
    assert share_told(TAGS[:20], TAGS[:20]) is None
