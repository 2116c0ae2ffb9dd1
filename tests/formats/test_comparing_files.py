"""What an export costs, counted by hand, and when it is refused."""

import numpy as np
import pytest

from handful.errors import ExportMismatchError, InputError
from handful.formats import format_of
from handful.formats.base import EXACT, Bound
from handful.formats.comparing import Cost, check_cost, cost
from handful.formats.kinds import KINDS

TAGS = ("cat", "dog")


def said(share, *, known=True):
    return {
        "probabilities": np.array([[share, 1 - share]], np.float32),
        "answer": np.array([int(share < 0.5)]),
        "known": np.array([known]),
    }


def told(value, low, high):
    names = ("value", "low", "high")
    numbers = {n: np.array([v], np.float32) for n, v in zip(names, (value, low, high), strict=True)}
    return numbers | {"known": np.array([True])}


def test_tags_are_counted():
    before = [said(0.9), said(0.6), said(0.2), said(0.51)]
    after = [said(0.88), said(0.6), said(0.2, known=False), said(0.49)]
    truths = ["cat", "dog", "dog", "cat"]
    found = cost(KINDS["exclusive"], before, after, tags=TAGS, truths=truths)
    assert found.largest == pytest.approx(0.02, abs=1e-6)
    assert (found.n, found.n_same, found.n_same_known) == (4, 3, 3)
    assert (found.metric, found.before, found.after) == ("accuracy", 0.75, 0.5)


def test_asking_a_person_is_an_answer_that_is_never_right():
    asked = said(0.5) | {"answer": np.array([-1])}
    found = cost(KINDS["exclusive"], [said(0.9)], [asked], tags=TAGS, truths=["cat"])
    assert (found.n_same, found.before, found.after) == (0, 1.0, 0.0)


def test_numbers_are_measured_in_widths_of_their_range():
    before, after = [told(10, 5, 15)], [told(10.5, 5, 15)]
    found = cost(KINDS["number"], before, after, tags=(), truths=["12"])
    assert found.largest == pytest.approx(0.05)
    assert found.n_same == 0
    assert (found.metric, found.before, found.after) == ("mae", 2.0, 1.5)


def test_without_tags_nothing_is_judged():
    found = cost(KINDS["exclusive"], [said(0.9)], [said(0.9)], tags=TAGS, truths=None)
    assert (found.metric, found.before, found.after) == ("", None, None)


@pytest.mark.parametrize(
    ("found", "bound", "refused"),
    [
        (Cost(10, 0.0009, 10, 10), EXACT, False),
        (Cost(10, 0.0011, 10, 10), EXACT, True),
        (Cost(10, 0.0, 9, 10), EXACT, True),
        (Cost(10, float("nan"), 10, 10), EXACT, True),
        (Cost(100, 0.4, 95, 90), Bound(1.0, 0.95, "8 bits"), False),
        (Cost(100, 0.4, 94, 90), Bound(1.0, 0.95, "8 bits"), True),
    ],
)
def test_what_is_too_far_off_is_refused_with_how_far(found, bound, refused):
    if not refused:
        check_cost(found, bound, "nothing was written")
        return
    with pytest.raises(ExportMismatchError, match=f"{found.n - found.n_same} of {found.n} samples"):
        check_cost(found, bound, "nothing was written")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.onnx", ".onnx"), ("a.FP16.onnx", ".fp16.onnx"), ("a.b.int8.onnx", ".int8.onnx"),
        ("a.pt", ".pt"), ("a.zip", ".zip"),
    ],
)  # fmt: skip
def test_the_name_says_which_format(tmp_path, name, suffix):
    assert format_of(tmp_path / name).suffix == suffix


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.mlpackage", "coremltools"), ("a.tflite", "litert-torch"), ("a.pt2", r"\.pt"),
        ("a.exe", r"\.fp16\.onnx"), ("onnx", r"\.zip"), (".onnx", "names no format"),
    ],
)  # fmt: skip
def test_other_names_are_refused_with_what_to_do(tmp_path, name, words):
    with pytest.raises(InputError, match=words):
        format_of(tmp_path / name)
