"""`POST /predict` says what `handful predict --json` says, however a sample is sent."""

import concurrent.futures
import io
import json

import numpy as np
import pytest
from PIL import Image

from doors import handful
from made_sounds import sine, write_wav

ORIENTATION = 0x0112
TOLERANCE = 1e-6  # of a probability: sums of 32-bit numbers depend on what else is in the batch


def said(model, *files):
    """What the command says."""
    return handful("predict", model, *files, "--json").json()


def assert_same(answer, expected):
    """The same JSON; numbers may differ by rounding."""
    assert answer.status_code == 200, answer.text
    got, wanted = answer.json()["predictions"], expected["predictions"]
    assert answer.json().keys() == expected.keys()
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted, strict=True):
        assert list(one) == list(other)
        for name in one:
            if name == "widths":
                assert np.array([*one[name].values()]) == pytest.approx(
                    np.array([*other[name].values()]), abs=TOLERANCE
                )
            elif isinstance(one[name], float | dict):
                assert one[name] == pytest.approx(other[name], abs=TOLERANCE, rel=1e-6)
            else:
                assert one[name] == other[name]


def photo_of(folder, name, image, **options):
    image.save(folder / name, **options)
    return folder / name


@pytest.fixture(scope="module")
def odd_photos(more_shapes, tmp_path_factory):
    """One photo as phones, scanners and printers store it, and photos of odd sizes."""
    folder = tmp_path_factory.mktemp("odd")
    photo = Image.open(more_shapes / "square" / "square-01.jpg")
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    deep = Image.fromarray(np.asarray(photo.convert("L"), np.uint16) * 257)
    clear = photo.convert("RGBA")
    clear.putalpha(128)
    wide = photo.resize((1200, 40))
    return [
        photo_of(folder, "turned.jpg", photo, exif=exif),
        photo_of(folder, "cmyk.jpg", photo.convert("CMYK")),
        photo_of(folder, "clear.png", clear),
        photo_of(folder, "grey.png", photo.convert("L")),
        photo_of(folder, "deep.png", deep),
        photo_of(folder, "tiny.png", photo.resize((1, 1))),
        photo_of(folder, "wide.jpg", wide),
        photo_of(folder, "thin.png", photo.resize((3, 700))),
        photo_of(folder, "large.jpg", photo.resize((2400, 1800))),
        photo_of(folder, "words.gif", photo.convert("P")),
        photo_of(folder, "new.webp", photo),
    ]


def test_odd_photos(server, models, odd_photos):
    expected = said(models["images"], *odd_photos)
    assert_same(server.send(*odd_photos), expected)
    for photo, one in zip(odd_photos, expected["predictions"], strict=True):
        assert_same(server.send(photo), {"predictions": [one]})


def test_real_photos(server, models, trash):
    photos = sorted(trash.glob("*/*"))[::30]
    assert_same(server.send(*photos), said(models["images"], *photos))


@pytest.mark.parametrize("kind", ["texts", "tables", "series", "sounds"])
def test_files_of_every_kind(server, models, examples, kind):
    files = sorted(path for path in examples[kind].rglob("*") if path.is_file())[::4]
    assert len(files) >= 9
    assert_same(server.send(*files, path=f"/models/{kind}/predict"), said(models[kind], *files))


def test_sounds_of_other_rates_and_channels(server, models, tmp_path):
    files = []
    for rate_hz in (8_000, 22_050, 44_100, 48_000):
        tone = sine(440, 1.0, rate_hz=rate_hz)
        for name, samples in (("mono", tone), ("stereo", np.stack([tone, tone / 2], axis=1))):
            files.append(tmp_path / f"{name}-{rate_hz}.wav")
            write_wav(files[-1], samples, rate_hz=rate_hz)
    assert_same(server.send(*files, path="/models/sounds/predict"), said(models["sounds"], *files))


def test_one_file_as_it_is(server, models, more_shapes):
    photo = more_shapes / "circle" / "circle-01.jpg"
    expected = handful("predict", models["images"], "-", "--json", stdin=photo.read_bytes()).json()
    for kind in ("image/jpeg", "application/octet-stream"):
        answer = server.post(data=photo.read_bytes(), headers={"Content-Type": kind})
        assert_same(answer, expected)
    assert_same(server.post(data=photo.read_bytes()), expected)


