"""Whether judging a table of 10^8 scores stays within 2 GB of memory.

`handful evaluate --predictions` over a Parquet file that this script makes, as a process of its
own; scikit-learn's roc_auc_score of the first five million stands beside it. Run with
``python benchmarks/score_file.py [ROWS]``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

CHUNK = 5_000_000
COMMAND = Path(sysconfig.get_path("scripts")) / "handful"
OUT = Path("build/benchmarks/score_file.json")


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scores.parquet"
        auc = write(path, rows)
        words = ["--predictions", path, "--truth", "truth", "--score", "score", "--json"]
        started = time.perf_counter()
        done = subprocess.run([COMMAND, "evaluate", *words], capture_output=True, check=True)
        seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    found = json.loads(done.stdout)
    result = {
        "rows": rows,
        "seconds": round(seconds, 1),
        "peak_mb": round(peak_mb),
        "auc": found["metrics"]["auc"]["value"],
        "stated_error": found["auc_error"],
        "scikit_learn_on_first_chunk": auc,
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def write(path: Path, rows: int) -> float:
    """Write the table chunk by chunk; gives scikit-learn's AUC of the first chunk."""
    from sklearn.metrics import roc_auc_score

    random, auc = np.random.default_rng(0), 0.0
    schema = pyarrow.schema([("truth", pyarrow.int8()), ("score", pyarrow.float32())])
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, CHUNK):
            n = min(CHUNK, rows - start)
            truth = random.random(n) < 0.1
            score = 1 / (1 + np.exp(1 - 2 * truth - random.standard_normal(n, np.float32)))
            columns = [truth.astype(np.int8), score.astype(np.float32)]
            writer.write_table(pyarrow.table(columns, schema=schema))
            auc = auc or float(roc_auc_score(truth, score))
    return auc


if __name__ == "__main__":
    main()
