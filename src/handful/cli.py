"""The command line: parse, call one verb, print."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from handful.errors import HandfulError, InputError, TargetError
from handful.printing import printable
from handful.progress import Progress

if TYPE_CHECKING:
    from handful.verbs.listening import Listening

_FAULT, _WRONG_INPUT, _INTERRUPTED = 1, 2, 130
_STOPPED = "stopped; nothing is left half-written."
_REMEMBERED = " What train has looked at is remembered: run it again and it goes on from there."

app = typer.Typer(
    name="handful",
    help="From a handful of tagged samples to a model you can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# Typer's own check of a path (readable) says less than the verbs do: it is switched off.
Samples = Annotated[
    Path,
    typer.Argument(
        readable=False, help="Folder with one sub-folder of samples per tag, or a table."
    ),
]
Model = Annotated[Path, typer.Argument(readable=False, help="The model's folder.")]
Tag = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Of a table: the column that holds the tags.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Seed = Annotated[int, typer.Option(help="Same seed, same samples, same installation: same model.")]


@app.command()
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
            metavar="exclusive|number",
            help="What the tags are: names, or a number to be told. Seen from the tags otherwise.",
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
        result = verb(
            samples,
            to,
            tag=tag,
            series=series,
            kind=kind,
            group=group,
            seed=seed,
            budget=budget,
            progress=progress,
        )
    _show(result.to_json(), result.report, result.page, as_json)


@app.command()
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

    with _progress() as progress:
        result = verb(
            model, samples, tag=tag, report=report, save=save, predictions=predictions, truth=truth,
            score=score, positive=positive, seed=seed, progress=progress,
        )  # fmt: skip
    if isinstance(result, Result):
        _show(result.to_json(), result.report, result.page, as_json)
    else:
        _print(json.dumps(result.to_json()) if as_json else result.sentence())


@app.command()
def predict(
    model: Model,
    files: Annotated[list[str], typer.Argument(help="Files to predict; - reads one from stdin.")],
    as_json: AsJson = False,
) -> None:
    """Say what a model takes files for, and how surely."""
    from handful.verbs.predicting import predict as verb

    predictions: Sequence[Any] = verb(model, files)
    if as_json:
        _print(json.dumps({"predictions": [p.to_json() for p in predictions]}))
        return
    names = [printable(p.file) for p in predictions]
    width = max(len(name) for name in names)
    rows = zip(names, predictions, strict=True)
    _print("\n".join(f"{name:<{width}}  {printable(p.words())}" for name, p in rows))


Number = float | None


@app.command()
def threshold(
    model: Model,
    positive: Annotated[str | None, typer.Option(help="The tag you look for.")] = None,
    miss_costs: Annotated[Number, typer.Option(help="What missing one costs.")] = None,
    alarm_costs: Annotated[Number, typer.Option(help="What a false alarm costs.")] = None,
    recall: Annotated[Number, typer.Option(help="Find at least this share, like 0.95.")] = None,
    confidence: Annotated[
        Number, typer.Option(help="How sure --recall must be; 0.9 if you say nothing.")
    ] = None,
    specificity: Annotated[
        Number, typer.Option(help="Leave alone at least this share of the others, like 0.99.")
    ] = None,
    prevalence: Annotated[
        Number, typer.Option(help="Share of positives where the model is used, like 0.01.")
    ] = None,
    costs: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="CSV: what each answer costs for each actual tag; column ask: a person.",
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            readable=False, help="Table from evaluate --save: guarantees, not only checks."
        ),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Go back to answering the most probable tag.")
    ] = False,
    set: Annotated[bool, typer.Option("--set", help="Make the model answer by it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Choose how the model answers, from the mistake you fear."""
    from handful.verbs.thresholding import threshold as verb

    choice = verb(
        model, positive=positive, miss_costs=miss_costs, alarm_costs=alarm_costs, recall=recall,
        confidence=confidence, specificity=specificity, prevalence=prevalence, costs=costs,
        scores=scores, reset=reset, set=set,
    )  # fmt: skip
    if as_json:
        _print(json.dumps(choice.to_json()))
        return
    stored = "\nThe model answers by it from now on." if set else ""
    _print(printable(choice.sentence) + stored)


