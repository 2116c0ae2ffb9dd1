"""The report of a model that answers numbers: its terminal summary, and what its page shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from handful.printing import printable
from handful.report import words
from handful.report.blends import blend_sentence

_WORST = 24
_MOST_TICKS = 6  # spaces between ticks
_ROOM = 100.0  # the scatter plot's own units


def number(value: float | None, like: float = 1.0) -> str:
    """A number with as many digits as its spread makes sensible.

    >>> number(9.9337), number(12345.6, like=2000), number(0.00123, like=0.001), number(None)
    ('9.93', '12346', '0.00123', 'undefined')
    """
    if value is None or not math.isfinite(value):
        return "undefined"
    digits = max(0, 2 - math.floor(math.log10(like))) if like > 0 else 2
    text = f"{value:.{min(digits, 12)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_text(report: Mapping[str, Any], path: str | Path | None) -> str:
    """Summary that a person reads in the terminal, ending in a newline."""
    like = _like(report)
    metrics = report["metrics"]
    rows = [
        ("Recipe", printable(report["recipe"])),
        ("Off by", f"{_spanned(metrics['mae'], like)} on average (mean absolute error, MAE)"),
        ("Guessing", f"{_spanned(metrics['baseline_mae'], like)}, always the middle number"),
        ("Explained", f"{_spanned(metrics['r2'], 1)} of the differences (R2; 1 is all)"),
        ("Large errors", f"{_spanned(metrics['rmse'], like)} (root mean square, RMSE)"),
    ]
    held = (report.get("range") or {}).get("held")
    if held:
        rows.append(("In its range", words.interval(held)))
    rows += [("Warning", printable(warning)) for warning in report["warnings"]]
    if path is not None:
        rows.append(("Report", printable(str(path))))
    lines = [headline(report), verdict(report), ""]
    lines += [f"{label:<13} {text}" for label, text in rows]
    return "\n".join(lines) + "\n"


def headline(report: Mapping[str, Any]) -> str:
    """The first sentence."""
    mae, like = report["metrics"]["mae"], _like(report)
    many = words.noun(report)
    low, high = number(mae["low"], like), number(mae["high"], like)
    between = f" (between {low} and {high})" if mae["low"] is not None else ""
    about = number(mae["value"], like)
    return f"On new {many} like yours, expect it to be off by about {about}{between}."


def verdict(report: Mapping[str, Any]) -> str:
    """Beside guessing."""
    like = _like(report)
    mae, blind = report["metrics"]["mae"], report["metrics"]["baseline_mae"]
    guess = f"Always guessing the middle number is off by {number(blind['value'], like)}."
    r2 = report["metrics"]["r2"]
    if mae["value"] is None or blind["value"] is None or r2["low"] is None:
        return guess
    if r2["low"] > 0 and mae["value"] < blind["value"]:
        return f"{guess} The model is clearly better than that."
    return f"{guess} The model cannot be told apart from that."


def value_view(report: Mapping[str, Any]) -> dict[str, Any]:
    """Variables of the page's template."""
    like = _like(report)
    metrics = report["metrics"]
    return {
        "evaluated": report["purpose"] == "evaluate",
        "one": words.noun(report, 1),
        "many": words.noun(report),
        "n": report["n"],
        "headline": headline(report),
        "verdict_words": verdict(report),
        "figures": [
            {"plain": plain, "term": term, "says": says, "text": number(metrics[name]["value"], by),
             "span": _range(metrics[name], by)}
            for name, plain, term, says, by in (
                ("mae", "Off by, on average", "MAE", "The mean of how far off it is.", like),
                ("rmse", "Off by, large errors counting more", "RMSE",
                 "The root of the mean square: a few large errors show here.", like),
                ("r2", "Share of the differences that it explains", "R2",
                 "1: all of them. 0: no better than the mean of all. It can be negative.", 1.0),
                ("baseline_mae", "Always the middle number", "MAE of the median",
                 "What a model gets that looks at nothing. The least there is to beat.", like),
            )
        ],
        "scatter": _scatter(report),
        "worst": [
            {
                **one,
                "actual": number(one["actual"], like),
                "said": number(one["said"], like),
                "range": ""
                if one["low"] is None
                else f"range {number(one['low'], like)} to {number(one['high'], like)}",
            }
            for one in report["mistakes"]
        ],
        "range": report["range"],
        "held": words.interval(report["range"]["held"]) if report["range"].get("held") else "",
        "warnings": report["warnings"],
        "near_copies": report["near_copies"],
        "unreadable": report["unreadable"],
        "seen": (report.get("left_out") or {}).get("seen_in_training") or [],
        "recipe": report["recipe"],
        "gain": blend_sentence(report, "mean squared error"),
        "rivals": [
            {**rival, "rmse": number(rival["rmse"], like)} for rival in report.get("rivals") or []
        ],
        "folds": report.get("folds"),
        "like": like,
    }  # fmt: skip


def worst(
    y: Sequence[float],
    said: Sequence[float],
    names: Sequence[str],
    bounds: Sequence[Sequence[float]] | None = None,
) -> list[dict[str, Any]]:
    """The samples that it was furthest off for, worst first."""
    order = sorted(range(len(y)), key=lambda i: -abs(said[i] - y[i]))[:_WORST]
    return [
        {
            "name": names[i],
            "actual": float(y[i]),
            "said": float(said[i]),
            "low": None if bounds is None else float(bounds[0][i]),
            "high": None if bounds is None else float(bounds[1][i]),
            "similar": [],
        }
        for i in order
    ]


def _like(report: Mapping[str, Any]) -> float:
    """The size that digits go by: the usual error of guessing."""
    guessing = report["metrics"]["baseline_mae"]["value"]
    return 1.0 if not guessing else float(guessing)


def _spanned(metric: Mapping[str, Any], like: float) -> str:
    span = _range(metric, like)
    return number(metric["value"], like) + (f" ({span})" if span else "")


def _range(metric: Mapping[str, Any], like: float) -> str:
    if metric["low"] is None or metric["high"] is None:
        return ""
    low, high = number(metric["low"], like), number(metric["high"], like)
    return f"95 % interval {low} to {high}"


def _scatter(report: Mapping[str, Any]) -> dict[str, Any]:
    """Points of said against actual, and the ends of both axes."""
    y, said = report["scatter"]["actual"], report["scatter"]["said"]
    low, high = float(min(*y, *said)), float(max(*y, *said))
    size = (high - low) or 1.0

    def place(value: float) -> float:
        return round(_ROOM * (value - low) / size, 2)

    return {
        "points": [
            {"x": place(a), "y": round(_ROOM - place(b), 2)} for a, b in zip(y, said, strict=True)
        ],
        "ticks": [{"at": place(tick), "text": f"{tick:.10g}"} for tick in round_ticks(low, high)],
    }


def round_ticks(low: float, high: float) -> list[float]:
    """Round numbers from low to high, three to seven of them; low alone where both are the same.

    >>> round_ticks(25, 341), round_ticks(0.02, 0.04)
    ([100.0, 200.0, 300.0], [0.02, 0.025, 0.03, 0.035, 0.04])
    """
    size = high - low
    if not size > 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(size))
    wholes = (0.2, 0.25, 0.5, 1, 2)
    step = next(s * power for s in wholes if size / (s * power) <= _MOST_TICKS)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{at * step:.10g}") for at in range(first, last + 1)]
