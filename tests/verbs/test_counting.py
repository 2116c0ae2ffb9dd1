"""count, as a person calls it: the command, the function, its page and its video."""

import io
import json
import re
import signal
import subprocess
import time

import numpy as np
import pytest

import handful
from doors import handful as command
from doors import started
from handful.errors import InputError
from made_videos import HEIGHT, WIDTH, movement, write_video

KEYS = {
    "file", "frames", "fps", "seconds", "repetitions", "times_s", "inner_crossings",
    "outer_crossings", "refused", "method", "warnings",
}  # fmt: skip


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Eight repetitions in eight seconds."""
    return write_video(tmp_path_factory.mktemp("clips") / "eight.mp4", movement(8, 1.0))


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """Six seconds in which nothing moves."""
    pictures = movement(6, 1.0, amplitude=0.0)
    return write_video(tmp_path_factory.mktemp("clips") / "still.mp4", pictures)


def test_the_command_prints_one_object(clip):
    found = command("count", clip, "--json").json()
    assert set(found) == KEYS
    assert abs(found["repetitions"] - 8) <= 1
    assert len(found["times_s"]) == found["repetitions"]
    assert (found["frames"], found["fps"], found["seconds"]) == (240, 30.0, 8.0)
    assert found["refused"] is None
    assert found["inner_crossings"] is None


def test_the_command_prints_a_sentence(clip):
    run = command("count", clip)
    assert run.code == 0
    assert "repetitions in 8.0 s" in run.out
    assert run.err == "counting ...\n"


def test_a_refusal_is_an_answer(still):
    run = command("count", still, "--json")
    assert run.json()["repetitions"] == 0
    assert "nothing repeats" in run.json()["refused"]
    assert "not counted, nothing repeats" in command("count", still).out


def test_file_pipe_and_python_agree(clip):
    import av

    def decoded():
        with av.open(str(clip)) as container:
            yield from container.decode(video=0)

    def arrays():
        for frame in decoded():
            yield frame.to_ndarray()[:HEIGHT, :WIDTH]

    by_file = handful.count(clip)
    assert (
        command("count", "-", "--json", stdin=clip.read_bytes()).json()["times_s"]
        == (by_file.to_json()["times_s"])
    )
    for other in (io.BytesIO(clip.read_bytes()), decoded(), arrays()):
        assert handful.count(other).times_s == pytest.approx(by_file.times_s, abs=1e-6)


def test_tallies_lead_to_the_result(clip):
    counting = handful.Counting(clip)
    tallies = list(counting)
    assert 14 <= len(tallies) <= 16
    assert [t.time_s for t in tallies] == sorted(t.time_s for t in tallies)
    assert abs(tallies[-1].repetitions - counting.result.repetitions) <= 1
    assert counting.result == handful.count(clip)


@pytest.mark.parametrize("method", ["plain", "robust"])
def test_other_methods_give_their_crossings(clip, method):
    found = handful.count(clip, method=method, band="0.3-0.4")
    assert found.method == method
    assert found.inner_crossings >= 0
    assert found.outer_crossings >= 0


def test_a_tagged_clip_teaches_what_a_repetition_is(clip, tmp_path):
    """Told that the eight movements are four repetitions, it counts pairs."""
    ten = write_video(tmp_path / "ten.mp4", movement(10, 1.2, seed=4))
    found = handful.count(ten, tagged=f"{clip}=4")
    assert abs(found.repetitions - 5) <= 1
    known = handful.count(ten, tagged=f"{clip}=8", method="robust", band="0.2-0.3")
    assert abs(known.repetitions - 10) <= 1


def test_a_rate_that_is_given_stretches_time(clip):
    found = handful.count(clip, fps=15)
    assert found.seconds == pytest.approx(16)
    assert abs(found.repetitions - 8) <= 1


def test_a_cut_file_is_counted_as_far_as_it_goes(tmp_path):
    whole = write_video(tmp_path / "whole.avi", movement(16, 1.0))
    part = tmp_path / "part.avi"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size * 5 // 8])
    found = handful.count(part)
    assert found.repetitions == pytest.approx(found.seconds, abs=1)
    assert 5 < found.seconds < 15


def test_the_overlay_is_the_same_video_with_numbers(clip, tmp_path):
    import av

    target = tmp_path / "out.mp4"
    found = handful.count(clip, overlay=target)
    with av.open(str(clip)) as given, av.open(str(target)) as made:
        before = [frame.to_ndarray(format="gray") for frame in given.decode(video=0)]
        after = [frame.to_ndarray(format="gray") for frame in made.decode(video=0)]
    assert len(after) == len(before) == found.frames
    assert after[0].shape == before[0].shape
    change = np.abs(after[100].astype(int) - before[100])
    assert change[-HEIGHT // 4 :, : WIDTH // 3].mean() > 20  # the corner with the number
    assert change[: HEIGHT // 2].mean() < 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4"]


def test_the_page_shows_the_count(clip, still, tmp_path):
    page = tmp_path / "page.html"
    found = handful.count(clip, plot=page)
    html = page.read_text(encoding="utf-8")
    assert f"{found.repetitions} repetitions in 8.0 seconds" in html
    assert html.count('<svg class="chart" role="img"') == 2
    handful.count(still, plot=page)
    assert "Nothing repeats" in page.read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_fits_and_loads_nothing(clip, tmp_path, browser, width):
    file = tmp_path / "page.html"
    handful.count(clip, plot=file, method="robust")
    page = browser.new_page(viewport={"width": width, "height": 800})
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: faults.append(request.url))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults == [file.as_uri()]
    page.close()


def test_mistakes_are_one_message(clip, tmp_path):
    other = tmp_path / "notes.html"
    other.write_text("not ours")
    cases = [
        ([], "name a video"),
        ([clip, "--camera", "0"], "one of them"),
        ([tmp_path / "none.mp4"], "no such video"),
        ([clip, "--method", "magic"], "choose one of blocks, robust, plain"),
        ([clip, "--method", "plain", "--band", "45-55"], "two shares of its height"),
        ([clip, "--band", "0.3-0.4"], "the default method looks at the whole picture"),
        ([clip, "--reference", "0-0.1"], "--reference says which rows"),
        ([clip, "--fps", "0"], "is no frame rate"),
        ([clip, "--tagged", "clip.mp4"], "clip.mp4=5"),
        ([clip, "--tagged", f"{tmp_path / 'none.mp4'}=5"], "no such video"),
        ([clip, "--plot", other], "exists and is not a page"),
        ([clip, "--overlay", clip], "is the video itself"),
        ([clip, "--overlay", tmp_path / "out.gif"], "written as MP4"),
        (["-", "--overlay", tmp_path / "out.mp4"], "reads the video twice"),
        (["--camera", "x"], "there is no camera 'x'. No camera is connected."),
        ([clip, "--tagged", f"{clip}=50"], "8 repetitions were counted in it"),
        ([clip, "--method", "robust", "--tagged", f"{clip}=1"], "nothing can be learnt"),
        ([clip, "--plot", tmp_path / "no" / "page.html"], f"there is no folder {tmp_path / 'no'}"),
        (["-"], "nothing comes out of the pipe"),
    ]
    for words, part in cases:
        assert part in command("count", *words).message, words
    assert other.read_text() == "not ours"
    assert not (tmp_path / "no").exists()


def test_a_tagged_clip_without_movement_teaches_nothing(clip, still):
    with pytest.raises(InputError, match="nothing can be learnt"):
        handful.count(clip, tagged=f"{still}=5", method="robust")


def test_hostile_names_are_shown_and_not_obeyed(tmp_path):
    odd = write_video(tmp_path / "a<b>\x1b[31m.mp4", movement(3, 0.5))
    page = tmp_path / "page.html"
    run = command("count", odd, "--plot", page)
    assert run.code == 0
    assert "\x1b" not in run.out
    assert "a<b>" not in page.read_text(encoding="utf-8")
    assert json.loads(command("count", odd, "--json").out)["file"].endswith("a<b>\x1b[31m.mp4")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_live_pipe_is_ended_by_a_signal_with_its_count(tmp_path, number):
    """Matroska as a streaming program writes it; nothing more comes, and the pipe stays open."""
    data = write_video(tmp_path / "a.mkv", movement(8, 1.0)).read_bytes()
    with started("count", "-", "--json", stdin=subprocess.PIPE) as process:
        process.stdin.write(data)
        process.stdin.flush()
        assert process.stderr.readline() == b"counting ...\n"
        time.sleep(2)  # until all that came is decoded
        process.send_signal(number)
        found = json.loads(process.stdout.readline())
        process.stdin.close()
    assert process.returncode == 0
    assert abs(found["repetitions"] - 8) <= 1
    assert (found["file"], found["warnings"]) == ("-", [])


@pytest.mark.parametrize("name", ["cut.avi", "cut.mkv"])
def test_a_file_that_was_cut_off_is_warned_of(tmp_path, name):
    whole = write_video(tmp_path / f"whole-{name}", movement(12, 1.0))
    assert handful.count(whole).warnings == ()
    part = tmp_path / name
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    for found in (handful.count(part), handful.count(io.BytesIO(part.read_bytes()))):
        assert re.search(r"(is cut|breaks) off after [5-7]\.\d s", found.warnings[0])
    assert "mind: " in command("count", part).out


def test_frames_may_be_fractions(clip):
    """Float from 0 to 1, as many libraries give it, counts as 0 to 255 does; black comes first."""
    pictures = [np.zeros((HEIGHT, WIDTH))] + [picture / 255 for _, picture in movement(8, 1.0)]
    found = handful.count(iter(pictures), fps=30)
    assert found.times_s == pytest.approx(handful.count(255 * p for p in pictures).times_s)
    with pytest.raises(InputError, match="holds 65535"):
        handful.count([np.full((HEIGHT, WIDTH), 65535, np.uint16)])


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("a.avi", "pcm_s16le")])
def test_the_overlay_keeps_the_sound(tmp_path, name, codec):
    import av

    film, target = film_with_tone(tmp_path / name, codec), tmp_path / "out.mp4"
    handful.count(film, overlay=target)
    with av.open(str(target)) as made:
        (track,) = made.streams.audio
        parts = [frame.to_ndarray().mean(axis=0) for frame in made.decode(track)]
        rate_hz = track.codec_context.sample_rate
    samples = np.concatenate(parts)
    assert len(samples) / rate_hz == pytest.approx(4, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[: 3 * rate_hz]))
    assert np.argmax(spectrum) / 3 == pytest.approx(1000, abs=1)
    onset_s = np.argmax(np.abs(samples) > 0.05) / rate_hz
    assert onset_s == pytest.approx(1, abs=0.06)  # an AAC frame lasts 0.02 s
    handful.count(film, overlay=target, fps=15)  # time is stretched: the sound would not fit
    with av.open(str(target)) as made:
        assert not made.streams.audio


def film_with_tone(path, codec):
    """Four seconds of movement; from the second one on, 1000 Hz."""
    import av

    rate_hz = 48_000
    tone = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(4 * rate_hz) / rate_hz)
    tone[:rate_hz] = 0
    planar = codec == "aac"
    whole = tone[None].astype(np.float32) if planar else (tone[None] * 32767).astype(np.int16)
    with av.open(str(path), "w") as made:
        picture = made.add_stream("mpeg4", rate=30)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        track = made.add_stream(codec, rate=rate_hz, layout="mono")
        for n, (_, luma) in enumerate(movement(4, 1.0)):
            frame = av.VideoFrame.from_ndarray(luma, format="gray").reformat(format="yuv420p")
            made.mux(picture.encode(frame))
            part = np.ascontiguousarray(whole[:, n * 1600 : (n + 1) * 1600])
            heard = av.AudioFrame.from_ndarray(part, format="fltp" if planar else "s16",
                                               layout="mono")  # fmt: skip
            heard.sample_rate, heard.pts = rate_hz, n * 1600
            made.mux(track.encode(heard))
        made.mux(picture.encode(None))
        made.mux(track.encode(None))
    return path


def test_frames_may_come_as_one_array():
    found = handful.count(np.stack([picture for _, picture in movement(8, 1.0)]))
    assert abs(found.repetitions - 8) <= 1


def shrinking():
    for number, (_, picture) in enumerate(movement(3, 1.0)):
        yield picture if number < 40 else picture[:8, :8]


@pytest.mark.parametrize(
    ("video", "how", "words"),
    [
        (shrinking(), {}, "8 x 8 pixels"),
        (5, {}, "int is no video"),
        ([], {}, "not a single frame"),
        ([], {"fps": "30"}, "fps='30' is no number"),
        ([], {"method": "robust", "band": (0.3, 0.4)}, "band=(0.3, 0.4) is no text"),
        ([], {"tagged": ("a", 3)}, "tagged=('a', 3) is no text"),
    ],
)
def test_other_kinds_of_values_are_refused_in_words(video, how, words):
    with pytest.raises(InputError, match=re.escape(words)):
        handful.count(video, **how)


def test_counting_may_be_left_and_stopped(tmp_path):
    counting = handful.Counting([picture for _, picture in movement(12, 1.0)])
    with pytest.raises(InputError, match="nothing was counted yet"):
        counting.stop()
    with pytest.raises(InputError, match="write_plot needs the result"):
        counting.write_plot(tmp_path / "page.html")
    for tally in counting:
        if tally.time_s >= 8:
            break
    counting.stop()
    assert abs(counting.result.repetitions - 8) <= 1
    assert 8 <= counting.result.seconds < 8.6
    assert list(counting) == []
    counting.write_plot(tmp_path / "page.html")
    assert (tmp_path / "page.html").exists()


def test_a_file_that_is_no_video_is_told_what_would_be_one(tmp_path):
    empty, garbage = tmp_path / "empty.mp4", tmp_path / "garbage.mp4"
    empty.touch()
    garbage.write_bytes(b"no video")
    with pytest.raises(InputError, match="is empty"):
        handful.count(empty)
    with pytest.raises(InputError, match=r"MKV, WebM.* can be read"):
        handful.count(garbage)


def test_a_picture_is_called_a_picture():
    assert "a picture, not a video" in handful.count([np.zeros((60, 60))]).refused


def test_the_weaker_methods_carry_a_warning(clip):
    (warning,) = handful.count(clip, method="robust").warnings
    assert "4 of 11" in warning
    assert not handful.count(clip).warnings


def test_the_overlay_of_what_was_refused_shows_no_number(tmp_path, monkeypatch):
    from handful.videos import overlay

    drawn = []
    label = overlay._label
    monkeypatch.setattr(overlay, "_label", lambda *how: drawn.append(how[0]) or label(*how))
    still = write_video(tmp_path / "still.mp4", movement(2, 1.0, amplitude=0.0))
    assert handful.count(still, overlay=tmp_path / "out.mp4").refused
    assert set(drawn) == {None}
