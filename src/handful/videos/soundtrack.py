"""The sound of a video, written beside its pictures as they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import Packet
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer

_FIT_MP4 = frozenset({"aac", "mp3", "opus", "ac3", "eac3", "alac"})  # others are encoded anew
_RATE_HZ = 48_000


class SoundTrack:
    """Writes the first sound track of a file, up to the moment that its pictures have reached.

    Parameters
    ----------
    source : Path
    made : av.container.OutputContainer
        Its pictures' track must be there; nothing must have been written.
    start_s : float
        When the pictures begin, by the clock of the file.
    """

    def __init__(self, source: Path, made: OutputContainer, start_s: float) -> None:
        import av

        self._made = made
        self._given: InputContainer = av.open(str(source), metadata_errors="replace")
        tracks = self._given.streams.audio
        self._waiting: Iterator[tuple[float, Packet[AudioStream]]] = iter(())
        if tracks and tracks[0].codec_context is not None:
            fits = tracks[0].codec_context.name in _FIT_MP4
            packets = _copied if fits else _encoded
            self._waiting = packets(self._given, tracks[0], made, start_s)

    def write(self, until_s: float) -> None:
        """Write what sounds before a moment, in seconds since the first picture."""
        for time_s, packet in self._waiting:
            self._made.mux(packet)
            if time_s >= until_s:
                return

    def close(self) -> None:
        """Close the file that is read."""
        self._given.close()


def _copied(
    given: InputContainer, track: AudioStream, made: OutputContainer, start_s: float
) -> Iterator[tuple[float, Packet[AudioStream]]]:
    import av

    out = made.add_stream_from_template(track)

    def packets() -> Iterator[tuple[float, Packet[AudioStream]]]:
        try:
            for packet in given.demux(track):
                if packet.dts is None or packet.pts is None or packet.time_base is None:
                    continue
                shift = round(start_s / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = out
                if packet.pts >= 0:
                    yield float(packet.pts * packet.time_base), packet
        except av.FFmpegError:
            return  # the pictures' reader tells that the file breaks off

    return packets()


def _encoded(
    given: InputContainer, track: AudioStream, made: OutputContainer, start_s: float
) -> Iterator[tuple[float, Packet[AudioStream]]]:
    import av

    out = made.add_stream("aac", rate=_RATE_HZ, layout="stereo")
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=_RATE_HZ)

    def packets() -> Iterator[tuple[float, Packet[AudioStream]]]:
        first: int | None = None
        try:
            for frame in itertools.chain(given.decode(track), [None]):
                for part in resampler.resample(frame):
                    if first is None:
                        first = round(((frame.time or 0.0) if frame else 0.0) * _RATE_HZ)
                        first -= round(start_s * _RATE_HZ)
                    part.pts, first = first, first + part.samples
                    if part.pts >= 0:
                        yield from _timed(out.encode(part))
        except av.FFmpegError:
            pass  # as above
        yield from _timed(out.encode(None))

    return packets()


def _timed(packets: list[Packet[AudioStream]]) -> Iterator[tuple[float, Packet[AudioStream]]]:
    for packet in packets:
        if packet.pts is not None and packet.time_base is not None:
            yield float(packet.pts * packet.time_base), packet
