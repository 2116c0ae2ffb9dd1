"""Tags that are numbers: what they are read as, and the figures of a report on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from handful.errors import SamplesError
from handful.judging.values import ValueJudgement
from handful.report import build
from handful.sources import NUMBER

_NAMED = 5


def numbers(tags: Sequence[str], *, otherwise: str) -> np.ndarray:
    """Tags as numbers, float32 (n_samples,).

    `otherwise` says what to do where they are not to be mended.

    Raises
    ------
    SamplesError
        Some are none; they are named.
    """
    values = [_number(tag) for tag in tags]
    wrong = sorted({tag for tag, value in zip(tags, values, strict=True) if math.isnan(value)})
    if wrong:
        raise SamplesError(
            f"these tags are no numbers that can be learnt: {_some(wrong)}. Mend them; {otherwise}"
        )
    return np.array(values, np.float32)


def _some(tags: Sequence[str]) -> str:
    more = f" and {len(tags) - _NAMED} more" if len(tags) > _NAMED else ""
    return ", ".join(tags[:_NAMED]) + more


def _number(tag: str) -> float:
    try:
        value = float(tag)
    except ValueError:
        return math.nan
    return value if abs(value) < float(np.finfo(np.float32).max) else math.nan


def figures(judged: ValueJudgement, purpose: str, modality: str) -> dict[str, Any]:
    """The part of a report that a judgement alone decides."""
    return {
        "format": build.FORMAT,
        "purpose": purpose,
        "modality": modality,
        "kind": NUMBER,
        "tags": [],
        "n": len(judged.y),
        "metrics": {name: value.to_json() for name, value in judged.metrics.items()},
        "per_tag": {},
        "confusion": {"tags": [], "counts": []},
        "asked": {"k": 0, "n": len(judged.y)},
        "scatter": {"actual": judged.y.tolist(), "said": judged.said.tolist()},
    }
