"""Pretrained features or a network of one's own: which learns more from how many samples.

    python benchmarks/from_scratch.py [--anew]

Two tasks. Photos of rubbish, 6 tags (../shared/data/images/trash): alike to what the pretrained
network has seen; of each deal what is not learnt from is judged. And digits, made from
scikit-learn's 8 x 8 ones by shifting each on a 12 x 12 field: unlike anything that it has seen;
1,000 are judged, made from others than those that are learnt from.

`train`'s own candidates learn, chosen and blended in the inner folds: those of --recipe frozen
(EfficientNet-Lite2 as it is, and raw pixels), of --recipe scratch (a CNN that begins with
nothing), and both as rivals, as --recipe auto has them where there are enough samples.

Aim: frozen ahead at 10 photos a tag, the CNN at 500 digits a tag, and both together never far
from the better one. Writes build/benchmarks/from_scratch.json, row by row (a run that was broken
off goes on where it was; --anew forgets it), and docs/from-scratch.svg.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from handful.encoders.cache import FeatureCache
from handful.learners import candidates, describe, fit
from handful.loading import one_thread_each, ordered_map, usable_cores
from handful.modalities.base import by_name
from handful.pictures import Picture
from measure import BUILD, ROOT, table, write

PHOTOS, DIGITS = "photos of rubbish", "shifted digits"
FIELD_PX, TESTED, BATCH = 12, 1000, 25
POOL = 40  # photos a tag from which those that are learnt from are taken; all others are judged
SIZES = {PHOTOS: (5, 10, 20), DIGITS: (3, 10, 30, 100, 500)}
INK = {"frozen": "#c8552b", "scratch": "#1f6f8b", "both": "#5b7f3a"}
WORDS = {"frozen": "pretrained", "scratch": "from scratch", "both": "both as rivals"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anew", action="store_true")
    kept = BUILD / "from_scratch.json"
    anew = parser.parse_args().anew or not kept.exists()
    rows = [] if anew else json.loads(kept.read_text())["rows"]
    for task, dealt in ((DIGITS, digits), (PHOTOS, photos)):
        missing = [n for n in SIZES[task] if not kept_of(rows, task, n)]
        if not missing:
            continue
        encoders, known, new = dealt()
        for a_tag in missing:
            chosen = first(known[1], a_tag)
            part = ({name: X[chosen] for name, X in known[0].items()}, known[1][chosen])
            rows.append(learnt(task, a_tag, encoders, part, new))
            table(rows[-1:])
            write("from_scratch", {"question": __doc__.splitlines()[0], "rows": rows})
    table(rows)
    for task, a_tag, ahead in ((PHOTOS, 10, "frozen"), (DIGITS, 500, "scratch")):
        other = {"frozen": "scratch", "scratch": "frozen"}[ahead]
        lead = mean(rows, task, a_tag, ahead) - mean(rows, task, a_tag, other)
        word = "reached" if lead > 0 else "MISSED"
        print(f"{task}, {a_tag} a tag: {ahead} ahead by {lead:.1f}: {word}")
    (ROOT / "docs" / "from-scratch.svg").write_text(figure(rows))


def first(y, a_tag):
    """The first so many of each tag."""
    return np.sort(np.concatenate([np.flatnonzero(y == tag)[:a_tag] for tag in np.unique(y)]))


def photos(seed=0):
    """Features by encoder and tags: of 40 photos a tag to learn from, and of all others."""
    modality = by_name("images")
    paths = sorted((ROOT.parent / "shared" / "data" / "images" / "trash").glob("*/*.jpg"))
    tags = np.unique([path.parent.name for path in paths], return_inverse=True)[1]
    measures = [modality.measure(path) for path in paths]
    encoders = (modality.encoders(measures), (modality.whole(measures),))
    reading = modality.reading(encoders[0])
    names = [path.name for path in paths]
    features = {
        e.name: looked_at(lambda at: modality.read(paths[at], reading), names, e)
        for every in encoders for e in every
    }  # fmt: skip
    order = np.random.default_rng(seed).permutation(len(paths))
    learnt_from = order[first(tags[order], POOL)]
    left_over = np.setdiff1d(order, learnt_from)
    dealt = (
        ({name: X[rows] for name, X in features.items()}, tags[rows])
        for rows in (learnt_from, left_over)
    )
    return encoders, *dealt


def digits(seed=0):
    """The same of digits, made from those of two halves that share none."""
    X, y = load_digits(return_X_y=True)
    parts = train_test_split(X, y, test_size=500, stratify=y, random_state=seed)
    modality = by_name("images")
    measures = [(FIELD_PX, FIELD_PX)]
    encoders = (modality.encoders(measures), (modality.whole(measures),))
    found = []
    for at, n in ((0, 10 * max(SIZES[DIGITS])), (1, TESTED)):
        pictures, tags = shifted(parts[at], parts[at + 2], n, seed + at)
        names = [f"{seed} {at} {number}" for number in range(n)]
        features = {
            e.name: looked_at(pictures.__getitem__, names, e) for every in encoders for e in every
        }
        found.append((features, tags))
    return encoders, *found


def looked_at(opened, names, encoder):
    """Features, remembered, so that a run that was broken off goes on where it was."""
    cache = FeatureCache(BUILD / "cache")
    key = f"from scratch {encoder.key}"
    known = cache.get(names, key)
    missing = [at for at, name in enumerate(names) if name not in known]
    batches = [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]
    found = ordered_map(
        lambda batch: encoder.transform([opened(at) for at in batch]),
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


def learnt(task, a_tag, encoders, known, new):
    frozen, whole = encoders
    X, y = known
    n_tags, groups = int(y.max()) + 1, np.arange(len(y))
    learners, row = {}, {"task": task, "a tag": a_tag}
    for name, tried in (("frozen", frozen), ("both", (*frozen, *whole)), ("scratch", whole)):
        started = time.process_time()
        if name == "scratch" and (same := networks(learners["both"])) is not None:
            learners[name] = same
        else:
            with one_thread_each():
                learners[name] = fit(candidates(tried), X, y, groups=groups, n_tags=n_tags, seed=0)
        row[f"{name} CPU s"] = round(time.process_time() - started, 1)
        said = learners[name].predict_proba(new[0])
        row[name] = round(100 * float((said.argmax(axis=1) == new[1]).mean()), 1)
    return {**row, "chosen of both": describe(learners["both"])}


def networks(learner):
    """The networks in a blend by themselves: they are those that --recipe scratch would train."""
    found = [member for member in learner.members if member.candidate.lesson is not None]
    return replace(learner, members=(replace(found[0], weight=1.0),)) if found else None


def mean(rows, task, a_tag, name):
    (row,) = kept_of(rows, task, a_tag)
    return row[name]


def kept_of(rows, task, a_tag):
    return [row for row in rows if (row["task"], row["a tag"]) == (task, a_tag)]


def figure(rows):
    """Accuracy by samples a tag, a panel a task, as SVG in the reader's light or dark colours."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 380" role="img" '
        'aria-label="Accuracy on new samples by samples a tag, for photos and for digits">',
        "<style>text{font:14px system-ui,sans-serif;fill:#333}.grid{stroke:#ddd}"
        ".title{font-weight:600}.lines path{fill:none;stroke-width:3;stroke-linejoin:round}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}</style>",
    ]
    for number, name in enumerate(INK):
        at = 60 + 170 * number
        parts.append(f'<g class="lines"><path {stroke(name)} d="M{at} 18h28"/></g>')
        parts.append(f'<text x="{at + 36}" y="23">{WORDS[name]}</text>')
    for task, left in ((PHOTOS, 60), (DIGITS, 440)):
        parts += panel(rows, task, left)
    return "\n".join([*parts, "</svg>", ""])


