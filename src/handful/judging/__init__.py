"""Judging: fits inside folds, predicts outside them, and computes what may be said of it."""

from __future__ import annotations

from handful.judging.figures import Judgement, Predictions, TagJudgement, judgement
from handful.judging.outside import FOLDS, check_judgeable, judge

__all__ = [
    "FOLDS", "Judgement", "Predictions", "TagJudgement", "check_judgeable", "judge",
    "judgement",
]  # fmt: skip
