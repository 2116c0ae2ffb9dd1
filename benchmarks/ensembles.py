"""Whether the blend that handful chooses is better than any single way to learn.

    python benchmarks/ensembles.py [--again SET ...]

Every set is cut as in its own benchmark (sounds.py, texts.py, tables.py, series.py, trash.py). On
each cut handful learns as `train` does: all candidates, choice and blend inside the training
samples. Beside it, on the same cut and in the same inner folds:

- chosen alone: the candidate that the choice would let answer without blending;
- first alone: the candidate that comes first, which is the one to beat;
- best in hindsight: the candidate whose pool of one did best on the *test* samples of all cuts of
  a set. Nobody can know it beforehand; it shows how much a better choice could still win.

Scores are accuracy, or R2 where the tags are numbers, in percent. Heads are fitted once a cut and
shared by all ways, which changes no figure. Networks that learn from the samples themselves are not
among the candidates here. Aim: the blend's mean score over all sets is no worse
than that of what is chosen alone.

Each cut is written to build/benchmarks/ensembles.json when it is done: a run that was stopped goes
on there. `--again SET` forgets what is known of a set (`--again all` of every set).
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np

import series
import sounds
import tables
import texts
from handful import learners, regressors
from handful.encoders.minilm import MiniLM
from handful.encoders.ngrams import NGrams
from handful.loading import one_thread_each
from measure import BUILD, run, table, write
from photos import deal, trash

BLEND, ALONE, FIRST, HINDSIGHT = "blend", "chosen alone", "first alone", "best in hindsight"
SERIES = ("BasicMotions", "GunPoint", "ItalyPowerDemand", "ArrowHead", "JapaneseVowels")
PASSES, SEEDS, PHOTO_SEEDS = 2, 5, 10
RESULTS = BUILD / "ensembles.json"


def main() -> None:
    os.environ["HANDFUL_CACHE"] = str(BUILD / "cache")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--again", nargs="*", default=[])
    again = parser.parse_args().again
    known = json.loads(RESULTS.read_text())["cuts"] if RESULTS.exists() else {}
    known = {name: cuts for name, cuts in known.items() if not {name, "all"} & set(again)}
    for name, cuts in every_set().items():
        found = known.setdefault(name, {})
        for cut, learn in cuts(found):
            with one_thread_each():
                found[cut] = learn()
            print(f"{name}, {cut}: {found[cut][BLEND]:.2f}", flush=True)
            write("ensembles", {"question": __doc__.splitlines()[0], "cuts": known})
    rows = [summarised(name, known[name]) for name in every_set()]
    means = {way: float(np.mean([row[way] for row in rows])) for way in (BLEND, ALONE, FIRST)}
    means[HINDSIGHT] = float(np.mean([row[HINDSIGHT] for row in rows]))
    table([*rows, {"set": "mean", "cuts": "", **means, "which": "", "blended": ""}])
    print("aim:", "reached" if means[BLEND] >= means[ALONE] else "MISSED")
    summary = {"cuts": known, "summary": rows, "means": means}
    write("ensembles", {"question": __doc__.splitlines()[0], **summary})


def every_set():
    """By name: what yields the cuts that are not known yet, and how to learn on each."""
    found = {name: lambda known, name=name: sound_cuts(name, known) for name in sounds.SETS}
    found |= {f"banking77, {texts.PER_TAG} a tag": text_cuts}
    found |= {name: lambda known, name=name: series_cuts(name, known) for name in SERIES}
    for per_tag in (10, 20):
        found[f"trash, {per_tag} a tag"] = lambda known, n=per_tag: photo_cuts(n, known)
    for name, tag in (tables.SETS | tables.NUMBERS).items():
        found[name] = lambda known, name=name, tag=tag: table_cuts(name, tag, known)
    return found


def sound_cuts(name, known):
    if len(known) == {"esc10": 3, "spoken_digits": 6}[name]:
        return
    _, gathered, folds = sounds.looked(name, sounds.SETS[name])
    y, groups = gathered.tags_and_numbers()[1], gathered.samples.groups
    pool = learners.candidates(gathered.encoders)
    for fold in sorted(set(map(str, folds)) - set(known)):
        test = folds == int(fold)
        yield fold, lambda test=test: beside(pool, gathered.features, y, groups, ~test, test, 0)


def text_cuts(known):
    missing = [seed for seed in range(SEEDS) if str(seed) not in known]
    if not missing:
        return
    questions, y = texts.banking()
    encoders = (MiniLM(), NGrams())
    features = {encoder.name: texts.looked(encoder, questions) for encoder in encoders}
    pool, groups = learners.candidates(encoders), np.arange(len(y))
    for seed in missing:
        cut = texts.deal(y, per_tag=texts.PER_TAG, seed=seed)
        yield str(seed), lambda c=cut, s=seed: beside(pool, features, y, groups, c.train, c.test, s)


def table_cuts(name, tag, known):
    X, tags, encoders, _ = tables.looked(tables.FOLDER / f"{name}.csv", tag)
    features, groups = {"columns": X}, np.arange(len(X))
    as_values = name in tables.NUMBERS
    y = tags.astype(np.float32) if as_values else np.unique(tags, return_inverse=True)[1]
    candidates = regressors.value_candidates if as_values else learners.candidates
    pool, compare = candidates(encoders), beside_values if as_values else beside
    for number in range(PASSES):
        if as_values:
            folds = regressors.value_folds(y, groups, most=5, seed=number)
        else:
            folds = tables.fold_numbers(y, groups, n_folds=5, seed=number)
        for fold in range(5):
            test = folds == fold
            if f"{number}.{fold}" not in known:
                yield (
                    f"{number}.{fold}",
                    lambda t=test: compare(pool, features, y, groups, ~t, t, 0),
                )


def series_cuts(name, known):
    if not (BUILD / f"{name}.npz").exists():
        run([series.peer(), series.SCRIPT, BUILD, "1"])
    modality, encoders, sources, tags = series.opened(name)
    parts = [series.features(modality, encoders, source) for source in sources]
    features = {e.name: np.concatenate([part[e.name] for part in parts]) for e in encoders}
    y = np.unique(np.concatenate(tags), return_inverse=True)[1]
    train = np.arange(len(y)) < len(tags[0])
    pool, groups = learners.candidates(encoders), np.arange(len(y))
    for seed in range(SEEDS):
        if str(seed) not in known:
            yield str(seed), lambda s=seed: beside(pool, features, y, groups, train, ~train, s)


def photo_cuts(per_tag, known):
    gathered = trash()
    y, groups = gathered.tags_and_numbers()[1], gathered.samples.groups
    pool = learners.candidates(gathered.encoders)
    for seed in range(PHOTO_SEEDS):
        if str(seed) not in known:
            cut = deal(y, per_tag=per_tag, seed=seed)
            yield (
                str(seed),
                lambda c=cut, s=seed: beside(
                    pool, gathered.features, y, groups, c.train, c.test, s
                ),
            )


def beside(pool, features, y, groups, train, test, seed):
    """Percent right of the test samples: the blend, what it would choose alone, each candidate."""
    known = {name: X[train] for name, X in features.items()}
    fresh = {name: X[test] for name, X in features.items()}

    def learn(some):
        return learners.fit(
            some, known, y[train], groups=groups[train], n_tags=int(y.max()) + 1, seed=seed
        )

    def score(learner):
        return 100 * float((learner.predict_proba(fresh).argmax(axis=1) == y[test]).mean())

    return compared(learners, pool, learn, score)


def beside_values(pool, features, y, groups, train, test, seed):
    """As `beside`, for numbers: R2 in percent."""
    known = {name: X[train] for name, X in features.items()}
    fresh = {name: X[test] for name, X in features.items()}

    def learn(some):
        return regressors.fit_values(some, known, y[train], groups=groups[train], seed=seed)

    def score(learner):
        off = ((learner.predict(fresh) - y[test]) ** 2).mean()
        return 100 * float(1 - off / y[test].var())

    return compared(regressors, pool, learn, score)


def compared(room, pool, learn, score):
    with heads_shared(room):
        blended = learn(pool)
        singles = {named(one): score(learn((one,))) for one in pool}
    alone = singles[named(blended.alone)]
    return {
        BLEND: score(blended), ALONE: alone, "members": len(blended.members), "singles": singles
    }  # fmt: skip


def named(candidate):
    return f"{candidate.name} ({candidate.encoder})"


@contextmanager
def heads_shared(room):
    """Every head is fitted once: pools of one meet the very same heads again."""
    fit_head, kept = room._fit_head, {}

    def remembered(candidate, *given):
        key = (
            candidate.name,
            candidate.encoder,
            *(x.tobytes() for x in given if isinstance(x, np.ndarray)),
        )
        if key not in kept:
            kept[key] = fit_head(candidate, *given)
        return kept[key]

    with patch.object(room, "_fit_head", remembered):
        yield


def summarised(name, cuts):
    """A row a set: means over its cuts."""
    singles = defaultdict(list)
    for cut in cuts.values():
        for way, value in cut["singles"].items():
            singles[way].append(value)
    means = {way: float(np.mean(values)) for way, values in singles.items()}
    best = max(means, key=means.__getitem__)
    return {
        "set": name,
        "cuts": len(cuts),
        BLEND: float(np.mean([cut[BLEND] for cut in cuts.values()])),
        ALONE: float(np.mean([cut[ALONE] for cut in cuts.values()])),
        FIRST: next(iter(means.values())),
        HINDSIGHT: means[best],
        "which": best,
        "blended": f"{sum(cut['members'] > 1 for cut in cuts.values())} of {len(cuts)}",
    }


if __name__ == "__main__":
    main()
