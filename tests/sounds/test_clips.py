"""Tagged sounds: the same from every container, bounded where they are long, refused in words."""

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from handful.errors import UnreadableError
from handful.sounds.clips import PIECE_S, PIECES, WHOLE_S, measure, read_clip
from made_sounds import RATE_HZ, noise, sine, write_track

DOCS = Path(__file__).resolve().parents[2] / "docs" / "encoders.md"
TONE = sine(440, 1.0, fade_s=0.2)


def written(path, samples, rate_hz=RATE_HZ, **options):
    soundfile.write(path, samples, rate_hz, **options)
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_files_and_bytes_are_heard_alike(tmp_path, suffix):
    path = written(tmp_path / f"tone.{suffix}", TONE)
    heard = read_clip(path, rate_hz=RATE_HZ)
    assert np.array_equal(heard, read_clip(path.read_bytes(), rate_hz=RATE_HZ))
    assert len(heard) == pytest.approx(len(TONE), abs=0.06 * RATE_HZ)
    assert np.abs(np.fft.rfft(heard)).argmax() / (len(heard) / RATE_HZ) == pytest.approx(440, abs=2)


def test_sounds_in_a_film_container(tmp_path):
    path = tmp_path / "tone.m4a"
    write_track(path, TONE)
    assert measure(path).seconds == pytest.approx(1, abs=0.1)
    assert measure(path) == measure(path.read_bytes())


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 96_000])
def test_a_tone_keeps_its_pitch_at_another_rate(tmp_path, rate_hz):
    time_s = np.arange(rate_hz) / rate_hz
    path = written(tmp_path / "x.wav", 0.5 * np.sin(2 * np.pi * 700 * time_s), rate_hz)
    heard = read_clip(path, rate_hz=16_000)
    assert heard.dtype == np.float32
    assert len(heard) == pytest.approx(16_000, abs=2)
    assert np.abs(np.fft.rfft(heard)).argmax() == pytest.approx(700, abs=1)


def test_channels_are_averaged(tmp_path):
    path = written(tmp_path / "x.wav", np.stack([TONE, 0.5 * TONE], axis=1), subtype="FLOAT")
    np.testing.assert_allclose(read_clip(path, rate_hz=RATE_HZ), 0.75 * TONE, atol=1e-6)


def test_channels_of_opposite_polarity_do_not_cancel(tmp_path):
    path = written(tmp_path / "x.wav", np.stack([TONE, -TONE], axis=1), subtype="FLOAT")
    np.testing.assert_allclose(read_clip(path, rate_hz=RATE_HZ), TONE, atol=1e-6)
    assert not measure(path).silent


def test_a_long_sound_is_heard_in_pieces_from_beginning_to_end(tmp_path):
    seconds, rate_hz = 100, 8000
    ramp = np.repeat(np.arange(seconds) / 200, rate_hz).astype(np.float32)
    heard = read_clip(written(tmp_path / "x.wav", ramp, rate_hz, subtype="FLOAT"), rate_hz=rate_hz)
    assert len(heard) == PIECES * PIECE_S * rate_hz
    starts = np.rint(200 * heard.reshape(PIECES, -1)[:, 0])
    assert np.array_equal(starts, [0, 19, 38, 57, 76, 95])
    assert np.array_equal(
        np.unique(np.rint(200 * heard[-int(PIECE_S) * rate_hz :])), range(95, 100)
    )


@pytest.mark.parametrize("seconds", [2, 33.3])
def test_the_lines_of_the_docs_read_alike(tmp_path, monkeypatch, seconds):
    lines = DOCS.read_text("utf-8").split("samples, rate_hz = soundfile.read", 1)[1]
    lines = "samples, rate_hz = soundfile.read" + lines.partition("(answer,)")[0]
    stereo = np.stack([noise(seconds, seed=seed, rate_hz=22_050) for seed in (0, 0)], axis=1)
    stereo[:, 1] *= 0.5
    path = written(tmp_path / "bark.wav", stereo, 22_050)
    monkeypatch.chdir(tmp_path)
    here = {
        "np": np,
        "soundfile": soundfile,
        "soxr": soxr,
        "card": {"reading": {"rate_hz": 16_000}},
    }
    exec(lines, here)
    np.testing.assert_allclose(here["waveform"], read_clip(path, rate_hz=16_000), atol=1e-6)


