"""What commands print: answers to stdout, progress and messages to stderr."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from handful.errors import TargetError
from handful.progress import Progress

_READER_GONE = 1
_COUNT_EVERY_S = 30.0  # in a log


def print_text(text: str) -> None:
    """Print an answer to stdout.

    Raises
    ------
    TargetError
        Nothing takes it: a full disk.
    """
    try:
        print(text, flush=True)  # noqa: T201
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's last flush
        if isinstance(error, BrokenPipeError):  # whoever read it has read enough
            sys.exit(_READER_GONE)
        raise TargetError(f"cannot print the answer: {error.strerror}.") from error


def show_result(
    values: dict[str, Any], report: dict[str, Any], page: Path | None, as_json: bool
) -> None:
    """Print a judgement, for people or as JSON."""
    if as_json:
        print_text(json.dumps(values))
        return
    import shutil

    from handful.report.text import report_text

    colour = sys.stdout.isatty()
    width = min(100, shutil.get_terminal_size((80, 24)).columns) if colour else 80
    text = report_text(report, colour=colour, path=page, width=width, cost_ms=values.get("cost_ms"))
    print_text(text.rstrip("\n"))


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Bars on a terminal, one line a stage elsewhere; always to stderr."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(), TextColumn("{task.fields[note]}"),
    )  # fmt: skip
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int, note: str = "") -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total, note=note)
            bars.update(tasks[stage], completed=done, total=total, note=note)

        yield advance


class _Lines:
    """Progress for logs: a line when a stage begins, how far it is now and then, and how it went
    where that is known.
    """  # noqa: D205

    def __init__(self) -> None:
        self._begun = set[str]()
        self._told_s = 0.0

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        now_s = time.monotonic()
        if stage not in self._begun:
            self._begun.add(stage)
            self._told_s = now_s
            print(f"{stage} ...", file=sys.stderr)  # noqa: T201
        elif done < total and now_s - self._told_s >= _COUNT_EVERY_S:
            self._told_s = now_s
            print(f"{stage}: {done} of {total}", file=sys.stderr)  # noqa: T201
        if note and done == total:
            print(f"{stage}: {note}", file=sys.stderr)  # noqa: T201
