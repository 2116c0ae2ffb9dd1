"""Frames and sound that a page sends: the answers of `handful count` and `handful listen`."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
import requests
from open_studios import MARK, PATIENCE_S, open_studio

import handful
from doors import handful as command
from handful.browsing.stream_routes import told_lines
from handful.videos import open_video
from made_sounds import RATE_HZ, hall, write_wav
from made_videos import movement, write_video

_AT_ONCE = 7  # frames in a piece: about four pieces a second


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A studio without samples."""
    place = tmp_path_factory.mktemp("watching")
    with open_studio(place / "samples", place / "model") as opened:
        yield opened


def given(studio, name, piece):
    address = f"{studio.url}/api/stream/{name}"
    return requests.post(address, data=piece, headers=MARK, timeout=PATIENCE_S)


def packed(frames):
    return b"".join(np.float64(t).tobytes() + luma.tobytes() for t, luma in frames)


def watched(studio, frames, began_s=0.0):
    """Answers to each piece, and the end."""
    height, width = frames[0][1].shape
    name = studio.done("/api/watch", width_px=width, height_px=height)["id"]
    answers = []
    for start in range(0, len(frames), _AT_ONCE):
        piece = [(t + began_s, luma) for t, luma in frames[start : start + _AT_ONCE]]
        answer = given(studio, name, packed(piece))
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
    return answers, studio.done(f"/api/stream/{name}/end")


def test_frames_one_after_the_other_count_as_the_command_counts_the_video(studio, tmp_path):
    clip = tmp_path / "clip.mp4"
    write_video(clip, movement(9, 1.5))
    with open_video(clip) as video:
        frames = [(frame.time_s, frame.luma.copy()) for frame in video]
    said = command("count", clip, "--json").json()
    answers, ended = watched(studio, frames, began_s=4711.0)  # a page's clock does not begin at 0
    same = ("repetitions", "times_s", "refused", "frames", "method", "warnings")
    assert {key: ended["result"][key] for key in same} == {key: said[key] for key in same}
    assert ended["result"]["seconds"] == pytest.approx(said["seconds"], abs=0.01)
    assert abs(said["repetitions"] - 9) <= 1  # the truth
    assert abs(answers[-1]["repetitions"] - 9) <= 1
    assert answers[-1]["period_s"] == pytest.approx(1.5, abs=0.1)
    assert "9 repetitions" in studio.get(ended["page"]).text


def test_the_trace_comes_once_and_in_order(studio):
    frames = list(movement(6, 1.0))
    answers, _ = watched(studio, frames)
    times_s = [time_s for answer in answers for time_s, _ in answer["points"]]
    assert all(before < after for before, after in pairwise(times_s))
    assert times_s[-1] == pytest.approx(frames[-1][0], abs=0.1)
    values = np.array([value for answer in answers for _, value in answer["points"]])
    # There and back: the line crosses its middle twice a repetition.
    assert 10 <= np.count_nonzero(np.diff(np.sign(values[values != 0]))) <= 40


def test_what_stands_still_is_refused_in_words(studio):
    _, ended = watched(studio, list(movement(4, 1.0, amplitude=0.0, noise=4.0)))
    assert ended["result"]["repetitions"] == 0
    assert "nothing repeats" in ended["result"]["refused"]


def heard(studio, samples, rate_hz, **how):
    name = studio.done("/api/hear", rate_hz=rate_hz, **how)["id"]
    answers = []
    for start in range(0, len(samples), 3000):
        answer = given(studio, name, samples[start : start + 3000].astype("<f4").tobytes())
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
    return answers, studio.done(f"/api/stream/{name}/end")


def test_sound_piece_by_piece_is_heard_as_the_command_hears_the_file(studio, tmp_path):
    wav = write_wav(tmp_path / "hall.wav", hall(seconds=60))
    samples = np.round(hall(seconds=60) * 32767).astype("<i2").astype(np.float32) / 32768
    said = command("listen", wav, "--baseline", "20", "--json").json()
    answers, ended = heard(studio, samples, RATE_HZ, baseline=20)
    assert ended["result"]["events"] == said["events"]
    assert ended["result"]["level"] == said["level"]
    told = [event for answer in answers for event in answer["events"]]
    assert told == said["events"]
    assert told[0]["start_s"] == pytest.approx(40, abs=0.2)  # the truth
    states = [answer["state"] for answer in answers]
    assert states[0] == "learning"
    assert {"usual", "unusual"} < set(states)
    low, high = answers[-1]["usual"]
    assert low < high
    levels = [level for answer in answers for _, level in answer["points"]]
    assert max(levels) == pytest.approx(said["level"]["lmax"], abs=0.1)


def test_a_promise_that_cannot_be_kept_is_refused_while_it_listens(studio):
    answers, ended = heard(studio, hall(seconds=30), RATE_HZ, baseline=10, false_alarms="1/hour")
    assert "cannot be promised" in answers[-1]["refused"]
    assert "cannot be promised" in ended["result"]["refused"]


