"""Training where the tags are numbers, told with the range that they should lie in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from handful.caring.unknowns import fit_unknowns
from handful.judging.values import FOLDS, ValueJudgement, check_values, judge_values
from handful.learners import n_trainings
from handful.loading import one_thread_each, usable_cores
from handful.model_file import VALUE, to_bytes
from handful.model_file.values import write_value_model
from handful.progress import Progress
from handful.ranges import Ranges, fit_ranges, promised
from handful.regressors import FittedRegressor, describe_values, fit_values, value_candidates
from handful.report import build
from handful.report.table import numbers_csv
from handful.report.values import worst
from handful.sources import EXCLUSIVE, Found
from handful.verbs.gathering import Gathered
from handful.verbs.numbers import figures, numbers
from handful.verbs.reading import naming_left_out
from handful.verbs.trained import (
    Comparison,
    Trained,
    about_samples,
    common_card,
    finished,
    provenance,
)

_OTHERWISE = f"or, if the tags are names, say so with --kind {EXCLUSIVE}."
_TOLERANCE = 1e-3  # of the numbers' standard deviation


def train_numbers(source: Found, gathered: Gathered, seed: int, progress: Progress) -> Trained:
    """Learn and judge numbers.

    Raises
    ------
    SamplesError
        They are none, or too few to be judged.
    """
    y = numbers(gathered.files.tags, otherwise=_OTHERWISE)
    with naming_left_out(source.files, gathered.files, source.modality):
        check_values(y, gathered.samples.groups, source.modality.nouns)
    judged, learner = _judge_and_fit(gathered, y, seed, progress)
    ranges = fit_ranges(y, judged.said, judged.folds, seed=seed)
    used = {m.candidate.encoder for one in (learner, *judged.learners) for m in one.members}
    card = {
        **common_card(source, gathered, {*used, gathered.encoders[0].name}),
        "tags": [],
        "middle": float(np.median(y)),
        "recipe": describe_values(learner),
    }
    return finished(
        source,
        gathered,
        card,
        _report(source, gathered, judged, learner, seed),
        write=lambda: _model(source, gathered, judged, learner, ranges, card, seed),
        compared=Comparison(learner.predict, VALUE, _TOLERANCE * float(y.std())),
        predictions=numbers_csv(judged, gathered.files.names, gathered.files.contents),
        progress=progress,
    )


def _judge_and_fit(
    gathered: Gathered, y: np.ndarray, seed: int, progress: Progress
) -> tuple[ValueJudgement, FittedRegressor]:
    pool, X = value_candidates(gathered.rivals, gathered.pace), gathered.features
    gathered.pace.expect(n_trainings(pool, 1 + FOLDS))
    groups = gathered.samples.groups
    with one_thread_each(), ThreadPoolExecutor(usable_cores()) as cores:
        fitting = cores.submit(fit_values, pool, X, y, groups=groups, seed=seed)
        judged = judge_values(pool, X, y, groups=groups, seed=seed, cores=cores, progress=progress)
        return judged, fitting.result()


def _model(
    source: Found,
    gathered: Gathered,
    judged: ValueJudgement,
    learner: FittedRegressor,
    ranges: Ranges,
    card: dict[str, Any],
    seed: int,
) -> bytes:
    encoder, nobody = gathered.encoders[0], np.zeros(len(judged.y), np.int64)
    with one_thread_each():
        unknowns = fit_unknowns(
            gathered.features[encoder.name], nobody, groups=judged.groups, n_tags=1, seed=seed
        )
    model = write_value_model(
        learner,
        judged.learners,
        ranges,
        [encoder.exact() for encoder in gathered.encoders],
        inputs=source.modality.inputs(gathered.reading),
        card=card,
        unknowns=(encoder.name, unknowns),
    )
    return to_bytes(model)


def _report(
    source: Found,
    gathered: Gathered,
    judged: ValueJudgement,
    learner: FittedRegressor,
    seed: int,
) -> dict[str, Any]:
    files = gathered.files
    return {
        **figures(judged, "train", source.modality.name),
        "recipe": describe_values(learner),
        **build.blend(learner),
        "rivals": [
            {"name": rival.name, "rmse": rival.rmse, "chosen": rival.chosen}
            for rival in learner.rivals
        ],
        "folds": int(judged.folds.max()) + 1,
        "range": promised(),
        "warnings": about_samples(source.files, gathered, source.modality),
        "mistakes": worst(judged.y.tolist(), judged.said.tolist(), files.names),
        "near_copies": build.near_copies(gathered.grouping.found, files.names),
        "unreadable": build.unreadable(files.unreadable),
        "provenance": provenance(gathered, seed),
    }