@app.command()
def listen(
    source: Annotated[
        str, typer.Argument(help="A file, microphone, microphone:NAME, or - for a pipe.")
    ],
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS|FILE",
            help="What is usual: so many seconds of the beginning (30, if you say nothing), a "
            "recording of it, or a saved baseline.",
        ),
    ] = None,
    save_baseline: Annotated[
        Path | None, typer.Option(readable=False, help="Keep the baseline in this file.")
    ] = None,
    false_alarms: Annotated[
        str | None,
        typer.Option(metavar="N/hour", help="Promise at most so many, or say what can be."),
    ] = None,
    calibrate: Annotated[
        str | None,
        typer.Option(metavar="FILE=DB", help="A recorded tone and its level: tone.wav=94."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(readable=False, help="Also write level and events as a page, FILE.html."),
    ] = None,
    on_event: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="Run this after each event; it gets it as JSON."),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Post each event to this address as JSON.")
    ] = None,
    rate_hz: Annotated[
        float | None,
        typer.Option(metavar="HZ", help="The pipe holds raw 16-bit samples, so many a second."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how loud a sound is, and hear what in it is unlike the usual."""
    from handful.verbs.listening import listen as verb

    with _progress() as progress:
        listening = verb(
            source, baseline=baseline, save_baseline=save_baseline, false_alarms=false_alarms,
            calibrate=calibrate, plot=plot, on_event=on_event, webhook=webhook, rate_hz=rate_hz,
            progress=progress,
        )  # fmt: skip
        if not listening.sound.live:
            listening.finish()
    if listening.sound.live:
        _follow(listening, as_json=as_json)
    _print(json.dumps(listening.to_json()) if as_json else listening.sentence())


@app.command()
def count(
    video: Annotated[str | None, typer.Argument(help="The video; - reads one from stdin.")] = None,
    camera: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Instead: a camera, 0 is the first. Ctrl-C ends."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(help="blocks: movement all over the picture. robust, plain: a band of rows."),
    ] = "blocks",
    tagged: Annotated[
        str | None,
        typer.Option(metavar="CLIP=N", help="Learn from a clip with N repetitions."),
    ] = None,
    band: Annotated[
        str, typer.Option(help="Rows for robust and plain, as shares of the height.")
    ] = "0.45-0.55",
    reference: Annotated[
        str, typer.Option(help="Rows that keep still, for robust and plain.")
    ] = "0-0.025",
    fps: Annotated[
        float | None, typer.Option(help="Frames a second, where the video says it wrongly.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(readable=False, help="Also write what it saw as a page.")
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(readable=False, help="Also write the video with the count in it, as MP4."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count how often a movement repeats, in a video or live; nothing to train."""
    from handful.verbs.counting import count as verb

    with nullcontext(_tallies()) if camera is not None else _progress() as progress:
        result = verb(
            video, camera=camera, method=method, tagged=tagged, band=band, reference=reference,
            fps=fps, plot=plot, overlay=overlay, progress=progress,
        )  # fmt: skip
    _print(json.dumps(result.to_json()) if as_json else result.words())


def _tallies() -> Progress:
    """The running count, on one line of stderr, or on a line each where that is no terminal."""
    end = "\r" if sys.stderr.isatty() else "\n"

    def tell(stage: str, done: int, total: int) -> None:
        once = "repetition" if done == 1 else "repetitions"
        print(f"  {done} {once}, Ctrl-C ends  ", end=end, file=sys.stderr, flush=True)  # noqa: T201

    return tell


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
    interrupt = _Interrupt()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    try:
        app()
    except BaseException as error:  # Typer and C libraries turn an interrupt into other errors
        if isinstance(error, SystemExit) and not error.code:
            raise  # it ended well, even if an interrupt was what ended a live sound
        if interrupt.came:
            remembered = _REMEMBERED if sys.argv[1:2] == ["train"] else ""
            _fail(_STOPPED + remembered, _INTERRUPTED)
        if not isinstance(error, HandfulError):
            raise
        _fail(str(error), _WRONG_INPUT if isinstance(error, InputError) else _FAULT)


class _Interrupt:
    """Ctrl-C: the first ends the work in good order, a second one at once."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, signum: int, frame: object) -> None:
        self.came = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt


def _fail(message: str, code: int) -> NoReturn:
    lines = [printable(line) for line in message.split("\n")]
    print("handful:", "\n".join(lines), file=sys.stderr)  # noqa: T201
    sys.exit(code)


def _print(text: str) -> None:
    try:
        print(text, flush=True)  # noqa: T201
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's last flush
        if isinstance(error, BrokenPipeError):  # whoever read it has read enough
            sys.exit(_FAULT)
        raise TargetError(f"cannot print the answer: {error.strerror}.") from error


def _show(values: dict[str, Any], report: dict[str, Any], page: Path | None, as_json: bool) -> None:
    if as_json:
        _print(json.dumps(values))
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


def _follow(listening: Listening, *, as_json: bool) -> None:
    """Show a live sound as it comes: its events line by line, and on a terminal a meter."""
    from rich.console import Console
    from rich.live import Live

    from handful.plots.meter import meter_line
    from handful.verbs.heard import event_json, event_words

    terminal = Console(stderr=True)
    moving = Live(console=terminal, refresh_per_second=10, transient=True)
    with moving if terminal.is_terminal else nullcontext():
        try:
            for moment in listening.watch():
                for event in moment.events:
                    if as_json:
                        _print(json.dumps(event_json(event, listening.unit)))
                    elif terminal.is_terminal:
                        terminal.print(event_words(event, listening.unit), highlight=False)
                moving.update(
                    meter_line(
                        time_s=moment.time_s, level_db=moment.level_db, unit=listening.unit,
                        state=moment.state, learnt=moment.learnt, n_events=len(listening.events),
                    )
                )  # fmt: skip
        except KeyboardInterrupt:  # how a person ends what has no end
            listening.stop()


class _Lines:
    """Progress for logs: a line when a stage begins."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._stage = stage
            print(f"{stage} ...", file=sys.stderr)  # noqa: T201
