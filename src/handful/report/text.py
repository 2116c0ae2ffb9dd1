"""The short summary in the terminal after training or evaluating."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handful.printing import printable
from handful.report import findings
from handful.report.blends import cost_words
from handful.report.several import several_lines
from handful.report.values import value_text
from handful.report.words import counted, interval, noun, percent

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_SHOWN = 3
_GLUE = "\ue000"  # stands for a space at which Rich must not break a line
_NAME_WIDTH = 28
_STYLES = {"better": "green", "unclear": "yellow", "worse": "red"}


def report_text(
    report: Mapping[str, Any],
    *,
    colour: bool,
    path: str | Path | None = None,
    width: int = 80,
    cost_ms: Mapping[str, float] | None = None,
) -> str:
    """Summary that a person reads in the terminal.

    Parameters
    ----------
    report : mapping
        The values of report.json.
    colour : bool
        With ANSI colours, or plain for pipes and files.
    path : str or Path, optional
        Where the full report lies.
    width : int
        Columns of the terminal.
    cost_ms : mapping of str to float, optional
        Where several answer together: milliseconds a sample, ``together`` and ``alone``.

    Returns
    -------
    str
        Lines of at most ``width`` columns, ending in a newline. Names in it are made safe to
        print: control characters are replaced and long names shortened.
    """
    if report.get("kind") == "number":
        return value_text(report, path)
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out,
        width=max(width, 40),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    for part in _parts(report, path, console.width, cost_ms):
        console.print(part)
    lines = out.getvalue().replace(_GLUE, " ").splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _parts(
    report: Mapping[str, Any],
    path: str | Path | None,
    width: int,
    cost_ms: Mapping[str, float] | None,
) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    verdict = findings.verdict(report)
    yield Text(findings.headline(report), style="bold")
    if findings.beside_guessing(report):
        yield Text(findings.beside_guessing(report))
    if findings.VERDICTS[verdict]:
        yield Text(findings.VERDICTS[verdict], style=_STYLES.get(verdict, ""))
    bar = _bar(report, width)
    if bar is not None:
        yield Padding(bar, (1, 0))
    yield _facts(report, path, cost_ms)


def _bar(report: Mapping[str, Any], width: int) -> Text | None:
    """Accuracy, its interval and the baseline on one line from 0 to 100 %."""
    from rich.text import Text

    accuracy = findings.metric(report, "accuracy")
    low, value, high = (accuracy.get(key) for key in ("low", "value", "high"))
    if low is None or value is None or high is None:
        return None
    cells = min(width, 80) - 15
    guess = findings.metric(report, "baseline_accuracy").get("value")
    line = Text("   0 % ", style="dim")
    for i in range(cells):
        line.append(*_bar_cell(i, cells - 1, (low, value, high), guess))
    return line.append(" 100 %", style="dim")


def _bar_cell(
    i: int, last: int, span: tuple[float, float, float], guess: float | None
) -> tuple[str, str]:
    low, value, high = (round(share * last) for share in span)
    if i == value:
        return "●", "bold green"
    if guess is not None and i == round(guess * last):
        return "▲", "yellow"
    if low <= i <= high:
        return "━", "green"
    return "·", "dim"


def _facts(
    report: Mapping[str, Any], path: str | Path | None, cost_ms: Mapping[str, float] | None
) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, lines, style in _rows(report, path, cost_ms):
        for i, line in enumerate(lines):
            glued = line.replace(" %", f"{_GLUE}%")
            table.add_row(Text("" if i else label, style="dim"), Text(glued, style=style))
    return table


def _rows(
    report: Mapping[str, Any], path: str | Path | None, cost_ms: Mapping[str, float] | None
) -> Iterator[tuple[str, list[str], str]]:
    yield from _about_model(report, cost_ms)
    right = "Right of the rest" if findings.asked(report) else _right(report)
    yield right, [interval(findings.metric(report, "accuracy"))], ""
    baseline = findings.metric(report, "baseline_accuracy")
    if baseline.get("value") is not None:
        yield "Guessing", [f"{percent(baseline['value'])} (▲, {_always(report)})"], ""
    if report.get("kind") == "several":
        yield "Tag by tag", [printable(line) for line in several_lines(report)], ""
    else:
        yield "Mixed up", _confusions(report), ""
    if report.get("near_copies"):
        yield "Near-copies", [_near_copies(report)], ""
    if report.get("unreadable"):
        yield "Unreadable", _unreadable(report), "yellow"
    if report.get("warnings"):
        yield "Warnings", [printable(line) for line in report["warnings"]], "yellow"
    if path is not None:
        yield "Report", [printable(str(path))], "bold"


def _about_model(
    report: Mapping[str, Any], cost_ms: Mapping[str, float] | None
) -> Iterator[tuple[str, list[str], str]]:
    if report.get("recipe"):
        yield "Recipe", [printable(report["recipe"])], ""
    if cost_ms:
        yield "Takes", [cost_words(cost_ms, noun(report, 1))], ""
    if (report.get("rule") or {}).get("sentence"):
        yield "Rule", [printable(report["rule"]["sentence"])], ""
    if findings.asked(report):
        k, n = report["asked"]["k"], report["asked"]["n"]
        yield "To a person", [f"{k:,} of {n:,} ({percent(k / n)})"], ""


def _right(report: Mapping[str, Any]) -> str:
    return "All tags right" if report.get("kind") == "several" else "Right"


def _always(report: Mapping[str, Any]) -> str:
    several = report.get("kind") == "several"
    return "always the commonest combination" if several else "always the commonest tag"


def _confusions(report: Mapping[str, Any]) -> list[str]:
    worst = findings.worst_confusions(report, _SHOWN)
    if not worst:
        return ["nothing" if findings.metric(report, "accuracy").get("value") == 1 else "unknown"]
    lines = [
        f"{_short(c.actual)} taken for {_short(c.taken_for)}: {c.count} of {c.out_of}"
        f" ({percent(c.share)})"
        for c in worst
    ]
    rest = sum(c.count for c in findings.confusions(report)) - sum(c.count for c in worst)
    return [*lines, f"and {counted(rest, 'other mistake')}"] if rest else lines


def _near_copies(report: Mapping[str, Any]) -> str:
    groups = report["near_copies"]
    n = sum(len(group.get("names") or []) for group in groups)
    what = "" if report.get("purpose") == "evaluate" else ", never split in judging"
    in_groups = f"{counted(n, noun(report, 1), noun(report))} in {counted(len(groups), 'group')}"
    return f"{in_groups}{what}"


def _unreadable(report: Mapping[str, Any]) -> list[str]:
    files = report["unreadable"]
    lines = [f"{_short(bad['name'])} {printable(bad['why'])}" for bad in files[:_SHOWN]]
    rest = len(files) - _SHOWN
    return [*lines, f"and {counted(rest, 'other file')}"] if rest > 0 else lines


def _short(name: str) -> str:
    name = printable(name)
    if len(name) <= _NAME_WIDTH:
        return name
    return f"{name[: _NAME_WIDTH // 2 - 1]}…{name[-_NAME_WIDTH // 2 :]}"
