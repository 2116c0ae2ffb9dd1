"""The part "Which mistake is worse?" as it is written: without a script, and around one."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from made_reports import HOSTILE, Page
from made_scores import Made, drawn, two

import handful.report
from handful.choosing import by_costs
from handful.report import report_html
from handful.report.choice import price
from handful.report.curves import curves
from handful.report.rule_note import with_rule
from handful.report.weighing import weighing

SCRIPTS = sorted((Path(handful.report.__file__).parent / "templates").glob("*.js"))


def scripts(html):
    return re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)


def policy(html):
    return next(m["content"] for m in Page(html).all("meta") if m.get("http-equiv"))


def plain(text):
    return text.replace("\u2068", "").replace("\u2069", "")


def test_a_report_without_trade_offs_has_neither_the_part_nor_a_script(complete):
    html = report_html(complete)
    assert "Which mistake is worse?" not in html
    assert scripts(html) == []
    assert "script-src" not in policy(html)


@pytest.mark.parametrize("absent", [None, {}, {"tags": [], "positive": None}])
def test_empty_trade_offs_are_as_good_as_none(complete, absent):
    assert weighing(complete | {"tradeoffs": absent}) is None
    assert "Which mistake is worse?" not in report_html(complete | {"tradeoffs": absent})


def test_the_security_policy_lets_in_this_script_and_no_other():
    html = report_html(drawn([9, 9]).report())
    values, script = scripts(html)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy(html)
    assert "unsafe" not in policy(html)
    assert json.loads(values)["tags"] == drawn([9, 9]).tradeoffs()["tags"]


def test_the_script_makes_no_markup_out_of_text_and_asks_for_nothing():
    script = "".join(path.read_text() for path in SCRIPTS)
    assert len(SCRIPTS) == 4
    for risky in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch",
                  "XMLHttp", "import", "Function(", "localStorage", "cookie", "http:"):  # fmt: skip
        assert risky not in script.replace("http://www.w3.org/2000/svg", "")
    assert max(len(path.read_text().splitlines()) for path in SCRIPTS) < 300


def test_without_a_script_it_says_what_both_mistakes_alike_would_do():
    made = drawn([20, 30, 50], seed=4)
    done = by_costs(made.scored(), 0, miss_costs=1, alarm_costs=1, prevalence=None).outcome
    page = Page(report_html(made.report()))
    assert price(done.sensitivity, done.specificity, "tag 0", "photos") in page.text
    assert f"it is tag 0 {done.tp} found true positives {done.fn} missed" in page.text
    assert f"it is not {done.fp} false alarms false positives {done.tn} rightly left" in page.text


def test_typical_choices_are_counted():
    made = two([i / 40 for i in range(1, 39)], [0.01] * 50)
    text = Page(report_html(made.report())).text
    assert "A missed one 10 times as bad 10 : 1 0.0909 3 of 38 0 of 50" in text
    assert "recall 0.95, cannot be promised: that needs 45, there are 38 0.025 0 of 38" in text


def test_where_there_are_two_tags_the_other_one_is_named():
    assert "it says healthy" in Page(report_html(two([0.9], [0.1]).report())).text
    assert "it says another tag" in Page(report_html(drawn([3, 3, 3]).report())).text


def test_a_promise_is_called_checked_or_guaranteed_as_it_deserves():
    made = drawn([9, 9])
    assert "“Checked” is less than guaranteed" in Page(report_html(made.report())).text
    html = report_html(made.report(purpose="evaluate"))
    assert "“Checked”" not in Page(html).text
    assert json.loads(scripts(html)[0])["evaluated"] is True


def test_names_from_users_stay_text_in_the_values_and_on_the_page():
    made = drawn([9] * len(HOSTILE))
    made = Made(made.y, made.probabilities, made.groups, tuple(HOSTILE))
    html = report_html(made.report())
    page = Page(html)
    assert len(scripts(html)) == len(page.all("script")) == 2
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert [tag["tag"] for tag in json.loads(scripts(html)[0])["tags"]] == HOSTILE
    assert [a.get("selected", "no") for a in page.all("option")] == [None] + ["no"] * 5


def test_the_rule_that_the_model_answers_by_is_noted_and_can_be_replaced():
    html = report_html(drawn([9, 9]).report())
    assert "What it does now: It answers with the most probable tag." in Page(html).text
    assert "What it does now: a < b" in Page(with_rule(html, "a < b")).text
    ruled = report_html(drawn([9, 9]).report(rule={"sentence": "From 0.2 on."}))
    assert "What it does now: From 0.2 on." in Page(ruled).text


def test_a_term_of_art_never_stands_alone():
    text = Page(report_html(drawn([9, 9]).report())).text
    for beside in (
        "miss what it should have found (a false negative)",
        "false alarm over what it should have left alone (a false positive)",
        "The threshold, the probability from which on it says yes",
        "found (sensitivity)",
        "Found against false alarms ROC curve",
        "Real alarms against found precision-recall curve",
        "Does it mean what it says? reliability diagram",
        "specificity (the innocent left alone)",
        "sensitivity: that few of the sick are missed",
    ):
        assert beside in text


def test_the_examples_use_the_right_terms():
    text = Page(report_html(drawn([9, 9]).report())).text
    assert "A missed patient, a false negative" in text
    assert "A missed weapon is a false negative too; a false positive stops an innocent" in text
    assert "0.99 / (0.99 + 9,999.99) = 0.0001" in text
    assert round(0.99 / (0.99 + 0.01 * 999_999), 4) == 0.0001
    assert "SpPIn: with a highly Specific test (few false alarms), a Positive" in text
    assert "SnNOut: with a highly Sensitive test (few misses), a Negative" in text


def test_curves_are_drawn_from_the_counts_by_hand():
    """Scores 0.9+ 0.7- 0.4+ 0.4-: one found at no alarm, then one alarm, then both at once."""
    values = two([0.9, 0.4], [0.7, 0.4]).tradeoffs()["tags"][0]
    done = values["typical"][0]
    found = curves(values, done)
    assert found.roc == "M0 0L0 0.5L0.5 0.5L1 1"
    assert found.precision == "M0 1H0.5V0.5H0.5V0.5H1"
    assert found.share == "142.00"
    assert [(b.x, b.y, b.count) for b in found.bins] == [
        ("149.60", "142.00", "2"), ("228.80", "274.00", "1"), ("281.60", "10.00", "1")]  # fmt: skip
    assert (found.here.roc, found.here.precision) == (("176.00", "142.00"), ("176.00", "142.00"))
    assert found.here.line == "176.00"


def test_seventy_seven_tags_fit_into_one_and_a_half_megabytes():
    html = report_html(drawn([13] * 77, gap=3).report())
    assert len(html.encode()) < 1_500_000
    assert len(Page(html).all("option")) == 77
