"""`handful predict`: the same answer however the same photo comes."""

import io

import numpy as np
import pytest
from PIL import Image

import handful as library
from doors import handful
from handful.errors import InputError

ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def photo(more_shapes):
    return more_shapes / "square" / "square-01.jpg"


@pytest.fixture(scope="module")
def said(model, photo):
    """What the model says of the photo as it is."""
    (answer,) = library.predict(model, photo)
    assert answer.tag == "square"
    return answer


def close(one, other, tolerance):
    return one.probabilities == pytest.approx(other.probabilities, abs=tolerance)


def saved(folder, name, image, **options):
    image.save(folder / name, **options)
    return folder / name


def test_bytes_on_stdin_get_the_same_answer(model, photo, said):
    run = handful("predict", model, "-", "--json", stdin=photo.read_bytes())
    (answer,) = run.json()["predictions"]
    assert answer["file"] == "-"
    assert answer["tag"] == said.tag
    assert answer["probabilities"] == said.probabilities


def test_stdin_among_files_keeps_its_place(model, photo, more_shapes):
    circle = more_shapes / "circle" / "circle-02.jpg"
    run = handful("predict", model, circle, "-", circle, "--json", stdin=photo.read_bytes())
    assert [(p["file"], p["tag"]) for p in run.json()["predictions"]] == [
        (str(circle), "circle"), ("-", "square"), (str(circle), "circle"),
    ]  # fmt: skip


def test_the_function_takes_one_file_or_several_texts_or_paths(model, photo, said):
    assert library.predict(str(model), str(photo)) == [said]
    assert library.predict(model, [photo, str(photo)]) == [said, said]
    with pytest.raises(InputError, match="no file was given"):
        library.predict(model, [])


def test_without_loss_in_other_formats(model, photo, said, tmp_path):
    """The same pixels in another coat: the answer is the same to rounding."""
    image = Image.open(photo).convert("RGB")
    opaque = image.copy()
    opaque.putalpha(255)
    files = [
        saved(tmp_path, "a.png", image),
        saved(tmp_path, "b.bmp", image),
        saved(tmp_path, "c.tiff", image),
        saved(tmp_path, "d.webp", image, lossless=True),
        saved(tmp_path, "rgba.png", opaque),
        photo,
    ]
    for answer in library.predict(model, files):
        assert close(answer, said, 1e-5), answer.file


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
    ],
)
def test_a_photo_stored_turned_gets_the_same_answer(
    orientation, turned, model, photo, said, tmp_path
):
    """EXIF 2.32: with orientation 6 the right side of the stored rows is the top."""
    image = Image.open(photo).convert("RGB")
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = saved(tmp_path, "turned.png", image.transpose(turned), exif=exif)
    assert close(library.predict(model, path)[0], said, 1e-5)


def test_odd_photos_of_a_square_are_taken_for_a_square(model, photo, tmp_path):
    image = Image.open(photo).convert("RGB")
    grey = np.asarray(image.convert("L"), np.uint16)
    clear = image.convert("RGBA")
    files = [
        saved(tmp_path, "cmyk.jpg", image.convert("CMYK"), quality=95),
        saved(tmp_path, "grey.jpg", image.convert("L"), quality=95),
        saved(tmp_path, "grey.png", image.convert("L")),
        saved(tmp_path, "16.png", Image.fromarray(grey * 257)),
        saved(tmp_path, "palette.png", image.quantize(128)),
        saved(tmp_path, "palette.gif", image.quantize(128)),
        saved(tmp_path, "clear.webp", clear),
        saved(tmp_path, "large.jpg", image.resize((1500, 1500)), quality=95),
        saved(tmp_path, "progressive.jpg", image, quality=95, progressive=True),
    ]
    for answer in library.predict(model, files):
        assert answer.tag == "square", answer.file


def test_deep_grey_is_the_same_as_grey(model, photo, tmp_path):
    grey = Image.open(photo).convert("L")
    deep = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    files = [saved(tmp_path, "8.png", grey), saved(tmp_path, "16.png", deep)]
    eight, sixteen = library.predict(model, files)
    assert close(eight, sixteen, 1e-5)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3000, 2), (1, 4000), (20000, 10)])
