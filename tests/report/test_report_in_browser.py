"""The page in a real browser: nothing loaded, nothing run, nothing cut off, all of it readable."""

from __future__ import annotations

import re

import pytest
from made_reports import PIXEL, from_counts
from visits import CONTRASTS, fits

from handful.explaining.exhibits import Exhibits
from handful.report import report_html

pytestmark = pytest.mark.browser


def test_a_complete_page_loads_nothing_and_fits(opened, complete, pictures):
    visit = opened(complete, pictures)
    assert visit.page.locator("h1").count() == 1
    assert visit.page.locator("img:not([alt])").count() == 0
    assert visit.page.locator("html[lang=en]").count() == 1
    assert fits(visit.page)
    assert visit.faults == []


def test_hostile_names_are_shown_and_not_run(opened, hostile, pictures):
    visit = opened(hostile, pictures)
    assert visit.page.get_by_text("<script>alert(1)</script>").first.is_visible()
    assert visit.page.locator("script").count() == 0
    assert fits(visit.page)
    assert visit.faults == []


def test_the_policy_stops_what_gets_in_all_the_same(browser, complete):
    """Not even a script put into the finished page runs: escaping is not the only wall."""
    html = report_html(complete).replace(
        "</main>", "<script>document.title = 'run'</script><p style='color: red'>x</p></main>"
    )
    page = browser.new_page()
    page.set_content(html)
    assert page.title() != "run"
    page.close()


@pytest.mark.parametrize("n", [2, 77])
def test_any_number_of_tags_scrolls_in_its_own_box(opened, of_tags, n):
    visit = opened(of_tags(n))
    assert fits(visit.page)
    box = visit.page.locator(".scroll").first
    if n == 77:
        assert box.evaluate("e => e.scrollWidth > e.clientWidth")
        box.evaluate("e => e.scrollTo(10000, 10000)")
        header = visit.page.locator(".matrix tbody th").last.bounding_box()
        assert header["x"] >= box.bounding_box()["x"] - 1
    assert visit.faults == []


def test_all_text_stands_out_from_its_ground(opened, complete, pictures):
    too_weak = [
        pair for pair in opened(complete, pictures).page.evaluate(CONTRASTS) if pair[0] < 4.5
    ]
    assert too_weak == []


def test_numbers_stand_out_on_every_shade(opened, every_shade):
    found = opened(every_shade).page.evaluate(CONTRASTS)
    shades = {match[1] for _, label in found if (match := re.match(r"TD \..* s(\d+) ", label))}
    assert shades == {str(shade) for shade in range(1, 11)}
    assert [pair for pair in found if pair[0] < 4.5] == []


def test_the_contrast_that_is_measured_is_the_one_of_the_standard(browser):
    page = browser.new_page()
    page.set_content("<p style='color: #777; background: #fff'>a</p><p style='color: #000'>b</p>")
    measured = {label[-1]: ratio for ratio, label in page.evaluate(CONTRASTS)}
    assert measured == {"a": pytest.approx(4.478, abs=0.001), "b": pytest.approx(21)}
    page.close()


def test_the_headline_is_the_first_thing_a_screen_reader_meets(opened, complete):
    tree = opened(complete).page.locator("body").aria_snapshot()
    assert 'heading "Of 100 new photos like yours, expect about 90 right' in tree
    assert "banner" in tree
    assert "main" in tree
    assert "contentinfo" in tree
    assert 'rowheader "cat' in tree
    assert 'columnheader "dog"' in tree


def test_tables_keep_their_meaning_at_phone_width(opened, complete):
    visit = opened(complete)
    table = visit.page.get_by_role("table", name="For every tag")
    assert table.get_by_role("row").count() == 3
    assert table.get_by_role("rowheader").count() == 2
    assert table.get_by_role("columnheader", name="Found recall").count() == 1
    assert table.get_by_role("cell").count() == 2 * 5


@pytest.mark.parametrize("opened", [(1280, "dark")], indirect=True)
@pytest.mark.parametrize("n", [2, 77])
def test_it_prints_dark_on_white(opened, of_tags, n):
    visit = opened(of_tags(n))
    assert visit.page.pdf(format="A4").startswith(b"%PDF")
    visit.page.emulate_media(media="print")
    ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert visit.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert visit.faults == []


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_no_card_is_cut_by_the_end_of_a_sheet(opened):
    mistakes = [
        {"name": "a.gif", "actual": "a", "taken_for": "b", "probability": 0.9, "similar": []}
    ] * 24
    report = from_counts(["a", "b"], [[1, 9], [0, 9]], mistakes=mistakes)
    visit = opened(report, Exhibits(pictures={"a.gif": PIXEL}))
    visit.page.emulate_media(media="print")
    rules = visit.page.locator(".card").evaluate_all(
        "cards => cards.map(card => getComputedStyle(card).breakInside)"
    )
    assert rules == ["avoid"] * 24
