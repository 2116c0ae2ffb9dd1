"""The page of `count --plot`: what moved, where the thresholds lay, how the count rose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from handful.detectors.counting import Trace
from handful.plots.chart import Chart, Line, Mark, Marks, clock
from handful.plots.page import Page, Section, page_html

_METHODS = {
    "blocks": "rhythm in which 20 blocks of the picture move",
    "robust": "brightness of a band across the middle, between adaptive thresholds",
    "plain": "brightness of a band across the middle, crossings of its mean",
}
_WORDS = {
    "blocks": (
        "Each swing of the line is movement there and back, in the direction in which most of "
        "the picture moves; the camera's own movement is taken out."
    ),
    "robust": (
        "To count, the line must leave the dashed thresholds on one side, then on the other."
    ),
    "plain": "Every crossing of the dashed mean counts, less those of the reference strip.",
}
_ROWS = 200


def movement_page(counted: Mapping[str, Any], trace: Trace) -> str:
    """The page, as one self-contained HTML file.

    Parameters
    ----------
    counted : mapping
        The values of ``count --json``.
    trace : Trace
        What the counter saw.
    """
    words = _WORDS[counted["method"]]
    if counted["refused"]:
        words += " It fills the picture even where hardly anything moved: then it is noise."
    sections = [Section("What moved", words, _moved(counted, trace))]
    if counted["times_s"]:
        sections.append(Section("The count over time", _steady(counted), _rise(counted)))
        rows = _rows(counted)
        words = "" if len(rows) < _ROWS else f"The first {_ROWS} of {counted['repetitions']}."
        header = ["repetition", "done at", "since the last, s"]
        sections.append(Section("One by one", words, header=header, rows=rows))
    return page_html(
        Page(
            f"count · {_name(counted)}",
            _headline(counted),
            _lead(counted),
            counted["warnings"],
            sections,
            _facts(counted),
        )
    )


def _name(counted: Mapping[str, Any]) -> str:
    return "standard input" if counted["file"] == "-" else Path(counted["file"]).name


def _headline(counted: Mapping[str, Any]) -> str:
    if counted["refused"]:
        return "Not counted"
    n = counted["repetitions"]
    return f"{n} repetition{'' if n == 1 else 's'} in {counted['seconds']:.1f} seconds"


def _lead(counted: Mapping[str, Any]) -> str:
    if counted["refused"]:
        reason = str(counted["refused"])
        return reason[:1].upper() + reason[1:]
    return f"Counted by the {_METHODS[counted['method']]}."


def _steady(counted: Mapping[str, Any]) -> str:
    took = np.diff([0.0, *counted["times_s"]])[1:]
    if len(took) < 2:
        return ""
    return (
        f"From one to the next it usually took {np.median(took):.1f} s, at least "
        f"{took.min():.1f} s, at most {took.max():.1f} s with pauses. A straight line is a steady "
        "rhythm, a flat piece a pause."
    )


def _moved(counted: Mapping[str, Any], trace: Trace) -> Chart:
    marks: list[Mark] = [Line(trace.times_s, trace.values, "movement")]
    if trace.low is not None and trace.high is not None:
        marks.append(Line(trace.times_s, trace.low, "", "level"))
        marks.append(Line(trace.times_s, trace.high, "thresholds", "level"))
    if counted["times_s"]:
        marks.append(Marks(counted["times_s"], "a repetition is done"))
    low, high = _limits(trace.values, trace.least)
    return Chart(
        "Movement over time",
        f"{counted['repetitions']} repetitions were counted in this signal.",
        marks,
        (0.0, counted["seconds"]),
        (low, high),
        trace.name,
        y_ticks=[(0.0, "still")] if counted["method"] == "blocks" else None,
    )


def _limits(values: np.ndarray, least: float) -> tuple[float, float]:
    """Nearly all values, so that one flash does not flatten the rest, and room for the strokes."""
    if not len(values):
        return 0.0, 1.0
    low, high = (float(v) for v in np.quantile(values, [0.002, 0.998]))
    short = max(0.0, least - (high - low)) / 2
    low, high = low - short, high + short
    room = 0.12 * (high - low) or 1.0
    return low - 1.6 * room, high + room


def _rise(counted: Mapping[str, Any]) -> Chart:
    times_s = [0.0, *counted["times_s"], counted["seconds"]]
    n = counted["repetitions"]
    x = np.repeat(times_s, 2)[1:]
    y = np.repeat(np.arange(len(times_s), dtype=float), 2)[: len(x)]
    return Chart(
        "The count over time",
        f"It rises from 0 to {n} in {counted['seconds']:.1f} seconds.",
        [Line(x, np.minimum(y, n), style="second")],
        (0.0, counted["seconds"]),
        (0.0, max(1.0, n * 1.06)),
        "repetitions so far",
    )


def _rows(counted: Mapping[str, Any]) -> list[list[str]]:
    times_s = counted["times_s"]
    took = np.diff([0.0, *times_s])
    end = counted["seconds"]
    return [
        [str(i + 1), clock(t, 0.1, end), "" if i == 0 else f"{took[i]:.1f}"]
        for i, t in enumerate(times_s[:_ROWS])
    ]


def _facts(counted: Mapping[str, Any]) -> dict[str, str]:
    facts = {
        "file": str(counted["file"]),
        "frames": f"{counted['frames']:,} at {counted['fps']:.4g} a second",
        "method": counted["method"],
    }
    if counted["inner_crossings"] is not None:
        facts["crossings"] = (
            f"{counted['inner_crossings']} in the band, {counted['outer_crossings']} in the "
            "reference"
        )
    return facts
