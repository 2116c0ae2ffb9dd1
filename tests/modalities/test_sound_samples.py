"""Sounds as samples: which files, which encoders, what is said of them, its tiny set."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

import handful
from handful.encoders.log_mel import LogMel
from handful.modalities.sounds import MODALITY, write_example
from handful.sounds.clips import Measure


def measured(rate_hz=44_100.0, seconds=5.0, silent=False, clipped=False):
    return Measure(rate_hz, seconds, silent, clipped)


@pytest.mark.parametrize("name", ["a.wav", "b.FLAC", "c.ogg", "d.mp3", "e.m4a", "f.opus", "g.aiff"])
def test_names_of_sounds(name):
    assert MODALITY.accepts(Path(name))
    assert not MODALITY.accepts(Path(name + ".txt"))


@pytest.mark.parametrize(
    ("rates_hz", "wanted"),
    [([44_100] * 3, 32_000), ([16_000, 22_050, 48_000], 16_000), ([8000] * 3, 8000),
     ([5000] * 3, 8000), ([8000, 8000, 44_100], 8000)],
)  # fmt: skip
def test_the_rate_is_one_that_half_of_the_sounds_have(rates_hz, wanted):
    encoders = MODALITY.encoders([measured(rate) for rate in rates_hz])
    assert MODALITY.reading(encoders) == {"rate_hz": wanted}
    assert {encoder.rate_hz for encoder in encoders} == {wanted}


def test_quick_encoders_look_once():
    quick = next(e for e in MODALITY.encoders([measured()], small=True) if isinstance(e, LogMel))
    assert not quick.loud
    assert quick.image.card.name == "EfficientNet-Lite0"


def test_nothing_is_said_of_good_sounds():
    assert MODALITY.remarks([measured()] * 4, ["a", "a", "b", "b"]) == []


def test_what_is_wrong_with_sounds_is_said():
    some = [measured(silent=True), measured(clipped=True), measured(clipped=True), measured()]
    silent, clipped = MODALITY.remarks(some, ["a", "a", "b", "b"])
    assert silent.startswith("1 sound is silent")
    assert clipped.startswith("2 sounds are clipped")
    (long,) = MODALITY.remarks([measured(), measured(seconds=3600)], ["a", "b"])
    assert long.startswith("1 sound is longer than 30 s")


def test_the_sounds_that_something_is_wrong_with_are_named():
    some = [measured(silent=n % 2 == 0, clipped=n == 3) for n in range(14)]
    names = [f"{n}.wav" for n in range(14)]
    silent, clipped = MODALITY.remarks(some, ["a", "b"] * 7, names)
    assert silent.endswith("(0.wav, 2.wav, 4.wav, 6.wav, 8.wav and 2 more).")
    assert clipped.endswith("(3.wav).")


def test_a_rate_that_gives_a_tag_away_is_said():
    some = [measured(8000), measured(8000), measured(44_100), measured(48_000)]
    (said,) = MODALITY.remarks(some, ["a", "a", "b", "b"])
    assert "8000" in said
    assert "'a'" in said
    assert MODALITY.remarks(some, ["a", "b", "b", "b"]) == []


def test_the_example_is_not_told_apart_by_length_or_loudness(tmp_path):
    write_example(tmp_path)
    paths = sorted(tmp_path.glob("*/*"))
    assert sum(path.stat().st_size for path in paths) < 2_000_000
    tags = np.array([path.parent.name for path in paths])
    waves = [soundfile.read(path)[0] for path in paths]
    facts = np.array([[len(w) / 16_000, 20 * np.log10(w.std())] for w in waves])
    facts = (facts - facts.mean(axis=0)) / facts.std(axis=0)
    hits = 0
    for i, tag in enumerate(tags):
        rest = np.arange(len(tags)) != i
        means = {t: facts[rest & (tags == t)].mean(axis=0) for t in set(tags)}
        hits += min(means, key=lambda t: float(np.linalg.norm(means[t] - facts[i]))) == tag
    assert hits / len(tags) < 0.65


def test_bad_files_are_named_and_the_rest_is_learnt(tmp_path):
    write_example(tmp_path / "sounds")
    (tmp_path / "sounds" / "hiss" / "hiss-03.wav").rename(tmp_path / "sounds" / "beep" / "odd.wav")
    (tmp_path / "sounds" / "beep" / "empty.wav").write_bytes(b"")
    (tmp_path / "sounds" / "hiss" / "photo.mp3").write_bytes(b"\xff\xd8\xff" + bytes(500))
    soundfile.write(tmp_path / "sounds" / "hiss" / "silent.wav", np.zeros(9000), 16_000)
    result = handful.train(tmp_path / "sounds", tmp_path / "model")
    assert {left["name"] for left in result.report["unreadable"]} == {
        "beep/empty.wav", "hiss/photo.mp3",
    }  # fmt: skip
    assert any("1 sound is silent" in warning for warning in result.report["warnings"])
    page = (tmp_path / "model" / "report.html").read_text()
    assert "<audio" in page  # of the mistake that the wrong tag makes
