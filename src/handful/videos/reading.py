"""Videos from files, pipes, cameras and Python: frame after frame, never all at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from handful.containers import shortage
from handful.errors import InputError, UnreadableError
from handful.videos.frames import Frame, Scale, check_size, luma_of, luma_of_array
from handful.videos.pipes import Piped

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

PIPE = "standard input"
_EMPTY = "nothing comes out of the pipe: not a single byte of a video."
_READABLE = (
    " MP4, MOV, MKV, WebM, AVI and MPEG-TS can be read: see whether it plays elsewhere, copy it "
    "again if it broke off, or convert it to MP4."
)
_USUAL_FPS = 30.0  # where neither the frames nor the container say
_DEVICES = {  # platform: (FFmpeg's name of its camera interface, how it names camera N)
    "linux": ("v4l2", "/dev/video{}"),
    "darwin": ("avfoundation", "{}"),
    "win32": ("dshow", "video={}"),
}


class Video:
    """A video that is read once, from its first frame to its last.

    Attributes
    ----------
    name : str
        As messages call it.
    fps : float or None
        Frames a second by the container; None where it does not say.
    n_frames : int
        By the container; 0 where it does not say.
    warnings : list of str
        What went wrong on the way, after reading.
    """

    def __init__(
        self,
        frames: Iterator[Frame],
        name: str,
        fps: float | None,
        n: int,
        source: Path | IO[bytes] | Piped | None = None,
    ) -> None:
        self.name = name
        self.fps = fps
        self.n_frames = n
        self.warnings: list[str] = []
        self._frames, self._source = frames, source

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order of time; each is valid until the next is asked for."""
        last_s, shape = 0.0, (0, 0)
        try:
            for frame in self._frames:
                if frame.luma.shape != shape:
                    check_size(frame.luma)
                    shape = frame.luma.shape
                last_s = frame.time_s
                yield frame
        except _BrokenOffError as broken:
            self.warnings.append(str(broken))
        if isinstance(self._source, Piped) and self._source.interrupted:
            self.warnings.clear()
            raise KeyboardInterrupt
        if not self.warnings and self._source is not None and (lack := _lack(self._source)):
            self.warnings.append(f"{self.name} is cut off after {last_s:.1f} s: {lack}.")


def _lack(source: Path | IO[bytes] | Piped) -> str:
    return source.passed.shortage() if isinstance(source, Piped) else shortage(source)


class _BrokenOffError(Exception):
    """A stream that could be read ended with an error."""


@contextmanager
def open_video(source: str | Path | IO[bytes], fps: float | None = None) -> Iterator[Video]:
    """A video file, or one that comes through a pipe.

    Parameters
    ----------
    source : str, Path or binary file
        ``-`` reads standard input.
    fps : float, optional
        Frames a second, where the video's own times are wrong or absent.

    Raises
    ------
    InputError, UnreadableError
        There is no such file, or no video in it that could be decoded.
    """
    name = PIPE if source == "-" else str(getattr(source, "name", source))
    stream, pipe = _stream(source)
    with _opened(stream, name) as (container, track):
        frames = _decoded(container, track, name, fps)
        yield Video(frames, name, _rate(track, fps), track.frames, pipe)


def _stream(source: str | Path | IO[bytes]) -> tuple[Any, Path | IO[bytes] | Piped]:
    """What the decoder reads, and what tells afterwards whether it was cut off."""
    if source == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise InputError("nothing is piped in: try `handful count - < video.mp4`.")
        source = sys.stdin.buffer
    if isinstance(source, str | Path):
        path = Path(source)
        _refuse_absent(path)
        if path.is_file() and not path.stat().st_size:
            raise UnreadableError(f"{path} is empty: not a single byte of a video.")
        return str(path), path
    if source.seekable():
        if not source.read(1):
            raise UnreadableError(_EMPTY)
        source.seek(0)
        return source, source
    pipe = Piped(source)
    if pipe.empty:
        raise UnreadableError(_EMPTY)
    return pipe.stream(), pipe


@contextmanager
def open_decoded(
    source: Path, fps: float | None = None
) -> Iterator[tuple[VideoStream, Iterator[tuple[VideoFrame, float]]]]:
    """A file's video track, and its frames as they are decoded with the times of `open_video`."""
    with _opened(str(source), str(source)) as (container, track):
        yield track, _until_broken(_timed(container, track, str(source), fps))


def _until_broken(
    frames: Iterator[tuple[VideoFrame, float]],
) -> Iterator[tuple[VideoFrame, float]]:
    try:
        yield from frames
    except _BrokenOffError:
        return


@contextmanager
def open_camera(number: int | str, fps: float | None = None) -> Iterator[Video]:
    """A camera, by its number (0 is the first) or by the name its system gives it.

    Raises
    ------
    InputError
        There is no such camera, or it is in use.
    """
    interface, pattern = _DEVICES.get(sys.platform, _DEVICES["linux"])
    device = pattern.format(number) if str(number).isdecimal() else str(number)
    name = f"camera {number}"
    if interface == "v4l2" and not Path(device).exists():
        found = sorted(str(path) for path in Path("/dev").glob("video*"))
        there = f"There are: {', '.join(found)}." if found else "No camera is connected."
        raise InputError(
            f"there is no camera {str(number)!r}. {there} Give its number (--camera 0 is the "
            "first) or its path."
        )
    options = {"framerate": f"{fps:g}"} if fps else {}
    with _opened(device, name, format=interface, options=options) as (container, track):
        yield Video(_decoded(container, track, name, None), name, _rate(track, fps), 0)


