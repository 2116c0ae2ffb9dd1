"""Choosing a threshold on the page: every number that its script shows is Python's own."""

from __future__ import annotations

import math
import re
import shlex

import pytest
from made_scores import Made, drawn, two
from weigher import ASKED, MADE, WIDE, agrees, ask, chosen, counts, text, threshold

from doors import handful
from handful.metrics import promise
from handful.report import report_html
from handful.report.table import read_table
from handful.report.tradeoffs import tradeoffs
from handful.report.typical import independent_scores

pytestmark = pytest.mark.browser


@WIDE
@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_every_setting_gives_pythons_numbers(opened, made):
    visit = opened(made.report())
    for tag in range(len(made.tags)):
        for asked in ASKED:
            ask(visit.page, tag, **asked)
            agrees(visit.page, made, tag, chosen(made, tag, **asked))
    assert visit.faults == []


@WIDE
@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_every_promise_is_pythons(opened, made):
    page = opened(made.report()).page
    for asked in (a for a in ASKED if a["mode"] == "recall"):
        ask(page, 0, **asked)
        given = chosen(made, 0, **asked).promise
        said = text(page, "promise")
        if given.kept:
            assert said.startswith(
                f"Checked, not guaranteed: it finds at least {asked['recall']} % of them"
            )
            assert f"takes {given.need}; you have" in said
        else:
            assert said.startswith("Too few for that promise.")
            promised = math.floor(1000 * given.can_promise) / 1000
            assert f"a recall (share found) of {promised:.3f} at most at" in said
            assert said.endswith("Checked, not guaranteed.")
            assert f"not {given.recall:g}: that needs {given.need}." in said


@WIDE
def test_thirty_eight_positives_promise_less_than_what_was_asked(opened):
    page = opened(MADE["few"].report()).page
    ask(page, 0, mode="recall", recall=95, confidence=90)
    assert text(page, "promise") == (
        "Too few for that promise. With your 38 photos of sick I can promise a recall (share found)"
        " of 0.941 at most at 90 % confidence, not 0.95: that needs 45. Checked, not guaranteed."
    )
    ask(page, 0, mode="recall", recall=94.13, confidence=90)  # 0.1 ** (1 / 38) is 0.94121
    assert "of 0.941 at most at 90 % confidence, not 0.9413: that" in text(page, "promise")
    ask(page, 0, mode="recall", recall=90, confidence=90)
    assert text(page, "promise").startswith("Checked, not guaranteed: it finds at least 90 %")
    assert counts(page)[2] == 1  # 38 positives allow one miss


@WIDE
def test_nobody_is_told_of_a_promise_that_was_not_asked_for(opened):
    page = opened(MADE["few"].report()).page
    assert page.locator("#weigh-promise").is_hidden()
    ask(page, 0, mode="recall", recall=95, confidence=90)
    assert page.locator("#weigh-promise").is_visible()
    for asked in ({"mode": "costs", "miss": 10, "alarm": 1}, {"mode": "specificity", "alarms": 1}):
        ask(page, 0, **asked)
        assert page.locator("#weigh-promise").is_hidden()


@WIDE
def test_samples_that_belong_together_count_once_in_a_promise(opened):
    made = MADE["groups"]
    page = opened(made.report()).page
    ask(page, 0, mode="recall", recall=80, confidence=90)
    alone = independent_scores(made.probabilities[:40, 0], made.groups[:40])
    given = promise(alone, recall=0.8, confidence=0.9)
    assert (given.have, given.need, given.kept) == (10, 11, False)
    assert "your 40 photos of tag 0 (which count as 10, as some belong" in text(page, "promise")


@WIDE
def test_a_model_judged_on_new_samples_guarantees_instead_of_checking(opened):
    page = opened(MADE["three tags"].report(purpose="evaluate")).page
    ask(page, 2, mode="recall", recall=90, confidence=90)
    assert text(page, "promise").startswith("Guaranteed: it finds")
    assert text(page, "command").endswith(" --scores SCORES.csv --set")


@WIDE
def test_what_an_alarm_is_worth_has_a_range_where_no_prevalence_is_said_too(opened):
    """Both rates at their worst and at their best, at the samples' own share of 38 in 98."""
    page = opened(MADE["few"].report()).page
    ask(page, 0, mode="costs", miss=1, alarm=1, prevalence="")
    done = chosen(MADE["few"], 0, mode="costs", miss=1, alarm=1).outcome
    ends = [
        found * 38 / (found * 38 + (1 - left) * 60)
        for found, left in (
            (done.sensitivity.low, done.specificity.low),
            (done.sensitivity.high, done.specificity.high),
        )
    ]
    low, high = re.search(
        r"precision of [\d.]+ \(([\d.]+)-([\d.]+)\)", text(page, "worth")
    ).groups()
    assert [float(low), float(high)] == pytest.approx(ends, abs=0.002)


@WIDE
def test_the_airport_arithmetic_is_shown_with_the_models_own_numbers(opened):
    """99 of 100 found and 1 of 100 others alarming, one in a million: one alarm in 10,000."""
    made = two([0.1] + [0.9] * 99, [0.9] + [0.1] * 99, tags=("weapon", "none"))
    page = opened(made.report()).page
    ask(page, 0, mode="costs", miss=1, alarm=1, prevalence="")
    page.locator("#weigh-mode-specificity").check()
    page.locator("#weigh-prevalence").fill("0.0001")
    assert counts(page) == [99, 1, 1, 99]
    assert text(page, "worth").startswith(
        "Of 10,000,000 photos, 10 are weapon: it finds 9.9 of them, and raises 100,000 false "
        "alarms over the other 9,999,990. So 9.9 of 100,010 alarms are real: a precision of "
        "0.000099 (0.000017-0.0039)."
    )


