"""The command line: parse, call one verb, print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from handful.errors import HandfulError, InputError
from handful.progress import Progress

_FAULT, _WRONG_INPUT, _INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="handful",
    help="From a handful of tagged samples to a model you can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Samples = Annotated[Path, typer.Argument(help="Folder with one sub-folder of samples per tag.")]
Model = Annotated[Path, typer.Argument(help="The model's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Seed = Annotated[int, typer.Option(help="Same seed, same samples, same machine: same model.")]


@app.command()
def train(
    samples: Samples,
    to: Annotated[Path, typer.Option(help="Folder for the model.")] = Path("model"),
    group: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Files in whose names this finds the same text belong together (one person, "
            "one recording) and never stand on both sides of a split.",
        ),
    ] = None,
    seed: Seed = 0,
    budget: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Use the quicker network where looking at the samples would take longer.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn from tagged samples: a judged model, its report, one file that predicts."""
    from handful.verbs.training import train as verb

    with _progress() as progress:
        result = verb(samples, to, group=group, seed=seed, budget=budget, progress=progress)
    _show(result.to_json(), result.report, result.page, as_json)


@app.command()
def evaluate(
    model: Model,
    samples: Samples,
    report: Annotated[
        Path | None, typer.Option(help="Also write the judgement as a page, FILE.html.")
    ] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Judge a model on tagged samples that it has not seen."""
    from handful.verbs.evaluating import evaluate as verb

    with _progress() as progress:
        result = verb(model, samples, report=report, seed=seed, progress=progress)
    _show(result.to_json(), result.report, result.page, as_json)


@app.command()
def predict(
    model: Model,
    files: Annotated[list[str], typer.Argument(help="Files to predict; - reads one from stdin.")],
    as_json: AsJson = False,
) -> None:
    """Say what a model takes files for, and how surely."""
    from handful.verbs.predicting import predict as verb

    predictions = verb(model, files)
    if as_json:
        _print(json.dumps({"predictions": [p.to_json() for p in predictions]}, ensure_ascii=False))
        return
    width = max(len(p.file) for p in predictions)
    for p in predictions:
        _print(f"{p.file:<{width}}  {p.tag}  {p.probability:.0%}")


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """From a handful of tagged samples to a model you can trust."""
    if version:
        import handful

        _print(handful.__version__)
        raise typer.Exit


def main() -> None:
    """Run the command; every expected failure is one message and an exit code."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except InputError as error:
        _fail(str(error), _WRONG_INPUT)
    except HandfulError as error:
        _fail(str(error), _FAULT)
    except KeyboardInterrupt:
        _fail(
            "stopped. Nothing was written; what was looked at so far is remembered, so the "
            "next run goes on from there.",
            _INTERRUPTED,
        )
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(_FAULT)


def _fail(message: str, code: int) -> None:
    print(f"handful: {message}", file=sys.stderr)  # noqa: T201
    sys.exit(code)


def _print(text: str) -> None:
    print(text)  # noqa: T201


def _show(values: dict[str, Any], report: dict[str, Any], page: Path | None, as_json: bool) -> None:
    if as_json:
        _print(json.dumps(values, ensure_ascii=False))
        return
    import shutil

    from handful.report.text import report_text

    colour = sys.stdout.isatty()
    width = min(100, shutil.get_terminal_size((80, 24)).columns) if colour else 80
    _print(report_text(report, colour=colour, path=page, width=width).rstrip("\n"))


@contextmanager
def _progress() -> Iterator[Progress]:
    """Bars on a terminal, one line a stage elsewhere; always to stderr."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield advance


class _Lines:
    """Progress for logs: a line when a stage begins."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._stage = stage
            print(f"{stage} ...", file=sys.stderr)  # noqa: T201
