"""What is compared of two answers, by what the tags are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from handful.model_file import ANSWER, OUTPUT, VALUE
from handful.model_file.writing import HIGH, LOW
from handful.sources import EXCLUSIVE, NUMBER, SEVERAL, tags_of

Answers = Mapping[str, np.ndarray]  # to one sample, by output


@dataclass(frozen=True)
class Kind:
    """How answers of one kind are compared.

    Attributes
    ----------
    output : str
        The output whose numbers may hardly differ.
    scale : callable
        What a difference is measured in, from all answers.
    same : callable
        Whether two answers say the same.
    metric : str
        What `score` gives.
    score : callable
        How good answers are: from the model's tags, what the samples are, and the answers.
    """

    output: str
    scale: Callable[[Sequence[Answers]], float]
    same: Callable[[Answers, Answers], bool]
    metric: str
    score: Callable[[Sequence[str], Sequence[str], Sequence[Answers]], float]


def _same_answer(one: Answers, other: Answers) -> bool:
    return bool(np.array_equal(one[ANSWER], other[ANSWER]))


def _accuracy(tags: Sequence[str], truths: Sequence[str], answers: Sequence[Answers]) -> float:
    said = [tags[at] if (at := int(one[ANSWER][0])) >= 0 else None for one in answers]
    return float(np.mean([a == b for a, b in zip(said, truths, strict=True)]))


def _share_right(tags: Sequence[str], truths: Sequence[str], answers: Sequence[Answers]) -> float:
    """Share of all answers of yes and no that are right."""
    wanted = [[tag in tags_of(truth) for tag in tags] for truth in truths]
    return float(np.mean([one[ANSWER][0] == yes for one, yes in zip(answers, wanted, strict=True)]))


def _range_width(answers: Sequence[Answers]) -> float:
    widths = [float(one[HIGH][0] - one[LOW][0]) for one in answers]
    return max(float(np.median(widths)), 1e-12)


def _near(one: Answers, other: Answers) -> bool:
    width = float(one[HIGH][0] - one[LOW][0])
    return bool(abs(one[VALUE][0] - other[VALUE][0]) <= 0.01 * width + 1e-12)


def _mean_error(tags: Sequence[str], truths: Sequence[str], answers: Sequence[Answers]) -> float:
    pairs = zip(answers, truths, strict=True)
    return float(np.mean([abs(float(one[VALUE][0]) - float(truth)) for one, truth in pairs]))


KINDS = {
    EXCLUSIVE: Kind(OUTPUT, lambda answers: 1.0, _same_answer, "accuracy", _accuracy),
    SEVERAL: Kind(OUTPUT, lambda answers: 1.0, _same_answer, "accuracy", _share_right),
    NUMBER: Kind(VALUE, _range_width, _near, "mae", _mean_error),
}
