"""Judging: fits inside folds, predicts outside them, and computes what may be said of it."""

from __future__ import annotations

from handful.judging.figures import Judgement, Predictions, TagJudgement, judgement
from handful.judging.outside import FOLDS, check_judgeable, judge, n_fits
from handful.judging.refusing import RefusalJudgement, judge_refusals

__all__ = [
    "FOLDS", "Judgement", "Predictions", "RefusalJudgement", "TagJudgement", "check_judgeable",
    "judge", "judge_refusals", "judgement", "n_fits",
]  # fmt: skip
