"""Judging a model of numbers on samples that it has never seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import Bundle
from handful.caring.near_copies import group_samples, same_content, same_value
from handful.caring.unknowns import ALPHA
from handful.caring.warnings import about_files, about_ignored
from handful.judging.values import ValueJudgement, value_metrics
from handful.metrics import clopper_pearson
from handful.progress import Progress
from handful.ranges import promised
from handful.report import build
from handful.report.values import worst
from handful.sources import NUMBER, Columns, Found, open_known
from handful.verbs.doubts import about_doubts
from handful.verbs.evaluated import Evaluated, answered, groups_of, met_before
from handful.verbs.numbers import figures, numbers
from handful.verbs.predicting_numbers import ValuePrediction, value_predictor
from handful.verbs.reading import Readable, read_headers

_OTHERWISE = "or, if the numbers stand in another column of a table, name that with --tag COLUMN."


def evaluate_numbers(
    bundle: Bundle, samples: Path, tag: Columns | None, seed: int, progress: Progress
) -> Evaluated:
    """Judge a model of numbers on new samples.

    Raises
    ------
    InputError
        The model or the samples cannot be used.
    """
    predictor = value_predictor(bundle)
    modality = predictor.modality
    source = open_known(samples, modality, bundle.card.get("columns", {}), tag, NUMBER)
    headers = read_headers(modality, source.files, progress=progress)
    files, answers = answered(headers, predictor.predict, progress)
    report = _report(bundle, source, files, answers, seed)
    if modality.repeats:
        report["warnings"] += met_before(files, bundle, modality.nouns)
    return Evaluated(report, files, None)


def _report(
    bundle: Bundle, source: Found, files: Readable, answers: list[ValuePrediction], seed: int
) -> dict[str, Any]:
    judged = _judged(bundle, source, files, answers)
    low, high = (
        np.array([getattr(a, end) for a in answers], np.float32) for end in ("low", "high")
    )
    held = int(((low <= judged.y) & (judged.y <= high)).sum())
    return {
        **figures(judged, "evaluate", source.modality.name),
        "recipe": bundle.card["recipe"],
        "range": {**promised(), "held": clopper_pearson(held, len(judged.y)).to_json()},
        "warnings": _warnings(source, files, answers),
        "mistakes": worst(
            judged.y.tolist(), judged.said.tolist(), files.names, (low.tolist(), high.tolist())
        ),
        "near_copies": [],
        "unreadable": build.unreadable(files.unreadable),
        "provenance": {"seed": seed, **build.versions(), "weights": bundle.card["weights"]},
    }


def _judged(
    bundle: Bundle, source: Found, files: Readable, answers: list[ValuePrediction]
) -> ValueJudgement:
    y = numbers(files.tags, otherwise=_OTHERWISE)
    said = np.array([answer.value for answer in answers], np.float32)
    middle = np.full(len(y), bundle.card["middle"], np.float32)
    links = [("your rule", same_value(groups_of(source, files)))]
    if not source.modality.repeats:
        links.append(("same file", same_content(files.contents)))
    groups = group_samples(len(y), links).groups
    metrics = value_metrics(y, said, middle, groups)
    return ValueJudgement(y, said, np.zeros(len(y), np.int64), groups, metrics)


def _warnings(source: Found, files: Readable, answers: list[ValuePrediction]) -> list[str]:
    found, nouns = source.files, source.modality.nouns
    strange = sum(not answer.known for answer in answers)
    lowest = clopper_pearson(strange, len(answers)).low
    unlike = (
        f"{strange} of {len(answers)} {nouns} are unlike anything the model learned from; of "
        f"{nouns} like those at most about {ALPHA:.0%} should be."
    )
    return [
        *about_files(files.two_tags, found.untagged, found.closed, nouns),
        *about_ignored(found.ignored, nouns),
        *about_doubts([answer.note for answer in answers], files.names, nouns),
        *([unlike] if lowest is not None and lowest > ALPHA else []),
    ]
