"""listen: the same answer from a file, a pipe and Python; as JSON, as text, as events."""

import http.server
import io
import json
import re
import shlex
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

import handful
from doors import handful as command
from handful.errors import InputError
from handful.signals import a_weighting_db
from made_sounds import RATE_HZ, hall, noise, sine, write_track, write_wav

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "recordings"
KEYS = {"file", "seconds", "rate_hz", "unit", "level", "baseline", "events", "refused"}


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    return write_wav(tmp_path_factory.mktemp("sounds") / "hall.wav", hall())


@pytest.fixture(scope="module")
def found(wav):
    return handful.listen(wav).to_json()


def test_events_come_one_by_one_and_the_summary_holds_them_all(wav, found):
    listening = handful.listen(wav)
    events = list(listening)
    assert [round(event.start_s) for event in events] == [40, 50]
    assert [event.kind for event in events] == ["unusual sound"] * 2
    assert list(listening) == events
    assert listening.to_json() == found
    assert [event["start_s"] for event in found["events"]] == [event.start_s for event in events]


def test_the_summary_has_the_promised_shape_and_true_numbers(found):
    assert set(found) >= KEYS
    assert set(found["level"]) >= {"laeq", "lmax", "l10", "l50", "l90"}
    assert (found["seconds"], found["rate_hz"]) == (60, RATE_HZ)
    assert found["file"].endswith("hall.wav")
    assert (found["unit"], found["refused"], found["warnings"]) == ("dBFS", None, [])
    wanted = 10 * np.log10((1e-4 * 58.5 + 1e-2 * 1.5) / 60)  # 58.5 s of it 20 dB softer
    assert found["level"]["lzeq"] == pytest.approx(wanted, abs=0.1)
    assert found["level"]["l90"] < found["level"]["l50"] < found["level"]["lmax"]
    assert found["baseline"]["seconds"] == 30
    assert found["baseline"]["low"] < found["baseline"]["laeq"] < found["baseline"]["high"]
    for event in found["events"]:
        assert set(event) >= {"start_s", "end_s", "level", "score", "band_hz"}
        assert event["score"] > 1
        a_weighted = np.mean(10 ** (a_weighting_db(np.linspace(1, 8000, 8000)) / 10))
        assert event["level"] == pytest.approx(-20 + 10 * np.log10(a_weighted), abs=0.5)


def test_every_way_of_handing_it_over_gives_the_same(found):
    samples = (np.round(hall() * 32767) / 32768).astype(np.float32)  # as a 16-bit file holds them
    cuts = np.sort(np.random.default_rng(0).integers(0, len(samples), 300))
    for blocks in ([samples], np.split(samples, cuts), iter(np.split(samples, 1000))):
        again = handful.listen(blocks, rate_hz=RATE_HZ).to_json()
        assert again["level"] == pytest.approx(found["level"], abs=0.02)
        assert len(again["events"]) == len(found["events"])
        for one, other in zip(again["events"], found["events"], strict=True):
            assert {**one, "kind": 0, "unit": 0} == pytest.approx(
                {**other, "kind": 0, "unit": 0}, abs=0.01
            )


def test_command_and_function_say_the_same(wav, found):
    assert command("listen", wav, "--json").json() == found


def test_the_command_says_it_in_words(wav):
    run = command("listen", wav)
    assert run.code == 0
    assert "Unusual    2 times" in run.out
    assert "0:40" in run.out.replace("0:39.9", "0:40")
    assert "dBFS" in run.out
    assert max(map(len, run.out.split("\n"))) <= 110


def test_a_baseline_can_be_saved_and_come_from_a_file(wav, found, tmp_path):
    saved = tmp_path / "usual.json"
    handful.listen(wav, save_baseline=saved).finish()
    quiet = write_wav(tmp_path / "quiet.wav", noise(40, seed=5))
    for baseline in (saved, quiet, str(quiet)):
        heard = handful.listen(wav, baseline=baseline).to_json()
        assert [e["start_s"] for e in heard["events"]] == [e["start_s"] for e in found["events"]]
        assert heard["baseline"]["from"] == str(baseline)
    handful.listen(wav, save_baseline=saved).finish()  # an older one may be replaced


