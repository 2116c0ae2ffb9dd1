"""Sounds: the same samples from every container, in blocks; clear words for what is none."""

import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from scipy import signal

from handful.errors import InputError, UnreadableError
from handful.sounds.base import BLOCK_S
from handful.sounds.files import open_file, with_av
from handful.sounds.microphone import open_microphone
from handful.sounds.opening import open_sound
from handful.sounds.pipes import open_pipe
from handful.sounds.reading import read
from made_sounds import RATE_HZ, noise, sine, write_track, write_wav

TONE = sine(440, 6, fade_s=0.2)


def joined(sound):
    return np.concatenate(list(sound.blocks()))


@pytest.mark.parametrize(
    ("suffix", "subtype", "apart"),
    [("wav", "PCM_16", 1e-4), ("wav", "PCM_24", 1e-6), ("wav", "FLOAT", 0), ("wav", "PCM_U8", 0.01),
     ("flac", "PCM_16", 1e-4), ("aiff", "PCM_16", 1e-4), ("ogg", "VORBIS", 0.02),
     ("mp3", "MPEG_LAYER_III", 0.02), ("ogg", "OPUS", 0.02)],
)  # fmt: skip
def test_what_was_written_is_read(tmp_path, suffix, subtype, apart):
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, TONE, RATE_HZ, subtype=subtype)
    sound = open_file(path)
    samples = joined(sound)
    assert (sound.rate_hz, sound.live, sound.damage) == (RATE_HZ, False, "")
    assert samples.dtype == np.float32
    assert sound.seconds == pytest.approx(6, abs=0.1)
    np.testing.assert_allclose(samples[: len(TONE)], TONE, atol=apart)


@pytest.mark.parametrize(
    ("name", "film"), [("tone.m4a", False), ("film.mp4", True), ("f.mkv", True)]
)
def test_aac_and_the_sound_of_films_are_read(tmp_path, name, film):
    sound = open_file(write_track(tmp_path / name, TONE, film=film))
    samples = joined(sound)
    assert sound.rate_hz == RATE_HZ
    assert sound.seconds == pytest.approx(6, abs=0.2)
    lag = (
        int(np.argmax(signal.correlate(samples, TONE, "valid"))) if len(samples) > len(TONE) else 0
    )
    part = samples[lag : lag + len(TONE)]
    assert np.corrcoef(part, TONE[: len(part)])[0, 1] > 0.99


def test_channels_are_averaged(tmp_path):
    both = np.stack([TONE, 0.5 * TONE], axis=1)
    path = write_wav(tmp_path / "stereo.wav", both)
    np.testing.assert_allclose(joined(open_file(path)), 0.75 * TONE, atol=1e-4)


@pytest.mark.parametrize("quiet_s", [0.0, 0.7])
def test_channels_of_opposite_polarity_are_turned_round(tmp_path, quiet_s):
    """Also where the sound begins late; what has one polarity, or none in common, stays."""
    left = np.concatenate([np.zeros(round(quiet_s * RATE_HZ)), noise(3)]).astype(np.float32)
    sound = open_file(write_wav(tmp_path / "a.wav", np.stack([left, -left], axis=1)))
    heard = joined(sound)
    late = round((quiet_s + 0.25) * RATE_HZ)
    np.testing.assert_allclose(heard[late:], left[late:], atol=1e-4)
    assert np.isclose(np.abs(heard).max(), np.abs(left).max(), rtol=0.1)
    assert sound.turned == (1,)
    for right in (left, 0.3 * left, noise(3 + quiet_s, seed=1)):
        sound = open_file(write_wav(tmp_path / "b.wav", np.stack([left, right], axis=1)))
        np.testing.assert_allclose(joined(sound), (left + right) / 2, atol=1e-4)
        assert sound.turned == ()


