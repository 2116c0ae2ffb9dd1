"""Every format and mode against colours that are known beforehand."""

import numpy as np
import pytest
from photo_bytes import HAS_AVIF, halves, matrix_profile, png, png_chunks, two_colours, written
from PIL import Image, ImageCms

from handful.pictures import measure, read_picture

RED, BLUE = (200, 40, 30), (20, 60, 210)
LOSSLESS = {
    "PNG": {},
    "WEBP": {"lossless": True},
    "BMP": {},
    "TIFF": {},
    "GIF": {},
}
LOSSY = {
    "JPEG": {"quality": 95},
    "WEBP": {"quality": 95},
    "HEIF": {"quality": 95},
    "AVIF": {"quality": 95},
}


def read(data, at_least_px=1000):
    picture = read_picture(data, at_least_px=at_least_px)
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.shape[2:] == (3,)
    assert picture.pixels.flags.writeable
    assert measure(data) == picture.pixels.shape[1::-1]
    return picture.pixels


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_give_the_exact_colours(kind):
    data = written(two_colours(RED, BLUE), kind, **LOSSLESS[kind])
    assert halves(read(data)) == (RED, BLUE)


@pytest.mark.parametrize("kind", LOSSY)
def test_lossy_formats_give_nearly_the_colours(kind):
    if kind == "AVIF" and not HAS_AVIF:
        pytest.skip("this installation of Pillow writes no AVIF")
    data = written(two_colours(RED, BLUE), kind, **LOSSY[kind])
    np.testing.assert_allclose(halves(read(data)), (RED, BLUE), atol=4)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiff_from_a_file(tmp_path, compression):
    path = tmp_path / "scan.tif"
    two_colours(RED, BLUE).save(path, compression=compression)
    assert halves(read(path)) == (RED, BLUE)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_grey(kind):
    data = written(two_colours(40, 200, mode="L"), kind)
    np.testing.assert_allclose(halves(read(data)), ((40,) * 3, (200,) * 3), atol=1)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_one_bit(kind):
    assert halves(read(written(two_colours(0, 1, mode="1"), kind))) == ((0,) * 3, (255,) * 3)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_what_is_transparent_lies_over_white(kind):
    image = two_colours((*RED, 0), (100, 0, 50, 51), mode="RGBA")
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    # 51 / 255 is one fifth: 100 / 5 + 255 * 4 / 5 = 224, 0 + 204, 50 / 5 + 204 = 214
    assert halves(read(written(image, kind, **options))) == ((255,) * 3, (224, 204, 214))


def test_grey_with_transparency():
    image = two_colours((90, 0), (100, 51), mode="LA")
    assert halves(read(written(image, "PNG"))) == ((255,) * 3, (224,) * 3)


@pytest.mark.parametrize("transparency", [1, bytes((255, 0))])
def test_palette_with_transparency(transparency):
    image = two_colours(0, 1, mode="P")
    image.putpalette([*RED, *BLUE])
    data = written(image, "PNG", transparency=transparency)
    assert halves(read(data)) == (RED, (255,) * 3)


def test_palette_without_transparency():
    image = two_colours(0, 1, mode="P")
    image.putpalette([*RED, *BLUE])
    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        assert halves(read(written(image, kind))) == (RED, BLUE)


def test_one_colour_of_rgb_is_transparent():
    data = written(two_colours(RED, BLUE), "PNG", transparency=BLUE)
    assert halves(read(data)) == (RED, (255,) * 3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_upper_8_as_16_bit_colours_do(kind):
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    pixels = read(written(Image.fromarray(every), kind))
    expected = every // 256
    np.testing.assert_array_equal(pixels, expected[..., None].repeat(3, 2))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.float32([0, 0.2, 1]), [0, 51, 255]),
        (np.float32([0, 51.4, 255]), [0, 51, 255]),
        (np.float32([0, 13107, 65535]), [0, 51, 255]),
        (np.float32([-100, 0, 400]), [0, 51, 255]),
        (np.float32([np.nan, np.inf, 0.2]), [0, 255, 51]),
        (np.float32([7, 7, 7]), [7, 7, 7]),
        (np.float32([-3e38, 0, 3e38]), [0, 128, 255]),
        (np.int32([0, 51, 255]), [0, 51, 255]),
        (np.int32([0, 13107, 65535]), [0, 51, 255]),
        (np.int32([-100, 0, 400]), [0, 51, 255]),
        (np.int32([0, 200_000, 1_000_000]), [0, 51, 255]),
        (np.int32([-5, -5, -5]), [0, 0, 0]),
    ],
)
def test_wider_numbers_by_the_smallest_usual_range(values, expected):
    pixels = read(written(Image.fromarray(values[None]), "TIFF"))
    np.testing.assert_array_equal(pixels[0, :, 0], expected)


