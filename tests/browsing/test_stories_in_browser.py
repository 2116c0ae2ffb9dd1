"""What a new user does, in a real browser with a camera and a microphone fed from files."""

import base64
import shutil
import time

import pytest
from made_devices import chromium, film, noise
from open_studios import open_studio
from studio_visits import DROP, PATIENCE_MS, Page

import handful
from doors import linked

pytestmark = pytest.mark.browser

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


def frames(folder, tag):
    return sorted(path.name for path in (folder / tag).glob("*.jpg"))


def wait_for(holds, timeout_s=30):
    end_s = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.1)


def test_from_the_camera_to_a_judged_model(browser, tmp_path):
    folder = tmp_path / "things"
    bursts = [("ball", 0, 1), ("box", 4, 2), ("ball", 0, 3), ("box", 4, 4)]
    with open_studio(folder, tmp_path / "model") as studio:
        for at, (tag, corners, seed) in enumerate(bursts):
            camera = film(tmp_path / f"{at}.mjpeg", corners, seed)
            with chromium(browser, camera) as filmed:
                visit = Page(filmed, studio)
                before = len(frames(folder, tag))
                visit.record("#open-camera", tag, 1.5)
                wait_for(lambda tag=tag, n=before: len(frames(folder, tag)) >= n + 3)
                if at < len(bursts) - 1:
                    assert visit.faults == []
                    continue
                names = {name.split("-")[1] for name in frames(folder, "ball")}
                assert len(names) == 2  # bursts
                visit.train()
                live_then_mended(visit, folder)
                visit.train(before=1)
                assert "both judged" in visit.page.locator("#difference").inner_text()
                exported(visit, tmp_path, folder)
                assert visit.faults == []


def live_then_mended(visit, folder):
    page = visit.page
    visit.screen("try")
    page.click("#live")
    api.expect(page.locator("#says")).to_have_text("box", timeout=PATIENCE_MS)
    page.locator("#pace[data-rate]").wait_for()
    before = len(frames(folder, "box"))
    page.click("#right")
    wait_for(lambda: len(frames(folder, "box")) == before + 1)
    before = len(frames(folder, "ball"))
    page.select_option("#wrong", "ball")
    wait_for(lambda: len(frames(folder, "ball")) == before + 1)
    page.click("#live")
    visit.screen("samples")
    page.click("#undo")
    wait_for(lambda: len(frames(folder, "ball")) == before)


def exported(visit, tmp_path, folder):
    visit.screen("ship")
    with visit.page.expect_download() as waiting:
        visit.page.click("[data-export='model.onnx']")
    waiting.value.save_as(tmp_path / "taken.onnx")
    assert (tmp_path / "taken.onnx").read_bytes()[:1] == b"\x08"  # protobuf: ir_version
    photo = next((folder / "ball").iterdir())
    assert handful.predict(tmp_path / "model", photo)[0].tag == "ball"


def test_dropped_files_a_mistake_and_a_threshold(browser, shapes, more_shapes, model, tmp_path):
    folder = shutil.copytree(shapes, tmp_path / "shapes")
    fresh = [(f"new-{p.name}", base64.b64encode(p.read_bytes()).decode())
             for p in sorted((more_shapes / "triangle").iterdir())[:3]]  # fmt: skip
    with open_studio(folder, linked(model, tmp_path / "model")) as studio:
        visit = Page(browser, studio)
        page = visit.page
        page.locator("#tags li[data-tag=triangle]").wait_for()
        page.evaluate(DROP, ["#tags li[data-tag=triangle]", fresh])
        wait_for(lambda: len(frames(folder, "triangle")) == 15)
        visit.screen("report")
        report = page.frame_locator("#report-frame")
        cell = report.get_by_role("button", name="circle taken for square").first
        cell.press("Enter")
        page.locator("#screen-samples").wait_for()
        assert "circle taken for square" in page.locator("#wall-hint").inner_text()
        visit.screen("report")
        mistake = report.locator(".sheet > .card", has_text="circle/square-03.jpg")
        mistake.locator("select").select_option("square")
        wait_for(lambda: (folder / "square" / "square-03.jpg").exists())
        report.locator("#weigh-tag").select_option("circle")
        report.locator("#weigh-miss").fill("10")
        report.locator("#weigh-set").click()
        page.get_by_text("The model obeys.").wait_for()
        assert studio.get("/api/model").json()["rule"] is not None
        assert visit.faults == []
        page.close()


def test_two_sounds_from_the_microphone(browser, tmp_path):
    folder = tmp_path / "sounds"
    with open_studio(folder, tmp_path / "model") as studio:
        clips = [(tag, hertz, n) for tag, hertz in (("hum", 150), ("hiss", 0)) for n in range(3)]
        for at, (tag, hertz, number) in enumerate(clips):
            sound = noise(tmp_path / f"{at}.wav", hertz, at)  # else all begin alike: copies
            with chromium(browser, sound) as hearing:
                visit = Page(hearing, studio)
                visit.record("#open-microphone", tag, 1.2)
                wait_for(lambda t=tag, n=number: len([*(folder / t).glob("*.wav")]) == n + 1)
                if at == len(clips) - 1:
                    visit.train()
                    visit.screen("try")
                    visit.page.click("#live")
                    api.expect(visit.page.locator("#answer")).to_be_visible(timeout=PATIENCE_MS)
                assert visit.faults == []
        assert set(studio.samples().values()) == {"hum", "hiss"}


def test_the_keyboard_alone_moves_deletes_and_takes_back(browser, studio, photos):
    visit = Page(browser, studio)
    page = visit.page
    page.focus("#grid")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator("#n-chosen").inner_text() == "3 chosen"
    page.keyboard.press("Delete")
    wait_for(lambda: len(frames(photos, "circle")) == 9)
    page.keyboard.press("Control+z")
    wait_for(lambda: len(frames(photos, "circle")) == 12)
    page.focus("#grid")
    page.keyboard.press("End")
    active = page.get_attribute("#grid", "aria-activedescendant")
    assert "triangle-11" in page.get_attribute(f"#{active}", "aria-label")
    assert visit.faults == []
    page.close()


def test_two_windows_and_a_killed_studio(browser, photos, tmp_path):
    with open_studio(photos, tmp_path / "model") as studio:
        one, two = Page(browser, studio), Page(browser, studio)
        one.page.fill("#new-tag-name", "from the other window")
        one.page.keyboard.press("Enter")
        two.page.locator("#tags li[data-tag='from the other window']").wait_for()
        (photos / "circle" / "circle-00.jpg").unlink()  # behind its back
        api.expect(two.page.locator("#tags li[data-tag=circle] .n")).to_have_text("11")
        port = studio.url.rpartition(":")[2]
        studio.kill()
        one.page.locator("#lost").wait_for()
        with open_studio(photos, tmp_path / "model", "--port", port):
            api.expect(one.page.locator("#lost")).to_be_hidden(timeout=30_000)
        assert [f for f in one.faults + two.faults if "ERR_" not in f] == []
        one.page.close()
        two.page.close()