def test_a_promise_is_kept_or_refused_with_what_can_be_promised(wav, tmp_path):
    refused = handful.listen(wav, false_alarms="1/hour").to_json()
    assert "at most 116 false alarms an hour" in refused["refused"]
    assert "takes 60 min" in refused["refused"]
    assert refused["baseline"]["false_alarms_per_hour"] == {"asked": 1, "can_promise": 116.129}
    assert len(refused["events"]) == 2
    kept = handful.listen(wav, false_alarms="2/minute").to_json()
    assert kept["refused"] is None
    assert len(kept["events"]) >= 2


def test_calibration_makes_it_sound_pressure(wav, found, tmp_path):
    """A tone at -20 dBFS that is 94 dB adds 114 dB to every level."""
    tone = write_wav(tmp_path / "tone.wav", sine(1000, 3, rms=0.1))
    heard = handful.listen(wav, calibrate=f"{tone}=94").to_json()
    assert heard["unit"] == "dB SPL"
    for name, level in found["level"].items():
        assert heard["level"][name] == pytest.approx(level + 114, abs=0.02)
    assert heard["events"][0]["level"] == pytest.approx(found["events"][0]["level"] + 114, abs=0.02)
    assert heard["events"][0]["score"] == found["events"][0]["score"]


def test_a_command_gets_every_event(wav, found, tmp_path):
    heard = tmp_path / "events.jsonl"
    script = "import sys, pathlib; pathlib.Path(sys.argv[1]).open('a').write(sys.stdin.read())"
    run = command(
        "listen",
        wav,
        "--json",
        "--on-event",
        f'{shlex.quote(sys.executable)} -c "{script}" {heard}',
    )
    assert run.json()["events"] == found["events"]
    assert [json.loads(line) for line in heard.read_text().splitlines()] == found["events"]


