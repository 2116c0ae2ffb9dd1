"""What the numbers are said to mean."""

from __future__ import annotations

import pytest

from handful.report import findings
from handful.report.refusing import refusal_sentences


def scores(value, low, high, baseline=None, **more):
    return {
        "modality": "images",
        "metrics": {
            "accuracy": {"value": value, "low": low, "high": high},
            "baseline_accuracy": {"value": baseline},
        },
        **more,
    }


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.8367, 0.79, 0.876,
         "Of 100 new photos like yours, expect about 84 right (between 79 and 88)."),
        (1.0, 0.83, 1.0, "Of 100 new photos like yours, expect all right (between 83 and 100)."),
        (0.0, 0.0, 0.17, "Of 100 new photos like yours, expect none right (between 0 and 17)."),
        (0.9967, 0.9816, 0.9999,
         "Of 1000 new photos like yours, expect about 997 right (between 982 and 1000)."),
        (0.5, None, None, "Of 100 new photos like yours, expect about 50 right."),
        (None, None, None, "How many new photos it gets right cannot be said."),
    ],
)  # fmt: skip
def test_the_headline_is_one_plain_sentence(value, low, high, said):
    assert findings.headline(scores(value, low, high)) == said


def test_an_evaluation_speaks_of_the_samples_it_was_given():
    report = scores(0.5, 0.4, 0.6, purpose="evaluate")
    assert findings.headline(report).startswith("Of 100 new photos like these, expect")


@pytest.mark.parametrize(
    ("low", "high", "baseline", "verdict"),
    [
        (0.3, 0.5, 0.2, "better"),
        (0.3, 0.5, 0.3, "unclear"),
        (0.3, 0.5, 0.5, "unclear"),
        (0.3, 0.5, 0.6, "worse"),
        (0.3, 0.5, None, "unknown"),
        (None, None, 0.2, "unknown"),
    ],
)
def test_better_than_guessing_only_where_the_whole_interval_is(low, high, baseline, verdict):
    assert findings.verdict(scores(0.4, low, high, baseline)) == verdict


def test_guessing_counts_on_the_same_scale_as_the_headline():
    assert findings.beside_guessing(scores(0.8, 0.7, 0.9, 1 / 6)) == (
        "Always guessing the commonest tag gets 17 right."
    )
    assert "gets 167 right" in findings.beside_guessing(scores(0.998, 0.9, 1.0, 1 / 6))
    assert findings.beside_guessing(scores(0.8, 0.7, 0.9)) == ""


CONFUSED = {
    "confusion": {
        "tags": ["a", "b", "c"],
        "counts": [[5, 3, 0], [2, 15, 3], [0, 1, 4]],
    },
    "modality": "images",
}


def test_confusions_come_most_frequent_first_then_largest_share():
    found = [(c.actual, c.taken_for, c.count, c.out_of) for c in findings.confusions(CONFUSED)]
    assert found == [("a", "b", 3, 8), ("b", "c", 3, 20), ("b", "a", 2, 20), ("c", "b", 1, 5)]


def test_single_mistakes_are_named_only_where_there_are_no_repeated_ones():
    assert [c.count for c in findings.worst_confusions(CONFUSED, 5)] == [3, 3, 2]
    once = {"confusion": {"tags": ["a", "b"], "counts": [[5, 1], [0, 5]]}}
    assert [c.count for c in findings.worst_confusions(once, 5)] == [1]


def test_the_pair_mixed_up_most_counts_both_ways():
    assert findings.mixed_up(findings.confusions(CONFUSED)) == ("a", "b", 5)
    assert findings.mixed_up([]) is None


def test_next_steps_say_what_to_do_and_why():
    report = CONFUSED | {
        "metrics": {
            "accuracy": {"value": 0.4, "low": 0.3, "high": 0.5},
            "baseline_accuracy": {"value": 0.45},
        },
        "unreadable": [{"name": "x", "why": "is empty"}],
        "mistakes": [{"probability": 0.97}, {"probability": 0.5}, {"probability": None}],
    }
    distrust, unreadable, look, more = findings.next_steps(report)
    assert distrust == "Do not rely on this model yet: add photos of every tag and train again."
    assert unreadable == "Repair or remove 1 unreadable file: the judgement is without it."
    assert look.startswith("Look at a mistake it was at least 90 % sure of")
    assert (
        more
        == "Add photos of \u2068a\u2069 and \u2068b\u2069: 5 of 9 mistakes were between these two."
    )


def test_a_report_without_faults_is_ready_to_be_tried():
    assert findings.next_steps({}) == ["Try it on new samples: handful predict MODEL FILE"]


def asking(wrong=2):
    """36 photos of 2 tags: 30 right, 2 wrong, 4 (3 of them of a) left to a person."""
    return {
        "modality": "images",
        "purpose": "evaluate",
        "metrics": {
            "accuracy": {"value": 30 / 32, "low": 0.79, "high": 0.99},
            "baseline_accuracy": {"value": 17 / 32},
        },
        "confusion": {"tags": ["a", "b"], "counts": [[13, 2], [0, 17]]},
        "asked": {"k": 4, "n": 36},
        "per_tag": {"a": {"asked": {"k": 3, "n": 18}}, "b": {"asked": {"k": 1, "n": 18}}},
    }


def test_what_goes_to_a_person_is_part_of_the_hundred():
    """4, 30 and 2 of 36 are 11, 83 and 6 of 100."""
    assert findings.headline(asking()) == (
        "Of 100 new photos like these, expect about 11 to go to a person, 83 right and 6 wrong."
    )
    assert findings.beside_guessing(asking()) == (
        "Of those it answers, 94 % are right (79-99 %); always guessing the commonest tag would "
        "get 53 % of them."
    )


def test_mistakes_are_counted_among_all_of_a_tag_whoever_answered():
    (found,) = findings.confusions(asking())
    assert (found.count, found.out_of) == (2, 18)


def test_a_rule_that_answers_nothing_says_so():
    report = {"modality": "images", "asked": {"k": 5, "n": 5}, "metrics": {}}
    assert findings.headline(report) == (
        "Every one of these photos goes to a person: it answers none itself."
    )


def test_rows_are_not_called_files():
    steps = findings.next_steps(
        {
            "modality": "tables",
            "unreadable": [{"name": "x", "why": "is empty"}],
            "mistakes": [{"probability": 0.97}],
        }
    )
    assert not any(word in " ".join(steps) for word in ("file", "folder"))
    assert steps[1].endswith("Give such rows the right one.")


def test_nothing_is_said_of_made_patterns_where_none_were_tried():
    refusal = {
        "at_most": 0.04,
        "able": True,
        "needed": 24,
        "false_refusals": {"value": 0.02, "k": 1, "n": 50},
        "strangers": {"value": None, "k": 0, "n": 0},
    }
    said = " ".join(refusal_sentences({"modality": "tables", "refusal": refusal}))
    assert "undefined" not in said
    assert "patterns" not in said
    refusal["strangers"] = {"value": 1.0, "k": 24, "n": 24}
    said = " ".join(refusal_sentences({"modality": "images", "refusal": refusal}))
    assert "made patterns" in said
    assert "24 of 24 (100 %)" in said
