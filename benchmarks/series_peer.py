"""The peer of series.py, run by the Python of an environment with aeon: sets and accuracies.

    python series_peer.py FOLDER SEEDS

Writes every set of aeon's own as FOLDER/NAME.npz and prints MiniRocketClassifier's accuracies and
CPU seconds as JSON. It cannot take recordings of unequal length: those are padded with zeros.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from aeon import datasets
from aeon.classification.convolution_based import MiniRocketClassifier

SETS = {
    "BasicMotions": datasets.load_basic_motions,
    "GunPoint": datasets.load_gunpoint,
    "ItalyPowerDemand": datasets.load_italy_power_demand,
    "ArrowHead": datasets.load_arrow_head,
    "JapaneseVowels": datasets.load_japanese_vowels,
}


def main(folder, seeds):
    found = {}
    for name, load in SETS.items():
        parts = {split: load(split=split) for split in ("train", "test")}
        arrays = {}
        for split, (X, y) in parts.items():
            arrays[f"{split}-tags"] = np.asarray(y, str)
            arrays |= {f"{split}-{i}": np.asarray(x, np.float32) for i, x in enumerate(X)}
        np.savez(folder / f"{name}.npz", **arrays)
        longest = max(x.shape[1] for X, _ in parts.values() for x in X)
        (train, y), (test, truth) = ((padded(X, longest), y) for X, y in parts.values())
        runs = [run(train, y, test, truth, seed) for seed in range(seeds)]
        found[name] = {
            "accuracy": [right for right, _ in runs],
            "cpu_s": float(np.median([seconds for _, seconds in runs])),
        }
    print(json.dumps(found))


def padded(X, longest):
    return np.stack([np.pad(x, ((0, 0), (0, longest - x.shape[1]))) for x in X])


def run(train, y, test, truth, seed):
    started = time.process_time()
    model = MiniRocketClassifier(random_state=seed, n_jobs=1).fit(train, y)
    return float((model.predict(test) == truth).mean()), time.process_time() - started


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]), int(sys.argv[2]))
