"""Sounds with bytes flipped, cut, dropped and added: samples, or an UnreadableError."""

import contextlib
import io

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given

from damage import EDITS, bounded_memory, edited, how_often
from handful.errors import UnreadableError
from handful.sounds.clips import read_clip
from made_sounds import noise, sine

RATE_HZ = 8_000
SAMPLES = noise(0.3, rate_hz=RATE_HZ) + sine(440, 0.3, rate_hz=RATE_HZ)


def written(kind, subtype, channels=1):
    out = io.BytesIO()
    samples = np.stack([SAMPLES] * channels, axis=1)
    soundfile.write(out, samples, RATE_HZ, format=kind, subtype=subtype)
    return out.getvalue()


def encoded(kind, codec):
    """By FFmpeg."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=RATE_HZ)
        frame = av.AudioFrame.from_ndarray(SAMPLES[None], format="fltp", layout="mono")
        frame.rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


SEEDS = {
    "wav": written("WAV", "PCM_16"),
    "wav of floats": written("WAV", "FLOAT", channels=2),
    "wav adpcm": written("WAV", "IMA_ADPCM"),
    "flac": written("FLAC", "PCM_16"),
    "ogg": written("OGG", "VORBIS"),
    "opus": written("OGG", "OPUS"),
    "mp3": written("MP3", "MPEG_LAYER_III"),
    "aiff": written("AIFF", "PCM_24"),
    "m4a": encoded("ipod", "aac"),
    "matroska": encoded("matroska", "aac"),
}


@pytest.mark.parametrize("name", SEEDS)
def test_the_files_are_whole_to_begin_with(name):
    samples = read_clip(SEEDS[name], rate_hz=RATE_HZ)
    assert 0.3 * RATE_HZ <= len(samples) <= 0.3 * RATE_HZ + 2048  # AAC's frames have 1024


@pytest.mark.parametrize("name", SEEDS)
@how_often(120)
@given(edits=EDITS)
def test_any_damage_gives_samples_or_an_unreadable_error(name, edits):
    data = edited(SEEDS[name], edits)
    with bounded_memory():
        try:
            samples = read_clip(data, rate_hz=16_000)
        except UnreadableError:
            return
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert samples.size > 0
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() < 1e10  # its square is a number of 32 bits


def test_values_beyond_all_sense_are_refused():
    for factor, refused in ((1e9, False), (1e12, True), (1e30, True)):
        out = io.BytesIO()
        stereo = np.stack([SAMPLES] * 2, axis=1).astype(np.float32) * np.float32(factor)
        soundfile.write(out, stereo, RATE_HZ, format="WAV", subtype="FLOAT")
        if refused:
            with pytest.raises(UnreadableError, match=r"times full scale|no numbers"):
                read_clip(out.getvalue(), rate_hz=RATE_HZ)
        else:
            assert np.isfinite(read_clip(out.getvalue(), rate_hz=RATE_HZ)).all()


def in_matroska(channels):
    """Samples of many channels, each a constant of its own, which only FFmpeg reads."""
    samples = np.tile(np.arange(1, channels + 1, dtype=np.int16) * 1000, 4000)
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE_HZ, layout=f"{channels}c")
        frame = av.AudioFrame(format="s16", layout=f"{channels}c", samples=4000)
        frame.planes[0].update(samples.tobytes())
        frame.rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


@pytest.mark.parametrize("channels", [1, 2, 6, 8, 10, 16])
def test_more_channels_than_eight_are_heard(channels):
    """The mean of 1000, 2000, ... of 32768."""
    for _ in range(20):
        samples = read_clip(in_matroska(channels), rate_hz=RATE_HZ)
        assert len(samples) == 4000
        assert samples == pytest.approx(500 * (channels + 1) / 32768, abs=1e-6)


def test_a_header_that_points_before_the_beginning_is_refused_quietly(capfd):
    """An AIFF's chunk of a length that is a negative number where it is read as one."""
    for at in range(8, 120):
        data = bytearray(SEEDS["aiff"])
        data[at : at + 4] = b"\xff\xff\xff\xfe"
        with contextlib.suppress(UnreadableError):
            read_clip(bytes(data), rate_hz=RATE_HZ)
    assert "Traceback" not in capfd.readouterr().err


def test_a_rate_of_zero_is_said(tmp_path):
    data = bytearray(written("WAV", "PCM_16"))
    data[24:28] = bytes(4)
    (tmp_path / "zero.wav").write_bytes(data)
    for source in (bytes(data), tmp_path / "zero.wav"):
        with pytest.raises(UnreadableError, match=r"no sample rate \(0 Hz\)"):
            read_clip(source, rate_hz=RATE_HZ)
