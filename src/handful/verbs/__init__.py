"""What the doors call: train, evaluate, predict."""

from __future__ import annotations

from handful.verbs.evaluating import evaluate
from handful.verbs.predicting import Prediction, predict
from handful.verbs.results import Result
from handful.verbs.training import train

__all__ = ["Prediction", "Result", "evaluate", "predict", "train"]
