"""How much faster and leaner the metrics are than scikit-learn's, on the same machine.

Prints a table and writes build/benchmarks/metrics.json. Each row: medians of interleaved runs
in CPU seconds (all of it runs on one thread, so that a busy machine disturbs little), their
ratio, and the peak memory above what the scores themselves take, each in its own process.
`python benchmarks/metrics.py [--scores 10000000] [--runs 5]`
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

REPORT = Path(__file__).parent.parent / "build" / "benchmarks" / "metrics.json"
TAGS = 10
CHUNK = 1_000_000

Arrays = tuple[np.ndarray, ...]


def classes_and_scores(n: int) -> Arrays:
    rng = np.random.default_rng(0)
    truth = rng.random(n) < 0.3
    return truth, 1 / (1 + np.exp(-rng.normal(size=n) - truth))


def log_odds(n: int) -> Arrays:
    truth, p = classes_and_scores(n)
    return truth, np.log(p / (1 - p))


def narrow(n: int) -> Arrays:
    truth, p = classes_and_scores(n)
    return truth, p.astype(np.float32)


def rounded(n: int) -> Arrays:
    truth, p = classes_and_scores(n)
    return truth, p.round(3)


def tags(n: int) -> Arrays:
    rng = np.random.default_rng(0)
    actual = rng.integers(0, TAGS, n)
    return actual, np.where(rng.random(n) < 0.8, actual, rng.integers(0, TAGS, n))


def ours_auc(truth, scores):
    from handful.metrics import auc

    return auc(truth, scores)


def peers_auc(truth, scores):
    from sklearn.metrics import roc_auc_score

    return roc_auc_score(truth, scores)


def ours_roc(truth, scores):
    from handful.metrics import roc_curve

    return float(roc_curve(truth, scores).true_positive_rate.sum())


def peers_roc(truth, scores):
    from sklearn.metrics import roc_curve

    return float(roc_curve(truth, scores)[1].sum())


def ours_precision_recall(truth, scores):
    from handful.metrics import average_precision

    return average_precision(truth, scores)


def peers_precision_recall(truth, scores):
    from sklearn.metrics import average_precision_score

    return average_precision_score(truth, scores)


def ours_confusion(actual, predicted):
    from handful.metrics import confusion_matrix

    return float(confusion_matrix(actual, predicted)[0, 1])


def peers_confusion(actual, predicted):
    from sklearn.metrics import confusion_matrix

    return float(confusion_matrix(actual, predicted)[0, 1])


def streamed_auc(truth, scores):
    from handful.metrics import StreamingRanking

    stream = StreamingRanking(exact_up_to=0)
    for start in range(0, len(truth), CHUNK):
        stream.update(truth[start : start + CHUNK], scores[start : start + CHUNK])
    return stream.result().auc


QUESTIONS: dict[str, tuple[Callable, Callable, Callable]] = {
    "auc of probabilities": (classes_and_scores, ours_auc, peers_auc),
    "auc of log-odds": (log_odds, ours_auc, peers_auc),
    "auc of float32": (narrow, ours_auc, peers_auc),
    "auc of rounded scores": (rounded, ours_auc, peers_auc),
    "auc, streamed in bins": (classes_and_scores, streamed_auc, peers_auc),
    "roc_curve": (classes_and_scores, ours_roc, peers_roc),
    "average_precision": (classes_and_scores, ours_precision_recall, peers_precision_recall),
    "confusion_matrix": (tags, ours_confusion, peers_confusion),
}


def seconds_of(task: Callable, arrays: Arrays) -> tuple[float, float]:
    start = time.process_time()
    answer = task(*arrays)
    return time.process_time() - start, answer


def compare(name: str, *, n: int, runs: int) -> dict:
    make, ours, peers = QUESTIONS[name]
    arrays = make(n)
    answers = ours(*arrays), peers(*arrays)  # also loads the code and warms the caches
    times: dict[str, list[float]] = {"ours": [], "peers": []}
    for _ in range(runs):
        for who, task in (("ours", ours), ("peers", peers)):
            times[who].append(seconds_of(task, arrays)[0])
    mine, theirs = (statistics.median(times[who]) for who in ("ours", "peers"))
    memory = {who: memory_of(name, who, n) for who in ("ours", "peers")}
    return {
        "question": name,
        "scores": n,
        "runs": runs,
        "ours_s": mine,
        "scikit_learn_s": theirs,
        "times_faster": theirs / mine,
        "ours_mb": memory["ours"] / 1e6,
        "scikit_learn_mb": memory["peers"] / 1e6,
        "share_of_memory": memory["ours"] / memory["peers"],
        "difference": abs(answers[0] - answers[1]),
    }


def memory_of(name: str, who: str, n: int) -> float:
    """Peak bytes above what was held before, in a process of its own."""
    command = [sys.executable, __file__, "--memory", name, who, "--scores", str(n)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def print_memory(name: str, who: str, n: int) -> None:
    make, ours, peers = QUESTIONS[name]
    task = ours if who == "ours" else peers
    small = make(1000)
    task(*small)  # imports are not what is asked
    arrays = make(n)
    # Making the arrays took temporary memory; writing to a peak of its own resets the mark.
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_bytes()
    task(*arrays)
    print(peak_bytes() - before)


def peak_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def intervals() -> dict:
    """Median time of one interval, for few samples and many."""
    from handful.metrics import clopper_pearson

    def microseconds(n: int) -> float:
        times = [seconds_of(clopper_pearson, (k, n))[0] for k in range(1, 200)]
        return 1e6 * statistics.median(times)

    return {str(n): microseconds(n) for n in (300, 1_000_000, 10_000_000)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--memory", nargs=2, metavar=("QUESTION", "WHO"))
    arguments = parser.parse_args()
    if arguments.memory:
        print_memory(*arguments.memory, arguments.scores)
        return
    rows = []
    print(f"{'question':24}{'ours':>9}{'sklearn':>9}{'faster':>8}{'MB':>7}{'MB':>7}{'share':>7}")
    for name in QUESTIONS:
        row = compare(name, n=arguments.scores, runs=arguments.runs)
        rows.append(row)
        print(
            f"{name:24}{row['ours_s']:8.3f}s{row['scikit_learn_s']:8.3f}s"
            f"{row['times_faster']:7.1f}x{row['ours_mb']:7.0f}{row['scikit_learn_mb']:7.0f}"
            f"{row['share_of_memory']:7.2f}",
            flush=True,
        )
    found = {"machine": platform.machine(), "rows": rows, "clopper_pearson_us": intervals()}
    print("one Clopper-Pearson interval, microseconds:", found["clopper_pearson_us"])
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
