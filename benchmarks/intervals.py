"""Do 95 % intervals hold the truth in 95 % of cases? Small sets of known difficulty, judged.

    python benchmarks/intervals.py [RUNS_A_SETTING]

Each run draws a small tagged set of Gaussian features, judges it exactly as `handful train` does
(`judge`: repeated stratified group folds, penalty, blend and temperature chosen inside them),
fits the learner on all samples, and measures what that learner truly does on 20,000 fresh ones.
An interval covers if the truth lies in it. build/benchmarks/intervals.json is written.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from handful.blending import Candidate
from handful.judging import judge
from handful.learners import fit
from handful.metrics import auc, confusion_matrix
from handful.progress import silent

TARGET = Path(__file__).resolve().parent.parent / "build" / "benchmarks" / "intervals.json"
RUNS = 1000
FRESH = 20_000
METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "auc")
PER_TAG = ("precision", "recall", "specificity", "f1", "auc")


@dataclass(frozen=True)
class Setting:
    """A population: how many samples of each tag, how far the tags are apart, how grouped."""

    name: str
    counts: tuple[int, ...]
    apart: float  # distance of each tag's mean from the origin, in standard deviations
    width: int = 10
    group_size: int = 1
    alike: float = 0.0  # share of a sample's variance that its group has in common


SETTINGS = (
    Setting("2 tags x 10, easy", (10,) * 2, 1.6),
    Setting("2 tags x 10, hard", (10,) * 2, 0.7),
    Setting("2 tags x 20", (20,) * 2, 1.1),
    Setting("2 tags x 20, no signal", (20,) * 2, 0.0),
    Setting("2 tags x 40, hard", (40,) * 2, 0.7),
    Setting("3 tags x 10", (10,) * 3, 1.8),
    Setting("3 tags x 20, 20 features", (20,) * 3, 1.8, width=20),
    Setting("6 tags x 10", (10,) * 6, 2.5),
    Setting("6 tags x 20", (20,) * 6, 2.0),
    Setting("3 tags x 40, 20, 8", (40, 20, 8), 1.8),
    Setting("2 tags x 15 groups of 4", (60,) * 2, 1.2, group_size=4, alike=0.5),
    Setting("3 tags x 10 groups of 5", (50,) * 3, 1.8, group_size=5, alike=0.7),
)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    os.environ["OMP_NUM_THREADS"] = "1"
    rows = []
    print(f"share of {runs} runs a setting whose 95 % interval holds the truth")
    print(f"{'':26}" + "".join(f"{name[:12]:>13}" for name in METRICS) + f"{'per tag':>13}")
    for setting in SETTINGS:
        rows.append(coverage(setting, runs))
        print(line(rows[-1]), flush=True)
    overall = {
        "setting": "all settings",
        "truth": float("nan"),
        "covered": {m: float(np.mean([row["covered"][m] for row in rows])) for m in row_keys()},
    }
    print(line(overall))
    report = {"runs": runs, "fresh": FRESH, "rows": rows, "overall": overall["covered"]}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(report, indent=2) + "\n")


def row_keys():
    return [*METRICS, *(f"tag {name}" for name in PER_TAG)]


def line(row):
    shares = [row["covered"][name] for name in METRICS]
    of_tags = np.mean([row["covered"][f"tag {name}"] for name in PER_TAG])
    return f"{row['setting']:26}" + "".join(f"{100 * s:12.1f}%" for s in [*shares, of_tags])


def coverage(setting, runs, workers=None):
    """Shares of runs that covered, on which side the others missed, mean truth and width."""
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        return summary(setting, list(pool.map(partial(one_run, setting), range(runs), chunksize=8)))


def summary(setting, found):
    return {
        "setting": setting.name,
        "truth": {m: mean(f["truth"][m] for f in found) for m in METRICS},
        "said": {m: mean(f["said"][m] for f in found) for m in METRICS},
        "width": {m: mean(f["width"][m] for f in found) for m in METRICS},
        "covered": {m: mean(f["covered"][m] for f in found) for m in row_keys()},
        "truth_below": {m: mean(f["below"][m] for f in found) for m in METRICS},
        "truth_above": {m: mean(f["above"][m] for f in found) for m in METRICS},
    }


def mean(values):
    return float(np.nanmean(np.array(list(values), float)))


def one_run(setting, seed):
    """One set judged: what was said, what is true, and whether the intervals cover it."""
    random = np.random.default_rng([seed, len(setting.name)])
    X, y, groups = draw(setting, random, setting.counts)
    pool = (Candidate("made", "all", slice(0, setting.width), "logistic regression"),)
    tags = [f"tag {k}" for k in range(len(setting.counts))]
    judged = judge(pool, {"made": X}, y, groups=groups, tags=tags, seed=seed, progress=silent)
    learner = fit(pool, {"made": X}, y, groups=groups, n_tags=len(tags), seed=seed)
    counts = np.rint(np.array(setting.counts) * FRESH / sum(setting.counts)).astype(int)
    fresh, actual = draw_alone(setting, random, counts)
    truth, of_tags = true_values(learner.predict_proba({"made": fresh}), actual)
    said = {m: judged.metrics[m] for m in METRICS}
    pairs = {m: (said[m], truth[m]) for m in METRICS}
    covered = {m: inside(*pair) for m, pair in pairs.items()}
    for name in PER_TAG:
        covered[f"tag {name}"] = mean_or_nan(
            inside(getattr(judged.per_tag[tag], name), of_tags[name][k])
            for k, tag in enumerate(tags)
        )
    return {
        "truth": truth,
        "said": {m: i.value for m, i in said.items()},
        "width": {m: i.high - i.low for m, i in said.items()},
        "covered": covered,
        "below": {m: value < i.low for m, (i, value) in pairs.items()},
        "above": {m: value > i.high for m, (i, value) in pairs.items()},
    }


def means_of(setting):
    """The tags' means: fixed for a setting, at equal distance from the origin."""
    directions = np.random.default_rng(7).normal(size=(len(setting.counts), setting.width))
    if len(setting.counts) == 2:
        directions[1] = -directions[0]
    return setting.apart * directions / np.linalg.norm(directions, axis=1, keepdims=True)


