"""How often numbers lie in the range that `predict` gives for them.

    python benchmarks/ranges.py [--seeds N]

Red wine's quality, the rings of abalones and scikit-learn's diabetes: `handful train` learns from
200 rows, and all others are asked for. About 90 of 100 should lie in their range; CV+ guarantees
80 (Barber et al. 2021), whatever the numbers are like. Beside it the root mean squared error that
the report foretold, and the one that came.

Writes build/benchmarks/ranges.json.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes

import handful
from measure import ROOT, table, write

FOLDER = ROOT.parent / "shared" / "data" / "tables"
TABLES = {"winequality-red": "quality", "abalone": "rings"}
LEARNT_FROM = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    rows = []
    for name, tag, header, lines in every_set():
        runs = [learnt(header, lines, tag, seed) for seed in seeds]
        held, foretold, came = (np.array(column) for column in zip(*runs, strict=True))
        rows.append({
            "set": name, "asked": len(lines) - LEARNT_FROM,
            "in their range %": round(100 * held.mean(), 1),
            "per seed": " ".join(f"{100 * share:.0f}" for share in held),
            "RMSE foretold": round(foretold.mean(), 3), "RMSE came": round(came.mean(), 3),
        })  # fmt: skip
    table(rows)
    least = min(row["in their range %"] for row in rows)
    print("at least 80 of 100:", "reached" if least >= 80 else "MISSED")
    write("ranges", {"question": __doc__.splitlines()[0], "rows": rows})


def every_set():
    for name, tag in TABLES.items():
        with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        yield name, tag, header, lines
    X, y = load_diabetes(return_X_y=True)
    header = [*(f"x{column}" for column in range(X.shape[1])), "y"]
    yield "diabetes", "y", header, np.column_stack([X, y]).tolist()


def learnt(header, lines, tag, seed):
    """Share of the rows asked for that lie in their range; error foretold and error that came."""
    order = np.random.default_rng(seed).permutation(len(lines))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "known.csv", Path(folder) / "new.csv"]
        for path, part in zip(paths, (order[:LEARNT_FROM], order[LEARNT_FROM:]), strict=True):
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *(lines[i] for i in part)])
        trained = handful.train(paths[0], Path(folder) / "model", tag=tag, kind="number", seed=seed)
        found = handful.evaluate(Path(folder) / "model", paths[1], tag=tag)
    errors = (result.report["metrics"]["rmse"]["value"] for result in (trained, found))
    return found.report["range"]["held"]["value"], *errors


if __name__ == "__main__":
    main()