@pytest.mark.parametrize("progressive", [False, True])
def test_cmyk_jpeg(progressive):
    inks = ((0, 204, 153, 51), (102, 0, 0, 0))
    data = written(two_colours(*inks, mode="CMYK"), "JPEG", quality=100, progressive=progressive)
    expected = [[(255 - ink) * (255 - k) / 255 for ink in cmy] for *cmy, k in inks]
    np.testing.assert_allclose(halves(read(data)), expected, atol=2)


def test_ycck_jpeg():
    stored = (150, 110, 160, 200)  # Y, Cb, Cr and the inverse of black, as they lie in the file
    inverse = tuple(255 - value for value in stored)
    data = written(two_colours(inverse, inverse, mode="CMYK"), "JPEG", quality=100)
    marker = data.index(b"Adobe")
    ycck = data[: marker + 11] + b"\x02" + data[marker + 12 :]  # Adobe TN5116, 18: transform
    y, cb, cr, white = stored
    red = y + 1.402 * (cr - 128)  # JFIF 1.02, page 3
    green = y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128)
    blue = y + 1.772 * (cb - 128)
    # libjpeg gives C = 255 - red and so on, and Adobe means the inverse of it as ink
    expected = np.array([255 - red, 255 - green, 255 - blue]) * white / 255
    np.testing.assert_allclose(halves(read(ycck)), [expected, expected], atol=2)


def test_lab_tiff():
    # 128 / 255 * 100 = L* of 50.2; CIE 15: Y = ((L* + 16) / 116)^3; IEC 61966-2-1 for sRGB
    luminance = ((128 / 2.55 + 16) / 116) ** 3
    grey = 255 * (1.055 * luminance ** (1 / 2.4) - 0.055)
    image = two_colours((128, 128, 128), (255, 128, 128), mode="LAB")
    expected = ((grey,) * 3, (255,) * 3)
    np.testing.assert_allclose(halves(read(written(image, "TIFF"))), expected, atol=2)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_many_pictures_the_first(kind):
    first, second = two_colours(RED, BLUE), two_colours((0, 255, 0), (9, 9, 9))
    options = {"lossless": True} if kind == "WEBP" else {}
    data = written(first, kind, save_all=True, append_images=[second], **options)
    assert halves(read(data)) == (RED, BLUE)


def test_multi_picture_jpeg_gives_its_first():
    first, second = two_colours(RED, BLUE), two_colours((0, 255, 0), (9, 9, 9))
    data = written(first, "MPO", save_all=True, append_images=[second], quality=95)
    np.testing.assert_allclose(halves(read(data)), (RED, BLUE), atol=4)
    small = read_picture(data, at_least_px=12).pixels
    assert small.shape == (12, 24, 3)
    np.testing.assert_allclose(halves(small), (RED, BLUE), atol=4)


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000), (2000, 3)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_extreme_shapes(size, kind):
    pixels = read(written(Image.new("RGB", size, RED), kind), at_least_px=224)
    assert pixels.shape == (size[1], size[0], 3)


def to_srgb(linear):
    """IEC 61966-2-1, 5.2."""
    linear = np.clip(linear, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return 255 * curved


# Lindbloom, "RGB/XYZ Matrices", adapted to D50
ADOBE_RGB = [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
SRGB = [[0.43607, 0.38515, 0.14308], [0.22249, 0.71687, 0.06062], [0.01393, 0.09710, 0.71410]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP", "HEIF"])
def test_wide_colours_become_srgb(kind):
    colours = ((120, 130, 90), (60, 100, 140))  # inside sRGB, so nothing is cut off
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100}
    profile = matrix_profile(ADOBE_RGB, gamma=2.2)
    data = written(two_colours(*colours), kind, icc_profile=profile, **options)
    linear = (np.array(colours) / 255) ** 2.19921875  # 2.2 in the profile's 8.8 fixed point
    expected = to_srgb(linear @ np.array(ADOBE_RGB).T @ np.linalg.inv(SRGB).T)
    assert np.abs(expected - np.array(colours)).max() > 10  # otherwise this shows nothing
    np.testing.assert_allclose(
        halves(read(data)), expected, atol=4 if kind in ("HEIF", "JPEG") else 2
    )


def test_an_srgb_profile_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = written(two_colours(RED, BLUE), "PNG", icc_profile=profile)
    assert halves(read(data)) == (RED, BLUE)


@pytest.mark.parametrize("profile", [b"nonsense", bytes(500), matrix_profile(SRGB, 2.2)[:200]])
def test_a_broken_profile_does_not_stand_in_the_way(profile):
    data = written(two_colours(RED, BLUE), "PNG", icc_profile=profile)
    assert halves(read(data)) == (RED, BLUE)


def test_unknown_chunks_do_not_matter():
    head, *rest = png_chunks(written(two_colours(RED, BLUE), "PNG"))
    assert halves(read(png(head, (b"teSt", b"private"), *rest))) == (RED, BLUE)
