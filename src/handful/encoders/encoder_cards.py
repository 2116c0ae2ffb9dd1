"""The card of an encoder that the user brings: what it takes, whose it is, as a small JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handful.encoders.foreign_graphs import ForeignGraph, Port
from handful.errors import InputError

PIXELS, WAVEFORM = "pixels", "waveform"
NCHW, NHWC = "NCHW", "NHWC"
RGB, BGR, GREY = "RGB", "BGR", "grey"
UNIT_VARIANCE = "unit variance"
_FILL = "FILL IN: "
_IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
_PIXEL_VALUES = {
    "0 to 255": ((0.0,), (1.0,)),
    "0 to 1": ((0.0,), (255.0,)),
    "-1 to 1": ((127.5,), (127.5,)),
    "imagenet": _IMAGENET,  # of RGB, as torchvision's networks were trained
}
_WAVE_VALUES = {"-1 to 1": ((0.0,), (1.0,)), UNIT_VARIANCE: ((0.0,), (1.0,))}
_WORDS = ("name", "licence", "origin")
_FIELDS = {
    PIXELS: ("name", "input", "layout", "size_px", "colours", "values", "output", *_WORDS[1:]),
    WAVEFORM: ("name", "input", "rate_hz", "window_s", "values", "output", *_WORDS[1:]),
}
_MAY_BE_MISSING = ("window_s",)
_MOST_PX, _RATES_HZ, _RATE_STEP_HZ, _WINDOWS_S = 1024, (1000, 96_000), 50, (0.05, 30.0)
_MOST_LETTERS, _MOST_B = 300, 100_000


@dataclass(frozen=True)
class PixelInput:
    """How photos are handed to a network: (value - mean) / scale of values from 0 to 255.

    Attributes
    ----------
    layout : str
        `NCHW` or `NHWC`.
    height_px, width_px : int
    colours : str
        `RGB`, `BGR` or `GREY`.
    mean, scale : tuple of float
        One for all colours, or one each in the network's own order.
    """

    layout: str
    height_px: int
    width_px: int
    colours: str
    mean: tuple[float, ...]
    scale: tuple[float, ...]


@dataclass(frozen=True)
class WaveInput:
    """How sounds are handed to a network: (value - mean) / scale of values from -1 to 1.

    Attributes
    ----------
    rate_hz : int
    window_s : float or None
        Length of the pieces that it takes; None: whole sounds.
    mean, scale : float
    even : bool
        Each piece is first brought to mean 0 and variance 1.
    """

    rate_hz: int
    window_s: float | None
    mean: float
    scale: float
    even: bool


@dataclass(frozen=True)
class EncoderCard:
    """What is said of an encoder by whoever brings it."""

    name: str
    licence: str
    origin: str
    output: str
    input: PixelInput | WaveInput


def read_card(path: Path, graph: ForeignGraph, takes: str) -> EncoderCard:
    """The card beside an ONNX file.

    Parameters
    ----------
    path : Path
        Of the card.
    graph : ForeignGraph
        What the card is of.
    takes : str
        `PIXELS` or `WAVEFORM`: what the samples at hand can give.

    Raises
    ------
    InputError
        It is missing or incomplete: the message shows the card to write, filled in as far as
        the graph says. Or it contradicts itself or the graph.
    """
    given = _given(path)
    known = {**_suggested(graph, takes), **given}
    fields = _FIELDS[takes]
    if given.get("input", takes) != takes:
        raise InputError(
            f'{path}: "input" is {given["input"]!r}, and these samples are handed over as {takes}.'
        )
    missing = [f for f in fields if f not in _MAY_BE_MISSING and not _filled(given.get(f))]
    if missing:
        shown = _written({field: known[field] for field in fields if field in known})
        lacks = "is missing" if not given else f"lacks {', '.join(map(json.dumps, missing))}"
        raise InputError(
            f"{graph.path} needs a card, which says what it takes and whose it is; {path} {lacks}. "
            f'Write this into it, with your own words in place of each "FILL IN":\n{shown}'
        )
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise InputError(f"{path}: {unknown[0]!r} is not known here. Known: {', '.join(fields)}.")
    return _card(path, given, takes)


def samples_of(port: Port) -> int | None:
    """How many samples of a sound a graph's input takes; None: any number."""
    if not port.shape:
        return None
    last = port.shape[-1]
    return port.shape[-2] if last == 1 and len(port.shape) == 3 else last


def _given(path: Path) -> dict[str, Any]:
    try:
        if not path.exists():
            return {}
        if path.stat().st_size > _MOST_B:
            raise InputError(f"{path} is too large for a card.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path} cannot be opened: {(error.strerror or 'error').lower()}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} is not a JSON object, which begins with {{ and ends with }}.")
    return found