def test_the_mix_does_not_depend_on_the_blocks():
    rng = np.random.default_rng(2)
    both = np.stack([noise(5), -noise(5) + noise(5, seed=1, rms=0.004)], axis=1)
    both[: RATE_HZ // 2] = noise(0.5, seed=3)[:, None]  # of one polarity at first
    whole = joined(open_sound([both], rate_hz=RATE_HZ))
    assert len(whole) == len(both)
    cuts = np.sort(rng.integers(0, len(both), 200))
    sound = open_sound(np.split(both, cuts), rate_hz=RATE_HZ)
    np.testing.assert_array_equal(joined(sound), whole)
    tiny = open_sound([both[:7], both[7:11]], rate_hz=RATE_HZ)
    np.testing.assert_allclose(joined(tiny), both[:11].mean(axis=1), atol=1e-6)


def test_files_come_in_blocks_of_bounded_size(tmp_path):
    path = write_wav(tmp_path / "long.wav", noise(20))
    sizes = [len(block) for block in open_file(path).blocks()]
    assert max(sizes) == BLOCK_S * RATE_HZ
    assert sum(sizes) == 20 * RATE_HZ


def cut(whole):
    """The first half of a file."""
    half = whole.with_name(f"cut-{whole.name}")
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return half


@pytest.mark.parametrize(("name", "write"), [("a.wav", write_wav), ("a.mkv", write_track)])
def test_a_file_cut_in_the_middle_is_heard_as_far_as_it_goes(tmp_path, name, write):
    sound = open_file(cut(write(tmp_path / name, noise(20))))
    assert 9 <= len(joined(sound)) / RATE_HZ <= 11
    assert re.match(r"it is cut off after (9|10)\.\d s \(the file should have", sound.damage)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.ogg", "VORBIS"), ("b.ogg", "OPUS"), ("a.mp3", "MPEG_LAYER_III"), ("a.flac", "PCM_16")],
)
def test_a_compressed_file_cut_in_the_middle_says_so(tmp_path, name, subtype):
    soundfile.write(tmp_path / name, noise(20, rms=0.1), RATE_HZ, subtype=subtype)
    assert joined(open_file(tmp_path / name)).size
    sound = open_file(cut(tmp_path / name))
    assert 5 <= len(joined(sound)) / RATE_HZ <= 11
    assert re.match(r"it is (cut off|damaged) after \d+\.\d s", sound.damage)


