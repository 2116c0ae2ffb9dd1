"""Choosing a threshold as people do: keyboard, screen reader, phone, paper, odd tags and models."""

from __future__ import annotations

import math
import re

import pytest
from made_reports import HOSTILE
from made_scores import Made, drawn, two
from visits import CONTRASTS, fits
from weigher import ASKED, MADE, WIDE, agrees, ask, chosen, counts, text

pytestmark = pytest.mark.browser

ODD = {
    "perfect": two([0.9, 0.8, 0.7], [0.3, 0.2]),
    "useless": drawn([20, 30], gap=0, seed=2),
    "inverted": two([0.1, 0.2], [0.8, 0.9]),
    "sure": two([1.0, 1.0, 0.0], [0.0, 0.0, 1.0]),
    "one positive": drawn([1, 30, 30], seed=3),
    "one score": two([0.5, 0.5], [0.5, 0.5, 0.5]),
    "77 tags": drawn([13] * 77, gap=3),
    "many samples": drawn([3000, 9000]),
}


@WIDE
def test_the_slider_works_by_keyboard(opened):
    made = MADE["three tags"]
    page = opened(made.report()).page
    slider = page.get_by_role("slider", name="Which mistake is worse, and how many times?")
    slider.focus()
    for key, miss, alarm, words in (
        (["ArrowRight"] * 6, 10, 1, "a missed one 10 times as bad as a false alarm"),
        (["ArrowLeft"] * 12, 1, 10, "a false alarm 10 times as bad as a missed one"),
        (["End"], 1000, 1, "a missed one 1,000 times as bad as a false alarm"),
        (["Home"], 1, 1000, "a false alarm 1,000 times as bad as a missed one"),
        (["ArrowRight"] * 18, 1, 1, "both mistakes equally bad"),
        (["ArrowRight"], 1.5, 1, "a missed one 1.5 times as bad as a false alarm"),
    ):
        for each in key:
            page.keyboard.press(each)
        assert page.locator("#weigh-miss").input_value() == str(miss)
        assert page.locator("#weigh-alarm").input_value() == str(alarm)
        assert slider.get_attribute("aria-valuetext") == words
        tag = page.locator("#weigh-tag").evaluate("e => e.selectedIndex")
        agrees(page, made, tag, chosen(made, tag, mode="costs", miss=miss, alarm=alarm))


@WIDE
def test_everything_can_be_reached_and_set_by_keyboard(opened):
    page = opened(MADE["three tags"].report()).page
    page.locator("#weigh-tag").focus()
    page.keyboard.press("ArrowDown")
    assert text(page, "said") == "tag 1"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.locator("#weigh-mode-recall").is_checked()
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.innerText")
        )
    assert reached == ["weigh-recall", "weigh-confidence", "weigh-prevalence", "Start again",
                       "weigh-copy"]  # fmt: skip
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert page.locator("#weigh-mode-costs").is_checked()


@WIDE
def test_screen_readers_hear_names_and_news(opened):
    page = opened(MADE["few"].report()).page
    for role, name in (
        ("combobox", "What are you looking for?"),
        ("group", "How do you want to choose?"),
        ("spinbutton", "A missed one costs"),
        ("spinbutton", "a false alarm"),
        ("spinbutton", "How common is it where you will use the model, in %?"),
        ("img", "ROC curve: how many are found at how many false alarms"),
        ("img", "Precision-recall curve: how many alarms are real at how many found"),
        ("img", "Reliability diagram: what it said and what came true"),
    ):
        assert page.get_by_role(role, name=name, exact=True).count() == 1, name
    for name in ("sentence", "promise"):
        assert page.locator(f"#weigh-{name}").get_attribute("role") == "status"
    assert "38 of 38 are found" not in page.locator("#weigh-roc-desc").text_content()
    ask(page, 0, mode="costs", miss=1000, alarm=1)
    assert page.locator("#weigh-roc-desc").text_content() == (
        "At the chosen threshold 38 of 38 are found, 59 of 60 others alarm."
    )


@WIDE
def test_presets_set_everything_at_one_click(opened):
    made = MADE["three tags"]
    page = opened(made.report()).page
    page.get_by_role("button", name="Try it: 10 times as bad").click()
    screening = {"mode": "costs", "miss": 10, "alarm": 1, "prevalence": 1}
    agrees(page, made, 0, chosen(made, 0, **screening))
    assert "where 1 in 100 is tag 0." in text(page, "chosen")
    assert "They are rarer there" in text(page, "threshold")
    page.get_by_role("button", name="Try it: find 99").click()
    airport = {"mode": "recall", "recall": 99, "confidence": 90, "prevalence": 0.0001}
    agrees(page, made, 0, chosen(made, 0, **airport))
    assert "Of 10,000,000 photos, 10 are tag 0" in text(page, "worth")
    assert text(page, "rarity").startswith("That is 1 in 1,000,000;")
    page.get_by_role("button", name="Start again").click()
    agrees(page, made, 0, chosen(made, 0, mode="costs", miss=1, alarm=1))
    assert text(page, "rarity") == "Empty: as common as in your samples (20 %)."