@contextmanager
def open_arrays(frames: Iterable[Any], fps: float | None = None) -> Iterator[Video]:
    """Frames that Python code brings: arrays, or PyAV's frames with their own times.

    Parameters
    ----------
    frames : iterable of array_like or av.VideoFrame
        Brightness (height_px, width_px) or RGB (height_px, width_px, 3), 0 to 255, or float from
        0 to 1.
    fps : float, optional
        Frames a second of arrays; by default 30.
    """
    yield Video(_from_python(frames, fps or _USUAL_FPS), "the frames", fps or _USUAL_FPS, 0)


def _from_python(frames: Iterable[Any], fps: float) -> Iterator[Frame]:
    clock, scale = _Clock(fps), Scale()
    for frame in frames:
        if hasattr(frame, "planes"):
            yield Frame(luma_of(frame), clock.at(frame.time), turns_of(frame))
        else:
            yield Frame(luma_of_array(frame, scale), clock.at(None))


def _refuse_absent(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path} is a folder: name one video file in it.")
    if not path.exists():
        raise InputError(f"no such video: {path}.")


@contextmanager
def _opened(stream: Any, name: str, **how: Any) -> Iterator[tuple[InputContainer, VideoStream]]:
    import av

    with av.logging.Capture():  # FFmpeg would write its own complaints to stderr
        try:
            container = av.open(stream, **how)
        except (av.FFmpegError, OSError, ValueError) as error:
            advice = "" if how else _READABLE
            why = f"{name} cannot be opened as a video: {_why(error)}{advice}"
            raise UnreadableError(why) from error
        with container:
            track = next((t for t in container.streams.video if not _is_cover(t)), None)
            if track is None:
                kinds = sorted({t.type for t in container.streams}) or ["nothing"]
                raise UnreadableError(f"{name} holds no video track, only {', '.join(kinds)}.")
            if track.codec_context is None:
                raise UnreadableError(
                    f"{name} is in a format (codec) that cannot be decoded here: convert it to "
                    "H.264 or VP9 first."
                )
            track.thread_type = "AUTO"
            yield container, track


def _is_cover(track: VideoStream) -> bool:
    from av.stream import Disposition

    return bool(track.disposition & Disposition.attached_pic)


def _decoded(
    container: InputContainer, track: VideoStream, name: str, fps: float | None
) -> Iterator[Frame]:
    for frame, time_s in _timed(container, track, name, fps):
        yield Frame(luma_of(frame), time_s, turns_of(frame))


def _timed(
    container: InputContainer, track: VideoStream, name: str, fps: float | None
) -> Iterator[tuple[VideoFrame, float]]:
    import av

    clock = _Clock(fps or _rate(track, None) or _USUAL_FPS)
    seen = 0
    try:
        for frame in container.decode(track):
            seen += 1
            yield frame, clock.at(None if fps else frame.time)
    except av.FFmpegError as error:
        if not seen:
            raise UnreadableError(f"{name} cannot be decoded: {_why(error)}") from error
        raise _BrokenOffError(
            f"{name} breaks off after {clock.last_s:.1f} s ({seen} frames): {_why(error)}"
        ) from error
    if not seen:
        raise UnreadableError(f"{name} holds not a single frame that can be decoded.")


def _rate(track: VideoStream, fps: float | None) -> float | None:
    if fps:
        return fps
    rate = track.average_rate or track.guessed_rate
    return float(rate) if rate else None


def turns_of(frame: Any) -> int:
    """Quarter turns counter-clockwise that make a decoded frame upright."""
    return round(getattr(frame, "rotation", 0) / 90) % 4


class _Clock:
    """Times that begin at 0 and always grow, whatever the container says."""

    def __init__(self, fps: float) -> None:
        self.last_s = 0.0
        self._step_s = 1 / fps
        self._start_s: float | None = None
        self._begun = False

    def at(self, time_s: float | None) -> float:
        if time_s is not None and self._start_s is None:
            self._start_s = time_s - (self.last_s + self._step_s if self._begun else 0.0)
        if time_s is None or self._start_s is None:
            now_s = self.last_s + self._step_s if self._begun else 0.0
        else:
            now_s = time_s - self._start_s
        if self._begun and now_s <= self.last_s:  # a jump back: a looped or damaged stream
            now_s = self.last_s + self._step_s
            self._start_s = None if time_s is None else time_s - now_s
        self._begun, self.last_s = True, now_s
        return now_s


def _why(error: Exception) -> str:
    words = getattr(error, "strerror", None) or str(error)
    return f"{words[:1].lower()}{words[1:].rstrip('.')}."
