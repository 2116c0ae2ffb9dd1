"""Numbers instead of tags: learnt, judged and told with the range they should lie in."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from handful.bundle import MODEL, PREDICTIONS, REPORT_HTML, REPORT_JSON, Bundle
from handful.caring.unknowns import ALPHA, fit_unknowns
from handful.caring.warnings import about_files, about_ignored
from handful.errors import SamplesError, UnreadableError
from handful.explaining.exhibits import exhibits
from handful.export import Witness, check_model, to_bytes
from handful.export.values import write_value_model
from handful.export.writing import VALUE
from handful.folders import TaggedFiles
from handful.judging.values import ValueJudgement, judge_values, value_metrics
from handful.learners import untried
from handful.loading import one_thread_each, ordered_map, usable_cores
from handful.metrics import clopper_pearson
from handful.modalities.base import Modality
from handful.progress import Progress
from handful.ranges import Ranges, fit_ranges
from handful.regressors import FittedRegressor, describe_values, fit_values, value_candidates
from handful.report import build
from handful.report.html import report_html
from handful.report.values import worst
from handful.samples import Source
from handful.sources import Found
from handful.verbs.gathering import Gathered
from handful.verbs.number_answers import NUMBER, ValuePrediction, ValuePredictor
from handful.verbs.reading import Readable

_TOLERANCE = 1e-3  # of the numbers' standard deviation
_STEPS = 4


def numbers(tags: Sequence[str]) -> np.ndarray:
    """Tags as numbers, float32 (n_samples,).

    Raises
    ------
    SamplesError
        Some are none; they are named.
    """
    values = [_number(tag) for tag in tags]
    wrong = sorted({tag for tag, value in zip(tags, values, strict=True) if math.isnan(value)})
    if wrong:
        raise SamplesError(
            f"these tags are no numbers: {', '.join(wrong[:5])}. Mend them, or leave out "
            "--kind number."
        )
    return np.array(values, np.float32)


def _number(tag: str) -> float:
    try:
        value = float(tag)
    except ValueError:
        return math.nan
    return value if abs(value) < float(np.finfo(np.float32).max) else math.nan


def train_files(
    source: Found, gathered: Gathered, seed: int, progress: Progress
) -> tuple[dict[str, bytes], dict[str, Any], dict[str, Any]]:
    """Learn and judge numbers: the files of the model's folder, its card, and the report."""
    modality, y = source.modality, numbers(gathered.samples.tags.tolist())
    judged, learner = _judge_and_fit(gathered, y, seed, progress)
    ranges = fit_ranges(y, judged.said, judged.folds, seed=seed)
    report = _report(source, gathered, judged, learner, ranges, seed)
    card = _card(source, gathered, y, learner)
    progress("writing", 0, _STEPS)
    content = _model(modality, gathered, judged, learner, ranges, card, seed)
    progress("writing", 1, _STEPS)
    check_model(
        content,
        learner.predict,
        gathered.features,
        output=VALUE,
        tolerance=_TOLERANCE * float(y.std()),
        witnesses=_witnesses(modality, gathered),
        names=gathered.files.names,
    )
    progress("writing", 2, _STEPS)
    page = report_html(report, _shown(modality, gathered.files, report))
    progress("writing", 3, _STEPS)
    files = {
        MODEL: content,
        REPORT_HTML: page.encode(),
        REPORT_JSON: (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode(),
        PREDICTIONS: _table(judged, gathered.files),
    }
    return files, card, report


def _judge_and_fit(
    gathered: Gathered, y: np.ndarray, seed: int, progress: Progress
) -> tuple[ValueJudgement, FittedRegressor]:
    pool, X, groups = (
        value_candidates(gathered.encoders),
        gathered.features,
        gathered.samples.groups,
    )
    with one_thread_each(), ThreadPoolExecutor(usable_cores()) as cores:
        fitting = cores.submit(fit_values, pool, X, y, groups=groups, seed=seed)
        judged = judge_values(pool, X, y, groups=groups, seed=seed, cores=cores, progress=progress)
        return judged, fitting.result()


def _model(
    modality: Modality,
    gathered: Gathered,
    judged: ValueJudgement,
    learner: FittedRegressor,
    ranges: Ranges,
    card: Mapping[str, Any],
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
        inputs=modality.inputs(gathered.reading),
        card=card,
        unknowns=(encoder.name, unknowns),
    )
    return to_bytes(model)


def _witnesses(modality: Modality, gathered: Gathered) -> list[Witness]:
    """The first and the last sample, through the whole file."""
    found = []
    for index in (0, len(gathered.files.paths) - 1):
        sample = modality.read(gathered.files.paths[index], gathered.reading)
        features = {e.name: e.exact().transform([sample]) for e in gathered.encoders}
        found.append(Witness(index, modality.as_input(sample), features))
    return found


def _report(
    source: Found,
    gathered: Gathered,
    judged: ValueJudgement,
    learner: FittedRegressor,
    ranges: Ranges,
    seed: int,
) -> dict[str, Any]:
    files, modality = gathered.files, source.modality
    cards = [card for encoder in gathered.encoders for card in encoder.weight_cards()]
    return {
        **_figures(judged, "train", modality.name),
        "recipe": describe_values(learner),
        "rivals": [
            {"name": rival.name, "rmse": rival.rmse, "chosen": rival.chosen}
            for rival in learner.rivals
        ],
        "folds": int(judged.folds.max()) + 1,
        "range": ranges.to_json(),
        "warnings": [
            *_about(source.files, files, modality),
            *modality.remarks(files.measures, ()),
            *untried(gathered.encoders),
        ],
        "mistakes": worst(judged.y.tolist(), judged.said.tolist(), files.names),
        "near_copies": build.near_copies(gathered.grouping.found, files.names),
        "unreadable": build.unreadable(files.unreadable),
        "provenance": {
            "seed": seed, **build.versions(), "data_sha256": gathered.data_sha256(),
            "weights": [card.to_json() for card in cards],
        },
    }  # fmt: skip


def _figures(judged: ValueJudgement, purpose: str, modality: str) -> dict[str, Any]:
    return {
        "format": build.FORMAT,
        "purpose": purpose,
        "modality": modality,
        "kind": NUMBER,
        "tags": [],
        "n": len(judged.y),
        "metrics": {name: value.to_json() for name, value in judged.metrics.items()},
        "per_tag": {},
        "confusion": {"tags": [], "counts": []},
        "asked": {"k": 0, "n": len(judged.y)},
        "scatter": {"actual": judged.y.tolist(), "said": judged.said.tolist()},
    }


def _about(found: TaggedFiles, files: Readable, modality: Modality) -> list[str]:
    return [
        *about_files(files.two_tags, found.untagged, found.closed, modality.nouns),
        *about_ignored(found.ignored, modality.nouns),
    ]


def _card(
    source: Found, gathered: Gathered, y: np.ndarray, learner: FittedRegressor
) -> dict[str, Any]:
    cards = [card for encoder in gathered.encoders for card in encoder.weight_cards()]
    return {
        "modality": source.modality.name,
        "kind": NUMBER,
        "tags": [],
        "columns": source.columns,
        "reading": gathered.reading,
        "middle": float(np.median(y)),
        "recipe": describe_values(learner),
        "n": len(y),
        "data_sha256": gathered.data_sha256(),
        "weights": [card.to_json() for card in cards],
        **build.versions(),
    }


def _shown(modality: Modality, files: Readable, report: Mapping[str, Any]) -> Any:
    sources = dict(zip(files.names, files.paths, strict=True))
    return exhibits({name: sources[name] for name in build.pictured(report)}, modality.show)


def _table(judged: ValueJudgement, files: Readable) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["file", "number", "predicted", "fold", "group", "sha256"])
    for i, (name, content) in enumerate(zip(files.names, files.contents, strict=True)):
        place = (int(judged.folds[i]), int(judged.groups[i]))
        rows.writerow([name, f"{judged.y[i]:.9g}", f"{judged.said[i]:.9g}", *place, content])
    return text.getvalue().encode()