def test_a_pipe_cut_in_the_middle_says_so(tmp_path):
    data = write_wav(tmp_path / "a.wav", noise(20)).read_bytes()
    for share, says in ((1, ""), (2, "it is cut off after 10.0 s")):
        sound = open_pipe(io.BytesIO(data[: len(data) // share]))
        assert len(joined(sound))
        assert sound.damage.startswith(says)
        assert bool(sound.damage) == bool(says)


def test_a_file_cut_before_its_table_of_contents_is_refused(tmp_path):
    half = cut(write_track(tmp_path / "a.m4a", noise(20)))
    with pytest.raises(UnreadableError, match=r"cut-a.m4a is no sound file that can be read"):
        open_file(half)


def test_a_damaged_file_says_so_and_is_heard_as_far_as_it_goes(tmp_path):
    path = tmp_path / "tone.flac"
    soundfile.write(path, noise(20), RATE_HZ)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle:] = os.urandom(len(data) - middle)
    path.write_bytes(data)
    sound = open_file(path)
    assert 5 <= len(joined(sound)) / RATE_HZ <= 20
    assert "after" in sound.damage


def silent_film(path):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_what_holds_no_sound_is_refused_by_name_with_a_reason(tmp_path):
    silent_film(tmp_path / "silent.mp4")
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("not a sound at all\n" * 100)
    wav = write_wav(tmp_path / "whole.wav", TONE).read_bytes()
    (tmp_path / "head.wav").write_bytes(wav[:20])
    for name, says in {
        "silent.mp4": "silent.mp4 has no sound track",
        "empty.wav": "is empty",
        "text.wav": "text.wav is no sound file that can be read",
        "head.wav": "head.wav is no sound file that can be read",
        "absent.wav": "there is no file",
        ".": "is a folder",
    }.items():
        with pytest.raises(UnreadableError, match=says):
            joined(open_file(tmp_path / name))


def test_rates_that_no_meter_can_use_are_refused(tmp_path):
    path = write_wav(tmp_path / "slow.wav", noise(1), rate_hz=2000)
    with pytest.raises(InputError, match="2000 samples a second; it takes 4000"):
        open_file(path)


def test_a_pipe_holds_a_container_or_raw_samples(tmp_path):
    data = write_wav(tmp_path / "tone.wav", TONE).read_bytes()
    raw = (TONE * 32767).round().astype("<i2").tobytes()
    for sound in (open_pipe(io.BytesIO(data)), open_pipe(io.BytesIO(raw), rate_hz=RATE_HZ)):
        assert sound.live
        assert sound.rate_hz == RATE_HZ
        np.testing.assert_allclose(joined(sound), TONE, atol=1e-4)


def test_a_pipe_is_read_as_it_comes():
    """Every block is there before the next one is sent."""
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as reading, os.fdopen(theirs, "wb", buffering=0) as writing:
        blocks = open_pipe(reading, rate_hz=RATE_HZ).blocks()
        for value in (100, 200, 300):
            writing.write(np.full(1000, value, "<i2").tobytes() + b"")
            np.testing.assert_allclose(next(blocks), value / 32768)


def test_an_odd_byte_at_the_end_of_a_block_is_no_harm():
    parts = [b"\x01", b"\x00\x02\x00\x03", b"\x00"]

    class Dribble(io.RawIOBase):
        def read(self, size=-1):
            return parts.pop(0) if parts else b""

    found = joined(open_pipe(Dribble(), rate_hz=RATE_HZ)) * 32768
    assert found.tolist() == [1, 2, 3]


def test_what_is_piped_in_must_be_sound():
    with pytest.raises(UnreadableError, match="no sound file that can be read"):
        open_pipe(io.BytesIO(b"no sound" * 1000))
    with pytest.raises(UnreadableError, match="no sound file"):
        with_av(io.BytesIO(b""), "-")


@pytest.mark.parametrize(
    ("samples", "wanted"),
    [
        (np.array([-32768, 16384], np.int16), [-1, 0.5]),
        (np.array([0, 255], np.uint8), [-1, 127 / 128]),
        (np.array([0.25, -0.5]), [0.25, -0.5]),
        (np.array([[0.5, 0], [1, 0]], np.float32), [0.25, 0.5]),
    ],
)
def test_python_hands_over_blocks_of_many_kinds(samples, wanted):
    assert joined(open_sound([samples], rate_hz=8000)).tolist() == wanted


def test_blocks_that_are_no_sound_are_refused():
    with pytest.raises(InputError, match="give rate_hz"):
        open_sound([TONE])
    with pytest.raises(InputError, match=r"shape \(1, 1, 1\)"):
        joined(open_sound([np.zeros((1, 1, 1))], rate_hz=8000))
    with pytest.raises(InputError, match="complex64 are no sound"):
        joined(open_sound([np.zeros(3, np.complex64)], rate_hz=8000))
    with pytest.raises(InputError, match="leave out --rate-hz"):
        open_sound("a.wav", rate_hz=8000)


def test_a_microphone_that_is_not_there_is_named():
    with pytest.raises(InputError, match=r"no microphone 'no such device'|PortAudio"):
        open_microphone("no such device")


def test_without_sounddevice_the_install_line_is_told():
    code = (
        "import sys; sys.modules['sounddevice'] = None\n"
        "from handful.sounds.opening import open_sound\n"
        "open_sound('microphone')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (
        'MissingExtraError: listening to a microphone takes: pip install "handful[' in done.stderr
    )


def test_whole_sounds_are_read_and_resampled(tmp_path):
    path = write_wav(tmp_path / "tone.wav", TONE)
    samples, rate_hz = read(path)
    assert (rate_hz, len(samples)) == (RATE_HZ, 6 * RATE_HZ)
    for wanted in (8000, 22050, 48000):
        samples, rate_hz = read(path, rate_hz=wanted)
        assert rate_hz == wanted
        assert samples.dtype == np.float32
        other = sine(440, 6, rate_hz=wanted, fade_s=0.2)
        assert abs(len(samples) - len(other)) <= 1
        n = min(len(samples), len(other))
        np.testing.assert_allclose(samples[:n], other[:n], atol=1e-3)