def test_what_is_not_long_is_heard_whole(tmp_path):
    path = written(tmp_path / "x.wav", noise(WHOLE_S)[: int(WHOLE_S * RATE_HZ)])
    assert len(read_clip(path, rate_hz=RATE_HZ)) == int(WHOLE_S * RATE_HZ)


def test_half_an_hour_takes_little_memory(tmp_path):
    path = tmp_path / "x.wav"
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        for _ in range(30):
            file.write(noise(60)[: 60 * 8000])
    tracemalloc.start()
    assert measure(path).seconds == 1800
    assert len(read_clip(path, rate_hz=8000)) == PIECES * PIECE_S * 8000
    peak_b = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_b < 8e6  # all samples are 58 MB


def test_silent_and_clipped_are_seen(tmp_path):
    silent = measure(written(tmp_path / "silent.wav", np.zeros(RATE_HZ)))
    good = measure(written(tmp_path / "good.wav", 0.5 * TONE))
    clipped = measure(written(tmp_path / "clipped.wav", np.clip(20 * TONE, -1, 1)))
    assert [(m.silent, m.clipped) for m in (silent, good, clipped)] == [
        (True, False), (False, False), (False, True),
    ]  # fmt: skip
    assert (good.rate_hz, good.seconds) == (RATE_HZ, pytest.approx(1))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers(tmp_path, bad):
    samples = TONE.copy()
    samples[100] = bad
    path = written(tmp_path / "x.wav", samples, subtype="FLOAT")
    with pytest.raises(UnreadableError, match="NaN or infinity"):
        measure(path)


def test_too_short(tmp_path):
    with pytest.raises(UnreadableError, match=r"0.010 s; 0.05 s are the least"):
        measure(written(tmp_path / "x.wav", TONE[: RATE_HZ // 100]))


def test_no_rate_at_all(tmp_path):
    data = bytearray(written(tmp_path / "x.wav", TONE).read_bytes())
    data[24:28] = struct.pack("<I", 0)
    with pytest.raises(UnreadableError):
        measure(bytes(data))


def test_a_rate_that_is_too_low(tmp_path):
    with pytest.raises(UnreadableError, match="100 samples a second"):
        measure(written(tmp_path / "x.wav", TONE, 100))


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound at all", bytes(5000)])
def test_what_is_no_sound(tmp_path, data):
    path = tmp_path / "x.wav"
    path.write_bytes(data)
    for source in (path, data):
        with pytest.raises(UnreadableError) as caught:
            measure(source)
        assert str(tmp_path) not in str(caught.value)


def test_a_file_that_was_cut_off(tmp_path):
    data = written(tmp_path / "x.flac", noise(3.0)).read_bytes()
    with pytest.raises(UnreadableError, match="it"):
        measure(data[: len(data) // 2])


@pytest.mark.parametrize("suffix", ["wav", "aiff", "ogg", "m4a"])
def test_a_file_that_ends_before_its_header_says(tmp_path, suffix):
    five_s = noise(5)
    if suffix == "m4a":
        write_track(tmp_path / "whole.m4a", five_s)
    else:
        written(tmp_path / f"whole.{suffix}", five_s)
    data = (tmp_path / f"whole.{suffix}").read_bytes()
    measure(data)
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(data[: len(data) // 5])
    for source in (cut, cut.read_bytes()):
        with pytest.raises(UnreadableError):
            read_clip(source, rate_hz=RATE_HZ)
    if suffix == "wav":
        with pytest.raises(UnreadableError, match=r"cut off after 1\.0 s .* at least"):
            measure(cut)


def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(UnreadableError, match="no such file"):
        measure(tmp_path / "gone.wav")
    with pytest.raises(UnreadableError, match="is a directory"):
        measure(tmp_path)
