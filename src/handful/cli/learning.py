"""Commands that learn from tagged samples and use what was learnt: train, evaluate, predict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from handful.cli.options import AsJson, Model, Samples, Seed, Tag, one_or_several
from handful.cli.output import print_text, progress_bars, show_result
from handful.printing import printable


def train(
    samples: Samples,
    to: Annotated[Path, typer.Option(readable=False, help="Folder for the model.")] = Path("model"),
    tag: Tag = None,
    series: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Of a table with a step a row: the column that says which recording it is of.",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="exclusive|several|number",
            help="What the tags are: one a sample; any number of them, with | between; or a number "
            "to be told. Seen from the tags otherwise.",
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN or REGEX",
            help="Samples with the same value in this column, or in whose names this finds the "
            "same text, belong together (one person, one recording) and never stand on both "
            "sides of a split.",
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.onnx or hf:OWNER/NAME",
            help="Of photos and sounds: a network of your own, one more rival of the built-in "
            "ones; its card, FILE.json, lies beside it.",
        ),
    ] = None,
    recipe: Annotated[
        str,
        typer.Option(
            metavar="auto|frozen|finetune|scratch",
            help="What learns: pretrained networks as they are (frozen), their upper part too "
            "(finetune), networks that begin with nothing (scratch), or what is best (auto).",
        ),
    ] = "auto",
    seed: Seed = 0,
    budget: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Time that all of it may take: quicker networks, or fewer steps of learning.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn from tagged samples: a judged model, its report, one file that predicts."""
    from handful.verbs.training import train as verb

    with progress_bars() as progress:
        result = verb(
            samples,
            to,
            tag=one_or_several(tag),
            series=series,
            kind=kind,
            group=group,
            encoder=encoder,
            recipe=recipe,
            seed=seed,
            budget=budget,
            progress=progress,
        )
    show_result(result.to_json(), result.report, result.page, as_json)


def evaluate(
    model: Annotated[Path | None, typer.Argument(help="The model's folder.")] = None,
    samples: Annotated[
        Path | None, typer.Argument(help="Folder with one sub-folder of samples per tag.")
    ] = None,
    tag: Tag = None,
    report: Annotated[
        Path | None,
        typer.Option(readable=False, help="Also write the judgement as a page, FILE.html."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            readable=False, help="Also write the predictions as a table, FILE.csv, for threshold."
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Instead: a CSV or Parquet table with the scores of another system."),
    ] = None,
    truth: Annotated[str | None, typer.Option(help="Its column of what each sample is.")] = None,
    score: Annotated[str | None, typer.Option(help="Its column of scores.")] = None,
    positive: Annotated[
        str | None, typer.Option(help="The truth that is looked for, if it is not 0 or 1.")
    ] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Judge a model on tagged samples that it has not seen, or another system's scores."""
    from handful.verbs.evaluating import evaluate as verb
    from handful.verbs.results import Result

    with progress_bars() as progress:
        result = verb(
            model, samples, tag=one_or_several(tag), report=report, save=save,
            predictions=predictions, truth=truth, score=score, positive=positive, seed=seed,
            progress=progress,
        )  # fmt: skip
    if isinstance(result, Result):
        show_result(result.to_json(), result.report, result.page, as_json)
    else:
        print_text(json.dumps(result.to_json()) if as_json else result.sentence())


def predict(
    model: Model,
    files: Annotated[
        list[str],
        typer.Argument(
            help="Files to predict; - reads one from stdin, of a model of rows a table."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Say what a model takes files for, and how surely."""
    from handful.verbs.predicting import predict as verb

    predictions: Sequence[Any] = verb(model, files)
    if as_json:
        print_text(json.dumps({"predictions": [p.to_json() for p in predictions]}))
        return
    names = [printable(p.file) for p in predictions]
    width = max(len(name) for name in names)
    rows = zip(names, predictions, strict=True)
    print_text("\n".join(f"{name:<{width}}  {printable(p.words())}" for name, p in rows))
