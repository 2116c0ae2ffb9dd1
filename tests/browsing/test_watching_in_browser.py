"""The camera and the microphone of a real browser, fed from made files, counted and heard."""

import base64
import time

import numpy as np
import pytest
import soundfile
from made_devices import chromium, moving
from open_studios import open_studio
from visits import DROP, Page

from doors import handful as command
from made_sounds import write_wav
from made_videos import movement, write_video

pytestmark = pytest.mark.browser

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
PERIOD_S, RATE_HZ = 1.2, 48_000
EVENTS_S = ((10.5, 11.5), (13.0, 13.5))


def number(page, place):
    return float(page.locator(place).inner_text().replace("−", "-"))


def test_a_movement_before_the_camera_is_counted(browser, tmp_path):
    film = tmp_path / "there-and-back.y4m"
    switch = moving(film, movement(10, PERIOD_S))  # ten of them, over and over
    assert abs(command("count", film, "--json").json()["repetitions"] - 10) <= 1
    with (
        open_studio(tmp_path / "samples", tmp_path / "model") as studio,
        chromium(browser, switch) as filmed,
    ):
        visit = Page(filmed, studio)
        page = visit.page
        visit.screen("watch")
        page.click("#movement-live")
        api.expect(page.locator("#movement-said")).to_contain_text("one every 1.2 s")
        time.sleep(8)
        live = number(page, "#movement-count")
        with page.expect_response("**/end") as ended:
            page.click("#movement-live")
        result = ended.value.json()["result"]
        assert result["refused"] is None
        assert abs(result["repetitions"] - result["seconds"] / PERIOD_S) <= 1
        took_s = np.median(np.diff(result["times_s"]))
        assert took_s == pytest.approx(PERIOD_S, abs=0.1)
        assert abs(live - result["repetitions"]) <= 2
        report = page.frame_locator("#movement-seen iframe")
        api.expect(report.locator("h1")).to_contain_text(f"{result['repetitions']} repetitions")
        assert drawn(page, "#movement-trace")
        page.click("#movement-live")  # once more, from 0
        api.expect(page.locator("#movement-said")).to_contain_text("Nothing repeats")
        page.click("#movement-anew")
        visit.screen("samples")  # leaving ends it
        assert page.locator("#movement-video").is_hidden()
        assert visit.faults == []


def drawn(page, place):
    """Whether there is more than one colour on a canvas."""
    return page.evaluate(
        """place => { const canvas = document.querySelector(place);
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size > 2; }""",
        place,
    )


def test_loud_events_before_the_microphone_are_heard(browser, tmp_path):
    rng = np.random.default_rng(5)
    sound = rng.normal(0, 0.01, 15 * RATE_HZ)
    for start_s, end_s in EVENTS_S:
        sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] *= 10
    wav = write_wav(tmp_path / "hall.wav", sound.astype(np.float32), rate_hz=RATE_HZ)
    said = command("listen", wav, "--baseline", "8", "--json").json()["events"]
    assert [event["start_s"] for event in said] == pytest.approx([10.5, 13.0], abs=0.2)
    switch = f"--use-file-for-fake-audio-capture={wav}"
    with (
        open_studio(tmp_path / "samples", tmp_path / "model") as studio,
        chromium(browser, switch) as hearing,
    ):
        visit = Page(hearing, studio)
        page = visit.page
        visit.screen("watch")
        page.fill("#hearing-baseline", "8")
        page.click("#hearing-live")
        page.locator("#hearing-events tr").nth(1).wait_for()
        with page.expect_response("**/end") as ended:
            page.click("#hearing-live")
        first, second = ended.value.json()["result"]["events"][:2]
        assert second["start_s"] - first["start_s"] == pytest.approx(2.5, abs=0.25)
        for event, truth_s, told in zip((first, second), (1.0, 0.5), said, strict=True):
            assert event["end_s"] - event["start_s"] == pytest.approx(truth_s, abs=0.4)
            assert event["level"] == pytest.approx(told["level"], abs=1.0)
        with page.expect_download() as waiting:
            page.locator("#hearing-events tr a").last.click()
        waiting.value.save_as(tmp_path / "saved.wav")
        saved, rate_hz = soundfile.read(tmp_path / "saved.wav")
        loud_s = np.count_nonzero(np.abs(saved) > 0.05) / rate_hz  # five sigmas of the usual
        # Of noise of sigma 0.1, 62 % lies beyond 0.05: of a second 0.62 s.
        assert loud_s == pytest.approx(0.62, abs=0.05)
        assert drawn(page, "#hearing-trace")
        assert visit.faults == []


def test_a_video_and_a_sound_that_are_dropped(browser, tmp_path):
    clip = write_video(tmp_path / "seven.mp4", movement(7, 1.0))
    rng = np.random.default_rng(6)
    sound = rng.normal(0, 0.01, 14 * RATE_HZ).astype(np.float32)
    sound[12 * RATE_HZ : 13 * RATE_HZ] *= 10
    wav = write_wav(tmp_path / "one.wav", sound, rate_hz=RATE_HZ)
    with open_studio(tmp_path / "samples", tmp_path / "model") as studio:
        visit = Page(browser, studio)
        page = visit.page
        visit.screen("watch")
        drop(page, "#movement", clip)
        count = command("count", clip, "--json").json()["repetitions"]
        assert abs(count - 7) <= 1
        report = page.frame_locator("#movement-seen iframe")
        api.expect(report.locator("h1")).to_contain_text(f"{count} repetitions in 7.0 seconds")
        page.fill("#hearing-baseline", "8")
        drop(page, "#hearing", wav)
        minutes, seconds = page.locator("#hearing-events td").first.inner_text().split(":")
        assert 60 * int(minutes) + float(seconds) == pytest.approx(12.0, abs=0.2)
        report = page.frame_locator("#hearing-seen iframe")
        api.expect(report.locator("h1")).to_have_text("1 unusual sound")
        drop(page, "#movement", wav)
        api.expect(page.locator("#movement-said")).to_contain_text("no video track")
        assert visit.faults == []
        page.close()


def drop(page, place, path):
    content = base64.b64encode(path.read_bytes()).decode()
    page.evaluate(DROP, [place, [(path.name, content)]])
