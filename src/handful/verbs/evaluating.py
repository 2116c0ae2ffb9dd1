"""evaluate: the same judgement on samples that the model has never seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from handful.bundle import check_page, check_table, open_bundle, write_page, write_table
from handful.errors import InputError
from handful.explaining.exhibits import exhibits
from handful.modalities.base import by_name
from handful.progress import Progress, silent
from handful.report import build
from handful.report.html import report_html
from handful.sources import EXCLUSIVE, NUMBER, SEVERAL, Columns
from handful.verbs.evaluated import Evaluated
from handful.verbs.evaluating_exclusive import evaluate_exclusive
from handful.verbs.evaluating_numbers import evaluate_numbers
from handful.verbs.evaluating_several import evaluate_several
from handful.verbs.refusals import refuse_others, refuse_seed, refuse_unclear_columns
from handful.verbs.results import Result
from handful.verbs.scoring import ScoresResult, judge_scores

_JUDGE: dict[str, Callable[..., Evaluated]] = {
    EXCLUSIVE: evaluate_exclusive,
    SEVERAL: evaluate_several,
    NUMBER: evaluate_numbers,
}


def evaluate(
    model: str | Path | None = None,
    samples: str | Path | None = None,
    *,
    tag: Columns | None = None,
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
    tag : str or sequence of str, optional
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
    tag: Columns | None,
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
    if save is not None and bundle.card["kind"] == NUMBER:
        raise InputError("--save is for `threshold`, which has no use for numbers. Leave it out.")
    evaluated = _JUDGE[bundle.card["kind"]](bundle, Path(samples), tag, seed, progress)
    if page is not None:
        _write_page(page, evaluated, bundle.card["modality"])
    if save is not None and evaluated.table is not None:
        write_table(Path(save), evaluated.table)
    return Result(evaluated.report, time.perf_counter() - started, bundle.folder, page)


def _write_page(page: Path, evaluated: Evaluated, modality: str) -> None:
    sources = dict(zip(evaluated.files.names, evaluated.files.paths, strict=True))
    shown = {name: sources[name] for name in build.pictured(evaluated.report)}
    values = report_html(evaluated.report, exhibits(shown, by_name(modality).show))
    write_page(page, values.encode())
