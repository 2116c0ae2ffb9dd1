"""Which format a file's name asks for."""

from __future__ import annotations

from pathlib import Path

from handful.errors import InputError
from handful.formats.base import Format


def formats() -> tuple[Format, ...]:
    """Every format, those with the longest suffix first."""
    from handful.formats.eight_bit import EightBit
    from handful.formats.half import Half
    from handful.formats.onnx_file import OnnxFile
    from handful.formats.torch_script import TorchScript
    from handful.formats.web_page import WebPage

    every: tuple[Format, ...] = (OnnxFile(), Half(), EightBit(), TorchScript(), WebPage())
    return tuple(sorted(every, key=lambda one: -len(one.suffix)))


_REFUSED = {
    ".mlpackage": (
        "Core ML files can be run, and so checked, on a Mac alone, and Apple's converter "
        "(pip install coremltools) reads no ONNX: an export nobody checked is none. Use .onnx: "
        "ONNX Runtime runs it on iPhones and Macs, through Core ML where that is faster."
    ),
    ".tflite": (
        "LiteRT's converter (pip install litert-torch) takes only files of one fixed photo or "
        "sound size, which this model does not have. Use .onnx: ONNX Runtime runs it on Android."
    ),
    ".pt2": "TorchScript is what keeps photos and sounds of any size: give a name ending in .pt.",
}


def format_of(to: Path) -> Format:
    """The format that a file's name asks for.

    Raises
    ------
    InputError
        None does: those that there are, are named.
    """
    name = to.name.lower()
    for one in formats():
        if name.endswith(one.suffix) and len(name) > len(one.suffix):
            return one
    if why := _REFUSED.get(to.suffix.lower()):
        raise InputError(f"{to} cannot be written: {why}")
    lines = "".join(f"\n  {one.suffix:11} {one.words}" for one in reversed(formats()))
    raise InputError(f"{to} names no format that is known. Let the name end in one of:{lines}")
