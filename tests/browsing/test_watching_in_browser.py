"""The camera and the microphone of a real browser, fed from made files, counted and heard."""

import base64
import time
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile
from made_devices import chromium, moving
from open_studios import open_studio
from studio_visits import DROP, Page

import handful
from doors import handful as command
from made_sounds import write_wav
from made_videos import movement, write_video

pytestmark = pytest.mark.browser

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
PERIOD_S, RATE_HZ = 1.2, 48_000
EVENTS_S = ((10.5, 11.5), (13.0, 13.5))


def number(page, place):
    return float(page.locator(place).inner_text().replace("−", "-"))


def sent(page):
    """What the page sends of its camera or microphone, piece after piece, as it is sent."""
    pieces = []

    def keep(request):
        if "/api/stream/" in request.url and not request.url.endswith(("/end", "/drop")):
            pieces.append(request.post_data_buffer or b"")

    page.on("request", keep)
    return pieces


def frames_in(pieces):
    """The frames that were sent, 160 pixels wide as the film is 4:3, as a camera gives them."""
    layout = np.dtype([("time_s", "<f8"), ("luma", "u1", (120, 160))])
    for time_s, luma in np.frombuffer(b"".join(pieces), layout):
        frame = av.VideoFrame.from_ndarray(luma, format="gray")
        frame.pts, frame.time_base = round(time_s * 1_000_000), Fraction(1, 1_000_000)
        yield frame


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
        pieces = sent(page)
        page.click("#movement-live")
        api.expect(page.locator("#movement-said")).to_contain_text("one every 1.2 s")
        time.sleep(8)
        live = number(page, "#movement-count")
        with page.expect_response("**/end") as ended:
            page.click("#movement-live")
        result = ended.value.json()["result"]
        counted_rightly(result, frames_in(pieces))
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


def counted_rightly(result, frames):
    """As the truth is, and as `count` counts what the page sent."""
    assert abs(result["repetitions"] - result["seconds"] / PERIOD_S) <= 1
    assert np.median(np.diff(result["times_s"])) == pytest.approx(PERIOD_S, abs=0.1)
    same = handful.count(frames)
    assert (result["repetitions"], result["refused"]) == (same.repetitions, None)
    # Drawn to whole pixels, the thing stands still for 0.1 s where it turns: any moment of it is
    # as good, and which is taken hangs on the last digit of the frames' times.
    assert result["times_s"] == pytest.approx(same.times_s, abs=0.1)
    assert result["frames"] == same.frames


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
        pieces = sent(page)
        page.fill("#hearing-baseline", "8")
        page.click("#hearing-live")
        page.locator("#hearing-events tr").nth(1).wait_for()
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")  # no 2nd bar
        with page.expect_response("**/end") as ended:
            page.click("#hearing-live")
        result = ended.value.json()["result"]
        samples = np.frombuffer(b"".join(pieces), "<f4")
        heard_rightly(result, samples, said)
        with page.expect_download() as waiting:
            page.locator("#hearing-events tr a").last.click()
        waiting.value.save_as(tmp_path / "saved.wav")
        saved, rate_hz = soundfile.read(tmp_path / "saved.wav")
        assert rate_hz == result["rate_hz"]
        start = round((result["events"][0]["start_s"] - 0.5) * rate_hz)  # half a second before it
        assert saved == pytest.approx(samples[start : start + len(saved)], abs=2 / 32768)
        assert drawn(page, "#hearing-trace")
        assert visit.faults == []


def heard_rightly(result, samples, said):
    """As `listen` hears what the page sent; and that is where and how loud the truth is.

    A busy browser stretches or cuts what it plays: so moments are held against what came out of
    it, and only levels against what was said of the file.
    """
    found = result["events"]
    assert (
        found
        == handful.listen([samples], rate_hz=result["rate_hz"], baseline=8).to_json()["events"]
    )
    loud_s = np.flatnonzero(np.abs(samples) > 0.06) / result["rate_hz"]  # six sigmas of the usual
    told = [(event["start_s"] <= loud_s) & (loud_s <= event["end_s"]) for event in found]
    assert all(one.any() for one in told)
    assert np.any(told, axis=0).mean() > 0.95
    for event, of_file in zip(found, said, strict=False):
        assert event["level"] == pytest.approx(of_file["level"], abs=1.0)


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
