"""Whether a file of sound or pictures is all there: what its header promises, and what it holds."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

_SLOPPY = 64  # bytes; some programs write sizes that are wrong by a header's length
_UNKNOWN = 0x7FFF0000  # sizes of so much and more stand where a stream was written, like 0xFFFFFFFF
_HEAD = 1 << 20  # bytes in which a stream says how long it will be
_TAIL = 1 << 17  # bytes at the end of a file in which an Ogg page begins: it has 65,307 at most
_BOXES = {
    b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"free", b"skip", b"wide",
    b"udta", b"uuid", b"meta", b"pdin", b"prft", b"emsg",
}  # fmt: skip
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def shortage(source: Path | IO[bytes]) -> str:
    """What a file lacks, in words; empty where it is whole, or its kind does not say.

    WAV, AVI, AIFF, MP4, MOV, M4A, MKV, WebM, Ogg and Opus say it, and MP3 mostly does.

    Parameters
    ----------
    source : Path or binary file that can seek

    References
    ----------
    RIFF: Microsoft and IBM (1991). RF64: EBU Tech 3306. AIFF: Apple (1989). MP4: ISO/IEC 14496-12,
    4.2. Matroska: RFC 9559 and RFC 8794. Ogg: RFC 3533. MP3's Xing and Info tags have no standard.
    """
    if isinstance(source, Path):
        if not source.is_file():
            return ""
        with source.open("rb") as file:
            return shortage(file)
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    if source.read(4) != b"OggS":
        return _fewer(source, size)
    source.seek(max(0, size - _TAIL))
    return _ogg(source.read())


class Passed:
    """What came through a pipe: its beginning, its end, its length.

    Attributes
    ----------
    size : int
        Bytes so far.
    """

    def __init__(self) -> None:
        self.size = 0
        self._head = self._tail = b""

    def add(self, data: bytes) -> None:
        """Take note of the next bytes."""
        self.size += len(data)
        if len(self._head) < _HEAD:
            self._head += data
        self._tail = (self._tail + data)[-_TAIL:]

    def shortage(self) -> str:
        """As of a file, as far as its beginning and its end say it."""
        if self._head[:4] == b"OggS":
            return _ogg(self._tail)
        return _fewer(io.BytesIO(self._head), self.size)


def _fewer(file: IO[bytes], size: int) -> str:
    file.seek(0)
    promised = _promise(file.read(16))
    wanted = promised(file, size) if promised else 0
    if wanted <= size + _SLOPPY:
        return ""
    return f"the file should have at least {wanted:,} bytes and has {size:,}"


def is_mp3(head: bytes) -> bool:
    """Whether a file that begins with these bytes is MP3: a tag comes first, or a frame."""
    return head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)


def _promise(head: bytes) -> Callable[[IO[bytes], int], int] | None:
    if len(head) < 16:
        return None
    if head[:4] in (b"RIFF", b"RF64", b"FORM"):
        return _chunks
    if head[4:8] == b"ftyp":
        return _boxes
    if head[:4] == _EBML:
        return _matroska
    if head[:3] == b"ID3" or head[:1] == b"\xff":
        return _mp3
    return None


def _chunks(file: IO[bytes], size: int) -> int:
    """Where the chunk ends that reaches furthest: RIFF and AIFF."""
    file.seek(0)
    order = ">" if file.read(4) == b"FORM" else "<"
    whole = 8 + struct.unpack(f"{order}I", file.read(4))[0]  # what follows is none of its chunks
    at = end = 12
    long = 0
    while at + 8 <= min(size, whole):
        file.seek(at)
        name, length = struct.unpack(f"{order}4sI", file.read(8))
        if (
            name == b"ds64" and at + 24 <= size
        ):  # the true length of the data, where 32 bits are few
            long = struct.unpack("<8xQ", file.read(16))[0]
        if name == b"data" and length == 0xFFFFFFFF and long:
            length = long
        elif length >= _UNKNOWN or not name.isascii():
            break
        end = at + 8 + length
        at = end + length % 2
    return end


def _boxes(file: IO[bytes], size: int) -> int:
    """Where the last box ends: MP4 and its kin."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        if len(header := file.read(16)) < 8:
            return at
        length, name = struct.unpack(">I4s", header[:8])
        if length == 1:
            length = int.from_bytes(header[8:])
        if name not in _BOXES or length < 8:  # 0: to the end of the file
            return at
        at += length
    return at


def _matroska(file: IO[bytes], size: int) -> int:
    """Where the segment ends, which holds everything; 0 where its length is not told."""
    file.seek(4)
    header = _vint(file)
    file.seek(header or 0, 1)
    if header is None or file.read(4) != _SEGMENT:
        return 0
    length = _vint(file)
    return 0 if length is None else file.tell() + length


def _vint(file: IO[bytes]) -> int | None:
    """A number of variable width; None where all of its bits are set: unknown."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    width = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(width - 1)) & ((1 << 7 * width) - 1)
    return None if value == (1 << 7 * width) - 1 else value


def _mp3(file: IO[bytes], size: int) -> int:
    """Where the last frame ends by the tag in the first frame; 0 where there is none."""
    file.seek(0)
    head, start = file.read(10), 0
    if head[:3] == b"ID3" and len(head) == 10:
        start = 10 + sum((byte & 0x7F) << 7 * (3 - i) for i, byte in enumerate(head[6:10]))
    file.seek(start)
    frame = file.read(64)
    for name in (b"Xing", b"Info"):
        at = frame.find(name)
        if 0 < at <= 48 <= len(frame) - 16:
            flags, _, length = struct.unpack(">III", frame[at + 4 : at + 16])
            return start + length if flags & 3 == 3 else 0
    return 0


def _ogg(tail: bytes) -> str:
    """The last page must be whole and carry the mark of the last one."""
    last = None
    for at in _pages(tail):
        segments = tail[at + 26]
        table = tail[at + 27 : at + 27 + segments]
        if len(table) < segments or at + 27 + segments + sum(table) > len(tail):
            return "its last page is not whole"
        last = tail[at + 5]
    if last is None or not last & 4:
        return "it has no last page"
    return ""


def _pages(tail: bytes) -> Iterator[int]:
    at = tail.find(b"OggS\x00")
    while at >= 0 and at + 27 <= len(tail):
        yield at
        length = 27 + tail[at + 26] + sum(tail[at + 27 : at + 27 + tail[at + 26]])
        at = tail.find(b"OggS\x00", at + length)
