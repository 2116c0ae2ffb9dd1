"""Photos written by Pillow, and by hand where Pillow cannot write them."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image, features

SIDE_PX = 48  # of each half of a checked picture
HAS_AVIF = features.check("avif")


def written(image, kind, **options):
    """The image as the bytes of a file."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def two_colours(left, right, mode="RGB"):
    """Left half in one colour, right half in another: large enough blocks for lossy formats."""
    image = Image.new(mode, (2 * SIDE_PX, SIDE_PX), left)
    image.paste(right, (SIDE_PX, 0, 2 * SIDE_PX, SIDE_PX))
    return image


def noise(mode="RGB", side_px=64):
    """Pixels that do not compress, so that half a file is half a picture."""
    grey = np.random.default_rng(0).integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)
    return Image.fromarray(grey).convert(mode)


def halves(pixels):
    """The colours in the middle of the left and of the right half."""
    height, width = pixels.shape[:2]
    middle = pixels[height // 2]
    return tuple(middle[width // 4].tolist()), tuple(middle[3 * width // 4].tolist())


def png(*chunks):
    """A PNG of (name, content) pairs, with right check sums."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, content in chunks:
        parts += [struct.pack(">I", len(content)), name, content]
        parts.append(struct.pack(">I", zlib.crc32(name + content)))
    return b"".join(parts)


def png_chunks(data):
    """The (name, content) pairs of a PNG."""
    position, chunks = 8, []
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        name = data[position + 4 : position + 8]
        chunks.append((name, data[position + 8 : position + 8 + length]))
        position += 12 + length
    return chunks


def matrix_profile(to_xyz, gamma, name="test space"):
    """An ICC profile (version 2) of a matrix and a power curve: ICC.1:2001-04, 6.3.1.2."""

    def number(value):
        return struct.pack(">i", round(float(value) * 65536))

    def xyz(values):
        return b"XYZ \0\0\0\0" + b"".join(number(value) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    columns = np.asarray(to_xyz).T
    tags = {
        b"desc": description,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
        b"rXYZ": xyz(columns[0]),
        b"gXYZ": xyz(columns[1]),
        b"bXYZ": xyz(columns[2]),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    return _profile_file(tags)


def _profile_file(tags):
    table, body, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += padded
    header = struct.pack(">I4sI", 128 + len(table) + len(body), b"none", 0x02400000)
    header += b"mntrRGB XYZ " + struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += struct.pack(">3i", 63190, 65536, 54061)  # the D50 illuminant
    return header.ljust(128, b"\0") + table + body
