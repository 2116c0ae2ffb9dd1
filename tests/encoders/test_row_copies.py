"""Rows that are equal to six digits are known again, against a plain loop over all pairs."""

import numpy as np
import pytest

from handful.encoders.columns import CategoryColumn, NumberColumn, Row, Schema
from handful.encoders.row_copies import RowCopies


def schema(n_numbers, n_categories, *, parts=()):
    numbers = [NumberColumn(f"x{at}", "", 0, 1, True) for at in range(n_numbers)]
    dates = [NumberColumn("when", part, 0, 1, False) for part in parts]
    names = [CategoryColumn(f"c{at}", ("a", "b"), True) for at in range(n_categories)]
    return Schema((*numbers, *dates), tuple(names))


def joined(rows, columns):
    finder = RowCopies(columns)
    made = [Row(np.array(numbers, np.float32), tuple(names)) for numbers, names in rows]
    return {tuple(sorted(pair)) for pair in finder.pairs(finder.transform(made)).tolist()}


@pytest.mark.parametrize("jitter", [0.0, 1e-9])
def test_rows_equal_but_for_jitter_are_found_and_nothing_else(jitter):
    rng = np.random.default_rng(0)
    first = rng.normal(size=(300, 4)) * [1, 1e6, 1e-6, 1] + [0, 0, 0, 1000]
    first[::7, 1] = np.nan
    again = first + jitter * first * rng.normal(size=first.shape)
    names = [[str(name)] for name in rng.choice(["a", "b", ""], 300)]
    rows = [*zip(first, names, strict=True), *zip(again, names, strict=True)]
    assert joined(rows, schema(4, 1)) == {(at, at + 300) for at in range(300)}


def test_another_category_a_gap_or_the_fourth_digit_keep_rows_apart():
    rng = np.random.default_rng(1)
    rows = [(row, ["a"]) for row in rng.normal(size=(50, 3))]
    row = rows[0][0]
    other = [(row, ["b"]), (row * [1, np.nan, 1], ["a"]), (row * [1, 1, 1.001], ["a"])]
    assert joined([*rows, *other], schema(3, 1)) == set()


def test_rows_of_few_values_agree_by_chance():
    rng = np.random.default_rng(2)
    rows = [(row, [str(rng.choice(["a", "b"]))]) for row in rng.integers(0, 5, (200, 3))]
    assert joined(rows, schema(3, 1)) == set()


def test_a_date_does_not_make_another_row():
    rng = np.random.default_rng(3)
    first = rng.normal(size=(40, 3))
    rows = [(np.append(row, day), []) for day in (1, 2) for row in first]
    assert joined(rows, schema(3, 0, parts=("day",))) == {(at, at + 40) for at in range(40)}


def test_one_row_and_no_column_to_compare():
    assert joined([([1.0], [])], schema(1, 0)) == set()
    assert joined([([1.0], []), ([2.0], [])], schema(0, 0, parts=("day",))) == set()
