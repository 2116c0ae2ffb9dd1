"""What a rule is said to do and to promise: by hand-made counts."""

from __future__ import annotations

import re

import numpy as np
import pytest

from handful.choosing import Scored, by_cost_matrix, by_costs, by_recall, by_specificity
from handful.metrics import Interval, clopper_pearson
from handful.report.choice import price, sentence
from handful.report.rule_note import rule_sentence


def scored(positives, negatives, *, fresh=False, tags=("ill", "well")):
    """Scores of the first tag; every sample stands alone."""
    scores = np.array([*positives, *negatives])
    y = np.array([0] * len(positives) + [1] * len(negatives))
    return Scored(tags, y, np.stack([scores, 1 - scores], 1), np.arange(len(y)), fresh)


def words(choice, of):
    return sentence(choice, of, "photos")


FEW = scored(np.linspace(0.2, 0.9, 32), np.linspace(0.01, 0.5, 32))
MANY = scored(np.linspace(0.2, 0.9, 60), np.linspace(0.01, 0.5, 60))


@pytest.mark.parametrize("asked", [0.931, 0.9306, 0.93058, 0.95])
def test_a_promise_is_rounded_down_and_never_equals_what_was_refused(asked):
    """32 positives: 0.1 ** (1 / 32) = 0.930572."""
    said = words(by_recall(FEW, 0, recall=asked, confidence=0.9, prevalence=None), FEW)
    found = re.search(r"of (0\.\d+) at most at 90 % .* not (0\.\d+): that needs", said)
    can, refused = found.groups()
    assert (can, float(refused)) == ("0.930", asked)


@pytest.mark.parametrize("recall", [0.95, 0.9])
def test_scores_from_judging_are_only_checked_whether_kept_or_refused(recall):
    said = words(by_recall(FEW, 0, recall=recall, confidence=0.9, prevalence=None), FEW)
    assert said.count("Checked, not guaranteed") == 1
    fresh = scored(np.linspace(0.2, 0.9, 32), np.linspace(0.01, 0.5, 32), fresh=True)
    said = words(by_recall(fresh, 0, recall=recall, confidence=0.9, prevalence=None), fresh)
    assert said.count("Guaranteed") == 1
    assert "Checked" not in said


def test_the_stored_words_of_a_refused_promise_do_not_promise_it():
    rule = by_recall(FEW, 0, recall=0.95, confidence=0.9, prevalence=None).rule
    assert rule_sentence(rule, FEW.tags) == (
        "It answers ill from a probability of 0.2 on (the lowest score among the samples; a recall "
        "of at least 0.95 with confidence 0.9 was not possible)."
    )
    kept = by_recall(MANY, 0, recall=0.95, confidence=0.9, prevalence=None).rule
    assert kept.words.endswith("with confidence 0.9, checked, not guaranteed")


def test_one_in_a_million_is_said_as_people_do():
    """Half are found and 1 of 100 others alarms: 0.5 / 10,000.5 is 0.00005."""
    made = scored([0.9, 0.1] * 20, [0.9] + [0.1] * 99)
    choice = by_costs(made, 0, miss_costs=1e5, alarm_costs=1, prevalence=0.000001)
    assert "0.000001 of samples are positive" in choice.rule.words
    choice = by_specificity(made, 0, specificity=0.99, prevalence=0.000001)
    said = words(choice, made)
    assert "Where 1 in a million are ill, of its alarms about 5 in 100,000 (" in said
    assert "0.1 %" not in said


def test_without_a_prevalence_precision_is_said_to_be_the_samples():
    said = words(by_costs(FEW, 0, miss_costs=1, alarm_costs=1, prevalence=None), FEW)
    assert "If ill is as common as among your samples, of its alarms about" in said
    assert "Brackets: 95 % intervals." in said


def test_thirty_two_others_cannot_show_a_specificity_of_99_percent():
    """All 32 left alone: the exact 95 % interval begins at 0.025 ** (1 / 32) = 0.891."""
    said = words(by_specificity(FEW, 0, specificity=0.99, prevalence=None), FEW)
    assert "these 32 other photos had; of those to come so few show only that at least 0.8" in said
    many = scored([0.9], np.linspace(0, 0.1, 5000))
    said = words(by_specificity(many, 0, specificity=0.99, prevalence=None), many)
    assert "so few show" not in said or "0.98" in said


def test_numbers_as_tags_are_quoted():
    made = scored([0.9] * 5, [0.1] * 5, tags=("5", "9"))
    assert "Of 100 photos of '5' this misses" in words(
        by_costs(made, 0, miss_costs=1, alarm_costs=1, prevalence=None), made
    )


def test_costs_have_their_intervals():
    """36 photos: 30 right, 2 wrong at 1 each, 4 to a person at 0.2: 2.8 / 36."""
    positives = [0.95] * 15 + [0.05] + [0.5] * 2
    made = scored(positives, [0.05] * 15 + [0.95] + [0.5] * 2)
    choice = by_cost_matrix(made, 1.0 - np.eye(2), asking_cost=0.2, words="your costs")
    assert choice.costs.cost == pytest.approx(2.8 / 36)
    assert choice.costs.low < 2.8 / 36 < choice.costs.high
    asked, right = clopper_pearson(4, 36), clopper_pearson(30, 32)
    said = words(choice, made)
    assert f"4 of 36 (11 %, 95 % interval {100 * asked.low:.0f}-{100 * asked.high:.0f} %)" in said
    assert f"30 of 32 (94 %, 95 % interval {100 * right.low:.0f}-" in said


def test_where_there_is_none_of_the_tag_or_no_other_both_sentences_are_whole():
    known, nobody = Interval(0.9, 0.8, 0.95, 0.95, ""), Interval(None, None, None, 0.95, "")
    assert price(nobody, known, "cat", "photos") == (
        "There are no photos of cat: how many it misses cannot be said. It raises a false alarm "
        "for about 10 of 100 others (5-20)."
    )
    assert price(known, nobody, "cat", "photos") == (
        "Of 100 photos of cat this misses about 10 (at most 20). There are no other photos: false "
        "alarms cannot be said."
    )
    assert price(nobody, nobody, "cat", "photos") == (
        "There are no photos of cat: how many it misses cannot be said."
    )
