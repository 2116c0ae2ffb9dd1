"""What a file should hold by its own header: files made by other libraries, whole and cut."""

import io
import struct

import numpy as np
import pytest
import soundfile

from handful.containers import Passed, shortage
from made_sounds import RATE_HZ, noise, write_track, write_wav
from made_videos import movement, write_video


def sound(path, subtype, file_format=None):
    soundfile.write(path, noise(8, rms=0.1), RATE_HZ, subtype=subtype, format=file_format)
    return path


def mp3(path):
    import av

    samples = noise(8, rms=0.1)
    with av.open(str(path), "w") as made:
        track = made.add_stream("libmp3lame", rate=RATE_HZ, layout="mono")
        for start in range(0, len(samples), 1152):
            part = np.ascontiguousarray(samples[None, start : start + 1152])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE_HZ, start
            made.mux(track.encode(frame))
        made.mux(track.encode(None))
    return path


KINDS = {
    "a.wav": lambda p: sound(p, "PCM_16"),
    "b.wav": lambda p: sound(p, "PCM_24", "RF64"),
    "c.wav": lambda p: sound(p, "PCM_16", "WAVEX"),
    "a.aiff": lambda p: sound(p, "PCM_16"),
    "a.ogg": lambda p: sound(p, "VORBIS"),
    "b.ogg": lambda p: sound(p, "OPUS"),
    "a.mp3": lambda p: sound(p, "MPEG_LAYER_III"),
    "b.mp3": mp3,
    "a.m4a": lambda p: write_track(p, noise(8)),
    "a.mkv": lambda p: write_track(p, noise(8), film=True),
    "a.mp4": lambda p: write_video(p, movement(3, 0.5)),
    "a.avi": lambda p: write_video(p, movement(3, 0.5)),
    "b.mkv": lambda p: write_video(p, movement(3, 0.5)),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_whole_file_lacks_nothing_and_a_cut_one_does(tmp_path, name):
    path = KINDS[name](tmp_path / name)
    data = path.read_bytes()
    assert shortage(path) == ""
    assert shortage(io.BytesIO(data)) == ""
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(data[: int(len(data) * share)])
        assert shortage(path), share


@pytest.mark.parametrize("name", sorted(KINDS.keys() - {"a.mp4", "a.m4a"}))
def test_a_pipe_tells_the_same_as_the_file(tmp_path, name):
    data = KINDS[name](tmp_path / name).read_bytes()
    for end in (len(data), len(data) // 2):
        passed = Passed()
        for start in range(0, end, 1000):
            passed.add(data[start : min(start + 1000, end)])
        assert passed.shortage() == shortage(io.BytesIO(data[:end]))


def test_the_bytes_are_named(tmp_path):
    path = write_wav(tmp_path / "a.wav", noise(2))
    path.write_bytes(path.read_bytes()[:32_044])
    assert shortage(path) == "the file should have at least 64,044 bytes and has 32,044"


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000])
def test_a_stream_that_was_written_without_its_length_lacks_nothing(tmp_path, length):
    data = bytearray(write_wav(tmp_path / "a.wav", noise(1)).read_bytes())
    data[4:8], data[40:44] = struct.pack("<I", length), struct.pack("<I", length)
    assert shortage(io.BytesIO(bytes(data))) == ""


def test_what_follows_the_end_is_no_matter(tmp_path):
    tag = b"TAG" + b"a title".ljust(125)
    for name in ("a.wav", "a.m4a", "a.mp3", "a.mkv"):
        data = KINDS[name](tmp_path / name).read_bytes()
        assert shortage(io.BytesIO(data + tag)) == "", name


def test_what_says_nothing_lacks_nothing(tmp_path):
    assert shortage(tmp_path / "absent.wav") == ""
    assert shortage(tmp_path) == ""
    for data in (b"", b"RI", b"RIFF", b"ID3", b"\xff\xfb", b"\x1a\x45\xdf\xa3", b"words " * 99):
        assert shortage(io.BytesIO(data)) == ""
