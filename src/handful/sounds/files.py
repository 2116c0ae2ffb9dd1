"""Sound from files: soundfile for what it reads, PyAV for the rest and for films."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from handful.containers import is_mp3, shortage
from handful.errors import UnreadableError
from handful.printing import printable
from handful.sounds.base import BLOCK_S, Sound, check_rate
from handful.sounds.mixing import mixed

if TYPE_CHECKING:
    import av
    import soundfile


_HEAD_B = 28  # of a WAV file: up to its sample rate
_KINDS = "WAV, FLAC, Ogg, MP3, AIFF, M4A, or a film with sound"


def open_file(path: Path) -> Sound:
    """The sound in a file: WAV, FLAC, Ogg, MP3, AIFF, M4A, or the sound track of a film.

    Raises
    ------
    UnreadableError
        There is no such file, or no sound that can be read in it; with the reason.
    """
    if not path.exists():
        raise UnreadableError(f"there is no file {path}")
    if path.is_dir():
        raise UnreadableError(f"{path} is a folder; give one file with sound in it")
    try:
        empty = path.is_file() and path.stat().st_size == 0
    except OSError as error:
        raise UnreadableError(f"cannot read {path}: {error.strerror}") from error
    if empty:
        raise UnreadableError(f"{path} is empty")
    sound = with_soundfile(path, str(path)) or with_av(str(path), str(path))
    check_rate(sound.rate_hz, str(path))
    sound.source = until_cut(sound.source, sound, lambda: shortage(path))
    return sound


def until_cut(
    blocks: Iterable[np.ndarray], sound: Sound, lack: Callable[[], str]
) -> Iterator[np.ndarray]:
    """The same blocks; then the sound says if the file ended before its header said."""
    heard = 0
    for block in blocks:
        heard += len(block)
        yield block
    if not sound.damage and (words := lack()):
        sound.damage = f"it is cut off after {heard / sound.rate_hz:.1f} s ({words})"


def with_soundfile(source: Path | IO[bytes], name: str) -> Sound | None:
    """The sound in a file or in its bytes; None where soundfile does not read this kind.

    Raises
    ------
    UnreadableError
        The file may not be read.
    """
    import soundfile

    try:
        head = _head(source)
        if is_mp3(head[:3]):  # soundfile seeks after each block, which silences the next frame
            return None
        if _is_wave_without_rate(head):
            raise UnreadableError(f"{name} has a header that gives no sample rate (0 Hz)")
        file = soundfile.SoundFile(source if isinstance(source, Path) else _Steady(source))
    except PermissionError as error:
        raise UnreadableError(f"cannot read {name}: {error.strerror}") from error
    except (soundfile.LibsndfileError, OSError):
        return None
    sound = Sound(name, float(file.samplerate), (), seconds=file.frames / file.samplerate)
    if file.frames > 2**62:  # what the library says where the length is not written down
        sound.seconds = None
    sound.source = mixed(_blocks_of(file, sound), sound)
    return sound


def _is_wave_without_rate(head: bytes) -> bool:
    """Whether a WAV file begins with a description of its sound in which the rate is 0."""
    described = head[:4] == b"RIFF" and head[8:16] == b"WAVEfmt " and len(head) >= _HEAD_B
    return described and head[24:28] == bytes(4)


class _Steady:
    """A stream that stays where it is when a damaged header sends it before its beginning.

    soundfile calls it from C, where an exception can only be printed.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.read, self.tell = file.read, file.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        """Where it stands then."""
        with contextlib.suppress(ValueError, OSError, OverflowError):
            self._file.seek(offset, whence)
        return self._file.tell()


def _head(source: Path | IO[bytes]) -> bytes:
    if isinstance(source, Path):
        if not source.is_file():  # a named pipe gives its bytes only once
            return b""
        with source.open("rb") as file:
            return file.read(_HEAD_B)
    head = source.read(_HEAD_B)
    source.seek(0)
    return head


def _blocks_of(file: soundfile.SoundFile, sound: Sound) -> Iterator[np.ndarray]:
    import soundfile

    heard = 0
    with file:
        while True:
            try:
                block = file.read(int(BLOCK_S * file.samplerate), dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                why = str(error).removeprefix("Error : ").rstrip(".")
                sound.damage = f"it is damaged after {heard / file.samplerate:.1f} s ({why})"
                return
            if not len(block):
                break
            heard += len(block)
            yield block
    if sound.seconds is not None and heard < sound.seconds * sound.rate_hz - 1:
        sound.damage = f"it was cut off after {heard / sound.rate_hz:.1f} s"


def with_av(source: str | IO[bytes] | Any, name: str) -> Sound:
    """The sound in any container that PyAV reads, from a path or a stream of bytes.

    Raises
    ------
    UnreadableError
        It is no such container, it has no sound track, or its codec is unknown.
    """
    import av

    shown = printable(name)
    try:
        container = av.open(source, mode="r", metadata_errors="replace")
    except (av.FFmpegError, ValueError, OSError, EOFError) as error:
        raise UnreadableError(
            f"{shown} is no sound file that can be read: {_reason(error)}. It takes {_KINDS}"
        ) from error
    if not container.streams.audio:
        container.close()
        raise UnreadableError(f"{shown} has no sound track")
    stream = container.streams.audio[0]
    try:
        rate_hz = float(stream.codec_context.sample_rate)
    except (AttributeError, TypeError):
        rate_hz = 0.0
    if not rate_hz:
        container.close()
        raise UnreadableError(f"the sound in {shown} is of an unknown kind (codec)")
    seconds = float(container.duration / 1_000_000) if container.duration else None
    sound = Sound(name, rate_hz, (), seconds=seconds)
    sound.source = mixed(_decoded(container, sound), sound)
    return sound


def _decoded(container: av.container.InputContainer, sound: Sound) -> Iterator[np.ndarray]:
    import av

    # channels side by side: PyAV reads beyond its list of planes where each of 9 has its own
    resampler = av.AudioResampler(format="flt", rate=int(sound.rate_hz))
    heard = 0
    with container:
        try:
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    heard += part.samples
                    yield part.to_ndarray().reshape(part.samples, -1)
        except (av.FFmpegError, OSError, EOFError) as error:
            if not heard:
                name = printable(sound.title)
                raise UnreadableError(
                    f"nothing of the sound in {name} can be read: {_reason(error)}"
                ) from error
            sound.damage = f"it is damaged after {heard / sound.rate_hz:.1f} s ({_reason(error)})"
    if not heard:
        raise UnreadableError(f"there is not a single sample of sound in {printable(sound.title)}")


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error)