def evaluate_report(
    bundle: Bundle, source: Found, files: Readable, seed: int, progress: Progress
) -> tuple[dict[str, Any], Readable]:
    """Judge a model of numbers on new samples; the report, and the samples it could read."""
    predictor = ValuePredictor(bundle)

    def one(pair: tuple[str, Source]) -> ValuePrediction | UnreadableError:
        try:
            return predictor.predict(*pair)
        except UnreadableError as error:
            return error

    found: list[ValuePrediction | UnreadableError] = []
    pairs = zip(files.names, files.paths, strict=True)
    for answer in ordered_map(one, pairs, workers=usable_cores(), ahead=4):
        found.append(answer)
        progress("looking", len(found), len(files.paths))
    kept = [i for i, answer in enumerate(found) if isinstance(answer, ValuePrediction)]
    lost = {files.names[i]: str(why) for i, why in enumerate(found) if i not in set(kept)}
    files = files.take(kept, lost)
    if not kept:
        raise SamplesError("none of the samples can be read.")
    answers = [answer for answer in found if isinstance(answer, ValuePrediction)]
    return _judged_report(bundle, source, files, answers, seed), files


def _judged_report(
    bundle: Bundle, source: Found, files: Readable, answers: list[ValuePrediction], seed: int
) -> dict[str, Any]:
    y = numbers(files.tags)
    said = np.array([answer.value for answer in answers], np.float32)
    low, high = (
        np.array([getattr(a, end) for a in answers], np.float32) for end in ("low", "high")
    )
    grouped = dict(zip(source.files.names, source.groups, strict=True))
    labels = [grouped[name] or f"\0{name}" for name in files.names]
    groups = np.unique(labels, return_inverse=True)[1]
    middle = np.full(len(y), bundle.card["middle"], np.float32)
    metrics = value_metrics(y, said, middle, groups)
    judged = ValueJudgement(y, said, np.zeros(len(y), np.int64), groups, metrics)
    held = int(((low <= y) & (y <= high)).sum())
    strange = sum(not answer.known for answer in answers)
    warnings = _about(source.files, files, source.modality)
    if strange:
        warnings.append(
            f"{strange} of {len(y)} {source.modality.nouns} are unlike anything the model learned "
            f"from; of {source.modality.nouns} like those at most about {ALPHA:.0%} should be."
        )
    return {
        **_figures(judged, "evaluate", source.modality.name),
        "recipe": bundle.card["recipe"],
        "range": {
            "within": 0.9, "at_least": 0.8, "method": "CV+",
            "held": clopper_pearson(held, len(y)).to_json(),
        },
        "warnings": warnings,
        "mistakes": worst(
            y.tolist(), said.tolist(), files.names, (low.tolist(), high.tolist())
        ),
        "near_copies": [],
        "unreadable": build.unreadable(files.unreadable),
        "provenance": {"seed": seed, **build.versions(), "weights": bundle.card["weights"]},
    }  # fmt: skip
