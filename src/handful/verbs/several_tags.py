"""Several tags a sample: what they are read as, and the figures of a report on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from handful.explaining.mistakes import SHOWN, Mistake, doubtful_hits, worst_mistakes
from handful.judging.several import SeveralJudgement
from handful.report import build
from handful.sources import SEVERAL, Columns, tags_of


def named(texts: Sequence[str], columns: Columns | None) -> tuple[str, ...]:
    """Every tag that some sample has, or that has a column of its own, in order."""
    own = set() if columns is None or isinstance(columns, str) else set(columns)
    return tuple(sorted(own.union(*map(tags_of, texts))))


def yes_and_no(texts: Sequence[str], tags: Sequence[str]) -> np.ndarray:
    """Which sample has which tag, bool (n_samples, n_tags)."""
    return np.array([[tag in found for tag in tags] for found in map(tags_of, texts)], bool)


def figures(judged: SeveralJudgement, purpose: str, modality: str) -> dict[str, Any]:
    """The part of a report that a judgement alone decides."""
    return {
        "format": build.FORMAT,
        "purpose": purpose,
        "modality": modality,
        "kind": SEVERAL,
        "tags": list(judged.tags),
        "n": len(judged.Y),
        "metrics": {name: value.to_json() for name, value in judged.metrics.items()},
        "per_tag": {
            tag: {**build.one_tag(one), "confusion": judged.confusions[tag].tolist()}
            for tag, one in judged.per_tag.items()
        },
        "confusion": {"tags": list(judged.tags), "counts": []},
        "asked": {"k": 0, "n": len(judged.Y)},
    }


def mistakes(
    judged: SeveralJudgement,
    features: np.ndarray,
    names: Sequence[str],
    *,
    apart: Sequence[np.ndarray],
) -> list[dict[str, Any]]:
    """The answers of yes or no that were most surely wrong, with lookalikes, by name.

    Parameters
    ----------
    judged : SeveralJudgement
    features : ndarray of float32, shape (n_samples, n_features)
        In which samples resemble one another.
    names : sequence of str
    apart : sequence of ndarray of int, shape (n_samples,)
        Numbers (of folds, of groups) that a lookalike must not share with the sample.
    """
    found: list[tuple[Mistake, int]] = []
    for k in range(len(judged.tags)):
        said = judged.probabilities[:, k]
        wrong = worst_mistakes(
            np.stack([1 - said, said], axis=1),
            judged.Y[:, k].astype(np.int64),
            features=features,
            apart=apart,
            predicted=judged.answers[:, k].astype(np.int64),
        )
        found += [(mistake, k) for mistake in wrong]
    worst = sorted(found, key=lambda pair: -pair[0].probability)[:SHOWN]
    return [
        build.mistakes(
            [mistake], names, (f"no {judged.tags[k]}", judged.tags[k]), judged.Y[:, k].astype(int)
        )[0]
        for mistake, k in worst
    ]


def examples(judged: SeveralJudgement, names: Sequence[str]) -> list[dict[str, Any]]:
    """Samples that rightly got a tag, a few of each; none where there are mistakes to show."""
    if (judged.answers != judged.Y).any():
        return []
    tagged = np.argwhere(judged.Y)
    hits = doubtful_hits(judged.probabilities[tagged[:, 0]], tagged[:, 1], tagged[:, 1])
    return build.examples(hits, [names[i] for i in tagged[:, 0]], judged.tags)
