"""A person at the controls of "Which mistake is worse?", and what Python would choose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from made_scores import Made, drawn, two

from handful.choosing import Choice, by_costs, by_recall, by_specificity
from handful.report.choice import price

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDE = pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
FIELDS = {
    "costs": ("miss", "alarm"),
    "recall": ("recall", "confidence"),
    "specificity": ("alarms",),
}
MADE = {
    "three tags": drawn([20, 30, 50]),
    "groups": drawn([40, 60], together=4, seed=1),
    "few": two([i / 40 for i in range(1, 39)], [i / 100 for i in range(60)]),
}
ASKED = [
    {"mode": "costs", "miss": 1, "alarm": 1},
    {"mode": "costs", "miss": 10, "alarm": 1},
    {"mode": "costs", "miss": 1, "alarm": 30},
    {"mode": "costs", "miss": 1000, "alarm": 1},
    {"mode": "costs", "miss": 1, "alarm": 1000},
    {"mode": "costs", "miss": 2.5, "alarm": 0.3},
    {"mode": "costs", "miss": 10, "alarm": 1, "prevalence": 1},
    {"mode": "costs", "miss": 10, "alarm": 1, "prevalence": 80},
    {"mode": "recall", "recall": 95, "confidence": 90},
    {"mode": "recall", "recall": 90, "confidence": 90},
    {"mode": "recall", "recall": 70, "confidence": 95, "prevalence": 0.0001},
    {"mode": "specificity", "alarms": 1},
    {"mode": "specificity", "alarms": 10, "prevalence": 5},
    {"mode": "specificity", "alarms": 0},
    {"mode": "specificity", "alarms": 35.5},
]


def ask(
    page: Page, tag: int, *, mode: str, prevalence: float | None = None, **given: float
) -> None:
    """Fill in the controls."""
    page.locator("#weigh-tag").select_option(index=tag)
    page.locator(f"#weigh-mode-{mode}").check()
    for name in FIELDS[mode]:
        page.locator(f"#weigh-{name}").fill(str(given[name]))
    page.locator("#weigh-prevalence").fill("" if prevalence is None else str(prevalence))


def chosen(
    made: Made, tag: int, *, mode: str, prevalence: float | None = None, **given: float
) -> Choice:
    """What the command would choose."""
    scored, share = made.scored(), None if prevalence is None else prevalence / 100
    if mode == "costs":
        costs = {"miss_costs": given["miss"], "alarm_costs": given["alarm"]}
        return by_costs(scored, tag, prevalence=share, **costs)
    if mode == "recall":
        asked = {"recall": given["recall"] / 100, "confidence": given["confidence"] / 100}
        return by_recall(scored, tag, prevalence=share, **asked)
    left = round(1 - given["alarms"] / 100, 12)
    return by_specificity(scored, tag, specificity=left, prevalence=share)


def text(page: Page, name: str) -> str:
    """Words of one part, typeset ranges and percents as plain ones."""
    said = page.locator(f"#weigh-{name}").text_content() or ""
    return " ".join(said.replace("\u202f", " ").replace("–", "-").split())


def counts(page: Page) -> list[int]:
    return [int(text(page, name).replace(",", "")) for name in ("tp", "fp", "fn", "tn")]


def threshold(page: Page) -> float:
    return float(page.locator("#weigh-threshold data").get_attribute("value"))


def agrees(page: Page, made: Made, tag: int, choice: Choice) -> None:
    """Everything that the page says of a choice is what Python says of it."""
    done, name = choice.outcome, made.tags[tag]
    assert counts(page) == [done.tp, done.fp, done.fn, done.tn]
    assert text(page, "sentence") == price(done.sensitivity, done.specificity, name, "photos")
    if page.locator("#weigh-threshold data").count():
        assert threshold(page) == pytest.approx(done.threshold, abs=1e-7)
    else:
        assert (done.tp, done.fp) == (0, 0)
    found = re.search(r"precision of ([\d.]*\d)(?: \(([\d.]+)-([\d.]+)\))?\.", text(page, "worth"))
    wanted = choice.precision
    if found is None:
        assert wanted.value is None
        return
    assert float(found[1]) == pytest.approx(wanted.value, rel=0.05)
    if choice.prevalence is not None and wanted.low is not None and wanted.high is not None:
        ends = pytest.approx([wanted.low, wanted.high], rel=0.05)
        assert [float(found[2]), float(found[3])] == ends