def test_a_command_that_fails_is_a_warning(wav):
    warnings = handful.listen(wav, on_event="false").to_json()["warnings"]
    assert warnings == ["false (--on-event) failed with exit code 1."]


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted."""

    def do_POST(self):
        self.server.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        pass


def test_an_address_gets_every_event_and_a_dead_one_is_a_warning(wav, found):
    with http.server.HTTPServer(("127.0.0.1", 0), Hook) as server:
        server.posted = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/hook"
        handful.listen(wav, webhook=address).finish()
        assert server.posted == found["events"]
        server.shutdown()
    (warning,) = handful.listen(wav, webhook=address).to_json()["warnings"]
    assert warning == (
        f"{address} (--webhook) did not take an event: nothing listens at that address "
        "(connection refused)."
    )


def test_a_sound_that_is_all_baseline_is_measured_and_the_comparison_refused(tmp_path):
    heard = handful.listen(write_wav(tmp_path / "short.wav", noise(12))).to_json()
    assert heard["refused"].startswith("nothing was compared: the sound is 12.0 s long")
    assert heard["events"] == []
    assert heard["baseline"]["complete"] is False
    assert heard["level"]["lzeq"] == pytest.approx(-40, abs=0.1)


def test_silence_has_no_level_and_no_event(tmp_path):
    path = write_wav(tmp_path / "silence.wav", np.zeros(40 * RATE_HZ))
    heard = command("listen", path, "--json").json()
    assert heard["level"]["laeq"] is None
    assert heard["events"] == []
    assert "silence" in command("listen", path).out


def test_a_lasting_change_asks_for_a_new_baseline():
    samples = np.concatenate([noise(40), noise(200, seed=1, rms=0.1)])
    heard = handful.listen([samples], rate_hz=RATE_HZ).to_json()
    assert [event["kind"] for event in heard["events"]] == ["lasting change"]
    assert "Take a new one (--baseline)" in heard["warnings"][0]


def test_a_passing_change_is_told_with_its_true_end_and_sounds_after_it_are_heard():
    samples = noise(260)
    samples[60 * RATE_HZ : 150 * RATE_HZ] *= 10
    samples[200 * RATE_HZ : 201 * RATE_HZ] *= 10
    listening = handful.listen(np.split(samples, 260), rate_hz=RATE_HZ)
    told = list(listening)
    assert [round(event.start_s) for event in told] == [60, 200]
    change, event = listening.to_json()["events"]
    assert (change["kind"], event["kind"]) == ("lasting change", "unusual sound")
    assert change["end_s"] == pytest.approx(150, abs=0.5)
    (warning,) = listening.to_json()["warnings"]
    assert "changed from 1:00.0 to 2:30." in warning.replace("0:59.9", "1:00.0")
    assert "new one" not in warning


def test_falling_silent_has_no_score_and_no_pitch(tmp_path):
    samples = np.concatenate([noise(60), np.zeros(90 * RATE_HZ, np.float32)])
    listening = handful.listen([samples], rate_hz=RATE_HZ, plot=tmp_path / "a.html")
    (event,) = listening.to_json()["events"]
    assert (event["kind"], event["score"], event["band_hz"]) == ("lasting change", None, None)
    assert event["level"] is None
    assert (event["start_s"], event["end_s"]) == (pytest.approx(60, abs=0.5), 150)
    assert "fell silent  a lasting change" in listening.sentence()
    assert "nan" not in (tmp_path / "a.html").read_text().lower().split("<table", 1)[1]
    back = handful.listen([np.concatenate([samples, noise(40)])], rate_hz=RATE_HZ)
    assert "fell silent  a lasting change" in back.sentence()
    samples[60 * RATE_HZ :] = noise(90, seed=2, rms=1e-4)
    quieter = handful.listen([samples], rate_hz=RATE_HZ)
    assert "far quieter than usual  a lasting change" in quieter.sentence()
    assert -100 < quieter.to_json()["events"][0]["level"] < -70


def test_clipped_and_damaged_samples_are_warned_of():
    samples = hall()
    samples[1000:1100] = 1.0
    samples[2000] = np.nan
    warnings = handful.listen([samples], rate_hz=RATE_HZ).to_json()["warnings"]
    assert len(warnings) == 2
    assert "full scale" in warnings[0]
    assert "1 sample is no number; it counts as silence" in warnings[1]


def test_the_sound_of_a_film_is_heard(tmp_path):
    film = write_track(tmp_path / "film.mp4", hall(), film=True)
    assert [round(e.start_s) for e in handful.listen(film)] == [40, 50]


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """A folder of sounds that do not suit."""
    folder = tmp_path_factory.mktemp("bad")
    write_wav(folder / "hall.wav", hall(seconds=35))
    write_wav(folder / "fast.wav", noise(31, rate_hz=32_000), rate_hz=32_000)
    write_wav(folder / "short.wav", noise(3))
    return folder


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"baseline": 3}, "at least 8 seconds"),
        ({"baseline": "absent"}, "neither a number of seconds nor a file"),
        ({"baseline": ("a", 3)}, "neither a number of seconds nor a file"),
        ({"baseline": "fast.wav"}, "at the same rate"),
        ({"baseline": "short.wav"}, "takes at least 8 s"),
        ({"false_alarms": "few"}, "like --false-alarms 1/hour"),
        ({"false_alarms": "0/hour"}, "like --false-alarms 1/hour"),
        ({"calibrate": "94"}, "like --calibrate tone.wav=94"),
        ({"calibrate": "hall.wav=loud"}, "like --calibrate tone.wav=94"),
        ({"calibrate": "hall.wav=94"}, "is no tone of 1000 or 250 Hz"),
        ({"on_event": "no-such-program 1"}, "there is no program 'no-such-program'"),
        ({"on_event": "'"}, "No closing quotation"),
        ({"webhook": "ftp://x"}, "http:// or https://"),
        ({"plot": "hall.wav"}, "is to be a page"),
        ({"save_baseline": "hall.wav"}, "is not a baseline"),
        ({"rate_hz": 8000}, "leave out --rate-hz"),
        ({"false_alarms": 1}, "like --false-alarms 1/hour"),
        ({"calibrate": ("hall.wav", 94)}, "like --calibrate tone.wav=94"),
        ({"on_event": print}, "iterate over what listen() returns"),
        ({"webhook": 80}, "http:// or https://"),
    ],
)
def test_mistakes_are_told_before_anything_is_heard(bad, monkeypatch, options, says):
    monkeypatch.chdir(bad)
    before = {path.name: path.read_bytes() for path in bad.iterdir()}
    with pytest.raises(InputError, match=re.escape(says)):
        handful.listen("hall.wav", **options)
    assert {path.name: path.read_bytes() for path in bad.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["absent.wav"], "there is no file absent.wav"),
        (["hall.wav", "--baseline", "3"], "at least 8 seconds"),
        (["-"], "nothing comes out of the pipe"),
        (["-", "--rate-hz", "16000"], "nothing comes out of the pipe"),
        (["-", "--rate-hz", "10"], "it takes 4000"),
    ],
)
def test_mistakes_are_one_clear_message(bad, words, says):
    assert says in command("listen", *words, cwd=bad).message


def test_a_stored_baseline_of_another_rate_is_refused(wav, tmp_path):
    fast = write_wav(tmp_path / "fast.wav", noise(31, rate_hz=32_000), rate_hz=32_000)
    handful.listen(fast, save_baseline=tmp_path / "fast.json").finish()
    with pytest.raises(InputError, match="at the same rate of samples"):
        handful.listen(wav, baseline=tmp_path / "fast.json")


def test_the_events_of_real_recordings_are_found():
    """What the issue asks for, on the four recordings; they are not part of the repository."""
    if not RECORDINGS.is_dir():
        pytest.skip(f"the sample data is absent: no {RECORDINGS}")
    listed = json.loads((RECORDINGS / "events.json").read_text())
    for name, facts in listed.items():
        got = [(event.start_s, event.end_s) for event in handful.listen(RECORDINGS / name)]
        true = [(event["start_s"], event["end_s"]) for event in facts["events"]]
        hits = [any(a < end and b > start for a, b in got) for start, end in true]
        false = [not any(a < end + 0.5 and b > start - 0.5 for start, end in true) for a, b in got]
        loud = not true or facts["events"][0]["snr_db"] >= 12
        assert sum(hits) >= (len(true) if loud else 0.6 * len(true)), name
        assert sum(false) <= (1 if true else 0), name


def test_listening_is_many_times_faster_than_hearing(tmp_path):
    """The figure is 500 times and more (docs/unusual-sound.md); 100 even on a busy machine."""
    path = write_wav(tmp_path / "long.wav", noise(120, rate_hz=48_000), rate_hz=48_000)
    handful.listen(path).finish()
    started_s = time.process_time()
    handful.listen(path).finish()
    assert time.process_time() - started_s < 120 / 100


@pytest.mark.parametrize(("seconds", "rate"), [(60, "60/hour"), (300, "12/hour")])
def test_where_false_alarms_are_allowed_events_still_end(seconds, rate):
    """The threshold then lies within the noise: an event must not become a lasting change."""
    random, rate_hz = np.random.default_rng(5), 16_000
    noise = random.normal(0, 0.02, rate_hz * 600).astype(np.float32)
    tone = 0.35 * np.sin(2 * np.pi * 2000 * np.arange(2 * rate_hz) / rate_hz)
    noise[500 * rate_hz : 502 * rate_hz] += tone.astype(np.float32)
    blocks = np.split(noise, 600)
    events = list(handful.listen(blocks, rate_hz=rate_hz, baseline=seconds, false_alarms=rate))
    assert {event.kind for event in events} == {"unusual sound"}
    loudest = max(events, key=lambda event: event.score)
    assert loudest.start_s == pytest.approx(500, abs=0.3)
    assert loudest.end_s == pytest.approx(502, abs=2)


@pytest.mark.parametrize("name", ["cut.wav", "cut.ogg", "cut.mp3"])
def test_a_file_that_was_cut_off_is_heard_as_far_as_it_goes_and_warned_of(tmp_path, name):
    whole = tmp_path / f"whole-{name}"
    soundfile.write(whole, hall(), RATE_HZ)
    assert handful.listen(whole).to_json()["warnings"] == []
    part = tmp_path / name
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    heard = handful.listen(part).to_json()
    assert 40 < heard["seconds"] < 50
    (warning,) = heard["warnings"]
    assert f"it is cut off after {heard['seconds']:.1f} s" in warning
    assert warning in command("listen", part).out


def test_a_baseline_of_silence_or_of_damage_is_refused_and_nothing_is_saved(tmp_path):
    silent = np.concatenate([np.zeros(31 * RATE_HZ), noise(9)]).astype(np.float32)
    damaged = hall(seconds=40)
    damaged[: 30 * RATE_HZ : 100] = np.nan
    for samples, says in (
        (silent, "the baseline is silence"),
        (damaged, "% of its samples are no numbers"),
    ):
        saved = tmp_path / "usual.json"
        listening = handful.listen([samples], rate_hz=RATE_HZ, save_baseline=saved)
        heard = listening.to_json()
        assert heard["refused"].startswith("nothing was compared: ")
        assert says in heard["refused"]
        assert heard["events"] == []
        assert not saved.exists()
        assert "No baseline was saved" in heard["warnings"][-1]
        assert "Unusual" not in listening.sentence()
    for name, samples in (("silent.wav", silent[: 20 * RATE_HZ]), ("damaged.wav", damaged)):
        soundfile.write(tmp_path / name, samples[: 20 * RATE_HZ], RATE_HZ, subtype="FLOAT")
        with pytest.raises(InputError, match=r"silence|are no numbers"):
            handful.listen([hall()], rate_hz=RATE_HZ, baseline=tmp_path / name)


def test_a_sound_that_ends_with_its_baseline_is_not_called_usual(tmp_path):
    listening = handful.listen(write_wav(tmp_path / "thirty.wav", noise(30)))
    assert "nothing was compared: the sound is 30.0 s long" in listening.to_json()["refused"]
    assert "Give a shorter one, like --baseline 15" in listening.sentence()
    assert "Unusual" not in listening.sentence()


@pytest.mark.parametrize(("seconds", "advice"), [
    (3, "too short to hold a baseline of its own"), (9.5, "too short to hold a baseline"),
    (10.5, "--baseline 8,"), (24, "--baseline 12,"),
])  # fmt: skip
def test_advice_for_short_sounds_can_be_followed(tmp_path, seconds, advice):
    path = write_wav(tmp_path / "short.wav", noise(seconds))
    refused = handful.listen(path).to_json()["refused"]
    assert advice in refused
    if found := re.search(r"--baseline (\d+)", refused):
        assert handful.listen(path, baseline=found[1]).to_json()["refused"] is None


def test_silence_is_no_number_of_decibels(tmp_path):
    path = write_wav(tmp_path / "silence.wav", np.zeros(40 * RATE_HZ))
    page = tmp_path / "silence.html"
    run = command("listen", path, "--plot", page)
    assert "Loudness   silence from the beginning to the end" in run.out
    half = write_wav(tmp_path / "half.wav", np.concatenate([noise(30), np.zeros(40 * RATE_HZ)]))
    assert "silence for the rest" in command("listen", half).out
    for words in (run.out, command("listen", half).out, page.read_text(encoding="utf-8")):
        assert "silence dBFS" not in words
        assert "above silence" not in words


def test_stereo_of_opposite_polarity_is_no_silence(tmp_path):
    both = np.stack([hall(), -hall()], axis=1)
    heard = handful.listen(write_wav(tmp_path / "a.wav", both)).to_json()
    one = handful.listen(write_wav(tmp_path / "b.wav", hall())).to_json()
    assert heard["level"] == pytest.approx(one["level"], abs=0.01)
    assert [e["start_s"] for e in heard["events"]] == [e["start_s"] for e in one["events"]]
    (warning,) = heard["warnings"]
    assert warning.startswith("Channel 2 was turned round")


def test_a_damaged_baseline_is_told_in_plain_words(wav, tmp_path):
    saved = tmp_path / "usual.json"
    handful.listen(wav, save_baseline=saved).finish()
    text = saved.read_text()
    for broken, says in (
        (text[: len(text) // 2], "its text breaks off or was changed"),
        (text.replace("median_db", "median"), "median_db is missing in it"),
        (text[10:], "is no baseline, or a damaged one"),
        (re.sub(r'"hop_s": [0-9.]+', '"hop_s": null', text), "hop_s is no number:"),
        (re.sub(r'"z_limit": [0-9.]+', '"z_limit": [1]', text), "z_limit is no number:"),
        (text.replace('"trials": [', '"trials": [[], '), "trials is no list of numbers:"),
    ):
        saved.write_text(broken)
        with pytest.raises(InputError, match=says):
            handful.listen(wav, baseline=saved)


def test_pitches_go_by_their_nominal_names(tmp_path):
    samples = noise(40)
    samples[35 * RATE_HZ : 37 * RATE_HZ] += sine(800, 2, rms=0.05)
    (event,) = handful.listen([samples], rate_hz=RATE_HZ)
    assert event.band_hz == 800


def test_folders_are_not_made_in_silence(wav, tmp_path):
    for option in ("plot", "save_baseline"):
        with pytest.raises(InputError, match="there is no folder"):
            handful.listen(wav, **{option: tmp_path / "no" / "file.html"})
    assert list(tmp_path.iterdir()) == []


def test_an_open_file_is_heard_like_its_name(wav, found, tmp_path):
    for path in (wav, write_track(tmp_path / "film.mp4", hall(), film=True)):
        with path.open("rb") as file:
            heard = handful.listen(file).to_json()
        assert [e["start_s"] for e in heard["events"]] == pytest.approx([40, 50], abs=0.3)
        assert heard["file"] == str(path)
    with wav.open("rb") as file, io.BytesIO(file.read()) as held:
        assert handful.listen(held).to_json()["events"] == found["events"]
    raw = (hall() * 32767).round().astype("<i2").tobytes()
    assert len(list(handful.listen(io.BytesIO(raw), rate_hz=RATE_HZ))) == 2
    with wav.open(errors="replace") as text, pytest.raises(InputError, match="open it for bytes"):
        handful.listen(text)


def test_blocks_on_their_side_and_blocks_of_nothing_are_refused():
    both = np.stack([hall(), hall()])
    with pytest.raises(InputError, match=r"turn it with \.T"):
        handful.listen([both], rate_hz=RATE_HZ).finish()
    assert len(list(handful.listen([both.T], rate_hz=RATE_HZ))) == 2
    for blocks in ([], [np.zeros(0, np.float32)]):
        with pytest.raises(InputError, match="not a single sample"):
            handful.listen(blocks, rate_hz=RATE_HZ).finish()


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(140, "2:20 min"), (180, "3 min"), (119.4, "119 s"), (7.5, "7.5 s"), (0.01, "0.010 s")],
)
def test_lengths_are_said_to_the_second(seconds, says):
    samples = noise(seconds, rate_hz=4000)
    title = handful.listen([samples], rate_hz=4000).sentence().split("\n")[0]
    assert title == f"samples: {says} at 4 kHz"


def test_it_says_how_much_was_compared(tmp_path):
    path = write_wav(tmp_path / "forty.wav", noise(40))
    said = handful.listen(path, baseline=30).sentence()
    assert "Unusual    nothing in the 10 s that were compared with it" in said
    said = handful.listen(path, baseline=39).sentence()
    assert re.search(r"nothing in the (0\.[89]|1\.0) s that were compared with it", said)


def test_a_sound_too_short_for_the_meter_is_warned_of():
    (warning,) = handful.listen([sine(1000, 0.1)], rate_hz=RATE_HZ).to_json()["warnings"]
    assert warning.startswith("The sound is only 0.1 s long")
    assert handful.listen([sine(1000, 0.6)], rate_hz=RATE_HZ).to_json()["warnings"] == []