@WIDE
def test_the_chosen_point_moves_on_the_curves(opened):
    page = opened(two([0.9, 0.4], [0.7, 0.4]).report()).page
    for asked, roc, precision, line in (
        ({"miss": 1, "alarm": 4}, (44, 142), (176, 10), 255.2),
        ({"miss": 1, "alarm": 1}, (176, 142), (176, 142), 176),
        ({"miss": 4, "alarm": 1}, (308, 10), (308, 142), 96.8),
    ):
        ask(page, 0, mode="costs", **asked)
        for name, wanted in (("roc", roc), ("pr", precision)):
            point = page.locator(f"#weigh-{name}-point")
            assert [float(point.get_attribute(a)) for a in ("cx", "cy")] == list(wanted)
        assert float(page.locator("#weigh-line").get_attribute("x1")) == line
    ask(page, 0, mode="costs", miss=1, alarm=99)
    assert page.locator("#weigh-pr-point").is_hidden()
    assert text(page, "worth").startswith("It raises no alarm")


@WIDE
def test_the_precision_curve_follows_the_prevalence(opened):
    page = opened(two([0.9, 0.4], [0.7, 0.4]).report()).page
    ask(page, 0, mode="costs", miss=1, alarm=1, prevalence=10)
    found = page.locator("#weigh-pr-curve").get_attribute("d")
    assert found == "M0 1H0.5V0.1H0.5V0.1H1"
    assert text(page, "pr-share") == "10 %"


@WIDE
def test_before_anything_is_chosen_the_script_says_what_was_written(opened, browser, tmp_path):
    report = MADE["three tags"].report()
    still = browser.new_context(java_script_enabled=False).new_page()
    file = tmp_path / "still.html"
    file.write_text(report_html(report), encoding="utf-8")
    still.goto(file.as_uri())
    live = opened(report).page
    cells = [f"typical-{i}-{n}" for i in range(4) for n in ("threshold", "missed", "alarms")]
    names = ["chosen", "sentence", *("tp", "fp", "fn", "tn"), "is", "said", "other", "pr-share",
             "roc-desc", "pr-desc", "bins-desc", "typical-note",
             *cells]  # fmt: skip
    assert {n: text(still, n) for n in names} == {n: text(live, n) for n in names}
    shapes = """e => [...e.querySelectorAll('.drawing :is(path, circle, line, text)')].map(x =>
      ['d', 'cx', 'cy', 'x', 'x1', 'x2', 'y1', 'y2'].map(a => x.getAttribute(a)))"""
    assert still.locator(".weigh").evaluate(shapes) == live.locator(".weigh").evaluate(shapes)
    assert still.locator(".controls").is_hidden()
    assert still.locator(".weigh button").first.is_hidden()
    assert still.get_by_text("Where scripts may run").is_visible()
    assert live.get_by_text("Where scripts may run").is_hidden()
    still.context.close()


@WIDE
def test_the_command_says_what_was_asked(opened):
    page = opened(MADE["few"].report()).page
    start = ["handful", "threshold", "MODEL", "--positive", "sick"]
    for asked, options in (
        ({"mode": "costs", "miss": 10, "alarm": 1, "prevalence": 1},
         "--miss-costs 10 --alarm-costs 1 --prevalence 0.01"),
        ({"mode": "recall", "recall": 95, "confidence": 90}, "--recall 0.95 --confidence 0.9"),
        ({"mode": "specificity", "alarms": 0.1}, "--specificity 0.999"),
    ):  # fmt: skip
        ask(page, 0, **asked)
        assert shlex.split(text(page, "command")) == [*start, *options.split(), "--set"]


@WIDE
def test_the_command_does_what_the_page_said(opened, model):
    """On a real model, by the real command: same threshold, same counts, same words."""
    table = read_table(
        (model / "predictions.csv").read_bytes(), name="predictions.csv", exclusive=True
    )
    made = Made(table.y, table.probabilities.astype("float32"), table.groups, table.tags)
    page = opened(made.report()).page
    for asked in ASKED[:7] + ASKED[8:10] + ASKED[11:13]:
        ask(page, 1, **asked)
        words = shlex.split(text(page, "command"))[1:-1]
        words[words.index("MODEL")] = model
        said = handful(*words, "--json").json()
        assert counts(page) == [said["confusion"][name] for name in ("tp", "fp", "fn", "tn")]
        assert text(page, "sentence") in said["sentence"]
        if page.locator("#weigh-threshold data").count():
            assert threshold(page) == pytest.approx(said["threshold"], abs=1e-7)


@WIDE
def test_where_not_all_thresholds_are_kept_it_says_which_one_was_counted(opened):
    made = drawn([3000, 9000])
    page = opened(made.report()).page
    ask(page, 0, mode="costs", miss=7, alarm=3.3)
    said = text(page, "threshold")
    found = re.search(r"keeps (\d+) of ([\d,]+) scores: counted at ([\d.]+)", said)
    assert int(found[1]) <= 400 < 11_000 < int(found[2].replace(",", "")) <= 12_000
    at = float(found[3])
    assert at == pytest.approx(3.3 / 10.3, abs=0.01)
    scores, truth = made.probabilities[:, 0], made.y == 0
    assert counts(page)[0] == pytest.approx((scores[truth] >= at).sum(), abs=2)


@WIDE
def test_the_values_are_those_that_training_would_store(opened):
    made = MADE["few"]
    values = tradeoffs(made.y, made.probabilities, made.groups, made.tags)
    shown = opened(made.report()).page.locator("#tradeoffs").evaluate("e => JSON.parse(e.text)")
    assert shown["tags"] == values["tags"]
