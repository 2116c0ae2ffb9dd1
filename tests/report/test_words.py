"""Numbers in plain words, each value by hand."""

from __future__ import annotations

import pytest

from handful.report import words


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (81 / 263, "31 %"),
        (0.5, "50 %"),
        (0.994, "99.4 %"),
        (299 / 300, "99.7 %"),
        (9999 / 10000, "over 99.9 %"),
        (1 / 300, "0.3 %"),
        (1 / 100000, "under 0.1 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0, "0 %"),
        (1, "100 %"),
        (None, "undefined"),
        (float("nan"), "undefined"),
    ],
)
def test_a_percentage_never_claims_more_than_it_knows(share, said):
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.2527, 0.3676, "25-37 %"),
        (0.0578, 0.1617, "6-16 %"),
        (0.0, 0.1684, "0-17 %"),
        (0.0009, 0.1776, "0.1-18 %"),
        (0.9874, 1.0, "99-100 %"),
        (None, 0.5, ""),
        (0.5, None, ""),
    ],
)
def test_ranges_of_the_reference_table(low, high, said):
    assert words.percent_range(low, high) == said


def test_a_ratio_shows_counts_share_and_interval():
    metric = {"value": 15 / 148, "low": 0.0578, "high": 0.1617, "confidence": 0.9}
    assert words.interval({**metric, "k": 15, "n": 148}) == "15 of 148 (10 %, 90 % interval 6-16 %)"
    assert words.interval(metric) == "10 %, 90 % interval 6-16 %"
    assert words.interval({"value": 0.25, "k": 1, "n": 4}) == "1 of 4 (25 %)"


@pytest.mark.parametrize("metric", [None, {}, {"value": None}, {"value": None, "low": 0.0}])
def test_what_is_undefined_says_so(metric):
    assert words.interval(metric) == "undefined"


def test_zero_of_zero_is_undefined_and_zero_of_one_is_zero():
    assert words.interval({"value": None, "k": 0, "n": 0}) == "undefined (0 of 0)"
    assert words.interval({"value": 0.0, "k": 0, "n": 1}) == "0 of 1 (0 %)"


@pytest.mark.parametrize(
    ("modality", "many"), [("images", "photos"), ("texts", "texts"), (None, "samples")]
)
def test_samples_are_called_what_they_are(modality, many):
    assert words.noun({"modality": modality}) == many


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.000004, "4 in a million"),
        (0.00000094, "9.4 in 10 million"),
        (0.00042, "4.2 in 10,000"),
        (0.00002, "2 in 100,000"),
        (0.01, "1 %"),
        (0.0, "0 %"),
        (1e-11, "fewer than 1 in a billion"),
    ],
)
def test_a_rare_thing_is_said_as_so_many_in_so_many(share, said):
    assert words.share_of_many(share) == said


def test_a_rare_share_has_its_range_in_the_same_unit():
    assert words.share_of_many(0.000004, 0.0, 0.000021) == "4 in a million (0-21)"
    assert words.share_of_many(0.12, 0.07, 0.19) == "12 % (7-19 %)"


def test_tags_that_are_no_words_are_quoted():
    assert (words.tag_said("glass"), words.tag_said("5")) == ("glass", "'5'")