@pytest.mark.parametrize("mode", ["RGB", "1"])
def test_any_size_gets_an_answer(size, mode, model, tmp_path):
    path = saved(tmp_path, "odd.png", Image.new(mode, size, 1))
    (answer,) = library.predict(model, path)
    assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert answer.probability == max(answer.probabilities.values())


def test_40_megapixels_get_the_answer_of_the_small_photo(model, photo, tmp_path):
    image = Image.open(photo).convert("RGB").resize((8000, 5000))
    path = saved(tmp_path, "large.jpg", image, quality=90)
    (answer,) = handful("predict", model, path, "--json").json()["predictions"]
    assert answer["tag"] == "square"


def test_a_photo_is_what_is_in_it_not_what_it_is_called(model, photo, said, tmp_path):
    for name in ("photo", "photo.png", "photo.txt", "-photo.jpg", ".hidden"):
        (tmp_path / name).write_bytes(photo.read_bytes())
        assert library.predict(model, tmp_path / name)[0].probabilities == said.probabilities


def test_a_leading_dash_needs_two(model, photo, tmp_path):
    (tmp_path / "-x.jpg").write_bytes(photo.read_bytes())
    run = handful("predict", "--json", model, "--", "-x.jpg", cwd=tmp_path)
    assert run.json()["predictions"][0]["file"] == "-x.jpg"


def test_the_bad_files_are_named_together_and_nothing_is_said_of_the_good(model, photo, tmp_path):
    (tmp_path / "text.jpg").write_text("no photo")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "two\nlines.jpg").write_text("no photo")
    (tmp_path / "cut.jpg").write_bytes(photo.read_bytes()[:-2000])
    (tmp_path / "folder").mkdir()
    names = ["gone.jpg", "text.jpg", "empty.jpg", "two\nlines.jpg", "cut.jpg", "folder"]
    run = handful("predict", model, photo, *names, photo, cwd=tmp_path)
    first, *lines = run.message.splitlines()
    assert first == "6 of 8 files cannot be read:"
    assert [line.split(" is ")[0] for line in lines] == [
        "  gone.jpg", "  text.jpg", "  empty.jpg", "  two lines.jpg", "  cut.jpg", "  folder",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff\xe0", bytes(1000)])
def test_bad_bytes_on_stdin(data, model):
    message = handful("predict", model, "-", stdin=data).message
    assert message.startswith("1 of 1 files cannot be read:\n  - ")


def test_a_photo_may_be_changed_between_calls(model, photo, more_shapes, tmp_path):
    """Nothing is remembered by name."""
    place = tmp_path / "photo.jpg"
    place.write_bytes(photo.read_bytes())
    before = library.predict(model, place)[0]
    place.write_bytes((more_shapes / "circle" / "circle-02.jpg").read_bytes())
    after = library.predict(model, place)[0]
    assert (before.tag, after.tag) == ("square", "circle")


def test_what_a_prediction_holds(said):
    values = said.to_json()
    assert values["known"] is True
    assert values["probability"] == values["probabilities"][values["tag"]]


def test_bytes_from_another_program(model, photo, said):
    """A photo that was never a file."""
    out = io.BytesIO()
    Image.open(photo).convert("RGB").save(out, "PNG")
    (answer,) = handful("predict", model, "-", "--json", stdin=out.getvalue()).json()["predictions"]
    assert answer["probabilities"] == pytest.approx(said.probabilities, abs=1e-5)


def test_a_mistyped_name_and_an_empty_pipe_are_called_that(model, tmp_path):
    message = handful("predict", model, tmp_path / "phtoo.jpg", "-").message
    assert "phtoo.jpg is not there: is its name right?" in message
    assert "- is empty: nothing came in on standard input" in message


def test_the_json_says_how_sure_the_probability_is(model, photo):
    (said,) = handful("predict", model, photo, "--json").json()["predictions"]
    (same,) = library.predict(model, photo)
    assert (said["low"], said["high"]) == (same.low, same.high)
    assert 0 <= said["low"] <= said["high"] <= 1


def test_nearly_sure_is_not_called_sure():
    near = library.Prediction("a.jpg", "metal", 0.9976, {"metal": 0.9976}, True, 0.91, 0.96)
    assert near.words() == (
        "metal, 99.8 % sure; of those it was judged on at such scores, 91-96 % were"
    )
