"""axe-core on every screen, on every dialog while it is open, and while devices run."""

import shutil
from importlib.resources import files

import pytest
from made_devices import chromium, film
from open_studios import open_studio
from studio_visits import Page

pytestmark = pytest.mark.browser

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => (await axe.run()).violations
  .filter(found => ["serious", "critical"].includes(found.impact))
  .map(found => `${found.id}: ${found.nodes.map(node => node.html.slice(0, 120)).join(" | ")}`)"""


def serious_faults(page):
    """What axe-core finds serious or critical on the screen that is shown."""
    page.wait_for_timeout(300)
    return page.evaluate(RUN_AXE)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_every_screen_fits_and_has_no_serious_fault_of_accessibility(
    browser, shapes, model, tmp_path, width, theme
):
    folder = shutil.copytree(shapes, tmp_path / "shapes")
    with open_studio(folder, model) as studio:
        visit = Page(browser, studio, width, color_scheme=theme, bypass_csp=True)
        visit.page.evaluate(AXE)
        for name in ("samples", "train", "report", "try", "watch", "ship"):
            visit.screen(name)
            wide = visit.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, name
            assert serious_faults(visit.page) == [], name
        assert visit.faults == []
        visit.page.close()


@pytest.fixture(params=[("light", 1200), ("dark", 360)], ids=["desk", "phone"])
def visit(request, browser, tmp_path):
    """A page on an empty folder, with a camera and a microphone."""
    theme, width = request.param
    with (
        open_studio(tmp_path / "samples", tmp_path / "model") as studio,
        chromium(browser, film(tmp_path / "cup.mjpeg", 0, 1)) as filmed,
    ):
        made = Page(filmed, studio, width, color_scheme=theme, bypass_csp=True)
        made.page.evaluate(AXE)
        yield made
        assert made.faults == []


def fine(visit, place):
    """What is open there fits, and has no serious fault."""
    visit.page.locator(place).wait_for()
    wide = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, place
    assert serious_faults(visit.page) == [], place


def test_open_dialogs_have_no_serious_fault(visit, more_shapes, tmp_path):
    page = visit.page
    table = tmp_path / "letters.csv"
    table.write_text("text,kind\nWin a prize,spam\nLunch at noon,ham\n")
    fine(visit, "#empty")
    page.click("#open-paste")
    fine(visit, "#paste[open]")
    page.set_input_files("#table-file", table)
    fine(visit, "#table[open]")
    page.click("#table [data-close]")
    page.set_input_files("#files", more_shapes / "circle" / "circle-00.jpg")
    fine(visit, "#which[open]")
    page.fill("#which-tag", "ball")
    page.keyboard.press("Enter")
    page.locator(".tile").dblclick()
    fine(visit, "#large[open]")
    page.click("#large [data-close]")
    page.locator("#tags li[data-tag=ball]").get_by_role("button", name="Rename").click()
    fine(visit, "#rename[open]")
    page.keyboard.press("Escape")
    visit.screen("train")
    page.locator("#groups summary").press("Enter")
    page.locator("#groups-rule").press_sequentially("circle-[0-9]+")
    api.expect(page.locator("#groups-said")).to_have_text(
        "1 group of 1 of 1 samples: circle-00 (1). Not kept yet."
    )
    fine(visit, "#groups[open]")
    page.keyboard.press("Enter")
    api.expect(page.locator("#groups-said")).not_to_contain_text("Not kept")


def test_running_devices_have_no_serious_fault(visit):
    page = visit.page
    for opener in ("#open-microphone", "#open-camera"):
        page.click(opener)
        page.locator("#recorder .main:enabled").wait_for()
        fine(visit, "#recorder")
    visit.screen("watch")
    for summary in page.locator("#screen-watch summary").all():
        summary.click()
    page.click("#movement-live")
    page.click("#hearing-live")
    api.expect(page.locator("#movement-said")).to_contain_text("so far", timeout=30_000)
    api.expect(page.locator("#hearing-said")).to_contain_text("Learning", timeout=30_000)
    fine(visit, "#movement-trace")
    page.click("#movement-live")
    fine(visit, "#movement-seen iframe")
