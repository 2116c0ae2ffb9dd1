"""train: from a folder of tagged samples to a judged model in a folder of its own."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import (
    MODEL,
    PREDICTIONS,
    REPORT_HTML,
    REPORT_JSON,
    check_target,
    write_bundle,
)  # fmt: skip
from handful.caring.warnings import (
    about_counts,
    about_files,
    about_groups,
    about_ignored,
    about_lost_tags,
)  # fmt: skip
from handful.errors import InputError, UnreadableError
from handful.explaining.exhibits import Exhibits, exhibits
from handful.explaining.mistakes import worst_mistakes
from handful.export import Witness, check_model, features_tensor, to_bytes, write_model
from handful.folders import TaggedFiles
from handful.judging import Judgement, judge
from handful.judging.values import check_values
from handful.learners import FittedLearner, candidates, describe, fit, untried
from handful.loading import one_thread_each, usable_cores
from handful.modalities.base import Modality
from handful.progress import Progress, silent
from handful.report import build
from handful.report.html import report_html
from handful.report.table import predictions_csv
from handful.report.tradeoffs import tradeoffs
from handful.rules import Rule
from handful.sources import NUMBER, Found, open_samples
from handful.verbs.gathering import Gathered, gather
from handful.verbs.numbers import numbers, train_files
from handful.verbs.reading import lost_tags, refuse_unjudgeable
from handful.verbs.refusal import Refusal, learn_refusal
from handful.verbs.refusals import chosen_kind, refuse_budget, refuse_inside, refuse_seed
from handful.verbs.results import Result
from handful.widths import width_table

_WITNESSES = 4  # samples for which the whole exported file answers
_STEPS = 4  # of writing: the model, its check, the report, the folder


def train(
    samples: str | Path,
    to: str | Path = "model",
    *,
    tag: str | None = None,
    series: str | None = None,
    kind: str | None = None,
    group: str | None = None,
    seed: int = 0,
    budget: float | None = None,
    progress: Progress = silent,
) -> Result:
    """Learn from tagged samples, judge what was learnt, and write the model's folder.

    Parameters
    ----------
    samples : str or Path
        A folder with one sub-folder per tag, or a table (CSV, TSV, JSON Lines, Parquet) of
        rows, of texts or of paths.
    to : str or Path
        The model's folder: new, empty, or an older model that is then replaced.
    tag : str, optional
        The table's column of tags.
    series : str, optional
        The table's column that says which recording a row is a step of.
    kind : str, optional
        ``exclusive`` names, or ``number``. Default: seen from the tags.
    group : str, optional
        A column of the table, or a regular expression on the samples' names: those with the
        same value, or in which it finds the same text (its first bracket, if it has one), belong
        together and never stand on both sides of a split.
    seed : int
        Same seed, same samples, same installation: same model.
    budget : float, optional
        Seconds that looking at the samples may take; where the better network would take
        longer, the quicker one is used.
    progress : Progress

    Returns
    -------
    Result

    Raises
    ------
    InputError
        The samples cannot be judged, or the target cannot be written to; nothing was written.
    """
    started = time.perf_counter()
    folder, target = Path(samples), Path(to)
    refuse_seed(seed)
    refuse_budget(budget)
    refuse_inside(folder, target)
    check_target(target)
    source = open_samples(folder, tag=tag, group=group, series=series)
    source = replace(source, kind=chosen_kind(kind) or source.kind)
    modality, found = source.modality, source.files
    gathered = gather(
        modality,
        found,
        grouped=source.groups,
        kind=source.kind,
        group=None if source.columns.get("group") else group,
        budget_s=budget,
        progress=progress,
    )
    if source.kind == NUMBER:
        return _train_numbers(source, gathered, target, seed, progress, started)
    refuse_unjudgeable(found, gathered.files, gathered.samples.groups, modality.nouns)
    judged, learner = _judge_and_fit(modality, gathered, seed, progress)
    used = {member.candidate.encoder for member in learner.members}
    gathered = replace(gathered, reading=gathered.reading_for(used))
    refusal = learn_refusal(modality, gathered, judged, learner, seed)
    report = _report(modality, found, gathered, judged, learner, seed)
    report["refusal"] = refusal.to_json()
    card = _card(source, gathered, judged, learner)
    files = _files(modality, gathered, judged, learner, refusal, report, card, progress)
    write_bundle(target, files, card)
    progress("writing", _STEPS, _STEPS)
    return Result(report, time.perf_counter() - started, target, target / REPORT_HTML)


def _train_numbers(
    source: Found,
    gathered: Gathered,
    target: Path,
    seed: int,
    progress: Progress,
    started: float,
) -> Result:
    y = numbers(gathered.samples.tags.tolist())
    check_values(y, gathered.samples.groups, source.modality.nouns)
    files, card, report = train_files(source, gathered, seed, progress)
    write_bundle(target, files, card)
    progress("writing", _STEPS, _STEPS)
    return Result(report, time.perf_counter() - started, target, target / REPORT_HTML)


def _judge_and_fit(
    modality: Modality, gathered: Gathered, seed: int, progress: Progress
) -> tuple[Judgement, FittedLearner]:
    tags, y = gathered.tags_and_numbers()
    groups = gathered.samples.groups
    pool = candidates(gathered.encoders)
    X = gathered.features
    with one_thread_each(), ThreadPoolExecutor(usable_cores()) as cores:
        fitting = cores.submit(fit, pool, X, y, groups=groups, n_tags=len(tags), seed=seed)
        judged = judge(
            pool, X, y, groups=groups, tags=tags, seed=seed, cores=cores, progress=progress
        )
        return judged, fitting.result()


def _report(
    modality: Modality,
    found: TaggedFiles,
    gathered: Gathered,
    judged: Judgement,
    learner: FittedLearner,
    seed: int,
) -> dict[str, Any]:
    files, grouping = gathered.files, gathered.grouping
    worst = worst_mistakes(
        judged.record.probabilities,
        judged.y,
        features=gathered.resemblance(),
        apart=[judged.record.folds, judged.groups],
    )
    cards = [card for encoder in gathered.encoders for card in encoder.weight_cards()]
    return {
        "format": build.FORMAT,
        "purpose": "train",
        "modality": modality.name,
        "kind": "exclusive",
        **build.figures(judged),
        **build.recipe(learner),
        "passes": build.passes(judged),
        "warnings": [
            *about_lost_tags(lost_tags(found, files), modality.nouns),
            *about_files(files.two_tags, found.untagged, found.closed, modality.nouns),
            *about_ignored(found.ignored, modality.nouns),
            *modality.remarks(files.measures, files.tags),
            *untried(gathered.encoders),
            *about_counts(judged.tags, judged.y, modality.nouns),
            *about_groups(grouping, judged.y, judged.tags, files.names),
        ],
        "mistakes": build.mistakes(worst, files.names, judged.tags, judged.y),
        "near_copies": build.near_copies(grouping.found, files.names),
        "unreadable": build.unreadable(files.unreadable),
        "tradeoffs": tradeoffs(judged.y, judged.record.probabilities, judged.groups, judged.tags),
        "provenance": {
            "seed": seed,
            **build.versions(),
            "runtimes": build.runtimes(gathered.encoders),
            "data_sha256": gathered.data_sha256(),
            "weights": [card.to_json() for card in cards],
        },
    }


def _files(
    modality: Modality,
    gathered: Gathered,
    judged: Judgement,
    learner: FittedLearner,
    refusal: Refusal,
    report: dict[str, Any],
    card: dict[str, Any],
    progress: Progress,
) -> dict[str, bytes]:
    """Everything that goes into the folder, but for the card."""
    progress("writing", 0, _STEPS)
    model = write_model(
        learner,
        [encoder.exact() for encoder in gathered.encoders],
        inputs=modality.inputs(gathered.reading),
        tags=judged.tags,
        card=card,
        unknowns=(refusal.encoder, refusal.unknowns),
    )
    progress("writing", 1, _STEPS)
    content = to_bytes(model)
    with ThreadPoolExecutor(1) as beside:  # ONNX Runtime and the page want a core each
        checking = beside.submit(
            check_model,
            content,
            learner.predict_proba,
            gathered.features,
            witnesses=_witnesses(modality, gathered),
            names=gathered.files.names,
        )
        page = report_html(report, _exhibits(modality, gathered, report))
        progress("writing", 2, _STEPS)
        checking.result()
    progress("writing", 3, _STEPS)
    return {
        MODEL: content,
        REPORT_HTML: page.encode(),
        REPORT_JSON: (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode(),
        PREDICTIONS: predictions_csv(judged, gathered.files.names, gathered.files.contents),
    }


def _witnesses(modality: Modality, gathered: Gathered) -> list[Witness]:
    """A few samples spread over the set, with features as exact as the exported graph's."""
    paths = gathered.files.paths
    chosen = np.unique(np.linspace(0, len(paths) - 1, _WITNESSES).round().astype(int)).tolist()
    witnesses = []
    for index in chosen:
        sample = _read_again(modality, gathered, index)
        features = {
            encoder.name: gathered.features[encoder.name][index : index + 1]
            if encoder.exact() is encoder
            else encoder.exact().transform([sample])
            for encoder in gathered.encoders
        }
        witnesses.append(Witness(index, modality.as_input(sample), features))
    return witnesses


