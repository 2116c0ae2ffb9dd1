"""Judging a model of several tags a sample on samples that it has never seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import Bundle
from handful.caring.near_copies import Grouping
from handful.caring.warnings import about_files, about_ignored, about_rare_tags
from handful.errors import SamplesError
from handful.judging.several import SeveralJudgement, several_judgement
from handful.progress import Progress
from handful.report import build
from handful.report.several import thresholds_sentence
from handful.report.table import several_csv
from handful.report.tradeoffs import tradeoffs_of_several
from handful.sources import SEVERAL, Columns, Found, columns_of, open_known
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
from handful.verbs.predicting_several import SeveralPrediction, several_predictor
from handful.verbs.reading import Readable, read_headers
from handful.verbs.running import Predictor, Seen
from handful.verbs.several_tags import examples, figures, mistakes, named, yes_and_no


def evaluate_several(
    bundle: Bundle, samples: Path, tag: Columns | None, seed: int, progress: Progress
) -> Evaluated:
    """Judge a model on new samples.

    Raises
    ------
    InputError
        The model or the samples cannot be used.
    """
    predictor = several_predictor(bundle, with_features=True)
    modality = predictor.modality
    source = open_known(samples, modality, bundle.card.get("columns", {}), tag, SEVERAL)
    _refuse_missing_columns(bundle, source)
    headers = read_headers(modality, source.files, kind=SEVERAL, progress=progress)
    strange = _strange(headers, bundle)
    fresh, seen = fresh_ones(headers, bundle, repeats=modality.repeats)
    files = headers.take(fresh, {})
    files, answers = answered(files, lambda _, path: predictor.look(path), progress)
    judged, grouping = _judge(predictor, source, files, answers)
    report = _report(bundle, source, files, judged, grouping, answers, seen, strange, seed)
    if modality.repeats:
        report["warnings"] += met_before(files, bundle, modality.nouns)
    return Evaluated(report, files, several_csv(judged, files.names, files.contents))


def _refuse_missing_columns(bundle: Bundle, source: Found) -> None:
    """A column that is not named would count as no everywhere.

    Raises
    ------
    SamplesError
        The tags stand in columns of their own, and some of the model's are not among them.
    """
    given = source.columns.get("tag")
    if given is None or (isinstance(given, str) and given not in bundle.tags):
        return  # folders, or a column that holds the names of tags
    missing = [tag for tag in bundle.tags if tag not in columns_of(given)]
    if missing:
        words = " ".join(f"--tag {tag}" for tag in bundle.tags)
        raise SamplesError(
            f"the model also knows {', '.join(missing)}: where each tag has a column of its own, "
            f"name them all, like {words}. A column that is not named would count as no."
        )


def _strange(files: Readable, bundle: Bundle) -> list[str]:
    """Tags that the model does not know.

    Raises
    ------
    SamplesError
        It knows none.
    """
    found = named(files.tags, None)
    strange = [tag for tag in found if tag not in bundle.tags]
    if found and len(strange) == len(found):
        raise SamplesError(
            f"none of the tags found ({', '.join(strange[:10])}) is one that the model knows: "
            f"{', '.join(bundle.tags)}. Name them as the model does: in sub-folders, or in the "
            "column of a table that --tag COLUMN names."
        )
    return strange


def _judge(
    predictor: Predictor[SeveralPrediction], source: Found, files: Readable, answers: list[Seen]
) -> tuple[SeveralJudgement, Grouping]:
    tags = predictor.bundle.tags
    grouping = grouping_of(predictor, source, files, answers)
    probabilities, given, _ = zip(*(answer.row for answer in answers), strict=True)
    judged = several_judgement(
        yes_and_no(files.tags, tags),
        np.stack(probabilities),
        np.stack(given),
        folds=np.zeros(len(answers), np.int64),
        groups=grouping.groups,
        tags=tags,
    )
    return judged, grouping


def _report(
    bundle: Bundle,
    source: Found,
    files: Readable,
    judged: SeveralJudgement,
    grouping: Grouping,
    answers: list[Seen],
    seen: list[str],
    strange: list[str],
    seed: int,
) -> dict[str, Any]:
    nouns, card, found = source.modality.nouns, bundle.card, source.files
    features = np.concatenate([answer.likeness for answer in answers])
    return {
        **figures(judged, "evaluate", source.modality.name),
        "recipe": card["recipe"],
        "warnings": [
            *about_left_out(seen, strange, nouns),
            *about_files(files.two_tags, found.untagged, found.closed, nouns),
            *about_ignored(found.ignored, nouns),
            *about_doubts([answer.doubt for answer in answers], files.names, nouns),
            *about_rare_tags(judged.tags, judged.Y.sum(axis=0), nouns),
        ],
        "refusal": refused([answer.row[-1] for answer in answers]),
        "rule": {"sentence": thresholds_sentence(card["rule"]["thresholds"])},
        "left_out": {"seen_in_training": seen},
        "mistakes": mistakes(judged, features, files.names, apart=[judged.groups]),
        "examples": examples(judged, files.names),
        "near_copies": build.near_copies(grouping.found, files.names),
        "unreadable": build.unreadable(files.unreadable),
        "tradeoffs": tradeoffs_of_several(
            judged.Y, judged.probabilities, judged.groups, judged.tags
        ),
        "provenance": {"seed": seed, **build.versions(), "weights": card["weights"]},
    }
