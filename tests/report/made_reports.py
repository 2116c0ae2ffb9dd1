"""Reports made by hand, and a reader of pages that knows nothing of the template."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "img", "line", "circle", "rect", "br", "link", "input"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "🍎 apple & co",
    "תפוח \u202eגדול",
    "x" * 200,
    "bad \udcff byte",
]
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="


def ratio(k: int, n: int, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    value = k / n if n else None
    return {"value": value, "low": low, "high": high, "confidence": 0.95,
            "method": "clopper-pearson", "k": k, "n": n}  # fmt: skip


def number(value: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "confidence": 0.95, "method": "bootstrap"}


def from_counts(tags: Sequence[str], counts: Sequence[Sequence[int]], **more: Any) -> dict:
    """A report whose figures follow from the confusion matrix; intervals are +-0.1."""
    n, right = sum(map(sum, counts)), sum(row[i] for i, row in enumerate(counts))
    return {
        "format": 1,
        "purpose": "train",
        "modality": "images",
        "kind": "exclusive",
        "tags": list(tags),
        "n": n,
        "recipe": "EfficientNet-Lite2 at 380 px: logistic regression on all stages",
        "metrics": {
            "accuracy": _around(ratio(right, n)),
            "baseline_accuracy": ratio(max(map(sum, counts)), n),
        },
        "per_tag": {tag: _tag(counts, i, n) for i, tag in enumerate(tags)},
        "confusion": {"tags": list(tags), "counts": [list(row) for row in counts]},
        "warnings": [],
        **more,
    }


def _tag(counts: Sequence[Sequence[int]], i: int, n: int) -> dict[str, Any]:
    hit, support, said = counts[i][i], sum(counts[i]), sum(row[i] for row in counts)
    return {
        "recall": _around(ratio(hit, support)),
        "precision": _around(ratio(hit, said)),
        "specificity": _around(ratio(n - support - said + hit, n - support)),
        "f1": number(2 * hit / (support + said), 0.1, 0.9) if support + said else _undefined(),
        "auc": number(0.9712, 0.93, 0.99),
        "support": support,
    }


def _undefined() -> dict[str, Any]:
    return number(None, None, None)


def _around(metric: dict[str, Any]) -> dict[str, Any]:
    value = metric["value"]
    if value is None:
        return metric
    return {**metric, "low": max(0.0, value - 0.1), "high": min(1.0, value + 0.1)}


class Page(HTMLParser):
    """Elements, attributes and text of a page; fails where tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("td", "th", "li", "p", "dd"):
            self.texts.append(" ")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self._open):
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All text, white space made single; typeset percents and ranges as plain ones."""
        joined = " ".join("".join(self.texts).split())
        return joined.replace("\u202f", " ").replace("–", "-")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]
