"""How good handful is on sensor recordings beside aeon's MiniRocketClassifier.

    python benchmarks/series.py [--seeds N] [--networks]

The five sets that aeon carries, with their published division in training and test recordings.
aeon lives in an environment of its own, made in build/benchmarks/aeon (see series_peer.py). Each
seed deals handful's inner folds, and draws the peer's kernels.

Aim: mean accuracy over the sets no worse than the peer's. Writes build/benchmarks/series.json.

With --networks, without the peer: a recurrent network and a Transformer that learn from the steps
themselves, as rivals and by themselves, on sets far smaller than those on which `auto` tries them.
Aim: as rivals they do no harm. Writes build/benchmarks/series_networks.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np

from handful.learners import candidates, describe, fit
from handful.loading import one_thread_each
from handful.modalities.base import by_name
from measure import BUILD, ROOT, run, table, write

PEER = BUILD / "aeon"
SETS = ("ArrowHead", "BasicMotions", "GunPoint", "ItalyPowerDemand", "JapaneseVowels")
SCRIPT = ROOT / "benchmarks" / "series_peer.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--networks", action="store_true")
    arguments = parser.parse_args()
    if arguments.networks:
        return networks(arguments.seeds)
    seeds = arguments.seeds
    found = json.loads(run([peer(), SCRIPT, BUILD, str(seeds)]).out.splitlines()[-1])
    rows = [beside(name, theirs, seeds) for name, theirs in found.items()]
    table(rows)
    ours, theirs = (float(np.mean([row[way] for row in rows])) for way in ("handful", "aeon"))
    print(
        f"mean: handful {ours:.2f}, aeon {theirs:.2f}:", "reached" if ours >= theirs else "MISSED"
    )
    return write("series", {"question": __doc__.splitlines()[0], "rows": rows, "seeds": seeds})


def peer():
    python = PEER / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", PEER])
        run([python, "-m", "pip", "install", "--quiet", "aeon==1.6.0"])
    return python


def beside(name, theirs, seeds):
    modality, encoders, (train, test), (tags, truth) = opened(name)
    known, y = np.unique(tags, return_inverse=True)
    started = time.process_time()
    with one_thread_each():
        X, fresh = (features(modality, encoders, part) for part in (train, test))
        looked = time.process_time()
        groups = np.arange(len(y))
        learners = [
            fit(candidates(encoders), X, y, groups=groups, n_tags=len(known), seed=seed)
            for seed in range(seeds)
        ]
    right = [
        float((known[one.predict_proba(fresh).argmax(axis=1)] == truth).mean()) for one in learners
    ]
    return {
        "set": name, "train": len(y), "test": len(truth),
        "handful": 100 * float(np.mean(right)), "aeon": 100 * float(np.mean(theirs["accuracy"])),
        "handful_cpu_s": looked - started + (time.process_time() - looked) / seeds,
        "aeon_cpu_s": theirs["cpu_s"], "recipe": describe(learners[0]),
    }  # fmt: skip


def networks(seeds):
    rows = []
    for name in SETS:
        modality, encoders, (train, test), (tags, truth) = opened(name)
        whole = modality.whole([modality.measure(source) for source in train])
        known, y = np.unique(tags, return_inverse=True)
        row = {"set": name, "train": len(y), "test": len(truth)}
        with one_thread_each():
            X, fresh = (features(modality, (*encoders, whole), part) for part in (train, test))
            for way, tried in (
                ("without", encoders), ("as rivals", (*encoders, whole)), ("alone", (whole,)),
            ):  # fmt: skip
                started, right = time.process_time(), []
                for seed in range(seeds):
                    one = fit(
                        candidates(tried), X, y, groups=np.arange(len(y)), n_tags=len(known),
                        seed=seed,
                    )  # fmt: skip
                    right.append((known[one.predict_proba(fresh).argmax(axis=1)] == truth).mean())
                row[way] = 100 * float(np.mean(right))
                row[f"{way} CPU s"] = (time.process_time() - started) / seeds
        rows.append(row)
        table(rows[-1:])
    table(rows)
    ways = {way: float(np.mean([row[way] for row in rows])) for way in ("without", "as rivals")}
    print(ways, "reached" if ways["as rivals"] >= ways["without"] else "MISSED")
    write("series_networks", {"question": __doc__.splitlines()[0], "rows": rows, "seeds": seeds})


def opened(name):
    """The encoders that handful chooses; training and test recordings; the tags of both."""
    modality = by_name("series")
    with np.load(BUILD / f"{name}.npz") as arrays:
        sources = [recordings(arrays, split) for split in ("train", "test")]
        tags = [arrays["train-tags"], arrays["test-tags"]]
    encoders = modality.encoders([modality.measure(source) for source in sources[0]])
    return modality, encoders, sources, tags


def features(modality, encoders, sources):
    """By encoder, float32 (n_recordings, n_features)."""
    samples = [modality.read(source, modality.reading(encoders)) for source in sources]
    return {encoder.name: encoder.transform(samples) for encoder in encoders}


def recordings(arrays, split):
    """As files would hold them: a line a step, a column a channel."""
    n = len(arrays[f"{split}-tags"])
    found = []
    for i in range(n):
        rows = [",".join(map(repr, row)) for row in arrays[f"{split}-{i}"].T.tolist()]
        found.append("\n".join(rows).encode())
    return found


if __name__ == "__main__":
    main()
