"""evaluate: the same judgement on samples that the model has never seen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import (
    PREDICTIONS,
    Bundle,
    check_page,
    check_table,
    open_bundle,
    write_page,
    write_table,
)
from handful.caring.near_copies import Grouping, group_samples, same_value
from handful.caring.unknowns import ALPHA
from handful.caring.warnings import about_counts, about_files, about_groups, about_ignored
from handful.errors import BundleError, InputError, SamplesError, UnreadableError
from handful.explaining.exhibits import exhibits
from handful.explaining.mistakes import worst_mistakes
from handful.folders import TaggedFiles
from handful.judging import Judgement, Predictions, judgement
from handful.loading import ordered_map, usable_cores
from handful.metrics import clopper_pearson
from handful.modalities.base import by_name
from handful.progress import Progress, silent
from handful.report import build
from handful.report.html import report_html
from handful.report.rule_note import rule_sentence
from handful.report.table import predictions_csv, read_contents
from handful.report.tradeoffs import tradeoffs
from handful.rules import from_json
from handful.samples import Source
from handful.sources import Found, open_known
from handful.verbs.gathering import copies_and_bursts
from handful.verbs.number_answers import NUMBER
from handful.verbs.numbers import evaluate_report
from handful.verbs.predicting import Answer, Predictor
from handful.verbs.reading import Readable, read_headers, refuse_nothing
from handful.verbs.refusals import refuse_others, refuse_seed, refuse_unclear_columns
from handful.verbs.results import Result
from handful.verbs.scoring import ScoresResult, judge_scores

_NAMED = 5


def evaluate(
    model: str | Path | None = None,
    samples: str | Path | None = None,
    *,
    tag: str | None = None,
    report: str | Path | None = None,
    save: str | Path | None = None,
    predictions: str | Path | None = None,
    truth: str | None = None,
    score: str | None = None,
    positive: str | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Result | ScoresResult:
    """Judge a model on new samples, or any other system by its scores.

    Samples that were in the model's training are left out: on them any model looks good.

    Parameters
    ----------
    model : str or Path, optional
        The folder that `train` wrote.
    samples : str or Path, optional
        A folder with one sub-folder per tag, or a table; the tags named as in training.
    tag : str, optional
        The table's column of tags, where it is not called as in training.
    report : str or Path, optional
        Where to write the judgement as a page.
    save : str or Path, optional
        Where to write the predictions as a table, for `threshold(..., scores=...)`.
    predictions : str or Path, optional
        Instead of model and samples: a CSV or Parquet table, of any length, with the scores of
        another system.
    truth, score : str, optional
        Its columns: what each sample is, and how surely it was called positive.
    positive : str, optional
        The truth's value that is looked for; without it truths must be 0 and 1.
    seed : int
        For the intervals that are found by drawing at random.
    progress : Progress

    Raises
    ------
    InputError
        The model or the samples cannot be used.
    """
    if predictions is not None:
        refuse_others("--predictions judges a table of scores", tag=tag, report=report, save=save)
        columns = refuse_unclear_columns(model, samples, truth, score, positive)
        return judge_scores(Path(predictions), columns, progress)
    if model is None or samples is None:
        raise InputError(
            "give a model and a folder of samples, or --predictions FILE with --truth COLUMN and "
            "--score COLUMN."
        )
    refuse_others("these belong to --predictions", truth=truth, score=score, positive=positive)
    return _evaluate_model(model, samples, tag, report, save, seed, progress)


def _evaluate_model(
    model: str | Path,
    samples: str | Path,
    tag: str | None,
    report: str | Path | None,
    save: str | Path | None,
    seed: int,
    progress: Progress,
) -> Result:
    started = time.perf_counter()
    refuse_seed(seed)
    page = None if report is None else Path(report)
    if page is not None:
        check_page(page)
    if save is not None:
        check_table(Path(save))
    bundle = open_bundle(Path(model))
    if bundle.card["kind"] == NUMBER:
        return _evaluate_numbers(bundle, samples, tag, page, save, seed, progress, started)
    predictor = Predictor(bundle, with_features=True)
    columns = bundle.card.get("columns", {})
    source = open_known(Path(samples), predictor.modality, columns, tag)
    found = source.files
    headers = read_headers(predictor.modality, found, progress=progress)
    files, seen, strange = _fitting(headers, bundle, repeats=predictor.modality.repeats)
    files, answers = _answers(predictor, files, progress)
    refuse_nothing(files)
    judged, grouping = _judge(predictor, source, files, answers)
    values = _report(predictor, found, files, judged, grouping, answers, seen, strange, seed)
    if predictor.modality.repeats:
        values["warnings"] += _met_before(files, bundle, predictor.modality.nouns)
    if page is not None:
        shown = exhibits(_shown(values, files), predictor.modality.show)
        write_page(page, report_html(values, shown).encode())
    if save is not None:
        write_table(Path(save), predictions_csv(judged, files.names, files.contents))
    return Result(values, time.perf_counter() - started, bundle.folder, page)


def _evaluate_numbers(
    bundle: Bundle,
    samples: str | Path,
    tag: str | None,
    page: Path | None,
    save: str | Path | None,
    seed: int,
    progress: Progress,
    started: float,
) -> Result:
    if save is not None:
        raise InputError("--save is for `threshold`, which has no use for numbers. Leave it out.")
    modality = by_name(bundle.card["modality"])
    source = open_known(Path(samples), modality, bundle.card.get("columns", {}), tag)
    headers = read_headers(modality, source.files, progress=progress)
    values, files = evaluate_report(bundle, source, headers, seed, progress)
    if modality.repeats:
        values["warnings"] += _met_before(files, bundle, modality.nouns)
    if page is not None:
        shown = exhibits(_shown(values, files), modality.show)
        write_page(page, report_html(values, shown).encode())
    return Result(values, time.perf_counter() - started, bundle.folder, page)


def _fitting(
    files: Readable, bundle: Bundle, *, repeats: bool
) -> tuple[Readable, list[str], list[str]]:
    """Files that the model may be judged on; names of those it was trained on; strange tags.

    Raises
    ------
    SamplesError
        Nothing is left.
    """
    trained_on = set() if repeats else _trained_on(bundle)
    known = [i for i, tag in enumerate(files.tags) if tag in bundle.tags]
    strange = sorted(set(files.tags) - set(bundle.tags))
    seen = [files.names[i] for i in known if files.contents[i] in trained_on]
    fresh = [i for i in known if files.contents[i] not in trained_on]
    if not known:
        raise SamplesError(
            f"none of the tags found ({', '.join(strange[:10])}) is one that the model knows: "
            f"{', '.join(bundle.tags)}. Name the sub-folders like the model's tags."
        )
    if not fresh:
        raise SamplesError(
            f"all {len(seen)} samples were in the model's training: judged on them any model "
            "looks good. Give samples that it has not seen; how it does on its own training "
            "samples, each predicted by a model without it, is in its report.html."
        )
    return files.take(fresh, {}), seen, strange


def _trained_on(bundle: Bundle) -> set[str]:
    """Contents of the samples that the model was trained on.

    Raises
    ------
    BundleError
        The list of them is missing or damaged: the model might be judged on its own samples.
    """
    contents = read_contents(bundle.read(PREDICTIONS))
    if len(contents) != bundle.card["n"]:
        raise BundleError(
            f"{bundle.folder / PREDICTIONS} is damaged: it does not list the {bundle.card['n']} "
            "samples of the training, which must be left out here. Copy the whole folder again, "
            "or train again."
        )
    return set(contents)


def _met_before(files: Readable, bundle: Bundle, nouns: str) -> list[str]:
    """A sentence where samples that may repeat are the same as some of the training."""
    trained_on = _trained_on(bundle)
    met = sum(content in trained_on for content in files.contents)
    if not met:
        return []
    return [
        f"{met} of {len(files.contents)} {nouns} are the same as some in the model's training: "
        "if they are those, any model looks good on them."
    ]


def _answers(
    predictor: Predictor, files: Readable, progress: Progress
) -> tuple[Readable, list[Answer]]:
    """What the model file says of every file that can be decoded."""

    def one(path: Source) -> Answer | UnreadableError:
        try:
            return predictor.answer(path)
        except UnreadableError as error:
            return error

    found: list[Answer | UnreadableError] = []
    for answer in ordered_map(one, files.paths, workers=usable_cores(), ahead=4):
        found.append(answer)
        progress("looking", len(found), len(files.paths))
    lost = {n: str(a) for n, a in zip(files.names, found, strict=True) if not isinstance(a, Answer)}
    kept = [i for i, answer in enumerate(found) if isinstance(answer, Answer)]
    return files.take(kept, lost), [answer for answer in found if isinstance(answer, Answer)]


def _judge(
    predictor: Predictor, source: Found, files: Readable, answers: list[Answer]
) -> tuple[Judgement, Grouping]:
    tags = predictor.bundle.tags
    y = np.array([tags.index(tag) for tag in files.tags], np.int64)
    links = copies_and_bursts(
        predictor.modality,
        files,
        fingerprints=_rows([answer.fingerprint for answer in answers]),
        small=_rows([answer.small for answer in answers]),
        likeness=np.concatenate([answer.likeness for answer in answers]),
    )
    grouped = dict(zip(source.files.names, source.groups, strict=True))
    links.append(("your rule", same_value([grouped[name] for name in files.names])))
    grouping = group_samples(len(y), links)
    probabilities = np.stack([answer.reply.probabilities for answer in answers])
    replies = np.array([answer.reply.answer for answer in answers], np.int64)
    record = Predictions(probabilities, np.zeros(len(y), np.int64), replies)
    return judgement([record], y, groups=grouping.groups, tags=tags), grouping


def _rows(parts: list[np.ndarray | None]) -> np.ndarray | None:
    """All rows as one array; None for kinds of sample that have none."""
    found = [part for part in parts if part is not None]
    return np.concatenate(found) if found else None


def _report(
    predictor: Predictor,
    found: TaggedFiles,
    files: Readable,
    judged: Judgement,
    grouping: Grouping,
    answers: list[Answer],
    seen: list[str],
    strange: list[str],
    seed: int,
) -> dict[str, Any]:
    nouns, card = predictor.modality.nouns, predictor.bundle.card
    worst = worst_mistakes(
        judged.record.probabilities,
        judged.y,
        features=np.concatenate([answer.likeness for answer in answers]),
        apart=[judged.groups],
        predicted=judged.record.predicted(),
    )
    return {
        "format": build.FORMAT,
        "purpose": "evaluate",
        "modality": card["modality"],
        "kind": card["kind"],
        **build.figures(judged),
        "recipe": card["recipe"],
        "temperature": card["temperature"],
        "warnings": [
            *_left_out(seen, strange, nouns),
            *about_files(files.two_tags, found.untagged, found.closed, nouns),
            *about_ignored(found.ignored, nouns),
            *about_counts(judged.tags, judged.y, nouns, tried=True),
            *about_groups(grouping, judged.y, judged.tags, files.names),
        ],
        "refusal": {"refused": _refused(answers), "at_most": ALPHA},
        "rule": {"sentence": rule_sentence(from_json(card["rule"], judged.tags), judged.tags)},
        "left_out": {"seen_in_training": seen},
        "mistakes": build.mistakes(worst, files.names, judged.tags, judged.y),
        "near_copies": build.near_copies(grouping.found, files.names),
        "unreadable": build.unreadable(files.unreadable),
        "tradeoffs": tradeoffs(judged.y, judged.record.probabilities, judged.groups, judged.tags),
        "provenance": {"seed": seed, **build.versions(), "weights": card["weights"]},
    }


def _refused(answers: list[Answer]) -> dict[str, Any]:
    refused = sum(not answer.reply.known for answer in answers)
    return clopper_pearson(refused, len(answers)).to_json()


def _left_out(seen: list[str], strange: list[str], nouns: str) -> list[str]:
    sentences = []
    if seen:
        sentences.append(
            f"{len(seen)} {nouns} were in the model's training and were left out: on them any "
            "model looks good."
        )
    if strange:
        sentences.append(f"The model does not know these tags; left out: {', '.join(strange)}.")
    return sentences


def _shown(values: dict[str, Any], files: Readable) -> dict[str, Source]:
    paths = dict(zip(files.names, files.paths, strict=True))
    return {name: paths[name] for name in build.pictured(values)}
