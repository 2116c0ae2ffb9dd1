"""The same video with the count in its corner."""

from __future__ import annotations

import bisect
import contextlib
import os
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from handful.errors import TargetError, UnreadableError
from handful.progress import Progress, silent
from handful.videos.reading import open_decoded, turns_of
from handful.videos.soundtrack import SoundTrack

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer
    from av.video.stream import VideoStream
    from PIL.Image import Image

_PANEL = (23, 25, 28, 200)
_INK, _FLASH = (255, 255, 255, 255), (240, 162, 115, 255)
_FLASH_S = 0.25
_TICKS = 90_000  # a second, as in MPEG
_TELL_EVERY = 50  # frames


def check_overlay(target: Path, source: Path) -> None:
    """Refuse a target that is the source, something else than a video, or out of reach.

    Raises
    ------
    TargetError
        With what to do.
    """
    other = "Choose another file with --overlay."
    if target.suffix.lower() != ".mp4":
        raise TargetError(f"--overlay {target}: the video is written as MP4. Name it like out.mp4.")
    if target.is_dir():
        raise TargetError(f"{target} is a folder. {other}")
    if target.exists():
        if source.exists() and target.samefile(source):
            raise TargetError(f"{target} is the video itself. {other}")
        with target.open("rb") as file:
            if file.read(12)[4:8] not in (b"ftyp", b""):
                raise TargetError(f"{target} exists and is not an MP4 video. {other}")
    if not target.absolute().parent.is_dir():
        raise TargetError(f"there is no folder {target.absolute().parent}. {other}")


def write_overlay(
    source: Path,
    target: Path,
    times_s: Sequence[float] | None,
    *,
    fps: float | None = None,
    progress: Progress = silent,
) -> None:
    """Write a video anew with the number of repetitions up to each moment.

    Its sound is kept, unless `fps` stretches the time of the pictures.

    Parameters
    ----------
    source, target : Path
    times_s : sequence of float or None
        When each repetition was done, rising; None where it could not be counted.
    fps : float, optional
        Frames a second, where the video's own times are wrong.

    Raises
    ------
    TargetError
        The place cannot be written to; what stood there before still stands.
    """
    import av

    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with av.logging.Capture():
            _encode(source, beside, times_s, fps, progress)
        beside.replace(target)
    except av.InvalidDataError as error:
        raise UnreadableError(f"{source} cannot be decoded again: {error.strerror}.") from error
    except OSError as error:
        raise TargetError(f"cannot write {target}: {error.strerror or error}.") from error
    finally:
        beside.unlink(missing_ok=True)


def _encode(
    source: Path,
    target: Path,
    times_s: Sequence[float] | None,
    fps: float | None,
    progress: Progress,
) -> None:
    import av

    with (
        open_decoded(source, fps) as (track, frames),
        av.open(str(target), "w", "mp4") as made,
        contextlib.ExitStack() as closing,
    ):
        out = sound = None
        for number, (frame, time_s) in enumerate(frames):
            if number % _TELL_EVERY == 0:
                progress("drawing", min(number, track.frames), track.frames)
            picture = _upright(frame)
            if out is None:
                out = _new_track(made, picture, track)
                if fps is None:
                    sound = SoundTrack(source, made, _start_s(track))
                    closing.callback(sound.close)
            _draw(picture, times_s, time_s)
            drawn = av.VideoFrame.from_ndarray(picture, format="rgb24")
            drawn.pts, drawn.time_base = round(time_s * _TICKS), Fraction(1, _TICKS)
            made.mux(out.encode(drawn))
            if sound is not None:
                sound.write(time_s)
        if out is not None:
            made.mux(out.encode(None))
        progress("drawing", track.frames, track.frames)


def _start_s(track: VideoStream) -> float:
    return float((track.start_time or 0) * (track.time_base or 0))


def _upright(frame: VideoFrame) -> np.ndarray:
    """RGB, uint8 (height_px, width_px, 3), both even as video formats want them."""
    picture = np.rot90(frame.to_ndarray(format="rgb24"), turns_of(frame))
    height, width = (size // 2 * 2 for size in picture.shape[:2])
    return np.ascontiguousarray(picture[:height, :width])


def _new_track(made: OutputContainer, picture: np.ndarray, track: VideoStream) -> VideoStream:
    import av

    rate = track.average_rate or Fraction(30)
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    out = cast("VideoStream", made.add_stream(codec, rate=rate))
    out.height, out.width = picture.shape[:2]
    out.pix_fmt = "yuv420p"
    out.codec_context.time_base = Fraction(1, _TICKS)
    if codec == "mpeg4":
        out.bit_rate = 4_000_000
    return out


def _draw(picture: np.ndarray, times_s: Sequence[float] | None, time_s: float) -> None:
    """Draw the count into the lower left corner, brighter just after a repetition."""
    from PIL import Image

    done, fresh = None, False
    if times_s is not None:
        done = bisect.bisect_right(times_s, time_s)
        fresh = done > 0 and time_s - times_s[done - 1] < _FLASH_S
    label = _label(done, fresh, max(24, len(picture) // 7))
    margin = len(picture) // 36
    height, width = label.size[1], min(label.size[0], picture.shape[1] - margin)
    corner = picture[len(picture) - margin - height : len(picture) - margin, margin:][:, :width]
    under = Image.fromarray(corner).convert("RGBA")
    under.alpha_composite(label.crop((0, 0, corner.shape[1], height)))
    corner[:] = np.asarray(under.convert("RGB"))


@lru_cache(maxsize=8)
def _label(done: int | None, fresh: bool, size_px: int) -> Image:
    from PIL import Image, ImageDraw, ImageFont

    number, words = str(done), "repetition" if done == 1 else "repetitions"
    if done is None:
        number, words = "\N{EN DASH}", "not counted"
    large, small = ImageFont.load_default(size_px * 0.72), ImageFont.load_default(size_px * 0.26)
    wide, narrow = large.getlength(number), small.getlength(words)
    pad = size_px * 0.3
    label = Image.new("RGBA", (round(3 * pad + wide + narrow), size_px), (0, 0, 0, 0))
    draw = ImageDraw.Draw(label)
    draw.rounded_rectangle((0, 0, label.width - 1, size_px - 1), size_px * 0.16, fill=_PANEL)
    base = size_px * 0.76
    draw.text((pad, base), number, fill=_FLASH if fresh else _INK, font=large, anchor="ls")
    draw.text((2 * pad + wide, base), words, fill=_INK, font=small, anchor="ls")
    return label
