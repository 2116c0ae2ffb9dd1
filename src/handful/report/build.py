"""From a judgement to the plain values that every form of the report shows: report.json."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from handful.caring.near_copies import Group
from handful.encoders.base import Encoder
from handful.encoders.runtimes import OnnxRuntime, openvino_name
from handful.explaining.mistakes import Hit, Mistake
from handful.judging import FOLDS, Judgement, TagJudgement
from handful.learners import FittedLearner, describe
from handful.regressors import FittedRegressor

FORMAT = 1
_GROUPS_PICTURED, _MEMBERS_PICTURED = 6, 4


def figures(judgement: Judgement) -> dict[str, Any]:
    """The part that a judgement alone decides: metrics, per tag, confusion, passes."""
    return {
        "tags": list(judgement.tags),
        "n": len(judgement.y),
        "metrics": {name: value.to_json() for name, value in judgement.metrics.items()},
        "per_tag": {tag: one_tag(value) for tag, value in judgement.per_tag.items()},
        "confusion": {"tags": list(judgement.tags), "counts": judgement.confusion.tolist()},
        "asked": {"k": judgement.asked, "n": len(judgement.y)},
    }


def one_tag(judged: TagJudgement) -> dict[str, Any]:
    """What may be said of one tag."""
    intervals = ("precision", "recall", "specificity", "f1", "auc")
    return {
        **{name: getattr(judged, name).to_json() for name in intervals},
        "support": judged.support,
        "asked": {"k": judged.asked, "n": judged.support},
    }


def passes(judgement: Judgement) -> dict[str, Any]:
    """How often and how the samples were split."""
    folds = int(judgement.record.folds.max()) + 1
    return {
        "n": len(judgement.passes),
        "folds": folds,
        "accuracy": list(judgement.passes),
        "usual_folds": FOLDS,
    }


def recipe(learner: FittedLearner) -> dict[str, Any]:
    """What was chosen, and what it was chosen from."""
    return {
        "recipe": describe(learner),
        **blend(learner),
        "rivals": [
            {
                "name": rival.name,
                "log_loss": rival.log_loss,
                "accuracy": rival.accuracy,
                "chosen": rival.chosen,
            }
            for rival in learner.rivals
        ],
        "class_weights": learner.class_weights,
        "temperature": learner.temperature,
    }


def blend(learner: FittedLearner | FittedRegressor) -> dict[str, Any]:
    """Who answers together, with which share, and what that gains over the best alone."""
    return {
        "members": [
            {
                "encoder": member.candidate.encoder,
                "view": member.candidate.view,
                "head": member.candidate.head,
                "weight": member.weight,
                "note": member.note,
            }
            for member in learner.members
        ],
        "gain": None if learner.gain is None else learner.gain.to_json(),
        "alone": {"name": learner.alone.name, "encoder": learner.alone.encoder},
    }


def mistakes(
    found: Sequence[Mistake], names: Sequence[str], tags: Sequence[str], y: np.ndarray
) -> list[dict[str, Any]]:
    """The worst mistakes by name."""
    return [
        {
            "name": names[mistake.index],
            "actual": tags[y[mistake.index]],
            "taken_for": tags[mistake.taken_for],
            "probability": mistake.probability,
            "similar": [
                {
                    "name": names[alike.index],
                    "tag": tags[y[alike.index]],
                    "similarity": alike.similarity,
                }
                for alike in mistake.similar
            ],
        }
        for mistake in found
    ]


def examples(
    found: Sequence[Hit], names: Sequence[str], tags: Sequence[str]
) -> list[dict[str, Any]]:
    """Right answers by name, for a report that has no mistake to show."""
    return [
        {"name": names[hit.index], "tag": tags[hit.tag], "probability": hit.probability}
        for hit in found
    ]


def pretrained(encoders: Sequence[Encoder]) -> list[str]:
    """Names of the encoders that were trained on other data."""
    return [encoder.name for encoder in encoders if encoder.weight_cards()]


def near_copies(found: Sequence[Group], names: Sequence[str]) -> list[dict[str, Any]]:
    """Groups of samples that belong together, by name."""
    return [
        {"names": [names[member] for member in group.members], "why": group.why} for group in found
    ]


def unreadable(reasons: Mapping[str, str]) -> list[dict[str, str]]:
    """Files that could not be read, by name."""
    return [{"name": name, "why": why} for name, why in sorted(reasons.items())]


def runtimes(encoders: Sequence[Encoder]) -> dict[str, str]:
    """By encoder, what computed its features: runtime, version and precision."""
    return {encoder.name: runtime_name(fast=encoder.exact() is not encoder) for encoder in encoders}


def runtime_name(*, fast: bool) -> str:
    """Runtime, version and precision, as a person reads them.

    >>> runtime_name(fast=False).split()[:2], runtime_name(fast=False).split(", ")[1]
    (['ONNX', 'Runtime'], 'f32')
    """
    runtime, _, precision = (openvino_name() if fast else OnnxRuntime.name).partition("-")
    shown = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}[runtime]
    return f"{shown} {version(runtime)}, {precision}"


def versions() -> dict[str, str]:
    """What computed the figures."""
    packages = ("handful", "numpy", "onnxruntime", "pillow")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def pictured(report: Mapping[str, Any]) -> list[str]:
    """Names of the samples that the page shows."""
    shown: dict[str, None] = {}
    for mistake in report["mistakes"]:
        shown[mistake["name"]] = None
        shown.update((alike["name"], None) for alike in mistake["similar"])
    shown.update((example["name"], None) for example in report.get("examples") or [])
    for group in report["near_copies"][:_GROUPS_PICTURED]:
        shown.update((name, None) for name in group["names"][:_MEMBERS_PICTURED])
    return list(shown)