def test_a_body_in_pieces_without_a_length(server, models, more_shapes):
    photo = more_shapes / "circle" / "circle-01.jpg"
    data = photo.read_bytes()
    pieces = (data[at : at + 1000] for at in range(0, len(data), 1000))
    expected = handful("predict", models["images"], "-", "--json", stdin=data).json()
    assert_same(server.post(data=pieces), expected)


def renamed(expected, noun):
    for number, one in enumerate(expected["predictions"], 1):
        one["file"] = f"{noun} {number}"
    return expected


def test_texts_as_json(server, models, examples):
    files = sorted(examples["texts"].glob("*/*"))[:5]
    texts = [file.read_text() for file in files]
    expected = renamed(said(models["texts"], *files), "text")
    assert_same(server.post("/models/texts/predict", json={"texts": texts}), expected)
    one = {"predictions": expected["predictions"][:1]}
    assert_same(server.post("/models/texts/predict", json={"text": texts[0]}), one)


def test_rows_as_json(server, models, examples):
    files = sorted(examples["tables"].glob("*/*"))[:7]
    rows = [json.loads(file.read_text()) for file in files]
    expected = renamed(said(models["tables"], *files), "row")
    assert_same(server.post("/models/tables/predict", json={"rows": rows}), expected)
    one = {"predictions": expected["predictions"][:1]}
    assert_same(server.post("/models/tables/predict", json={"row": rows[0]}), one)


def test_numbers_from_a_table(server, models, tmp_path):
    table = tmp_path / "new.csv"
    table.write_text("size,place\n1.5,a\n2.5,b\n8,a\n,b\n")
    expected = said(models["numbers"], table)
    assert len(expected["predictions"]) == 4
    assert_same(server.send(table, path="/models/prices/predict"), expected)
    raw = server.post("/models/prices/predict", data=table.read_bytes(),
                      headers={"Content-Type": "text/csv"})  # fmt: skip
    for number, one in enumerate(expected["predictions"], 2):
        one["file"] = f"-.csv:line {number}"
    assert_same(raw, expected)


def test_several_tags_from_a_table(server, models, tmp_path):
    table = tmp_path / "new.csv"
    table.write_text("wet,gust\n1.5,1.2\n-2.5,-1\n1,-2\n-1,2\n")
    expected = said(models["several"], table)
    assert expected["predictions"][0]["tags"] == ["rain", "wind"]
    assert_same(server.send(table, path="/models/weather/predict"), expected)


@pytest.mark.parametrize("kind", ["images", "texts", "tables", "series"])
def test_many_at_once_get_the_answers_they_get_alone(server, models, more_shapes, examples, kind):
    folder = more_shapes if kind == "images" else examples[kind]
    files = sorted(path for path in folder.rglob("*") if path.is_file())[:24]
    path = f"/models/{models[kind].name}/predict"
    alone = [server.send(file, path=path).json() for file in files]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        for answer, expected in zip(
            pool.map(lambda file: server.send(file, path=path), files * 2), alone * 2, strict=True
        ):
            assert_same(answer, expected)
    whole = server.send(*files, path=path)
    assert_same(whole, {"predictions": [one["predictions"][0] for one in alone]})


def test_names_are_given_back_as_they_came(server, more_shapes):
    data = (more_shapes / "circle" / "circle-01.jpg").read_bytes()
    names = ["../../etc/passwd", "/etc/passwd", "ä ö.jpg", "a;b'c.jpg", "x" * 300, "c.csv"]
    answer = server.send(*((name, data) for name in names))
    assert [one["file"] for one in answer.json()["predictions"]] == names


def test_a_photo_in_memory(server, models, tmp_path):
    out = io.BytesIO()
    Image.new("RGB", (50, 60), "red").save(out, "PNG")
    (tmp_path / "red.png").write_bytes(out.getvalue())
    expected = said(models["images"], tmp_path / "red.png")
    expected["predictions"][0]["file"] = "red.png"
    assert_same(server.send(("red.png", out.getvalue())), expected)