def stroke(name):
    dash = ' stroke-dasharray="1 7" stroke-linecap="round"' if name == "both" else ""
    return f'stroke="{INK[name]}"{dash}'


def panel(rows, task, left):
    wide, top, bottom, sizes = 300, 72, 320, SIZES[task]
    logs = np.log(sizes)

    def place(a_tag, value):
        x = left + (np.log(a_tag) - logs[0]) / (logs[-1] - logs[0]) * wide
        return f"{x:.1f} {bottom - value / 100 * (bottom - top):.1f}"

    parts = [f'<text class="title" x="{left}" y="{top - 20}">{task}</text>']
    for value in range(0, 101, 20):
        y = place(sizes[0], value).split()[1]
        parts.append(f'<line class="grid" x1="{left}" x2="{left + wide}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{left - 8}" y="{y}" dy="5" text-anchor="end">{value} %</text>')
    for a_tag in sizes:
        x = place(a_tag, 0).split()[0]
        parts.append(f'<text x="{x}" y="{bottom + 22}" text-anchor="middle">{a_tag}</text>')
    parts.append(f'<text x="{left + wide / 2}" y="{bottom + 48}" text-anchor="middle">'
                 "samples a tag</text>")  # fmt: skip
    parts.append('<g class="lines">')
    for name in INK:
        points = [place(a_tag, mean(rows, task, a_tag, name)) for a_tag in sizes]
        parts.append(f'<path {stroke(name)} d="M{" L".join(points)}"/>')
    return [*parts, "</g>"]


if __name__ == "__main__":
    main()
