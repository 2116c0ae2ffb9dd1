"""Pages: in the look of the reports, nothing loaded, nothing run, legible everywhere."""

import re
from pathlib import Path

import numpy as np
import pytest

import handful
from handful.plots.chart import Band, Chart, Line, Marks, Picture, Spans
from handful.plots.page import Page, Section, page_html

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.fixture
def html():
    t = np.linspace(0, 95, 500)
    chart = Chart(
        "Movement over time",
        "It goes up and down 14 times.",
        [
            Picture(PIXEL),
            Spans([(10, 20)], "moving"),
            Band(t, np.sin(t) - 1, np.sin(t) + 1, "usual"),
            Line(t, np.sin(t), "movement"),
            Line(t, 0 * t + 1, "threshold", "level"),
            Marks([1, 2, 3], "a repetition"),
        ],
        (0, 95),
        (-2, 2),
        "movement, %",
    )
    table = Section("Table", "Words.", header=["what", "n"], rows=[["<i>a</i>", "1"]])
    return page_html(
        Page(
            "count · <script>alert(1)</script>.mp4",
            "14 repetitions",
            "One every 6.2 s.",
            ["The camera moved."],
            [Section("What moved", "Up is up.", chart), table],
            {"file": "\udcff.mp4"},
        )
    )


def variables(css):
    return dict(re.findall(r"(--[a-z-]+): *([^;]+);", re.sub(r"\s+", " ", css)))


def test_it_has_the_colours_and_letters_of_the_reports():
    rooms = Path(handful.__file__).parent
    ours = (rooms / "plots/templates/page.css").read_text(encoding="utf-8")
    theirs = (rooms / "report/templates/report.css").read_text(encoding="utf-8")
    for scheme in (slice(0, 1), slice(1, 2)):
        halves = [css.split("@media (prefers-color-scheme: dark)") for css in (ours, theirs)]
        mine, reference = (variables(half[scheme][0].split("\n* {")[0]) for half in halves)
        assert mine
        assert mine.items() <= reference.items()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_it_loads_nothing_fits_and_says_what_it_shows(browser, html, tmp_path, width, scheme):
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.on("request", lambda request: faults.append(request.url))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [url for url in faults if url not in (file.as_uri(), PIXEL)] == []
    tree = page.locator("body").aria_snapshot()
    assert 'heading "14 repetitions"' in tree
    assert 'img "Movement over time"' in tree
    assert page.get_by_text("<script>alert(1)</script>").first.is_visible()
    words = page.locator(".chart text:visible")
    boxes = [words.nth(i).bounding_box() for i in range(words.count())]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    assert all(11 <= box["height"] <= 20 for box in boxes)
    page.close()


def test_no_script_and_no_style_but_its_own(html):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in html
    assert " style=" not in html
