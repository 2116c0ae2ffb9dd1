"""The curves of one tag as values: SVG paths from 0 to 1, dots and whiskers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handful.report.words import rounded

Values = Mapping[str, Any]

LEFT, TOP, SIDE = 44, 10, 264  # of the square in which everything is drawn, as in drawing.js


@dataclass(frozen=True)
class Bin:
    """Samples that were said about the same probability: a dot, its interval, their number."""

    x: str
    y: str
    low: str
    high: str
    middle: str
    count: str
    words: str


@dataclass(frozen=True)
class Here:
    """Where one threshold stands on each curve, and in words; no precision without alarms."""

    roc: tuple[str, str]
    precision: tuple[str, str] | None
    line: str
    found: str
    real: str


@dataclass(frozen=True)
class Curves:
    """What the page draws of one tag; ``share`` is how high an alarm at random would stand."""

    roc: str
    band: str
    precision: str
    share: str
    bins: list[Bin]
    bins_say: str
    here: Here


def curves(tag: Values, done: Values) -> Curves:
    """Curves of one entry of the trade-offs, with the point of one of its typical choices."""
    bins = [_bin(values) for values in tag["reliability"]]
    return Curves(
        roc=_roc(tag),
        band=_band(tag["roc_band"]),
        precision=_precision(tag),
        share=down(tag["n_positive"] / (tag["n_positive"] + tag["n_negative"])),
        bins=bins,
        bins_say=f"Came true, by what was said. {'; '.join(b.words for b in bins)}.",
        here=_here(tag, done),
    )


def _here(tag: Values, done: Values) -> Here:
    found, alarms = done["tp"] / tag["n_positive"], done["tp"] + done["fp"]
    share = f"{done['tp']:,} of {tag['n_positive']:,} are found"
    return Here(
        roc=(across(done["fp"] / tag["n_negative"]), down(found)),
        precision=(across(found), down(done["tp"] / alarms)) if alarms else None,
        line=across(min(1.0, done["threshold"])),
        found=f"At the chosen threshold {share}, {done['fp']:,} of {tag['n_negative']:,} others"
        " alarm.",
        real=f"At the chosen threshold {share}, {done['tp']:,} of {alarms:,} alarms are real.",
    )


def across(x: float) -> str:
    """Where a share lies from left to right on the paper.

    >>> across(0), across(1), down(0), down(1)
    ('44.00', '308.00', '274.00', '10.00')
    """
    return f"{LEFT + SIDE * x:.2f}"


def down(y: float) -> str:
    """Where a share lies from top to bottom on the paper."""
    return f"{TOP + SIDE * (1 - y):.2f}"


def _roc(tag: Values) -> str:
    pairs = zip(tag["fp"], tag["tp"], strict=True)
    points = [_point(fp / tag["n_negative"], tp / tag["n_positive"]) for fp, tp in pairs]
    return "M" + "L".join(["0 0", *points])


def _band(band: Values) -> str:
    there, back = _along(band["high"]), _along(band["low"])[::-1]
    return "M" + "L".join([*there, *back]) + "Z"


def _along(ends: Sequence[float]) -> list[str]:
    return [_point(i / (len(ends) - 1), end) for i, end in enumerate(ends)]


def _precision(tag: Values) -> str:
    """Up to each recall the precision of the threshold that reaches it: no line in between."""
    steps: list[str] = []
    for tp, fp in zip(tag["tp"], tag["fp"], strict=True):
        y, x = _short(tp / (tp + fp)), _short(tp / tag["n_positive"])
        steps.append(f"{'V' if steps else 'M0 '}{y}H{x}")
    return "".join(steps)


def _point(x: float, y: float) -> str:
    return f"{_short(x)} {_short(y)}"


def _short(x: float) -> str:
    return f"{rounded(10_000 * x) / 10_000:g}"


def _bin(values: Values) -> Bin:
    n, k = values["n"], values["k"]
    tenth = min(9, max(0, math.ceil(values["said"] * 10 - 1e-9) - 1))
    return Bin(
        x=across(values["said"]),
        y=down(k / n),
        low=down(values["low"]),
        high=down(values["high"]),
        middle=across((tenth + 0.5) / 10),
        count=str(n) if n < 10_000 else f"{n // 1000}k",
        words=f"{100 * values['said']:.3g} % said: {k} of {n}",
    )
