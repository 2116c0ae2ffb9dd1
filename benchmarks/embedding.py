"""How fast handful's image networks are beside plain torch, and whether they are as good.

    python benchmarks/embedding.py [--rounds N] [--skip-accuracy]

Peer: the package `efficientnet-lite-pytorch` in eager torch, the same weights, on the same
pixels, batch of 8. Torch gives the last layer only; handful's graph pools every stage as well,
and is timed with that extra work.

1. Network: from float32 pixels that are already resized. With two threads, torch uses both for
   one batch; handful has two one-thread callers with a batch each, as when it looks at photos.
   Half of torch's CPU time is the kernel's, which hands it cleared memory for every layer;
   "memory kept" is torch with the C library told to keep it, which hardly anyone does.
2. With resize: from decoded 512 x 384 photos; torch after Pillow's bilinear resize.
3. Accuracy: 20 photos a tag, 5 seeds, tested on what is left over; handful's learner on the
   features of each runtime, all of the same resized pixels.

Aim: 3x with ONNX Runtime and 9x with OpenVINO in images per CPU second at batch 8 (Lite0, one
thread), accuracy within 1 point. Writes build/benchmarks/embedding.json.
"""

from __future__ import annotations

import argparse
import statistics
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import torch
from PIL import Image

import reference
from handful.encoders.image_network import ImageNetwork
from handful.encoders.runtimes import OnnxRuntime, OpenVino, has_openvino, openvino_name
from handful.encoders.weights import LITE0, LITE2
from handful.graphs import Graph
from handful.learners import candidates, fit
from handful.pictures import read_picture
from measure import Maker, ratio, shown, table, take_turns_apart, write
from photos import deal, trash
from reference import KEPT_MEMORY

NETWORKS = ((LITE0, 224), (LITE2, 256))
ALSO_JUDGED = ((LITE2, 448),)  # what `train` takes for photos of this size
BATCH = 8
THREADS = (1, 2)
PER_TAG, SEEDS = 20, range(5)
PEER, TUNED = "torch, eager", "torch, memory kept"


def main() -> None:
    options = _options()
    gathered = trash()
    photos = [read_picture(path, at_least_px=384) for path in gathered.samples.items]
    report = {"question": __doc__.splitlines()[0], "rounds": options.rounds, "batch": BATCH}
    if has_openvino() and "bf16" not in openvino_name():
        print("this processor has no bf16: OpenVINO runs in f32\n")
    report["network"] = timed_networks(photos[:BATCH], options.rounds)
    report["with_resize"] = timed_with_resize(photos[:BATCH], options.rounds)
    if not options.skip_accuracy:
        report["accuracy"] = judged(gathered, photos)
    write("embedding", report)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--skip-accuracy", action="store_true")
    return parser.parse_args()


def timed_networks(photos, rounds):
    rows = []
    for card, size_px in NETWORKS:
        pixels = resized(photos, (size_px, size_px))
        for threads in THREADS:
            args = (card, size_px, pixels, threads)
            makers = {PEER: Maker(torch_way, args), TUNED: Maker(torch_way, args, KEPT_MEMORY)}
            makers |= {name: Maker(runtime_way, (name, *args)) for name in runtime_names()}
            label = {"network": f"{card.name}, {size_px} px", "threads": threads}
            turns = take_turns_apart(makers, rounds=rounds)
            rows += compared(label, turns, BATCH * threads)
    print(f"network alone, batch {BATCH}: images a second; ratios to {PEER} (10-90 % of rounds)")
    table(readable(rows))
    return rows


def timed_with_resize(photos, rounds):
    rows = []
    for card, size_px in NETWORKS:
        makers = {PEER: Maker(torch_from_photos, (card, size_px, photos))}
        for fast in (False, True) if has_openvino() else (False,):
            name = openvino_name() if fast else OnnxRuntime.name
            makers[name] = Maker(handful_from_photos, (card, size_px, photos, fast))
        label = {"network": f"{card.name}, {size_px} px", "threads": 1}
        rows += compared(label, take_turns_apart(makers, rounds=rounds), BATCH)
    print("from decoded 512 x 384 photos, resize included")
    table(readable(rows))
    return rows


def torch_way(card, size_px, pixels, threads):
    torch.set_num_threads(threads)
    net = reference.network(card.name, pixels.shape[2:])
    return lambda: [reference.last_layer(net, pixels) for _ in range(threads)]


def runtime_way(name, card, size_px, pixels, threads):
    runtime = open_runtime(name, card, size_px)
    if threads == 1:
        return partial(runtime, pixels)
    pool = ThreadPoolExecutor(threads)
    return lambda: list(pool.map(runtime, [pixels] * threads))


