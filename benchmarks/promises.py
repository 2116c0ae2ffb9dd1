"""How often a promised recall is kept, beside the threshold that is read off the samples.

    python benchmarks/promises.py [--runs N]

Scores of positives are drawn evenly from 0 to 1, so that the true recall of a threshold t is
1 - t. In each run a threshold is chosen from n positives, once by `handful.metrics.promise` with
90 % confidence and once as the score that finds the wanted share of these n; it is kept where the
true recall is at least the wanted one. `promise` picks the same order statistic for every draw of
n (checked on the first 300), so the runs need not call it one by one.

Aim: kept in at least 90 % of runs. Writes build/benchmarks/promises.json.
"""

from __future__ import annotations

import argparse

import numpy as np

from handful.metrics import promise
from measure import table, write

CONFIDENCE = 0.9
SETTINGS = ((45, 0.95), (200, 0.95), (22, 0.9), (105, 0.95), (230, 0.99))
CHUNK = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400_000)
    runs = parser.parse_args().runs
    rows = [kept(n, recall, runs) for n, recall in SETTINGS]
    table(rows)
    write("promises", {"question": __doc__.splitlines()[0], "runs": runs, "settings": rows})


def kept(n, recall, runs):
    random = np.random.default_rng(n)
    promised = by_samples = done = 0
    place = None
    while done < runs:
        draws = np.sort(random.random((min(CHUNK, runs - done), n)), axis=1)
        if place is None:
            (place,) = {chosen(row, recall) for row in draws[:300]}
        promised += int((1 - draws[:, place] >= recall).sum())
        empirical = np.quantile(draws, 1 - recall, axis=1, method="higher")
        by_samples += int((1 - empirical >= recall).sum())
        done += len(draws)
    error = np.sqrt(CONFIDENCE * (1 - CONFIDENCE) / runs)
    return {
        "positives": n,
        "recall": recall,
        "promise_kept": promised / runs,
        "simulation_error": float(error),
        "read_off_kept": by_samples / runs,
    }


def chosen(scores, recall):
    """Which of the sorted scores the promise takes."""
    return int(np.searchsorted(scores, promise(scores, recall=recall, confidence=0.9).threshold))


if __name__ == "__main__":
    main()
