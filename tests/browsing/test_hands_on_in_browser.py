"""Controls do what stands on them, at the moment when they are meant."""

import base64
import shutil
import time

import pytest
from made_devices import chromium, film
from open_studios import open_studio
from studio_visits import PATIENCE_MS, Page

pytestmark = pytest.mark.browser

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
SHOWN = """async () => {
  const answer = await fetch(document.getElementById("asked-picture").src);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
}"""


def wait_for(holds, timeout_s=30):
    end_s = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.1)


@pytest.fixture
def visit(browser, studio):
    made = Page(browser, studio)
    made.page.locator(".tile").first.wait_for()
    yield made
    assert made.faults == []
    made.page.close()


def test_a_picture_that_is_judged_live_is_the_one_that_was_seen(browser, shapes, model, tmp_path):
    folder = shutil.copytree(shapes, tmp_path / "shapes")
    with (
        open_studio(folder, model) as studio,
        chromium(browser, film(tmp_path / "box.mjpeg", 4, 1)) as filmed,
    ):
        page = Page(filmed, studio, bypass_csp=True).page
        page.goto(f"{studio.url}#try")
        page.click("#live")
        page.locator("#pace[data-rate]").wait_for(timeout=PATIENCE_MS)
        page.focus("#wrong")
        api.expect(page.locator("#answer-hint")).to_contain_text("Held still")
        seen = base64.b64decode(page.evaluate(SHOWN))
        says = page.locator("#sure").inner_text()
        page.wait_for_timeout(1500)
        assert page.locator("#sure").inner_text() == says
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(500)
        assert not list(folder.glob("*/burst-*"))
        page.keyboard.press("Enter")
        wait_for(lambda: list(folder.glob("*/burst-*")))
        (kept,) = folder.glob("*/burst-*")
        assert kept.read_bytes() == seen
        assert kept.parent.name == "square"
        api.expect(page.locator("#answer-hint")).not_to_contain_text("Held still")


def test_arrow_keys_look_and_enter_moves(visit, photos):
    page = visit.page
    page.focus("#grid")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    page.focus("#move-to")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.wait_for_timeout(500)
    assert len(list((photos / "circle").iterdir())) == 12
    page.keyboard.press("Enter")
    wait_for(lambda: len(list((photos / "triangle").iterdir())) == 13)
    assert page.evaluate("document.activeElement.id") == "grid"


def test_undo_beside_a_message_is_of_that_change(visit, studio, photos, shapes):
    page = visit.page
    page.locator("#tags li[data-tag=circle] .choose").click()
    page.set_input_files("#files", shapes / "square" / "square-00.jpg")
    undo = page.locator("#toast button")
    undo.wait_for()
    studio.done("/api/tag", tag="from another window")
    page.locator("#tags li[data-tag='from another window']").wait_for()
    visit.faults.clear()
    undo.click()
    api.expect(page.locator("#toast")).to_contain_text("Something else was changed meanwhile")
    assert "from another window" in {path.name for path in photos.iterdir()}
    visit.faults[:] = [fault for fault in visit.faults if "409" not in fault]


def test_files_beside_folders_of_tags_are_left_out_by_name(browser, shapes, tmp_path):
    things = shutil.copytree(shapes, tmp_path / "things")
    (things / "Note.txt").write_text("words")
    (things / "circle" / "list.txt").write_text("words")
    with open_studio(tmp_path / "new", tmp_path / "model") as studio:
        page = Page(browser, studio).page
        page.set_input_files("#folder", things)
        toast = page.locator("#toast")
        api.expect(toast).to_contain_text("Left out, lying beside the folders of tags: Note.txt.")
        api.expect(toast).to_contain_text("1 refused: list.txt is a text")
        assert set(studio.samples().values()) == {"circle", "square", "triangle"}
        assert len(studio.samples()) == 36
        page.close()


def test_a_table_among_texts_is_asked_for_its_tags_whatever_tag_is_looked_at(browser, tmp_path):
    table = tmp_path / "more.csv"
    table.write_text("words,kind\nlunch at noon,ham\nwin a prize,spam\n")
    with open_studio(tmp_path / "letters", tmp_path / "model") as studio:
        studio.done("/api/texts", tag="spam", texts=["buy now", "cheap pills"])
        page = Page(browser, studio).page
        page.locator("#tags li[data-tag=spam] .choose").click()
        page.set_input_files("#files", table)
        page.click("#table-form .main")
        wait_for(lambda: sorted(studio.samples().values()) == ["ham", "spam", "spam", "spam"])
        page.close()


def test_the_reason_stands_where_the_answer_was(browser, shapes, model, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no photo")
    with open_studio(shutil.copytree(shapes, tmp_path / "shapes"), model) as studio:
        page = Page(browser, studio).page
        page.goto(f"{studio.url}#try")
        page.set_input_files("#try-file", shapes / "square" / "square-00.jpg")
        page.locator("#right").wait_for(timeout=PATIENCE_MS)
        page.set_input_files("#try-file", bad)
        api.expect(page.locator("#refused")).to_contain_text("bad.jpg ")
        for gone in ("#answer", "#asked-stage"):
            assert page.locator(gone).is_hidden()
        page.set_input_files("#try-file", shapes / "square" / "square-00.jpg")
        page.locator("#right").wait_for(timeout=PATIENCE_MS)
        assert page.locator("#refused").inner_text() == ""
        page.close()


def test_one_tag_is_too_little_to_train_and_it_is_said(browser, studio, photos):
    for tag in ("square", "triangle"):
        shutil.rmtree(photos / tag)
    page = Page(browser, studio).page
    page.goto(f"{studio.url}#train")
    lead = page.locator("#train-lead")
    api.expect(lead).to_contain_text("at least two tags")
    assert page.locator("#train").is_disabled()
    shutil.copytree(photos / "circle", photos / "square")
    page.locator("#train:enabled").wait_for()
    api.expect(lead).to_contain_text("Learns from 24 photos under 2 tags")
    page.close()


def test_the_space_bar_records_under_the_tag_that_is_looked_at(browser, studio, photos, tmp_path):
    with chromium(browser, film(tmp_path / "box.mjpeg", 4, 1)) as filmed:
        page = Page(filmed, studio).page
        page.locator("#tags li[data-tag=square] .choose").click()
        page.click("#open-camera")
        page.locator("#recorder .main:enabled:focus").wait_for()
        page.keyboard.down(" ")
        wait_for(lambda: len(list((photos / "square").glob("burst-*"))) >= 2)
        page.keyboard.up(" ")