def torch_from_photos(card, size_px, photos):
    torch.set_num_threads(1)
    shape = shape_of(photos, size_px)
    net = reference.network(card.name, shape)
    return lambda: reference.last_layer(net, resized(photos, shape))


def handful_from_photos(card, size_px, photos, fast):
    return partial(ImageNetwork(card, size_px, fast=fast).transform, photos)


def runtime_names():
    """Every runtime and precision that there is here; handful takes the last."""
    if not has_openvino():
        return [OnnxRuntime.name]
    return [OnnxRuntime.name, *dict.fromkeys((openvino_name("f32"), openvino_name()))]


def open_runtime(name, card, size_px):
    """The network alone, without the resize."""
    graph = Graph("network")
    pixels = graph.input("resized", np.float32, ["n", 3, "h", "w"])
    encoder = ImageNetwork(card, size_px)
    features = encoder.write_network(graph, pixels)
    graph.output(features, "features", np.float32, ["n", encoder.width])
    model = graph.model().SerializeToString()
    if name == OnnxRuntime.name:
        return OnnxRuntime(model)
    return OpenVino(model, name.rpartition("-")[2])


def shape_of(photos, size_px):
    """Height and width to which handful resizes these photos, all of one shape."""
    height, width = photos[0].pixels.shape[:2]
    return reference.fitting((width, height), size_px)


def resized(photos, shape):
    """All photos as Pillow shrinks them, float32 (n, 3, height, width)."""
    images = (Image.fromarray(photo.pixels) for photo in photos)
    return np.stack([reference.resized(image, shape) for image in images])


def compared(label, turns, images):
    """A row a way: images a second of one CPU and of the clock, beside the peer's."""
    peer = turns[PEER]
    return [
        {
            **label,
            "way": name,
            "per_cpu_s": images / statistics.median(turn.cpu_s),
            "cpu_ratio": ratio(peer.cpu_s, turn.cpu_s),
            "per_wall_s": images / statistics.median(turn.wall_s),
            "wall_ratio": ratio(peer.wall_s, turn.wall_s),
        }
        for name, turn in turns.items()
    ]


def readable(rows):
    return [{**r, "cpu_ratio": shown(r["cpu_ratio"]), "wall_ratio": shown(r["wall_ratio"])}
            for r in rows]  # fmt: skip


def judged(gathered, photos):
    _, y = gathered.tags_and_numbers()
    groups = gathered.samples.groups
    rows = []
    for card, size_px in (*NETWORKS, *ALSO_JUDGED):
        known = features(card, size_px, photos)
        for name, X in known.items():
            right = [accuracy(card, size_px, X, y, groups, seed) for seed in SEEDS]
            rows.append(
                {
                    "network": f"{card.name}, {size_px} px",
                    "way": name,
                    "accuracy": 100 * statistics.mean(right),
                    "per_seed": " ".join(f"{100 * share:.1f}" for share in right),
                    "cosine_to_torch": cosine(X, known[PEER]),
                }
            )
    print(f"accuracy in %, {PER_TAG} a tag, {len(SEEDS)} seeds")
    table(rows)
    return rows


def features(card, size_px, photos):
    """All features of all photos by every way."""
    torch.set_num_threads(2)
    shape = shape_of(photos, size_px)
    net = reference.network(card.name, shape)
    ways = {PEER: partial(reference.all_stages, net)}
    ways |= {name: open_runtime(name, card, size_px) for name in runtime_names()}
    parts = {name: [] for name in ways}
    for start in range(0, len(photos), BATCH):
        pixels = resized(photos[start : start + BATCH], shape)
        for name, way in ways.items():
            parts[name].append(way(pixels))
    return {name: np.concatenate(rows) for name, rows in parts.items()}


def accuracy(card, size_px, X, y, groups, seed):
    encoder = ImageNetwork(card, size_px)
    dealt = deal(y, per_tag=PER_TAG, seed=seed)
    learner = fit(
        candidates([encoder]),
        {encoder.name: X[dealt.train]},
        y[dealt.train],
        groups=groups[dealt.train],
        n_tags=int(y.max()) + 1,
        seed=seed,
    )
    predicted = learner.predict_proba({encoder.name: X[dealt.test]}).argmax(axis=1)
    return float((predicted == y[dealt.test]).mean())


def cosine(X, Z):
    """Mean cosine of the last layers."""
    a, b = X[:, :1280], Z[:, :1280]
    return float(np.mean((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)))


if __name__ == "__main__":
    main()