def _read_again(modality: Modality, gathered: Gathered, index: int) -> Any:
    try:
        return modality.read(gathered.files.paths[index], gathered.reading)
    except UnreadableError as error:
        raise InputError(
            f"{gathered.files.names[index]} was changed or removed meanwhile: it {error}. "
            "Nothing was written; run it again."
        ) from error


def _exhibits(modality: Modality, gathered: Gathered, report: dict[str, Any]) -> Exhibits:
    """Every sample that the report shows."""
    sources = dict(zip(gathered.files.names, gathered.files.paths, strict=True))
    return exhibits({name: sources[name] for name in build.pictured(report)}, modality.show)


def _card(
    source: Found, gathered: Gathered, judged: Judgement, learner: FittedLearner
) -> dict[str, Any]:
    """What the model is, without which it cannot be used rightly."""
    tags, shares = judged.tags, judged.record.probabilities
    used = {member.candidate.encoder for member in learner.members}
    cards = [c for e in gathered.encoders if e.name in used for c in e.weight_cards()]
    return {
        "modality": source.modality.name,
        "kind": "exclusive",
        "tags": list(tags),
        "columns": source.columns,
        "reading": gathered.reading,
        "likeness": _likeness(gathered, used),
        "rule": Rule().to_json(tags),
        "recipe": describe(learner),
        "temperature": learner.temperature,
        "widths": [width_table(judged.y == k, shares[:, k]) for k in range(len(tags))],
        "n": len(gathered.samples),
        "data_sha256": gathered.data_sha256(),
        "runtimes": build.runtimes([e for e in gathered.encoders if e.name in used]),
        "weights": [card.to_json() for card in cards],
        **build.versions(),
    }


def _likeness(gathered: Gathered, used: set[str]) -> dict[str, Any]:
    """Where in the model file the features are in which alike samples are close."""
    encoder = next(encoder for encoder in gathered.encoders if encoder.name in used)
    columns = [encoder.likeness.start, encoder.likeness.stop]
    return {"tensor": features_tensor(encoder.name), "columns": columns}
