"""Judging a model of tags, of which each sample has one, on samples that it has never seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import Bundle
from handful.caring.near_copies import Grouping
from handful.caring.warnings import about_counts, about_files, about_groups, about_ignored
from handful.errors import SamplesError
from handful.explaining.mistakes import doubtful_hits, worst_mistakes
from handful.judging import Judgement, Predictions, judgement
from handful.progress import Progress
from handful.report import build
from handful.report.rule_note import rule_sentence
from handful.report.table import predictions_csv
from handful.report.tradeoffs import tradeoffs
from handful.rules import from_json
from handful.sources import EXCLUSIVE, Columns, Found, open_known
from handful.verbs.doubts import about_doubts
from handful.verbs.evaluated import (
    Evaluated,
    about_left_out,
    answered,
    fresh_ones,
    grouping_of,
    met_before,
    refused,
)
from handful.verbs.predicting_exclusive import Prediction, exclusive_predictor
from handful.verbs.reading import Readable, read_headers
from handful.verbs.running import Predictor, Seen

_WHERE = "they are the names of the sub-folders or, in a table, stand in the column --tag COLUMN."


def evaluate_exclusive(
    bundle: Bundle, samples: Path, tag: Columns | None, seed: int, progress: Progress
) -> Evaluated:
    """Judge a model on new samples.

    Raises
    ------
    InputError
        The model or the samples cannot be used.
    """
    predictor = exclusive_predictor(bundle, with_features=True)
    modality = predictor.modality
    source = open_known(samples, modality, bundle.card.get("columns", {}), tag, EXCLUSIVE)
    headers = read_headers(modality, source.files, progress=progress)
    files, seen, strange = _fitting(headers, bundle, repeats=modality.repeats)
    files, answers = answered(files, lambda _, path: predictor.look(path), progress)
    judged, grouping = _judge(predictor, source, files, answers)
    report = _report(predictor, source, files, judged, grouping, answers, seen, strange, seed)
    if modality.repeats:
        report["warnings"] += met_before(files, bundle, modality.nouns)
    return Evaluated(report, files, predictions_csv(judged, files.names, files.contents))


def _fitting(
    files: Readable, bundle: Bundle, *, repeats: bool
) -> tuple[Readable, list[str], list[str]]:
    """Files that the model may be judged on; names of those it was trained on; strange tags.

    Raises
    ------
    SamplesError
        Nothing is left.
    """
    known = [i for i, tag in enumerate(files.tags) if tag in bundle.tags]
    strange = sorted(set(files.tags) - set(bundle.tags))
    if not known:
        raise SamplesError(
            f"none of the tags found ({', '.join(strange[:10])}) is one that the model knows: "
            f"{', '.join(bundle.tags)}. Name the tags as the model does: {_WHERE}"
        )
    files = files.take(known, {})
    fresh, seen = fresh_ones(files, bundle, repeats=repeats)
    return files.take(fresh, {}), seen, strange


def _judge(
    predictor: Predictor[Prediction], source: Found, files: Readable, answers: list[Seen]
) -> tuple[Judgement, Grouping]:
    tags = predictor.bundle.tags
    y = np.array([tags.index(tag) for tag in files.tags], np.int64)
    grouping = grouping_of(predictor, source, files, answers)
    probabilities, replies, _ = zip(*(answer.row for answer in answers), strict=True)
    nobody = np.zeros(len(y), np.int64)
    record = Predictions(np.stack(probabilities), nobody, np.array(replies, np.int64))
    return judgement([record], y, groups=grouping.groups, tags=tags), grouping


def _report(
    predictor: Predictor[Prediction],
    source: Found,
    files: Readable,
    judged: Judgement,
    grouping: Grouping,
    answers: list[Seen],
    seen: list[str],
    strange: list[str],
    seed: int,
) -> dict[str, Any]:
    nouns, card, found = predictor.modality.nouns, predictor.bundle.card, source.files
    worst = worst_mistakes(
        judged.record.probabilities,
        judged.y,
        features=np.concatenate([answer.likeness for answer in answers]),
        apart=[judged.groups],
        predicted=judged.record.predicted(),
    )
    hits = doubtful_hits(judged.record.probabilities, judged.y, judged.record.predicted())
    return {
        "format": build.FORMAT,
        "purpose": "evaluate",
        "modality": card["modality"],
        "kind": card["kind"],
        **build.figures(judged),
        "recipe": card["recipe"],
        "temperature": card["temperature"],
        "warnings": [
            *about_left_out(seen, strange, nouns),
            *about_files(files.two_tags, found.untagged, found.closed, nouns),
            *about_ignored(found.ignored, nouns),
            *about_doubts([answer.doubt for answer in answers], files.names, nouns),
            *about_counts(judged.tags, judged.y, nouns, tried=True),
            *about_groups(grouping, judged.y, judged.tags, files.names),
        ],
        "refusal": refused([answer.row[-1] for answer in answers]),
        "rule": {"sentence": rule_sentence(from_json(card["rule"], judged.tags), judged.tags)},
        "left_out": {"seen_in_training": seen},
        "mistakes": build.mistakes(worst, files.names, judged.tags, judged.y),
        "examples": build.examples([] if worst else hits, files.names, judged.tags),
        "near_copies": build.near_copies(grouping.found, files.names),
        "unreadable": build.unreadable(files.unreadable),
        "tradeoffs": tradeoffs(judged.y, judged.record.probabilities, judged.groups, judged.tags),
        "provenance": {"seed": seed, **build.versions(), "weights": card["weights"]},
    }
