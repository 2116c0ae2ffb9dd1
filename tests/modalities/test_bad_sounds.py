"""Silence, clipping, damage and hours of sound, for every kind of tag: said plainly."""

from __future__ import annotations

import csv
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from doors import COMMAND, handful, report

RATE_HZ = 8000
PEAK = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
    "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
)


def tone(hertz, seconds=0.5, level=0.3, seed=0):
    random = np.random.default_rng(seed)
    t_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return level * np.sin(2 * np.pi * hertz * t_s) + random.normal(0, 0.01, len(t_s))


def rated(path, rate_hz):
    """A WAV whose header says this rate."""
    soundfile.write(path, tone(300), RATE_HZ)
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", rate_hz)
    path.write_bytes(content)


@pytest.fixture
def clips(tmp_path):
    """8 good clips of each of two tags."""
    for tag, hertz in (("high", 2000), ("low", 300)):
        (tmp_path / "clips" / tag).mkdir(parents=True)
        for number in range(8):
            sound = tone(hertz * (1 + number / 50), 0.4 + number / 40, seed=hertz + number)
            soundfile.write(tmp_path / "clips" / tag / f"{number}.wav", sound, RATE_HZ)
    return tmp_path / "clips"


def test_what_is_no_sound_is_named_and_what_sounds_badly_too(clips, tmp_path):
    low = clips / "low"
    soundfile.write(low / "silent.wav", np.zeros(RATE_HZ), RATE_HZ)
    soundfile.write(low / "clipped.wav", np.clip(tone(300, level=4), -1, 1), RATE_HZ)
    for name, value in (("nan.wav", np.nan), ("infinite.wav", np.inf)):
        sound = tone(300)
        sound[100] = value
        soundfile.write(low / name, sound, RATE_HZ, subtype="FLOAT")
    for name, rate_hz in (("zero.wav", 0), ("one.wav", 1), ("fast.wav", 2**31 - 1)):
        rated(low / name, rate_hz)
    soundfile.write(low / "nothing.wav", np.zeros(0), RATE_HZ)
    soundfile.write(low / "click.wav", tone(300, 0.01), RATE_HZ)
    (low / "empty.wav").write_bytes(b"")
    (low / "letter.wav").write_text("Dear diary")
    found = handful("train", clips, "--to", tmp_path / "model", "--json").json()
    assert found["n"] == 18
    listed = {bad["name"]: bad["why"] for bad in report(tmp_path / "model")["unreadable"]}
    bad = ["nan", "infinite", "zero", "one", "fast", "nothing", "click", "empty", "letter"]
    assert set(listed) == {f"low/{name}.wav" for name in bad}
    assert "NaN or infinity" in listed["low/nan.wav"]
    assert "NaN or infinity" in listed["low/infinite.wav"]
    assert "1 sound is silent" in " ".join(found["warnings"])
    assert "1 sound is clipped" in " ".join(found["warnings"])


@pytest.mark.parametrize(
    ("kind", "tag"), [("several", lambda i: ["p", "q", "p|q"][i % 3]), ("number", lambda i: i / 7)]
)
def test_bad_sounds_in_a_table_are_said_for_every_kind(kind, tag, clips, tmp_path):
    soundfile.write(clips / "low" / "silent.wav", np.zeros(RATE_HZ), RATE_HZ)
    names = sorted(str(path.relative_to(tmp_path)) for path in clips.glob("*/*"))
    with (tmp_path / "list.csv").open("w", newline="") as file:
        rows = [(name, tag(i)) for i, name in enumerate([*names, "clips/gone.wav"])]
        csv.writer(file).writerows([("file", "tag"), *rows])
    model = tmp_path / "model"
    run = handful("train", tmp_path / "list.csv", "--tag", "tag", "--to", model, "--json")
    assert (run.json()["n"], run.json()["kind"]) == (17, kind)
    assert "1 sound is silent" in " ".join(run.json()["warnings"])
    assert "clips/gone.wav (line 19) cannot be opened" in run.json()["warnings"][0]


def test_silence_alone_is_refused_as_such(tmp_path):
    for tag in ("a", "b"):
        (tmp_path / "clips" / tag).mkdir(parents=True)
        for number in range(3):
            silence = np.zeros(RATE_HZ + 800 * number + 80 * (tag == "a"))
            soundfile.write(tmp_path / "clips" / tag / f"{number}.wav", silence, RATE_HZ)
    message = handful("train", tmp_path / "clips", "--to", tmp_path / "model").message
    assert "6 sounds are silent" in message
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("minutes", [20, pytest.param(600, marks=pytest.mark.slow, id="ten hours")])
def test_hours_take_no_more_memory_than_minutes(minutes, clips, tmp_path):
    long = clips / "low" / "long.flac"
    with soundfile.SoundFile(long, "w", RATE_HZ, 1, "PCM_16") as file:
        minute = np.zeros(RATE_HZ * 60, np.int16)
        for _ in range(minutes):
            file.write(minute)
    words = [COMMAND, "train", clips, "--to", tmp_path / "model", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *words],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    code, peak_mb = map(float, done.stdout.splitlines()[-1].split())
    assert code == 0, done.stderr
    assert "longer than 30 s (low/long.flac): of each, six pieces" in done.stdout
    assert peak_mb < 900  # the samples of ten hours would take 1,150 MB more
