"""How good handful is on tables beside what one would do by hand.

    python benchmarks/tables.py [--passes N]

Six tables of UCI: sonar, German credit, Pima diabetes and wheat seeds with exclusive tags, red
wine's quality and the rings of abalones as numbers. In each of 5 stratified folds (dealt anew in
every pass) everything sees the same rows and the same features, one-hot categories and filled
gaps included. Peers at their defaults: scikit-learn's HistGradientBoosting, LightGBM, and
scikit-learn's LogisticRegression or Ridge on standardised features. handful chooses and blends
inside the training rows.

Aim: mean rank over the six, by accuracy or by the root mean squared error, no worse than the best
peer's. Writes build/benchmarks/tables.json.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict

import numpy as np

from handful.learners import candidates, fit
from handful.loading import one_thread_each
from handful.regressors import fit_values, value_candidates, value_folds
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
NUMBERS = {"winequality-red": "quality", "abalone": "rings"}
HANDFUL, LINEAR = "handful", "LogisticRegression or Ridge"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passes", type=int, default=2)
    passes = parser.parse_args().passes
    rows = [row for name, tag in SETS.items() for row in contest(name, tag, passes)]
    table(rows)
    values = [row for name, tag in NUMBERS.items() for row in value_contest(name, tag, passes)]
    table(values)
    ranks = mean_ranks(rows, values)
    table([{"way": way, "mean_rank": rank} for way, rank in ranks.items()])
    best = min(rank for way, rank in ranks.items() if way != HANDFUL)
    print("aim:", "reached" if ranks[HANDFUL] <= best else "MISSED")
    report = {"question": __doc__.splitlines()[0], "passes": passes, "mean_ranks": ranks}
    write("tables", {**report, "rows": rows, "numbers": values})


def contest(name, tag, passes):
    """One row a way: accuracy and log loss in the mean over folds, CPU seconds of one fit."""
    X, tags, encoders, plain = looked(FOLDER / f"{name}.csv", tag)
    y, pool = np.unique(tags, return_inverse=True)[1], candidates(encoders)
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


def value_contest(name, tag, passes):
    """As `contest`: root mean squared error and mean absolute error."""
    X, y, encoders, plain = looked(FOLDER / f"{name}.csv", tag)
    y = y.astype(np.float32)
    pool, groups = value_candidates(encoders), np.arange(len(y))
    found = defaultdict(list)
    for number in range(passes):
        folds = value_folds(y, groups, most=5, seed=number)
        for fold in range(5):
            train, test = folds != fold, folds == fold
            for way, learn in value_ways(pool, plain).items():
                started = time.process_time()
                with one_thread_each():
                    off = learn(X[train], y[train], X[test]) - y[test]
                cpu_s = time.process_time() - started
                errors = (float(np.sqrt((off**2).mean())), float(np.abs(off).mean()))
                found[way].append((*errors, cpu_s))
    means = {way: np.mean(values, axis=0) for way, values in found.items()}
    return [
        {"set": name, "rows": len(y), "way": way, "rmse": mean[0], "mae": mean[1],
         "cpu_s": mean[2]}
        for way, mean in means.items()
    ]  # fmt: skip


def value_ways(pool, plain):
    from lightgbm import LGBMRegressor
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def handful(X, y, fresh):
        learner = fit_values(pool, {"columns": X}, y, groups=np.arange(len(y)), seed=0)
        return learner.predict({"columns": fresh})

    def peer(model):
        return lambda X, y, fresh: model.fit(X[:, plain], y).predict(fresh[:, plain])

    return {
        HANDFUL: handful,
        "HistGradientBoosting": peer(HistGradientBoostingRegressor(random_state=0)),
        "LightGBM": peer(LGBMRegressor(random_state=0, n_jobs=1, verbose=-1)),
        LINEAR: peer(make_pipeline(StandardScaler(), Ridge())),
    }


def looked(path, tag):
    """Features, tags, encoders, and where the plain columns are."""
    found = open_samples(path, tag=tag, group=None)
    measures = [found.modality.measure(source) for source in found.files.paths]
    encoders = found.modality.encoders(measures)
    reading = found.modality.reading(encoders)
    rows = [found.modality.read(source, reading) for source in found.files.paths]
    (columns,) = encoders
    tags = np.array([float(tag) if path.stem in NUMBERS else tag for tag in found.files.tags])
    return columns.transform(rows), tags, encoders, columns.views["columns"]


def ways(pool, plain):
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def handful(X, y, fresh):
        n_tags, groups = int(y.max()) + 1, np.arange(len(y))
        learner = fit(pool, {"columns": X}, y, groups=groups, n_tags=n_tags, seed=0)
        return learner.predict_proba({"columns": fresh})

    def peer(model):
        return lambda X, y, fresh: model.fit(X[:, plain], y).predict_proba(fresh[:, plain])

    return {
        HANDFUL: handful,
        "HistGradientBoosting": peer(HistGradientBoostingClassifier(random_state=0)),
        "LightGBM": peer(LGBMClassifier(random_state=0, n_jobs=1, verbose=-1)),
        LINEAR: peer(make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))),
    }


def mean_ranks(rows, values):
    """By accuracy or error, ties share their mean rank."""
    ranks = defaultdict(list)
    for name in (*SETS, *NUMBERS):
        scores = {row["way"]: round(row["accuracy"], 6) for row in rows if row["set"] == name}
        scores |= {row["way"]: -round(row["rmse"], 9) for row in values if row["set"] == name}
        for way, score in scores.items():
            better = sum(other > score for other in scores.values())
            same = sum(other == score for other in scores.values())
            ranks[way].append(better + (same + 1) / 2)
    return {way: float(np.mean(values)) for way, values in ranks.items()}


if __name__ == "__main__":
    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    main()
