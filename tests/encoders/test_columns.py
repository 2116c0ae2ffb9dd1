"""Columns: what a column is taken for, and what becomes of its cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handful.encoders.columns import SCALED, Columns, schema_from_json
from handful.encoders.schemas import decoded, kind_of, schema


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", None, "3"], "number"),
        ([1, 2, 2, 3], "number"),
        ([float("inf"), 1.0, 2.0] * 10, "number"),  # what is infinite counts as missing
        (["a", "b", "a", None], "category"),
        ([True, False, True], "category"),
        (["2026-01-02", "2026-05-06 10:00", None], "date"),
        ([None, None], "empty"),
        (["x", "x", None], "constant"),
        ([f"name {i}" for i in range(30)], "names"),
        ([str(i) for i in range(7, 40)], "numbering"),
        ([str(i * i) for i in range(40)], "number"),
    ],
)
def test_what_a_column_is(cells, kind):
    assert kind_of(cells) == kind


ROWS = [
    {"size": 1.0, "colour": "red", "seen": "2026-01-05"},
    {"size": None, "colour": "blue", "seen": "2026-01-06"},
    {"size": 3.0, "colour": "red", "seen": "2026-02-07"},
    {"size": 5.0, "colour": "green", "seen": "2026-02-08"},
    {"size": 3.0, "colour": "blue", "seen": None},
]


def features(rows, known):
    return Columns(known).transform([decoded(row, known) for row in rows])


def test_features_by_hand():
    """Numbers filled with the median, flags of gaps, one-hot with one place for the rare."""
    known = schema([{k: row[k] for k in ("size", "colour")} for row in ROWS])
    X = features(ROWS, known)
    assert X.shape == (5, Columns(known).width) == (5, 1 + 1 + 3 + 1)
    assert X[:, 0].tolist() == [1, 3, 3, 5, 3]
    assert X[:, 1].tolist() == [0, 1, 0, 0, 0]
    assert X[:, 2:5].tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]
    column = known.numbers[0]
    z = (X[:, 0] - column.middle) / column.spread
    np.testing.assert_allclose(X[:, 5], z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)


def test_dates_give_their_parts():
    known = schema(ROWS)
    parts = [column.part for column in known.numbers if column.name == "seen"]
    assert parts == ["day", "month", "weekday"]  # all of one year, none with an hour
    day, month, weekday = (
        decoded({"seen": "2026-02-07"}, known).numbers[i]
        for i, column in enumerate(known.numbers) if column.name == "seen"
    )  # fmt: skip
    assert (month, weekday) == (2, 5)  # a Saturday
    assert day == np.float32(739654)  # days since the year 1 of the calendar


def test_what_was_never_seen_is_filled_or_rare():
    known = schema(ROWS)
    strange = {"size": "no number", "colour": "violet", "seen": "never", "more": 1}
    X = features([strange], known)
    assert np.isfinite(X).all()
    assert X[0, 0] == 3.0


@pytest.mark.parametrize("value", [1, 1.0, "1", "1.0"])
def test_ones_are_one_category(value):
    known = schema([{"c": "x"}, {"c": "x"}, {"c": 1}, {"c": 1}, {"c": "y"}, {"c": "y"}])
    assert "1" in known.categories[0].values
    row = decoded({"c": value}, known)
    assert row.categories == ("1",)


@given(st.lists(st.floats(width=32, allow_nan=True, allow_infinity=True), min_size=2, max_size=20))
def test_no_numbers_break_it(cells):
    rows = [{"a": cell, "b": "xy"[i % 2]} for i, cell in enumerate(cells)]
    X = features(rows, schema(rows))
    assert np.isfinite(X).all()
    squashed = Columns(schema(rows)).views[SCALED]
    if schema(rows).numbers:
        assert np.abs(X[:, squashed][:, -1]).max() <= 3.0001


def test_the_schema_survives_the_card():
    known = schema(ROWS)
    assert schema_from_json(known.to_json()) == known


def test_five_thousand_categories_stay_fifty_and_the_rest():
    rows = [{"c": f"v{i % 5000}", "n": i % 7} for i in range(10000)]
    assert len(schema(rows).categories[0].values) == 50
