"""How long whole commands take, how much memory they need, and how large the installation is.

    python benchmarks/process.py [--rounds N]

Two installations take turns: "base" is a fresh virtual environment in build/ with nothing but
`pip install -c constraints.txt .`, "fast" is the one that runs this script, with OpenVINO.

- train, warm: 298 photos whose features are in the cache, to a judged bundle with its report.
  Peer: scikit-learn on the same features (LogisticRegressionCV within cross_val_predict, two
  processes, 5 folds once, and a last fit), without reading, report, export or repeats.
- train, cold: the same with an empty cache; share of the time in which photos are looked at
  (decoding and encoder). The operating system may still have the files in memory.
- --help. Peers: bare Python, and `import torch`.
- predict one photo with nothing loaded. Peers: ONNX Runtime and Pillow in a plain script on the
  same model.onnx, and Lite2 in eager torch.
- size of the installation.

Aim: warm 3 s (two cores), looking 70 % of cold, --help 0.3 s, predict 1 s and 200 MB, base
installation 500 MB. Writes build/benchmarks/process.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from measure import BUILD, PHOTOS, ROOT, run, spread, table, write

BASE = BUILD / "base-install"
CACHE = {"HANDFUL_CACHE": str(BUILD / "cache")}
BY_HAND = ROOT / "benchmarks" / "by_hand.py"
PHOTO = PHOTOS / "glass" / "glass120.jpg"
FEATURES = BUILD / "features.npz"
COLD_ROUNDS = 5
AIMS = {
    "train, warm": {"wall_s": 3.0},
    "--help": {"wall_s": 0.3},
    "predict": {"wall_s": 1.0, "peak_mb": 200.0},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    size = base_install()
    prepare()
    rows = [row for name, ways in commands().items() for row in timed(name, ways, rounds)]
    table(rows)
    cold = [cold_train(name, python, min(rounds, COLD_ROUNDS)) for name, python in pythons()]
    table(cold)
    print(f"base installation: {size['mb']:.0f} MB of 500; largest: {size['largest_mb']}")
    report = {"question": __doc__.splitlines()[0], "rounds": rounds, "aims": AIMS}
    write("process", {**report, "commands": rows, "cold": cold, "base_install": size})


def base_install():
    """A fresh virtual environment with the base install; what its packages weigh."""
    shutil.rmtree(BASE, ignore_errors=True)
    run([sys.executable, "-m", "venv", BASE])
    python = BASE / "bin" / "python"
    run([python, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", ROOT])
    (packages,) = BASE.glob("lib/python*/site-packages")
    sizes_mb = {
        part.name: sum(f.stat().st_size for f in [part, *part.rglob("*")] if f.is_file()) / 1e6
        for part in packages.iterdir()
    }
    largest = sorted(sizes_mb, key=lambda name: -sizes_mb[name])[:6]
    return {
        "mb": sum(sizes_mb.values()),
        "of_it_pip_mb": sizes_mb.get("pip"),
        "largest_mb": {name: round(sizes_mb[name]) for name in largest},
    }


def pythons():
    return (("base", BASE / "bin" / "python"), ("fast", Path(sys.executable)))


def prepare():
    """Fill the caches, make the models, and lay out the features for the peer."""
    for name, python in pythons():
        command = python.parent / "handful"
        run([command, "train", PHOTOS, "--to", BUILD / f"model-{name}"], env=CACHE)
    code = (
        "import numpy as np, photos; g = photos.trash(); "
        f"np.savez({str(FEATURES)!r}, X=g.resemblance(), y=g.tags_and_numbers()[1])"
    )
    run([sys.executable, "-c", code], env={**CACHE, "PYTHONPATH": str(BY_HAND.parent)})


def commands():
    """By question: the commands that answer it, by name."""
    plain = Path(sys.executable)
    handful = {name: python.parent / "handful" for name, python in pythons()}
    model = BUILD / "model-base"
    return {
        "train, warm": {
            **{
                f"handful, {name}": [command, "train", PHOTOS, "--to", BUILD / f"model-{name}"]
                for name, command in handful.items()
            },
            "scikit-learn, judged only": [plain, BY_HAND, "judge", FEATURES],
        },
        "--help": {
            **{f"handful, {name}": [command, "--help"] for name, command in handful.items()},
            "bare Python": [plain, "-c", ""],
            "import torch": [plain, "-c", "import torch"],
        },
        "predict": {
            **{
                f"handful, {name}": [command, "predict", model, PHOTO]
                for name, command in handful.items()
            },
            "ONNX Runtime by hand": [plain, BY_HAND, "predict", model / "model.onnx", PHOTO],
            "Lite2 in torch": [plain, BY_HAND, "torch", PHOTO],
        },
    }


def timed(question, ways, rounds):
    """A row a command: medians, the spread of the wall time, the aim."""
    runs = {name: [] for name in ways}
    for command in ways.values():
        run(command, env=CACHE)
    for _ in range(rounds):
        for name, command in ways.items():
            runs[name].append(run(command, env=CACHE))
    return [row(question, name, own) for name, own in runs.items()]


def row(question, name, runs):
    wall_s, cpu_s, peak_mb = (
        statistics.median(getattr(one, part) for one in runs)
        for part in ("wall_s", "cpu_s", "peak_mb")
    )
    aims = AIMS[question] if name.startswith("handful") else {}
    return {
        "command": question,
        "way": name,
        "wall_s": wall_s,
        "10-90 %": "{:.2f}-{:.2f}".format(*spread([one.wall_s for one in runs])),
        "cpu_s": cpu_s,
        "peak_mb": round(peak_mb),
        "aim": ", ".join(f"{part} {most:g}" for part, most in aims.items()),
    }


def cold_train(name, python, rounds):
    """Training with an empty cache: the whole process, and the share of looking in it."""
    found = [one_cold_train(python) for _ in range(rounds)]
    shares = [looking_s / whole.wall_s for whole, looking_s in found]
    return {
        "command": "train, cold",
        "way": f"handful, {name}",
        "wall_s": statistics.median(whole.wall_s for whole, _ in found),
        "cpu_s": statistics.median(whole.cpu_s for whole, _ in found),
        "peak_mb": round(statistics.median(whole.peak_mb for whole, _ in found)),
        "looking_s": statistics.median(looking_s for _, looking_s in found),
        "share": statistics.median(shares),
        "10-90 %": "{:.2f}-{:.2f}".format(*spread(shares)),
        "aim": 0.7,
    }


def one_cold_train(python):
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        to = Path(folder) / "model"
        whole = run([python, BY_HAND, "stages", PHOTOS, to], env={"HANDFUL_CACHE": folder})
    first, last = json.loads(whole.out.splitlines()[-1])["looking"]
    return whole, last - first


if __name__ == "__main__":
    main()
