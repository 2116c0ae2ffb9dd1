"""Numbers in plain words, the same in the page and in the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Metric = Mapping[str, Any]

_NOUNS = {
    "images": ("photo", "photos"),
    "sounds": ("sound", "sounds"),
    "texts": ("text", "texts"),
    "tables": ("row", "rows"),
    "series": ("recording", "recordings"),
}


def noun(report: Mapping[str, Any], n: int = 2) -> str:
    """Word for one sample (or for several) of this modality.

    >>> noun({"modality": "images"}, 1), noun({"modality": "images"}, 0)
    ('photo', 'photos')
    """
    one, many = _NOUNS.get(str(report.get("modality")), ("sample", "samples"))
    return one if n == 1 else many


def counted(n: int, one: str, many: str | None = None) -> str:
    """Say a number with its noun in the right form.

    >>> counted(1, "group"), counted(1200, "photo"), counted(2, "near-copy", "near-copies")
    ('1 group', '1,200 photos', '2 near-copies')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def percent(share: float | None) -> str:
    """Share (0 to 1) as a percentage with as many digits as it deserves.

    Whole percents in the middle, one decimal next to 0 and 100, and never "100 %" or "0 %" for
    something that is only nearly so.

    >>> [percent(x) for x in (0.308, 0.9962, 0.99999, 0.0042, 0.00001, 0.0, 1.0, None)]
    ['31 %', '99.6 %', 'over 99.9 %', '0.4 %', 'under 0.1 %', '0 %', '100 %', 'undefined']
    """
    if share is None or not math.isfinite(share):
        return "undefined"
    if 0 < share < 0.0005:
        return "under 0.1 %"
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    return f"{_digits(share)} %"


_ALMOST_ONE = 0.995  # reads as 1 in two digits
_RARE = 0.001  # smaller shares are said as so many in so many
_WHOLES = (
    (10**4, "10,000"), (10**5, "100,000"), (10**6, "a million"), (10**7, "10 million"),
    (10**8, "100 million"), (10**9, "a billion"),
)  # fmt: skip


def share_of_many(share: float, low: float | None = None, high: float | None = None) -> str:
    """Share with its range, a small one as people say it.

    Examples
    --------
    >>> share_of_many(0.31, 0.25, 0.37), share_of_many(0.000004, 0.0000002, 0.0000092)
    ('31 % (25-37 %)', '4 in a million (0.2-9.2)')
    >>> share_of_many(0.000001), share_of_many(0.0), share_of_many(1e-12)
    ('1 in a million', '0 %', 'fewer than 1 in a billion')
    """
    known = low is not None and high is not None
    if not 0 < share < _RARE:
        span = percent_range(low, high)
        return percent(share) + (f" ({span})" if known else "")
    if share * _WHOLES[-1][0] < _ALMOST_ONE:
        return f"fewer than 1 in {_WHOLES[-1][1]}"
    whole, words = next(each for each in _WHOLES if share * each[0] >= _ALMOST_ONE)
    span = (
        f" ({_few(low * whole)}-{_few(high * whole)})"
        if low is not None and high is not None
        else ""
    )
    return f"{_few(share * whole)} in {words}{span}"


def _few(many: float) -> str:
    return f"{rounded(many):,}" if many >= 10 else f"{float(f'{many:.2g}'):g}"


def wordy(name: str) -> bool:
    """Whether a tag reads as a word; others, like 9, need quotes within a sentence."""
    return any(letter.isalpha() for letter in name)


def tag_said(name: str) -> str:
    """Tag as it stands within a sentence.

    >>> tag_said("glass"), tag_said("9")
    ('glass', "'9'")
    """
    return name if wordy(name) else f"'{name}'"


def percent_fine(share: float | None) -> str:
    """Share with one decimal, for comparing figures that lie close together.

    >>> percent_fine(0.8367), percent_fine(None)
    ('83.7 %', 'undefined')
    """
    return "undefined" if share is None or not math.isfinite(share) else f"{100 * share:.1f} %"


def percent_range(low: float | None, high: float | None) -> str:
    """Two shares as one range.

    >>> percent_range(0.2527, 0.3676), percent_range(0.0, 0.1684), percent_range(None, 1.0)
    ('25-37 %', '0-17 %', '')
    """
    if low is None or high is None:
        return ""
    return f"{_digits(low)}-{_digits(high)} %"


def plain_number(value: float | None, digits: int = 2) -> str:
    """Text of a number that is no percentage, or "undefined".

    >>> plain_number(0.9712), plain_number(None)
    ('0.97', 'undefined')
    """
    if value is None or not math.isfinite(value):
        return "undefined"
    return f"{value:.{digits}f}"


def of(metric: Metric | None) -> str:
    """Text of the counts behind a ratio, where it has any.

    >>> of({"k": 81, "n": 263}), of({"value": 0.5}), of(None)
    ('81 of 263', '', '')
    """
    k, n = (metric or {}).get("k"), (metric or {}).get("n")
    return "" if k is None or n is None else f"{k:,} of {n:,}"


def interval(metric: Metric | None) -> str:
    """Ratio with its counts and its interval; what is undefined is never shown as 0.

    >>> interval({"value": 0.308, "low": 0.2527, "high": 0.3676, "confidence": 0.95,
    ...           "k": 81, "n": 263})
    '81 of 263 (31 %, 95 % interval 25-37 %)'
    >>> interval({"value": None, "k": 0, "n": 0}), interval(None)
    ('undefined (0 of 0)', 'undefined')
    """
    metric = metric or {}
    counts, value = of(metric), metric.get("value")
    if value is None:
        return f"undefined ({counts})" if counts else "undefined"
    inside = ", ".join(part for part in (percent(value), _bounds(metric)) if part)
    return f"{counts} ({inside})" if counts else inside


def _bounds(metric: Metric) -> str:
    span = percent_range(metric.get("low"), metric.get("high"))
    return f"{percent(metric.get('confidence') or 0.95)} interval {span}" if span else ""


def rounded(value: float) -> int:
    """Nearest whole number, halves up: what people expect of 12.5 %.

    >>> rounded(12.5), rounded(13.4)
    (13, 13)
    """
    return math.floor(value + 0.5)


def _digits(share: float) -> str:
    share = min(max(share, 0.0), 1.0)
    if 0 < share < 0.0095 or 0.9905 < share < 1:
        return f"{100 * share:.1f}".removesuffix(".0")
    return str(rounded(100 * share))
