"""Commands that need no training: count and listen."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handful.cli.options import AsJson
from handful.cli.output import print_text, progress_bars
from handful.progress import Progress

if TYPE_CHECKING:
    from handful.verbs.hearing import Listening


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
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print one JSON object and nothing else; for pipes and microphones a line for "
            "each event as it ends (JSON lines), and the object last.",
        ),
    ] = False,
) -> None:
    """Measure how loud a sound is, and hear what in it is unlike the usual."""
    from handful.verbs.listening import listen as verb

    with progress_bars() as progress:
        listening = verb(
            source, baseline=baseline, save_baseline=save_baseline, false_alarms=false_alarms,
            calibrate=calibrate, plot=plot, on_event=on_event, webhook=webhook, rate_hz=rate_hz,
            progress=progress,
        )  # fmt: skip
        if not listening.sound.live:
            listening.finish()
    if listening.sound.live:
        _follow(listening, as_json=as_json)
    print_text(json.dumps(listening.to_json()) if as_json else listening.sentence())


def _follow(listening: Listening, *, as_json: bool) -> None:
    """Show a live sound as it comes: its events line by line, and on a terminal a meter."""
    from rich.console import Console
    from rich.live import Live

    from handful.errors import InputError
    from handful.plots.meter import meter_line
    from handful.verbs.heard import event_json
    from handful.verbs.heard_words import event_words

    terminal = Console(stderr=True)
    moving = Live(console=terminal, refresh_per_second=10, transient=True)
    with moving if terminal.is_terminal else nullcontext(), _ended_like_ctrl_c():
        try:
            for moment in listening.watch():
                for event in moment.events:
                    if as_json:
                        print_text(json.dumps(event_json(event, listening.unit)))
                    elif terminal.is_terminal:
                        terminal.print(event_words(event, listening.unit), highlight=False)
                moving.update(
                    meter_line(
                        time_s=moment.time_s, level_db=moment.level_db, unit=listening.unit,
                        state=moment.state, learnt=moment.learnt, n_events=len(listening.events),
                    )
                )  # fmt: skip
        except KeyboardInterrupt:  # how a person ends what has no end
            if not listening.meter.n_samples:
                raise InputError("it was ended before any sound came") from None
            listening.stop()


def count(
    video: Annotated[str | None, typer.Argument(help="The video; - reads one from stdin.")] = None,
    camera: Annotated[
        str | None,
        typer.Option(metavar="NUMBER|NAME", help="Instead: a camera, 0 is the first. Ctrl-C ends."),
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
        str | None,
        typer.Option(
            metavar="FROM-TO",
            help="Rows for robust and plain, as shares of the height: 0.45-0.55, if you say "
            "nothing.",
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="FROM-TO",
            help="Rows that keep still, for robust and plain: 0-0.025, if you say nothing.",
        ),
    ] = None,
    fps: Annotated[
        float | None, typer.Option(help="Frames a second, where the video says it wrongly.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(readable=False, help="Also write what it saw as a page.")
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Also write the video with the count in it, and its sound, as MP4.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count how often a movement repeats, in a video or live; nothing to train."""
    from handful.verbs.counting import count as verb

    live = camera is not None or video == "-"
    shown = live and (camera is not None or sys.stderr.isatty())
    with (
        nullcontext(_tallies()) if shown else progress_bars() as progress,
        _ended_like_ctrl_c() if live else nullcontext(),
    ):
        result = verb(
            video, camera=camera, method=method, tagged=tagged, band=band, reference=reference,
            fps=fps, plot=plot, overlay=overlay, progress=progress,
        )  # fmt: skip
    print_text(json.dumps(result.to_json()) if as_json else result.words())


def _tallies() -> Progress:
    """The running count, on one line of stderr, or on a line each where that is no terminal."""
    end = "\r" if sys.stderr.isatty() else "\n"

    def tell(stage: str, done: int, total: int, note: str = "") -> None:
        once = "repetition" if done == 1 else "repetitions"
        print(f"  {done} {once}, Ctrl-C ends  ", end=end, file=sys.stderr, flush=True)  # noqa: T201

    return tell


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM end what has no end as Ctrl-C does: with all that was seen or heard."""

    def end(signum: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
