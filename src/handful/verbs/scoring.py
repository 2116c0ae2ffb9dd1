"""Judging another system's scores, from a table of any length, without a model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from handful.errors import InputError
from handful.metrics import (
    Interval,
    StreamedRanking,
    StreamingConfusion,
    StreamingRanking,
    clopper_pearson,
    mean_of_ratios,
    newcombe_auc,
)
from handful.progress import Progress
from handful.report.words import interval
from handful.score_files import Columns, score_chunks

_HALF = 0.5


@dataclass(frozen=True)
class ScoresResult:
    """What may be said of a table of scores.

    Attributes
    ----------
    values : dict
        The keys that evaluate prints, and ``auc_error`` and ``curve``.
    seconds : float
    """

    values: dict[str, Any]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """What the command prints with --json."""
        return {**self.values, "seconds": round(self.seconds, 3)}

    def sentence(self) -> str:
        """The same in plain words."""
        metrics, n = self.values["metrics"], self.values["n"]
        error = self.values["auc_error"]
        exact = "exact" if not error else f"exact to {error:.1g}"
        lines = [
            f"{n:,} scores, {self.values['n_positive']:,} of them of positives.",
            f"Ranking: AUC {_four_digits(metrics['auc'])}, {exact}; 0.5 is chance, 1 perfect.",
        ]
        if metrics["accuracy"]["value"] is not None:
            lines.append(
                f"Called positive from {_HALF} on: right {interval(metrics['accuracy'])}; always "
                f"guessing the commoner gets {interval(metrics['baseline_accuracy'])}."
            )
        return "\n".join([*lines, *self.values["warnings"]])


def _four_digits(auc: Mapping[str, Any]) -> str:
    if auc["value"] is None:
        return "undefined"
    return f"{auc['value']:.4f} (95 % interval {auc['low']:.4f}-{auc['high']:.4f})"


def judge_scores(path: Path, columns: Columns, progress: Progress) -> ScoresResult:
    """Judge the scores of a table in bounded memory.

    Raises
    ------
    InputError
        The table cannot be used.
    """
    started = time.perf_counter()
    ranking, confusion, done = StreamingRanking(), StreamingConfusion(), 0
    between = True
    for truth, scores in score_chunks(path, columns):
        ranking.update(truth, scores)
        confusion.update(truth.astype(np.int64), (scores >= _HALF).astype(np.int64))
        between &= bool(((scores >= 0) & (scores <= 1)).all())
        done += len(scores)
        progress("reading", done, done)
    if not done:
        raise InputError(f"{path} holds no scores: there are no rows below its header.")
    counts = np.zeros((2, 2), np.int64)
    found = confusion.result()
    if len(found.tags):
        places = found.tags.astype(int)
        counts[np.ix_(places, places)] = found.counts
    _refuse_one_class(counts, columns)
    values = _values(ranking.result(), counts, columns, between)
    return ScoresResult(values, time.perf_counter() - started)


def _refuse_one_class(counts: np.ndarray, columns: Columns) -> None:
    """Nothing can be told apart where all are the same."""
    others, positives = counts.sum(axis=1)
    looked_for = "1" if columns.positive is None else repr(columns.positive)
    if not positives:
        raise InputError(
            f"column {columns.truth!r} never says {looked_for}: is --positive spelled as there?"
        )
    if not others:
        raise InputError(
            f"column {columns.truth!r} says nothing but {looked_for}: there is nothing to tell "
            "these from."
        )


def _values(
    ranked: StreamedRanking, counts: np.ndarray, columns: Columns, between: bool
) -> dict[str, Any]:
    n, support = int(counts.sum()), counts.sum(axis=1)
    hits = np.diag(counts) if between else np.zeros(2, np.int64)
    tags = [f"not {columns.positive or '1'}", columns.positive or "1"]
    auc = newcombe_auc(ranked.auc, ranked.n_positive, ranked.n_negative)
    unknown = Interval(None, None, None, 0.95, "scores are not probabilities")
    metrics = {
        "accuracy": clopper_pearson(int(hits.sum()), n) if between else unknown,
        "balanced_accuracy": mean_of_ratios(hits, support) if between else unknown,
        "auc": auc,
        "baseline_accuracy": clopper_pearson(int(support.max()), n),
    }
    warnings = [] if between else [f"Scores lie outside 0 to 1: nothing is said of {_HALF}."]
    return {
        "modality": "scores",
        "kind": "exclusive",
        "tags": tags,
        "n": n,
        "n_positive": ranked.n_positive,
        "recipe": f"column {columns.score}",
        "metrics": {name: value.to_json() for name, value in metrics.items()},
        "per_tag": {},
        "confusion": {"tags": tags, "counts": counts.tolist() if between else None},
        "auc_error": ranked.auc_error,
        "curve": _curve(ranked),
        "warnings": warnings,
    }


def _curve(ranked: StreamedRanking) -> dict[str, list[float | None]] | None:
    """A bounded number of thresholds with what they find and alarm; the first finds nothing."""
    if ranked.curve is None:
        return None
    first, *rest = ranked.curve.thresholds.tolist()
    return {
        "threshold": [None if np.isinf(first) else first, *rest],
        "sensitivity": ranked.curve.true_positive_rate.tolist(),
        "false_positive_rate": ranked.curve.false_positive_rate.tolist(),
    }