def draw(setting, random, counts):
    y = np.repeat(np.arange(len(counts)), counts)
    groups = np.arange(len(y)) // setting.group_size
    shared = random.normal(size=(groups.max() + 1, setting.width))[groups]
    own = random.normal(size=(len(y), setting.width))
    noise = np.sqrt(setting.alike) * shared + np.sqrt(1 - setting.alike) * own
    return (means_of(setting)[y] + noise).astype(np.float32), y, groups


def draw_alone(setting, random, counts):
    """Samples that share their group with none: what tomorrow brings."""
    y = np.repeat(np.arange(len(counts)), counts)
    noise = random.normal(size=(len(y), setting.width))
    return (means_of(setting)[y] + noise).astype(np.float32), y


def true_values(probabilities, y):
    n_tags = probabilities.shape[1]
    counts = confusion_matrix(y, probabilities.argmax(axis=1), labels=range(n_tags))
    hits, actual, said = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    of_tags = {
        "recall": hits / actual,
        "precision": np.where(said > 0, hits / np.maximum(said, 1), np.nan),
        "specificity": 1 - (said - hits) / (counts.sum() - actual),
        "f1": 2 * hits / (actual + said),
        "auc": np.array([auc(y == k, probabilities[:, k]) for k in range(n_tags)]),
    }
    overall = {
        "accuracy": hits.sum() / counts.sum(),
        "balanced_accuracy": of_tags["recall"].mean(),
        "auc": of_tags["auc"].mean(),
        "macro_f1": of_tags["f1"].mean(),
    }
    return {m: float(v) for m, v in overall.items()}, of_tags


def inside(interval, value):
    if interval.low is None or np.isnan(value):
        return float("nan")
    return float(interval.low <= value <= interval.high)


def mean_or_nan(values):
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


if __name__ == "__main__":
    main()
