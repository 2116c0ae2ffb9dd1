"""Tells from the first bytes of a file what it is."""

from __future__ import annotations

# Brands of the ISO base media file format (ISO/IEC 23008-12, annex B; AV1 image file format, 7)
_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
)
_AVIF_BRANDS = frozenset((b"avif", b"avis"))

_PHOTOS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)

_OTHERS = (
    (b"%PDF", "is a PDF, not a photo: save its pages as PNG"),
    (b"PK\x03\x04", "is a zip archive, not a photo: unpack it"),
    (b"8BPS", "is a Photoshop file: save it as JPEG or PNG"),
    (b"\x00\x00\x00\x0cJXL ", "is JPEG XL, which cannot be read here: save it as JPEG or PNG"),
    (b"\xff\x0a", "is JPEG XL, which cannot be read here: save it as JPEG or PNG"),
    (b"\x00\x00\x00\x0cjP  ", "is JPEG 2000, which cannot be read here: save it as JPEG or PNG"),
    (b"\x1aE\xdf\xa3", "is a video, not a photo"),
    (b"OggS", "is a sound, not a photo"),
    (b"fLaC", "is a sound, not a photo"),
    (b"ID3", "is a sound, not a photo"),
    (b"version https://git-lfs", "is a Git LFS pointer, not the photo itself: run git lfs pull"),
)


def format_of(head: bytes) -> str | None:
    """Pillow's name of the format that starts with `head`, None if it is no photo."""
    for start, name in _PHOTOS:
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _iso_format(head)
    return "BMP" if head[:2] == b"BM" and not _is_text(head) else None


def _iso_format(head: bytes) -> str | None:
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[i : i + 4] for i in range(16, length - 3, 4))]
    if any(brand in _AVIF_BRANDS for brand in brands):
        return "AVIF"
    return "HEIF" if any(brand in _HEIF_BRANDS for brand in brands) else None


def size_promised_b(head: bytes) -> int:
    """How many bytes long the file says it is, 0 where its format does not say."""
    if head[:4] == b"RIFF":
        return int.from_bytes(head[4:8], "little") + 8
    return int.from_bytes(head[2:6], "little") if head[:2] == b"BM" else 0


def what_it_is(head: bytes) -> str:
    """What a file that is no photo is, and what to do about it."""
    if not head:
        return "is empty (0 bytes): copy it again or leave it out"
    for start, message in _OTHERS:
        if head.startswith(start):
            return message
    if head[4:8] == b"ftyp" or head[:4] == b"RIFF":
        return "is a video or a sound, not a photo"
    if not head.strip(b"\0"):
        return "holds nothing but zeros: copy it again from where it came"
    return (
        _text(head)
        if _is_text(head)
        else (
            "is not a photo in a format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC, "
            "AVIF): save it as JPEG or PNG"
        )
    )


def _text(head: bytes) -> str:
    start = head.decode("utf-8-sig", "replace").lstrip().lower()
    if start.startswith(("<!doctype html", "<html")):
        return "is a web page, not a photo: download the photo itself"
    if "<svg" in start:
        return "is a drawing (SVG), not a photo: save it as PNG"
    return "is text, not a photo: leave it out"


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        text = head[:512].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head[:512]) - 3:  # a letter cut in half at the end is still text
            return False
        text = head[: error.start].decode("utf-8-sig")
    return all(sign.isprintable() or sign in "\t\r\n\f" for sign in text)
