"""The open recorder on small screens, and with the keyboard."""

import pytest
from made_devices import chromium, film
from open_studios import open_studio
from studio_visits import Page

pytestmark = pytest.mark.browser

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
WHOLE = """element => {
  element.scrollIntoView({block: "center"});
  const {top, bottom, left, right} = element.getBoundingClientRect();
  const x = (left + right) / 2, y = (top + bottom) / 2;
  return top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth
    && element.contains(document.elementFromPoint(x, y));
}"""
SCROLLS = "element => element.scrollHeight > element.clientHeight"


@pytest.fixture(params=[(390, 844), (640, 400), (1200, 800)], ids=["phone", "zoomed", "desk"])
def visit(request, browser, photos, tmp_path):
    """A page with a camera."""
    with (
        open_studio(photos, tmp_path / "model") as studio,
        chromium(browser, film(tmp_path / "cup.mjpeg", 0, 1)) as filmed,
    ):
        made = Page(filmed, studio, request.param[0])
        made.page.set_viewport_size(dict(zip(("width", "height"), request.param, strict=True)))
        yield made
        assert made.faults == []


def test_every_part_of_the_recorder_can_be_reached(visit):
    page = visit.page
    page.click("#open-camera")
    page.locator("#recorder .main:enabled").wait_for()
    page.wait_for_function("document.querySelector('#recorder video').videoWidth > 0")
    for part in ("video", "input", ".main", "[role=status]", ".controls > button:last-child"):
        assert page.locator(f"#recorder {part}").evaluate(WHOLE), part
    assert page.locator("#grid").bounding_box()["height"] > 100
    assert page.locator(".shelf aside").bounding_box()["height"] > 100  # not squeezed
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    assert page.locator("#recorder").is_hidden()
    assert page.evaluate("document.activeElement.id") == "open-camera"


def test_on_a_desk_only_the_grid_scrolls(browser, studio):
    page = Page(browser, studio).page
    page.set_viewport_size({"width": 1200, "height": 500})
    page.locator(".tile").first.wait_for()
    assert page.locator("#grid").evaluate(SCROLLS)
    assert not page.locator("#screen-samples").evaluate(SCROLLS)
    page.close()
