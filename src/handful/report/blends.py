"""What answering together gains, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handful.report.words import percent, plain_number


def gain_sentence(gain: Mapping[str, Any] | None, nouns: str) -> str:
    """What the blend gains over the best alone; empty where one answers alone.

    Examples
    --------
    >>> gain_sentence({"value": 0.0412, "low": 0.011, "high": 0.0714, "confidence": 0.8}, "photos")
    ... # doctest: +NORMALIZE_WHITESPACE
    'Together they gain 0.041 of log loss over the best of them alone (80 % interval 0.011-0.071),
    on photos that they had not seen.'
    """
    if gain is None or gain.get("low") is None:
        return ""
    value, low, high = (plain_number(gain[key], 3) for key in ("value", "low", "high"))
    sure = percent(gain["confidence"])
    return (
        f"Together they gain {value} of log loss over the best of them alone ({sure} interval "
        f"{low}-{high}), on {nouns} that they had not seen."
    )
