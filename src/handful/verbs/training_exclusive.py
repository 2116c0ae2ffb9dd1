"""Training where each sample has one of several tags."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from handful.caring.warnings import about_counts, about_groups, about_lost_tags
from handful.explaining.mistakes import doubtful_hits, worst_mistakes
from handful.judging import Judgement, judge, n_fits
from handful.learners import FittedLearner, candidates, describe, fit, has_networks, n_trainings
from handful.loading import one_thread_each, usable_cores
from handful.model_file import OUTPUT, TOLERANCE, to_bytes, write_model
from handful.progress import Progress
from handful.report import build
from handful.report.table import predictions_csv
from handful.report.tradeoffs import tradeoffs
from handful.rules import Rule
from handful.sources import Found
from handful.verbs.costs import cost_ms
from handful.verbs.gathering import Gathered
from handful.verbs.reading import about_several, lost_tags, refuse_unjudgeable
from handful.verbs.refusal import learn_refusal
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


def train_exclusive(source: Found, gathered: Gathered, seed: int, progress: Progress) -> Trained:
    """Learn and judge tags of which each sample has one.

    Raises
    ------
    SamplesError
        They cannot be judged.
    """
    modality, groups = source.modality, gathered.samples.groups
    refuse_unjudgeable(source.files, gathered.files, groups, modality)
    judged, learner = _judge_and_fit(gathered, seed, progress)
    used = {member.candidate.encoder for member in learner.members}
    gathered = replace(gathered, reading=gathered.reading_for(used))
    refusal = learn_refusal(modality, gathered, used, judged.y, judged.record.folds, seed)
    card = _card(source, gathered, judged, learner)
    report = {
        **_report(source, gathered, judged, learner, seed),
        "refusal": refusal.to_json(),
    }

    def write() -> bytes:
        model = write_model(
            learner,
            [encoder.exact() for encoder in gathered.encoders],
            inputs=modality.inputs(gathered.reading),
            tags=judged.tags,
            card=card,
            unknowns=(refusal.encoder, refusal.unknowns),
        )
        return to_bytes(model)

    trained = finished(
        source,
        gathered,
        card,
        report,
        write=write,
        compared=Comparison(learner.predict_proba, OUTPUT, TOLERANCE),
        predictions=predictions_csv(judged, gathered.files.names, gathered.files.contents),
        progress=progress,
    )
    return replace(trained, cost_ms=cost_ms(modality, gathered, learner))


def _judge_and_fit(
    gathered: Gathered, seed: int, progress: Progress
) -> tuple[Judgement, FittedLearner]:
    tags, y = gathered.tags_and_numbers()
    groups = gathered.samples.groups
    pool = candidates(gathered.rivals, gathered.pace, n_tags=len(tags))
    n_passes = 1 if gathered.pace.is_bounded and has_networks(pool) else None
    gathered.pace.expect(n_trainings(pool, 1 + n_fits(y, groups, n_passes)))
    X = gathered.features
    with one_thread_each(), ThreadPoolExecutor(usable_cores()) as cores:
        fitting = cores.submit(fit, pool, X, y, groups=groups, n_tags=len(tags), seed=seed)
        judged = judge(
            pool, X, y, groups=groups, tags=tags, seed=seed, n_passes=n_passes, cores=cores,
            progress=progress,
        )  # fmt: skip
        return judged, fitting.result()


def _report(
    source: Found, gathered: Gathered, judged: Judgement, learner: FittedLearner, seed: int
) -> dict[str, Any]:
    modality, files, grouping = source.modality, gathered.files, gathered.grouping
    worst = worst_mistakes(
        judged.record.probabilities,
        judged.y,
        features=gathered.resemblance(),
        apart=[judged.record.folds, judged.groups],
    )
    hits = [] if worst else doubtful_hits(judged.record.probabilities, judged.y)
    return {
        "format": build.FORMAT,
        "purpose": "train",
        "modality": modality.name,
        "kind": source.kind,
        **build.figures(judged),
        **build.recipe(learner),
        "passes": build.passes(judged),
        "warnings": [
            *about_lost_tags(lost_tags(source.files, files), modality.nouns),
            *about_samples(source.files, gathered, modality, n_tags=len(judged.tags)),
            *about_several(files, modality),
            *about_counts(judged.tags, judged.y, modality.nouns),
            *about_groups(grouping, judged.y, judged.tags, files.names),
        ],
        "mistakes": build.mistakes(worst, files.names, judged.tags, judged.y),
        "examples": build.examples(hits, files.names, judged.tags),
        "pretrained": build.pretrained(gathered.encoders),
        "near_copies": build.near_copies(grouping.found, files.names),
        "unreadable": build.unreadable(files.unreadable),
        "tradeoffs": tradeoffs(judged.y, judged.record.probabilities, judged.groups, judged.tags),
        "provenance": provenance(gathered, seed),
    }


def _card(
    source: Found, gathered: Gathered, judged: Judgement, learner: FittedLearner
) -> dict[str, Any]:
    """What the model is, without which it cannot be used rightly."""
    tags, shares = judged.tags, judged.record.probabilities
    used = {member.candidate.encoder for member in learner.members}
    return {
        **common_card(source, gathered, used),
        "tags": list(tags),
        "likeness": likeness(gathered, used),
        "rule": Rule().to_json(tags),
        "recipe": describe(learner),
        "temperature": learner.temperature,
        "widths": [width_table(judged.y == k, shares[:, k]) for k in range(len(tags))],
    }