def _written(card: Mapping[str, Any]) -> str:
    """JSON with a line for each field."""
    lines = [f"  {json.dumps(f)}: {json.dumps(v, ensure_ascii=False)}" for f, v in card.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _filled(value: Any) -> bool:
    return value is not None and value != "" and not str(value).startswith(_FILL)


def _suggested(graph: ForeignGraph, takes: str) -> dict[str, Any]:
    """A card as far as the graph tells it."""
    first = graph.inputs[0]
    special = _pixels_seen(first) if takes == PIXELS else _waveform_seen(first)
    outputs = [output.name for output in graph.outputs]
    one = outputs[0] if len(outputs) == 1 else f"{_FILL}one of {', '.join(outputs)}"
    return {
        "name": graph.path.stem,
        "input": takes,
        **special,
        "output": one,
        "licence": f"{_FILL}the licence of the weights, like Apache-2.0",
        "origin": f"{_FILL}who trained it, on what",
    }


def _pixels_seen(port: Port) -> dict[str, Any]:
    shape = (port.shape or ())[-3:]
    known = len(shape) == 3
    last = known and shape[2] in (1, 3) and shape[0] not in (1, 3)
    first = known and shape[0] in (1, 3)
    sides = shape[:2] if last else shape[1:]
    n_colours = shape[2] if last else shape[0] if first else None
    return {
        "layout": NHWC if last else NCHW if first else f"{_FILL}{NCHW} or {NHWC}",
        "size_px": list(sides)
        if known and None not in sides
        else f"{_FILL}height and width, like [224, 224]",
        "colours": GREY if n_colours == 1 else f"{_FILL}{RGB} or {BGR}",
        "values": f"{_FILL}{', '.join(_PIXEL_VALUES)}, or "
        '{"mean": [...], "scale": [...]} of values from 0 to 255',
    }


def _waveform_seen(port: Port) -> dict[str, Any]:
    window = {"window_s": None} if samples_of(port) is None else {}  # where the graph says it not
    return {
        "rate_hz": f"{_FILL}samples a second, like 16000",
        **window,
        "values": f'{_FILL}{", ".join(_WAVE_VALUES)}, or {{"mean": ..., "scale": ...}}',
    }


def _card(path: Path, given: Mapping[str, Any], takes: str) -> EncoderCard:
    for field in (*_WORDS, "output"):
        _refuse_unless(
            isinstance(given[field], str)
            and given[field].isprintable()
            and len(given[field]) <= _MOST_LETTERS,
            path, given, field, f"a line of at most {_MOST_LETTERS} letters",
        )  # fmt: skip
    special = _pixel_input(path, given) if takes == PIXELS else _wave_input(path, given)
    name, licence, origin = (given[field].strip() for field in _WORDS)
    return EncoderCard(name, licence, origin, given["output"], special)


def _pixel_input(path: Path, given: Mapping[str, Any]) -> PixelInput:
    for field, choices in (("layout", (NCHW, NHWC)), ("colours", (RGB, BGR, GREY))):
        _refuse_unless(given[field] in choices, path, given, field, " or ".join(choices))
    size = given["size_px"]
    sides = size if isinstance(size, list) else [size, size]
    right = len(sides) == 2 and all(type(s) is int and 8 <= s <= _MOST_PX for s in sides)
    _refuse_unless(right, path, given, "size_px", f"[height, width], each from 8 to {_MOST_PX}")
    mean, scale = _values(path, given, _PIXEL_VALUES, 1 if given["colours"] == GREY else 3)
    if given["values"] == "imagenet" and given["colours"] == BGR:
        mean, scale = mean[::-1], scale[::-1]
    return PixelInput(given["layout"], sides[0], sides[1], given["colours"], mean, scale)


def _wave_input(path: Path, given: Mapping[str, Any]) -> WaveInput:
    rate, window = given["rate_hz"], given.get("window_s")
    low, high = _RATES_HZ
    right = type(rate) is int and low <= rate <= high and rate % _RATE_STEP_HZ == 0
    wanted = f"a multiple of {_RATE_STEP_HZ} from {low} to {high}"
    _refuse_unless(right, path, given, "rate_hz", wanted)
    low_s, high_s = _WINDOWS_S
    right = window is None or (_is_number(window) and low_s <= window <= high_s)
    _refuse_unless(right, path, given, "window_s", f"seconds from {low_s} to {high_s}, or nothing")
    mean, scale = _values(path, given, _WAVE_VALUES, 1)
    return WaveInput(rate, window, mean[0], scale[0], given["values"] == UNIT_VARIANCE)


def _values(
    path: Path, given: Mapping[str, Any], presets: Mapping[str, Any], n_channels: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and scale, one for all channels or one each."""
    said = given["values"]
    if isinstance(said, dict) and set(said) == {"mean", "scale"}:
        parts = [v if isinstance(v, list) else [v] for v in (said["mean"], said["scale"])]
    elif isinstance(said, str) and said in presets:
        parts = [list(part) for part in presets[said]]
    else:
        parts = []
    right = (
        bool(parts)
        and all(len(p) in (1, n_channels) and all(map(_is_number, p)) for p in parts)
        and all(parts[1])
    )
    wanted = f'{", ".join(presets)}, or {{"mean": ..., "scale": ...}}, a number or {n_channels}'
    _refuse_unless(right, path, given, "values", wanted)
    return tuple(map(float, parts[0])), tuple(map(float, parts[1]))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1e9  # not NaN: that is below nothing


def _refuse_unless(
    right: bool, path: Path, given: Mapping[str, Any], field: str, wanted: str
) -> None:
    if not right:
        got = json.dumps(given.get(field), ensure_ascii=False)
        raise InputError(f'{path}: "{field}" is {got}: give {wanted}.')
