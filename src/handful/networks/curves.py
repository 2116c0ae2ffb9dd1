"""Draws a function of one number and its slope, as an SVG picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

import torch

from handful.errors import InputError

_POINTS = 400
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 480, 320, 44, 16, 40, 32  # px
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#333}"
    ".grid{stroke:#ddd}.axis{stroke:#999}.value{stroke:#1f6f8b}.slope{stroke:#c8552b}"
    "path{fill:none;stroke-width:2.5;stroke-linejoin:round}.slope{stroke-dasharray:6 4}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.axis{stroke:#888}"
    ".value{stroke:#6cc3e0}.slope{stroke:#f0976f}}"
)


def plot_function(
    function: Callable[[torch.Tensor], torch.Tensor], low: float, high: float, *, name: str = ""
) -> str:
    """The function and, dashed, its slope, from `low` to `high`, as SVG.

    Parameters
    ----------
    function : callable
        From float64 (n_points,) to float64 (n_points,), each value of its own point alone.
    low, high : float
    name : str
        Title. Default: the function's own name.

    Returns
    -------
    str
        SVG for a page or a file; it follows the reader's light or dark colours.

    Raises
    ------
    InputError
        `low` is not below `high`, or the function is nowhere finite between them.

    Examples
    --------
    >>> from handful.networks.activations import relu
    >>> svg = plot_function(relu, -3, 3)  # pathlib.Path("relu.svg").write_text(svg)
    >>> svg[:4], "relu" in svg
    ('<svg', True)
    """
    if not low < high:
        raise InputError(f"plotting from {low} to {high}: the first must be the smaller one.")
    x = torch.linspace(low, high, _POINTS, dtype=torch.float64, requires_grad=True)
    y = function(x)
    (slopes,) = torch.autograd.grad(y.sum(), x) if y.requires_grad else (torch.zeros_like(x),)
    xs, values = x.tolist(), y.tolist()
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        raise InputError(f"the function has no finite value between {low} and {high}.")
    tilts = _shown(slopes.tolist(), values, min(finite), max(finite))
    finite += [tilt for tilt in tilts if math.isfinite(tilt)]
    bottom, top = _room(min(finite), max(finite))
    across = _scale(low, high, _LEFT, _WIDTH - _RIGHT)
    up = _scale(bottom, top, _HEIGHT - _BOTTOM, _TOP)
    title = escape(name or getattr(function, "__name__", "function"))
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'role="img" aria-label="{title} and its slope from {low:g} to {high:g}">',
            f"<style>{_STYLE}</style>",
            *_grid(low, high, across, vertical=True),
            *_grid(bottom, top, up, vertical=False),
            *_key(title),
            _path(xs, tilts, across, up, "slope"),
            _path(xs, values, across, up, "value"),
            "</svg>",
        ]
    )


def _shown(tilts: list[float], values: list[float], low: float, high: float) -> list[float]:
    """Slopes where there is a value, without those so steep that they would flatten the curve."""
    most = max(high - low, 1.0)
    return [
        tilt if math.isfinite(value) and low - most <= tilt <= high + most else math.nan
        for tilt, value in zip(tilts, values, strict=True)
    ]


def _room(low: float, high: float) -> tuple[float, float]:
    """The range with a little air; a flat function gets some too."""
    air = 0.06 * (high - low) or 0.5
    return low - air, high + air


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / (high - low) * (end - start)


def _ticks(low: float, high: float) -> list[float]:
    """About five round numbers."""
    rough = (high - low) / 5
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(s for s in (size, 2 * size, 5 * size, 10 * size) if s >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [number * step for number in range(first, last + 1)]


def _grid(low: float, high: float, place: Callable[[float], float], *, vertical: bool) -> list[str]:
    parts = []
    for tick in _ticks(low, high):
        at = f"{place(tick):.1f}"
        kind = "axis" if tick == 0 else "grid"
        words = f"{tick:g}".replace("-", "−")
        if vertical:
            line = f'x1="{at}" x2="{at}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"'
            text = f'x="{at}" y="{_HEIGHT - 10}" text-anchor="middle"'
        else:
            line = f'x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at}" y2="{at}"'
            text = f'x="{_LEFT - 8}" y="{at}" dy="4" text-anchor="end"'
        parts.append(f'<line class="{kind}" {line}/><text {text}>{words}</text>')
    return parts


def _key(title: str) -> list[str]:
    middle = _WIDTH // 2
    return [
        f'<path class="value" d="M{_LEFT} 20h28"/><text x="{_LEFT + 36}" y="24">{title}</text>',
        f'<path class="slope" d="M{middle} 20h28"/><text x="{middle + 36}" y="24">its slope</text>',
    ]


def _path(
    xs: list[float],
    ys: list[float],
    across: Callable[[float], float],
    up: Callable[[float], float],
    kind: str,
) -> str:
    """A curve; it breaks where there is no finite value."""
    strokes, drawing = [], False
    for x, y in zip(xs, ys, strict=True):
        if math.isfinite(y):
            strokes.append(f"{'L' if drawing else 'M'}{across(x):.1f} {up(y):.1f}")
        drawing = math.isfinite(y)
    return f'<path class="{kind}" d="{"".join(strokes)}"/>'
