"""Pretrained features or a network of one's own: which learns more from how many samples.

    python benchmarks/from_scratch.py [--seeds N]

Digits, made from scikit-learn's 8 x 8 ones by shifting each on a 12 x 12 field. From 10 to 500 of
each of 10 digits are learnt from; 1,000 are judged, made from others than those (the same for
all). `train`'s own candidates learn: those of --recipe frozen (EfficientNet-Lite2 as it is, and
raw pixels), of --recipe scratch (a CNN that begins with nothing), and both as rivals, each time
chosen and blended in the inner folds; --recipe auto takes the CNN in from the number on that
its encoder names, and else is the same as frozen.

Aim: frozen ahead at 10 a tag, the CNN at 500, and both together never far from the better one.
Writes build/benchmarks/from_scratch.json and docs/from-scratch.svg.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from handful.encoders.cache import FeatureCache
from handful.learners import candidates, describe, fit
from handful.loading import one_thread_each, ordered_map, usable_cores
from handful.modalities.base import by_name
from handful.pictures import Picture
from measure import BUILD, ROOT, table, write

FIELD_PX, TESTED, SIZES, BATCH = 12, 1000, (10, 30, 100, 200, 500), 25
SEEDS_AT = {500: 1}  # a network takes minutes there
INK = {"frozen": "#c8552b", "scratch": "#1f6f8b", "both": "#5b7f3a"}
WORDS = {"frozen": "pretrained features", "scratch": "CNN from scratch", "both": "both as rivals"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2)
    seeds = parser.parse_args().seeds
    rows = []
    for seed in range(seeds):
        made = digits(seed)
        for a_tag in SIZES:
            if seed < SEEDS_AT.get(a_tag, seeds):
                rows.append(learnt(a_tag, seed, *made))
                table(rows[-1:])
    table(rows)
    for a_tag, ahead in ((SIZES[0], "frozen"), (SIZES[-1], "scratch")):
        other = {"frozen": "scratch", "scratch": "frozen"}[ahead]
        lead = mean(rows, a_tag, ahead) - mean(rows, a_tag, other)
        print(f"{a_tag} a tag: {ahead} ahead by {lead:.1f}:", "reached" if lead > 0 else "MISSED")
    write("from_scratch", {"question": __doc__.splitlines()[0], "rows": rows})
    (ROOT / "docs" / "from-scratch.svg").write_text(figure(rows))


def digits(seed):
    """Features of all digits by encoder, of those to learn from and of those to judge."""
    X, y = load_digits(return_X_y=True)
    parts = train_test_split(X, y, test_size=500, stratify=y, random_state=seed)
    modality = by_name("images")
    measures = [(FIELD_PX, FIELD_PX)]
    encoders = (modality.encoders(measures), (modality.whole(measures),))
    found = []
    for at, n in ((0, 10 * max(SIZES)), (1, TESTED)):
        pictures, tags = shifted(parts[at], parts[at + 2], n, seed + at)
        names = [f"{seed} {at} {number}" for number in range(n)]
        features = {e.name: looked_at(pictures, names, e) for every in encoders for e in every}
        found.append((features, tags))
    return encoders, *found


def looked_at(pictures, names, encoder):
    """Features, remembered, so that a run that was broken off goes on where it was."""
    cache = FeatureCache(BUILD / "cache")
    key = f"from scratch {encoder.key}"
    known = cache.get(names, key)
    missing = [at for at, name in enumerate(names) if name not in known]
    batches = [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]
    found = ordered_map(
        lambda batch: encoder.transform([pictures[at] for at in batch]),
        batches, workers=usable_cores(), ahead=1,
    )  # fmt: skip
    for batch, rows in zip(batches, found, strict=True):
        fresh = {names[at]: row for at, row in zip(batch, rows, strict=True)}
        cache.put(fresh, key)
        known |= fresh
    return np.stack([known[name] for name in names])


def shifted(digits, tags, n, seed):
    """That many digits, as many of each, each anywhere on the field, as pictures; their tags."""
    random = np.random.default_rng(seed)
    of_tag = [np.flatnonzero(tags == tag) for tag in range(10)]
    pictures, found = [], np.arange(n) % 10
    for number, tag in enumerate(found):
        field = np.zeros((FIELD_PX, FIELD_PX), np.uint8)
        top, left = random.integers(0, FIELD_PX - 7, 2)
        row = of_tag[tag][number // 10 % len(of_tag[tag])]
        field[top : top + 8, left : left + 8] = (15.9 * digits[row]).reshape(8, 8)
        pictures.append(Picture(np.repeat(field[:, :, None], 3, axis=2), None, ""))
    return pictures, found


def learnt(a_tag, seed, encoders, known, new):
    frozen, whole = encoders
    n = 10 * a_tag
    X, y = {name: values[:n] for name, values in known[0].items()}, known[1][:n]
    row = {"a tag": a_tag, "deal": seed}
    for name, tried in (("frozen", frozen), ("scratch", whole), ("both", (*frozen, *whole))):
        started = time.process_time()
        with one_thread_each():
            learner = fit(candidates(tried), X, y, groups=np.arange(n), n_tags=10, seed=seed)
        row[f"{name} CPU s"] = round(time.process_time() - started, 1)
        said = learner.predict_proba(new[0])
        row[name] = round(100 * float((said.argmax(axis=1) == new[1]).mean()), 1)
    return {**row, "chosen of both": describe(learner)}


def mean(rows, a_tag, name):
    return float(np.mean([row[name] for row in rows if row["a tag"] == a_tag]))


def figure(rows):
    """Accuracy by samples a tag, as SVG that follows the reader's light or dark colours."""
    wide, high, left, top, bottom, right = 640, 380, 52, 24, 52, 170
    logs = np.log(SIZES)
    low = 10 * np.floor(min(mean(rows, n, name) for n in SIZES for name in INK) / 10)

    def place(a_tag, value):
        x = left + (np.log(a_tag) - logs[0]) / (logs[-1] - logs[0]) * (wide - left - right)
        return f"{x:.1f} {top + (100 - value) / (100 - low) * (high - top - bottom):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" '
        'aria-label="Accuracy on new digits by samples a tag">',
        "<style>text{font:14px system-ui,sans-serif;fill:#333}.grid{stroke:#ddd}"
        ".lines path{fill:none;stroke-width:3;stroke-linejoin:round}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}</style>",
    ]
    for value in np.arange(low, 101, 10):
        y = place(SIZES[0], value).split()[1]
        parts.append(f'<line class="grid" x1="{left}" x2="{wide - right}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{left - 8}" y="{y}" dy="5" text-anchor="end">{value:.0f} %</text>')
    for a_tag in SIZES:
        x = place(a_tag, low).split()[0]
        y = high - bottom + 22
        parts.append(f'<text x="{x}" y="{y}" text-anchor="middle">{a_tag}</text>')
    middle = (left + wide - right) / 2
    parts.append(f'<text x="{middle}" y="{high - 8}" text-anchor="middle">samples a tag</text>')
    parts.append('<g class="lines">')
    ends = sorted(INK, key=lambda name: -mean(rows, SIZES[-1], name))
    at_y = -100.0
    for name in ends:
        points = [place(a_tag, mean(rows, a_tag, name)) for a_tag in SIZES]
        dash = ' stroke-dasharray="2 7" stroke-linecap="round"' if name == "both" else ""
        parts.append(f'<path stroke="{INK[name]}"{dash} d="M{" L".join(points)}"/>')
        x, y = map(float, points[-1].split())
        at_y = max(y, at_y + 20)
        parts.append(f'<text x="{x + 10}" y="{at_y:.1f}" dy="5" style="fill:{INK[name]}">'
                     f"{WORDS[name]}</text>")  # fmt: skip
    return "\n".join([*parts, "</g></svg>", ""])


if __name__ == "__main__":
    main()
