"""What answering together gains, and what it costs, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handful.report.words import noun, percent, plain_number


def blend_sentence(report: Mapping[str, Any], error: str = "log loss") -> str:
    """What the blend gains over the best alone, and costs; empty where one answers alone.

    Examples
    --------
    >>> gain = {"value": 0.0412, "low": 0.011, "high": 0.0714, "confidence": 0.8}
    >>> alone = {"name": "trees on columns", "encoder": "columns"}
    >>> blend_sentence({"modality": "tables", "members": [{"encoder": "columns"}], "gain": gain,
    ...                 "alone": alone})  # doctest: +NORMALIZE_WHITESPACE
    'Together they lower the log loss by 0.041 beside trees on columns alone (80 % interval
    0.011-0.071), on rows that they had not seen. That costs next to nothing: all look at the same
    features of a row.'
    """
    gain = report.get("gain")
    if gain is None or gain.get("low") is None:
        return ""
    value, low, high = (plain_number(gain[key], 3) for key in ("value", "low", "high"))
    one, many = noun(report, 1), noun(report)
    return (
        f"Together they lower the {error} by {value} beside {report['alone']['name']} alone "
        f"({percent(gain['confidence'])} interval {low}-{high}), on {many} that they had not "
        f"seen. {_cost(report, one)}"
    )


def _cost(report: Mapping[str, Any], one: str) -> str:
    encoders = list(dict.fromkeys(member["encoder"] for member in report["members"]))
    if encoders == [report["alone"]["encoder"]]:
        return f"That costs next to nothing: all look at the same features of a {one}."
    others = " and ".join(name for name in encoders if name != report["alone"]["encoder"])
    return f"That costs time: each {one} also goes through {others}."


def cost_words(cost_ms: Mapping[str, float], one: str) -> str:
    """How long answering takes, together and alone.

    >>> cost_words({"together": 31.27, "alone": 24.96}, "photo")
    '31 ms a photo on this machine; its best part alone 25 ms'
    >>> cost_words({"together": 22.31, "alone": 22.29}, "photo")
    '22 ms a photo on this machine, no longer than its best part alone'
    """
    together, alone = (f"{cost_ms[name]:.2g}" for name in ("together", "alone"))
    if together == alone:
        return f"{together} ms a {one} on this machine, no longer than its best part alone"
    return f"{together} ms a {one} on this machine; its best part alone {alone} ms"
