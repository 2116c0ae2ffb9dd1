"""Videos read in place: against PyAV's own conversion, with times, rotation, and clear errors."""

import io
import struct
import wave

import numpy as np
import pytest

from handful.errors import InputError, UnreadableError
from handful.videos import open_arrays, open_camera, open_video
from made_videos import HEIGHT, WIDTH, movement, write_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("clips") / "clip.mp4", movement(3, 0.5))


def grey(path):
    """Brightness as PyAV converts it: the luma of the same frames, copied."""
    import av

    with av.open(str(path)) as container:
        return [frame.to_ndarray()[: frame.height] for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("codec", "pixels", "name"),
    [
        ("mpeg4", "yuv420p", "a.mp4"),
        ("libx264", "yuv444p", "a.mkv"),
        ("mjpeg", "yuvj420p", "a.avi"),
    ],
)
def test_brightness_is_the_decoders_own_plane(tmp_path, codec, pixels, name):
    path = write_video(tmp_path / name, movement(2, 0.3), codec=codec, pixels=pixels)
    expected = grey(path)
    with open_video(path) as video:
        for n, frame in enumerate(video):
            assert not frame.luma.flags.owndata
            assert frame.luma.shape == (HEIGHT, WIDTH)
            np.testing.assert_array_equal(frame.luma, expected[n].reshape(-1, WIDTH)[:HEIGHT])
    assert n + 1 == len(expected)


@pytest.mark.parametrize(("codec", "pixels"), [("ffv1", "yuv420p10le"), ("ffv1", "bgra")])
def test_other_formats_become_eight_bits(tmp_path, codec, pixels):
    pictures = list(movement(1, 0.3))
    path = write_video(tmp_path / "a.mkv", iter(pictures), codec=codec, pixels=pixels)
    with open_video(path) as video:
        first = next(iter(video)).luma.astype(int)
    expected = pictures[0][1].astype(int)
    assert np.abs(first - expected).mean() < 3


def test_times_are_those_of_the_file(tmp_path):
    times_s = [0.0, 0.1, 0.15, 0.4, 1.0, 1.05]
    pictures = [picture for _, picture in movement(1, 0.2)]
    made = zip(times_s, pictures, strict=False)
    path = write_video(tmp_path / "uneven.mkv", ((t + 5, p) for t, p in made))
    with open_video(path) as video:
        found = [frame.time_s for frame in video]
    assert found == pytest.approx(times_s, abs=0.002)


def test_a_rate_that_is_given_replaces_the_times(clip):
    with open_video(clip, fps=10) as video:
        found = [frame.time_s for frame in video]
    assert found == pytest.approx(np.arange(45) / 10)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_makes_the_picture_upright(clip, tmp_path, degrees):
    """A phone writes how it was held into the track header: the matrix is put there by hand."""
    turn = np.deg2rad(degrees)  # clockwise, as players turn the picture
    a, b = round(np.cos(turn)), round(np.sin(turn))
    data = bytearray(clip.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(
        ">9i", a << 16, b << 16, 0, -b << 16, a << 16, 0, 0, 0, 1 << 30
    )
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data)
    with open_video(turned) as video:
        upright = next(iter(video)).upright.copy()
    np.testing.assert_array_equal(upright, np.rot90(grey(clip)[0], -degrees // 90))


def test_a_file_that_is_cut_off_is_read_up_to_there(tmp_path):
    whole = write_video(tmp_path / "whole.avi", movement(4, 0.5))
    part = tmp_path / "part.avi"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with open_video(part) as video:
        n = sum(1 for _ in video)
    assert 10 < n < 50


def silence(path):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))
    return path


def test_what_is_no_video_is_refused_with_its_reason(tmp_path, clip):
    missing, folder = tmp_path / "none.mp4", tmp_path
    words = tmp_path / "words.mp4"
    words.write_text("these are words " * 99)
    headless = tmp_path / "headless.mp4"
    headless.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    sound = silence(tmp_path / "sound.wav")
    cases = [
        (missing, "no such video"),
        (folder, "is a folder"),
        (words, "cannot be opened as a video"),
        (headless, "cannot be opened as a video"),
        (sound, "holds no video track, only audio"),
    ]
    for path, reason in cases:
        with pytest.raises(InputError, match=reason), open_video(path) as video:
            list(video)


def test_an_empty_pipe_is_refused():
    with pytest.raises(UnreadableError, match="nothing comes out"), open_video(io.BytesIO()):
        pass


def test_a_pipe_gives_what_the_file_gives(clip):
    with open_video(io.BytesIO(clip.read_bytes())) as piped, open_video(clip) as read:
        for ours, theirs in zip(piped, read, strict=True):
            assert ours.time_s == theirs.time_s
            np.testing.assert_array_equal(ours.luma, theirs.luma)


def test_no_camera_is_said_with_what_there_is():
    with (
        pytest.raises(InputError, match=r"no camera '77'|camera 77 cannot be opened"),
        open_camera(77),
    ):
        pass


def test_arrays_are_brightness_or_colours():
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)
    bright = rng.uniform(0, 255, (60, 80))
    bright[0, :3] = np.nan, np.inf, -np.inf
    with open_arrays([colours, bright], fps=4) as video:
        first, second = [(frame.time_s, frame.luma) for frame in video]
    expected = 0.299 * colours[..., 0] + 0.587 * colours[..., 1] + 0.114 * colours[..., 2]
    assert np.abs(first[1] - expected).max() <= 1
    assert second[0] == 0.25
    assert second[1][0, :3].tolist() == [0, 255, 0]


@pytest.mark.parametrize("bad", [np.zeros(9), np.zeros((60, 80, 2)), np.array("words"), None])
def test_what_is_no_picture_is_refused(bad):
    with (
        pytest.raises(InputError, match="a frame is an array of shape"),
        open_arrays([bad]) as video,
    ):
        list(video)


def test_tiny_frames_are_refused():
    small = np.zeros((20, 500), np.uint8)
    with pytest.raises(InputError, match="500 x 20 pixels"), open_arrays([small]) as video:
        list(video)


def test_times_that_jump_back_go_on_growing(tmp_path):
    """A stream that starts again from 0, as a looped one does."""
    import av

    def looped():
        for _ in range(3):
            with av.open(str(write_video(tmp_path / "a.mp4", movement(1, 0.3)))) as container:
                yield from container.decode(video=0)

    with open_arrays(looped()) as video:
        times_s = [frame.time_s for frame in video]
    assert len(times_s) == 27
    assert np.diff(times_s) == pytest.approx(1 / 30, abs=0.001)