def sent(studio, path, name, content, **query):
    address = f"{studio.url}{path}"
    with requests.post(
        address, params={"name": name, **query}, data=content, headers=MARK, timeout=PATIENCE_S
    ) as answer:
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]


def test_a_video_that_is_sent_is_counted_and_not_kept(studio, tmp_path):
    clip = tmp_path / "squats in the hall.mp4"
    write_video(clip, movement(7, 1.2))
    *_, last = sent(studio, "/api/count-file", clip.name, clip.read_bytes())
    said = command("count", clip, "--json").json()
    assert last["result"] == said | {"file": clip.name}
    assert clip.name in studio.get(last["page"]).text
    assert list((studio.folder / ".handful" / "incoming").iterdir()) == []
    assert studio.samples() == {}


def test_a_sound_that_is_sent_is_listened_to_and_not_kept(studio, tmp_path):
    wav = write_wav(tmp_path / "hall.wav", hall(seconds=50))
    *_, last = sent(studio, "/api/listen-file", wav.name, wav.read_bytes(), baseline=20)
    said = handful.listen(wav, baseline=20).to_json()
    assert last["result"] == said | {"file": wav.name}
    assert list((studio.folder / ".handful" / "incoming").iterdir()) == []


def test_the_work_ends_when_nobody_waits_for_it_any_more(tmp_path):
    ended = threading.Event()

    def endless(progress):
        try:
            while True:
                progress("counting", 1, 2)
                time.sleep(0.01)
        finally:
            ended.set()

    async def begun_and_left():
        lines = told_lines(endless, tmp_path)
        while json.loads(await anext(lines)) != {"done": 1, "total": 2}:
            pass  # it has not begun yet
        assert not ended.is_set()
        await lines.aclose()
        assert await asyncio.to_thread(ended.wait, PATIENCE_S)

    with ThreadPoolExecutor(1) as apart:  # a browser's loop may already run in this thread
        apart.submit(asyncio.run, begun_and_left()).result()


@pytest.mark.parametrize(
    ("path", "name", "content", "words"),
    [
        ("/api/count-file", "notes.txt", b"no video", "notes.txt cannot be opened as a video"),
        ("/api/listen-file", "notes.txt", b"no sound", "notes.txt"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_name(studio, path, name, content, words):
    query = {"baseline": 20} if "listen" in path else {}
    *_, last = sent(studio, path, name, content, **query)
    assert words in last["error"]
    assert ".handful" not in last["error"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"width_px": 10, "height_px": 120}, "10 x 120 pixels"),
        ({"width_px": 160, "height_px": 5000}, "160 x 5000 pixels"),
        ({"width_px": 160.5, "height_px": 120}, "whole number"),
        ({}, "whole number"),
    ],
)
def test_frames_of_odd_sizes_are_refused(studio, values, words):
    answer = studio.change("/api/watch", **values)
    assert answer.status_code == 422
    assert words in answer.json()["error"]


def test_pieces_that_are_no_frames_are_refused(studio):
    name = studio.done("/api/watch", width_px=64, height_px=48)["id"]
    picture = np.zeros((48, 64), np.uint8)
    assert "no whole frames" in given(studio, name, b"abc").json()["error"]
    assert given(studio, name, packed([(1.0, picture), (2.0, picture)])).status_code == 200
    for wrong in (2.0, 1.5, np.nan, np.inf):
        answer = given(studio, name, packed([(wrong, picture)]))
        assert answer.status_code == 422
        assert "order of time" in answer.json()["error"]
    studio.done(f"/api/stream/{name}/drop")
    assert given(studio, name, b"").status_code == 410


def test_at_most_eight_are_open_at_once(studio):
    names = [studio.done("/api/hear", rate_hz=16000, baseline=10)["id"] for _ in range(8)]
    try:
        answer = studio.change("/api/hear", rate_hz=16000, baseline=10)
        assert answer.status_code == 429
        assert "close some" in answer.json()["error"]
    finally:
        for name in names:
            studio.done(f"/api/stream/{name}/drop")
    assert list((studio.folder / ".handful" / "incoming").iterdir()) == []


@pytest.mark.parametrize("how", [{"baseline": 0}, {"baseline": 10, "false_alarms": "often"}])
def test_what_cannot_be_listened_to_in_that_way_is_refused(studio, how):
    answer = studio.change("/api/hear", rate_hz=16000, **how)
    assert answer.status_code == 422


def test_another_sites_page_may_not_send_anything(studio):
    name = studio.done("/api/watch", width_px=64, height_px=48)["id"]
    address = f"{studio.url}/api/stream/{name}"
    assert requests.post(address, data=b"", timeout=PATIENCE_S).status_code == 403
    assert requests.post(address, data=b"", headers={**MARK, "origin": "http://evil.test"},
                         timeout=PATIENCE_S).status_code == 403  # fmt: skip
    studio.done(f"/api/stream/{name}/drop")
