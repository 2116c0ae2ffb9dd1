"""Training where a sample may have several tags, or none."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from handful.caring.warnings import about_missing_tags, about_rare_tags
from handful.judging import FOLDS
from handful.judging.several import (
    THRESHOLD,
    SeveralJudgement,
    check_several,
    judge_several,
    judgeable,
)
from handful.learners import candidates, describe, n_trainings
from handful.loading import one_thread_each, usable_cores
from handful.model_file import OUTPUT, TOLERANCE, to_bytes
from handful.model_file.several import write_several_model
from handful.progress import Progress
from handful.report import build
from handful.report.table import several_csv
from handful.report.tradeoffs import tradeoffs_of_several
from handful.several import FittedSeveral, describe_several, fit_one
from handful.sources import Found
from handful.verbs.gathering import Gathered
from handful.verbs.reading import naming_left_out
from handful.verbs.refusal import learn_refusal
from handful.verbs.several_tags import examples, figures, mistakes, named, yes_and_no
from handful.verbs.trained import (
    Comparison,
    Trained,
    about_samples,
    common_card,
    finished,
    likeness,
    provenance,
)
from handful.widths import width_table


def train_several(source: Found, gathered: Gathered, seed: int, progress: Progress) -> Trained:
    """Learn and judge tags of which a sample may have several, or none.

    Raises
    ------
    SamplesError
        No tag can be judged.
    """
    modality, groups = source.modality, gathered.samples.groups
    every = named(gathered.files.tags, source.columns.get("tag"))
    Y = yes_and_no(gathered.files.tags, every)
    with naming_left_out(source.files, gathered.files, modality):
        check_several(Y, groups, every, modality.nouns)
    kept = judgeable(Y, groups)
    tags = tuple(tag for tag, keep in zip(every, kept, strict=True) if keep)
    judged, learner = _judge_and_fit(gathered, Y[:, kept], tags, seed, progress)
    used = learner.encoders()
    gathered = replace(gathered, reading=gathered.reading_for(used))
    nobody = np.zeros(len(Y), np.int64)
    refusal = learn_refusal(modality, gathered, used, nobody, judged.folds, seed)
    card = _card(source, gathered, judged, learner)
    dropped = [tag for tag, keep in zip(every, kept, strict=True) if not keep]
    report = {
        **_report(source, gathered, judged, learner, dropped, seed),
        "refusal": refusal.to_json(),
    }

    def write() -> bytes:
        model = write_several_model(
            learner,
            [encoder.exact() for encoder in gathered.encoders],
            inputs=modality.inputs(gathered.reading),
            tags=tags,
            thresholds=[THRESHOLD] * len(tags),
            card=card,
            unknowns=(refusal.encoder, refusal.unknowns),
        )
        return to_bytes(model)

    return finished(
        source,
        gathered,
        card,
        report,
        write=write,
        compared=Comparison(learner.predict_proba, OUTPUT, TOLERANCE),
        predictions=several_csv(judged, gathered.files.names, gathered.files.contents),
        progress=progress,
    )


def _judge_and_fit(
    gathered: Gathered, Y: np.ndarray, tags: Sequence[str], seed: int, progress: Progress
) -> tuple[SeveralJudgement, FittedSeveral]:
    pool, X = candidates(gathered.rivals, gathered.pace), gathered.features
    groups = gathered.samples.groups
    gathered.pace.expect(n_trainings(pool, len(tags) * (1 + FOLDS)))
    with one_thread_each(), ThreadPoolExecutor(usable_cores()) as cores:
        fitting = [
            cores.submit(fit_one, pool, X, Y[:, k], groups=groups, seed=seed)
            for k in range(len(tags))
        ]
        judged = judge_several(
            pool, X, Y, groups=groups, tags=tags, seed=seed, cores=cores, progress=progress
        )
        return judged, FittedSeveral(tuple(one.result() for one in fitting))


def _report(
    source: Found,
    gathered: Gathered,
    judged: SeveralJudgement,
    learner: FittedSeveral,
    dropped: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    modality, files, grouping = source.modality, gathered.files, gathered.grouping
    return {
        **figures(judged, "train", modality.name),
        "recipe": describe_several(learner),
        "recipes": [
            {"tag": tag, "recipe": describe(one), **build.blend(one)}
            for tag, one in zip(judged.tags, learner.learners, strict=True)
        ],
        "passes": {"n": 1, "folds": int(judged.folds.max()) + 1, "accuracy": []},
        "warnings": [
            *about_missing_tags(dropped, modality.nouns),
            *about_samples(source.files, gathered, modality),
            *about_rare_tags(judged.tags, judged.Y.sum(axis=0), modality.nouns),
        ],
        "mistakes": mistakes(
            judged, gathered.resemblance(), files.names, apart=[judged.folds, judged.groups]
        ),
        "examples": examples(judged, files.names),
        "pretrained": build.pretrained(gathered.encoders),
        "near_copies": build.near_copies(grouping.found, files.names),
        "unreadable": build.unreadable(files.unreadable),
        "tradeoffs": tradeoffs_of_several(
            judged.Y, judged.probabilities, judged.groups, judged.tags
        ),
        "provenance": provenance(gathered, seed),
    }


def _card(
    source: Found, gathered: Gathered, judged: SeveralJudgement, learner: FittedSeveral
) -> dict[str, Any]:
    """What the model is, without which it cannot be used rightly."""
    used, tags = learner.encoders(), judged.tags
    return {
        **common_card(source, gathered, used),
        "tags": list(tags),
        "likeness": likeness(gathered, used),
        "rule": {"thresholds": [{"tag": tag, "threshold": THRESHOLD, "words": ""} for tag in tags]},
        "recipe": describe_several(learner),
        "widths": [
            width_table(judged.Y[:, k], judged.probabilities[:, k]) for k in range(len(tags))
        ],
    }