@WIDE
@pytest.mark.parametrize("wrong", ["", "0", "-3", "1e9"])
def test_what_is_no_usable_number_is_said_and_changes_nothing(opened, wrong):
    page = opened(MADE["few"].report()).page
    before = text(page, "sentence")
    page.locator("#weigh-miss").fill(wrong)
    assert page.get_by_role("alert").is_visible()
    assert page.locator("#weigh-miss").get_attribute("aria-invalid") == "true"
    assert text(page, "sentence") == before
    page.locator("#weigh-miss").fill("10")
    assert page.get_by_role("alert").count() == 0
    assert page.locator("#weigh-miss").get_attribute("aria-invalid") == "false"


@pytest.mark.parametrize("tag", range(len(HOSTILE)))
@pytest.mark.parametrize("opened", [(360, "light"), (1280, "dark")], indirect=True)
def test_hostile_names_are_shown_not_run_and_fit(opened, tag):
    made = drawn([9] * len(HOSTILE))
    made = Made(made.y, made.probabilities, made.groups, tuple(HOSTILE))
    visit = opened(made.report())
    ask(visit.page, tag, mode="costs", miss=10, alarm=1, prevalence=1)
    shown = HOSTILE[tag].encode("utf-8", "replace").decode()
    if len(shown) <= 40 and "\udcff" not in HOSTILE[tag]:
        assert text(visit.page, "said") == " ".join(shown.split())
    assert visit.page.locator(".weigh img, .weigh script").count() == 0
    assert fits(visit.page)
    assert visit.faults == []


@pytest.mark.parametrize("opened", [(360, "dark"), (1280, "light")], indirect=True)
@pytest.mark.parametrize("made", ODD.values(), ids=ODD)
def test_nothing_breaks_on_odd_models(opened, made):
    visit = opened(made.report())
    for tag in (0, len(made.tags) - 1):
        for asked in ASKED:
            ask(visit.page, tag, **asked)
            said = visit.page.locator(".weigh").inner_text()
            assert not re.search("NaN|Infinity|null|undefined(?! alarm)|None|Object", said)
            assert all(math.isfinite(count) and count >= 0 for count in counts(visit.page))
            paths = visit.page.locator(".drawing path").evaluate_all("a => a.map(p => p.outerHTML)")
            assert "NaN" not in "".join(paths)
    assert fits(visit.page)
    assert visit.faults == []


def test_it_stands_out_and_fits_at_every_width_and_in_every_theme(opened):
    visit = opened(MADE["groups"].report())
    for mode in ("costs", "recall", "specificity"):
        visit.page.locator(f"#weigh-mode-{mode}").check()
        weak = [pair for pair in visit.page.evaluate(CONTRASTS) if pair[0] < 4.5]
        assert weak == []
        assert fits(visit.page)
    visit.page.locator("#weigh-miss").evaluate("e => e.value = ''")
    visit.page.locator("#weigh-mode-costs").check()
    assert [pair for pair in visit.page.evaluate(CONTRASTS) if pair[0] < 4.5] == []
    assert visit.faults == []


@pytest.mark.parametrize("opened", [(1280, "dark")], indirect=True)
def test_it_prints_what_was_chosen(opened):
    visit = opened(MADE["few"].report())
    ask(visit.page, 0, mode="costs", miss=10, alarm=1, prevalence=1)
    said = text(visit.page, "sentence")
    visit.page.emulate_media(media="print")
    assert visit.page.locator(".controls").is_hidden()
    assert visit.page.locator(".weigh button").first.is_hidden()
    assert text(visit.page, "sentence") == said
    assert "10 times as bad" in text(visit.page, "chosen")
    assert visit.page.locator("#weigh-command").is_visible()
    assert visit.page.pdf(format="A4").startswith(b"%PDF")
    assert visit.faults == []


@pytest.mark.parametrize("opened", [(360, "light")], indirect=True)
def test_on_a_phone_the_answer_stays_in_sight_of_the_slider(opened):
    page = opened(MADE["three tags"].report()).page
    page.locator("#weigh-slider").evaluate("e => e.scrollIntoView({block: 'start'})")
    box = page.locator("#weigh-sentence").bounding_box()
    assert 0 < box["y"] < box["y"] + box["height"] <= 800
