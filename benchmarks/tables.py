"""How good handful is on tables beside what one would do by hand.

    python benchmarks/tables.py [--passes N]

Four tables of UCI with exclusive tags: sonar, German credit, Pima diabetes, wheat seeds. In each
of 5 stratified folds (dealt anew in every pass) everything sees the same rows and the same
features, one-hot categories and filled gaps included. Peers at their defaults: scikit-learn's
HistGradientBoostingClassifier, LightGBM's LGBMClassifier, scikit-learn's LogisticRegression on
standardised features. handful chooses and blends inside the training rows; its single heads stand
below as members of the same contest, not counted in the ranks.

Aim: mean rank by accuracy no worse than the best peer's. Writes build/benchmarks/tables.json.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict

import numpy as np

from handful.encoders.base import BOOSTED, LOGISTIC, NETWORKS
from handful.learners import candidates, fit
from handful.loading import one_thread_each
from handful.sources import open_samples
from handful.splits import fold_numbers
from measure import ROOT, table, write

FOLDER = ROOT.parent / "shared" / "data" / "tables"
SETS = {
    "sonar": "object",
    "german": "credit_risk",
    "pima-indians-diabetes": "diabetes",
    "wheat-seeds": "variety",
}
HANDFUL = "handful"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passes", type=int, default=2)
    passes = parser.parse_args().passes
    rows = [row for name, tag in SETS.items() for row in contest(name, tag, passes)]
    table(rows)
    ranks = mean_ranks(rows)
    table([{"way": way, "mean_rank": rank} for way, rank in ranks.items()])
    best = min(rank for way, rank in ranks.items() if way != HANDFUL)
    print("aim:", "reached" if ranks[HANDFUL] <= best else "MISSED")
    write("tables", {"question": __doc__.splitlines()[0], "rows": rows, "mean_ranks": ranks})


def contest(name, tag, passes):
    """One row a way: accuracy and log loss in the mean over folds, CPU seconds of one fit."""
    X, y, pool, plain = features(FOLDER / f"{name}.csv", tag)
    found = defaultdict(list)
    for number in range(passes):
        folds = fold_numbers(y, np.arange(len(y)), n_folds=5, seed=number)
        for fold in range(5):
            train, test = folds != fold, folds == fold
            for way, learn in ways(pool, plain).items():
                started = time.process_time()
                with one_thread_each():
                    probabilities = learn(X[train], y[train], X[test])
                cpu_s = time.process_time() - started
                own = probabilities[np.arange(test.sum()), y[test]]
                right = float((probabilities.argmax(axis=1) == y[test]).mean())
                loss = float(-np.log(np.maximum(own, 1e-9)).mean())
                found[way].append((right, loss, cpu_s))
    means = {way: np.mean(values, axis=0) for way, values in found.items()}
    return [
        {
            "set": name, "rows": len(y), "way": way, "accuracy": 100 * mean[0],
            "log_loss": mean[1], "cpu_s": mean[2],
        }
        for way, mean in means.items()
    ]  # fmt: skip


def features(path, tag):
    found = open_samples(path, tag=tag, group=None)
    measures = [found.modality.measure(source) for source in found.files.paths]
    encoders = found.modality.encoders(measures)
    reading = found.modality.reading(encoders)
    rows = [found.modality.read(source, reading) for source in found.files.paths]
    y = np.unique(found.files.tags, return_inverse=True)[1]
    (columns,) = encoders
    return columns.transform(rows), y, candidates(encoders), columns.views["columns"]


def ways(pool, plain):
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def handful(members):
        def learn(X, y, fresh):
            n_tags = int(y.max()) + 1
            groups = np.arange(len(y))
            learner = fit(members, {"columns": X}, y, groups=groups, n_tags=n_tags, seed=0)
            return learner.predict_proba({"columns": fresh})

        return learn

    def peer(model):
        return lambda X, y, fresh: model.fit(X[:, plain], y).predict_proba(fresh[:, plain])

    return {
        HANDFUL: handful(pool),
        "HistGradientBoosting": peer(HistGradientBoostingClassifier(random_state=0)),
        "LightGBM": peer(LGBMClassifier(random_state=0, n_jobs=1, verbose=-1)),
        "LogisticRegression": peer(
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        ),
        **{
            f"only {kind}": handful([c for c in pool if c.head == kind])
            for kind in (LOGISTIC, NETWORKS, BOOSTED)
        },
    }


def mean_ranks(rows):
    """By accuracy, ties share their mean rank."""
    ranks = defaultdict(list)
    for name in SETS:
        scores = {
            row["way"]: round(row["accuracy"], 6)
            for row in rows if row["set"] == name and not row["way"].startswith("only")
        }  # fmt: skip
        for way, score in scores.items():
            better = sum(other > score for other in scores.values())
            same = sum(other == score for other in scores.values())
            ranks[way].append(better + (same + 1) / 2)
    return {way: float(np.mean(values)) for way, values in ranks.items()}


if __name__ == "__main__":
    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    main()
