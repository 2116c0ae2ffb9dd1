"""`handful evaluate`: only samples that the model has not seen, under tags that it knows."""

import hashlib
import html.parser
import math
import shutil
from collections import Counter

import pytest
from PIL import Image
from sklearn import metrics

import handful as library
from doors import handful, tree
from handful.errors import SamplesError


@pytest.fixture(scope="module")
def judged(model, more_shapes, tmp_path_factory):
    """The judgement of the model on photos it has not seen, and its page."""
    page = tmp_path_factory.mktemp("page") / "deep" / "page.html"
    return library.evaluate(model, more_shapes, report=page)


def predicted(model, paths):
    return [one.tag for one in library.predict(model, paths)]


def test_it_judges_what_predict_says(judged, model, more_shapes):
    """Oracle: scikit-learn on the answers of `predict`."""
    paths = sorted(more_shapes.glob("*/*.jpg"))
    actual, said = [path.parent.name for path in paths], predicted(model, paths)
    tags = ["circle", "square", "triangle"]
    assert judged.report["confusion"]["tags"] == tags
    assert (
        judged.report["confusion"]["counts"]
        == metrics.confusion_matrix(actual, said, labels=tags).tolist()
    )
    assert judged.metrics["accuracy"]["value"] == metrics.accuracy_score(actual, said)
    assert judged.metrics["macro_f1"]["value"] == pytest.approx(
        metrics.f1_score(actual, said, average="macro")
    )
    answers = zip(library.predict(model, paths), actual, strict=True)
    losses = [-math.log(one.probabilities[tag]) for one, tag in answers]
    assert judged.metrics["log_loss"]["value"] == pytest.approx(sum(losses) / 36, abs=1e-4)


def test_the_page_is_whole_and_the_model_untouched(judged, model, more_shapes, tmp_path):
    text = judged.page.read_text(encoding="utf-8")
    parser = html.parser.HTMLParser()
    parser.feed(text)
    assert text.lower().startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    assert {path.name for path in judged.page.parent.iterdir()} == {"page.html"}
    before = tree(model)
    again = handful("evaluate", model, more_shapes, "--report", tmp_path / "page.html")
    assert again.code == 0
    accuracy = judged.metrics["accuracy"]
    assert f"{accuracy['k']} of 36 (" in again.out
    assert (tmp_path / "page.html").read_bytes() == judged.page.read_bytes()
    assert tree(model) == before


def copied(source, target):
    for path in sorted(source.glob("*/*")):
        copy = target / path.parent.name / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return target


@pytest.fixture(scope="module")
def mixed(model, shapes, more_shapes, tmp_path_factory):
    """What is printed of the same photos among others that must not count."""
    photos = copied(more_shapes, tmp_path_factory.mktemp("mixed"))
    for path in sorted((shapes / "triangle").iterdir())[:5]:
        shutil.copy(path, photos / "triangle" / f"renamed {path.name}")
    (photos / "hexagon").mkdir()
    Image.linear_gradient("L").save(photos / "hexagon" / "1.png")
    (photos / "circle" / "text.jpg").write_text("no photo")
    whole = (photos / "circle" / "circle-00.jpg").read_bytes()
    (photos / "square" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    return handful("evaluate", model, photos, "--json").json()


def test_what_must_not_count_does_not(mixed, judged):
    assert mixed["n"] == 36
    assert mixed["confusion"] == judged.report["confusion"]


def test_samples_of_the_training_are_left_out_whatever_they_are_called(mixed):
    assert any("5 photos were in the model's training" in w for w in mixed["warnings"])


def test_unknown_tags_are_left_out_and_named(mixed):
    assert any("does not know" in w and "hexagon" in w for w in mixed["warnings"])


def test_unreadable_samples_are_left_out_and_named(mixed):
    (warning,) = [w for w in mixed["warnings"] if "could not be read" in w]
    assert "circle/text.jpg is text" in warning
    assert "square/cut.jpg is cut short" in warning


def test_only_samples_of_the_training(model, shapes):
    message = handful("evaluate", model, shapes).message
    assert "all 36 samples were in the model's training" in message
    assert "report.html" in message


def test_only_unknown_tags(model, more_shapes, tmp_path):
    (copied(more_shapes, tmp_path / "photos") / "circle").rename(tmp_path / "photos" / "Circle")
    for tag in ("square", "triangle"):
        shutil.rmtree(tmp_path / "photos" / tag)
    message = handful("evaluate", model, tmp_path / "photos").message
    assert "Circle" in message
    assert "circle, square, triangle" in message
    assert "Name the tags as the model does" in message


def test_one_tag_alone_says_nothing_of_the_others(model, more_shapes, tmp_path):
    shutil.copytree(more_shapes / "square", tmp_path / "photos" / "square")
    page = tmp_path / "page.html"
    values = library.evaluate(model, tmp_path / "photos", report=page).to_json()
    assert values["n"] == 12
    assert values["tags"] == ["circle", "square", "triangle"]
    said = Counter(predicted(model, sorted((tmp_path / "photos" / "square").iterdir())))
    assert values["confusion"]["counts"][1] == [said[tag] for tag in values["tags"]]
    recall = values["per_tag"]["square"]["recall"]
    assert (recall["k"], recall["n"]) == (said["square"], 12)
    for tag in ("circle", "triangle"):
        assert values["per_tag"][tag]["support"] == 0
        assert values["per_tag"][tag]["recall"]["value"] is None  # undefined, not 0
        assert values["per_tag"][tag]["auc"]["value"] is None
    assert values["per_tag"]["square"]["specificity"]["value"] is None
    assert values["metrics"]["auc"]["value"] is None
    assert values["metrics"]["baseline_accuracy"]["value"] == 1
    assert page.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_one_sample_can_be_judged(model, more_shapes, tmp_path):
    (tmp_path / "photos" / "square").mkdir(parents=True)
    shutil.copy(more_shapes / "square" / "square-01.jpg", tmp_path / "photos" / "square")
    result = library.evaluate(model, tmp_path / "photos", report=tmp_path / "page.html")
    accuracy = result.metrics["accuracy"]
    assert accuracy["n"] == 1
    assert accuracy["high"] - accuracy["low"] > 0.9  # one sample says next to nothing


def test_copies_count_as_one(model, more_shapes, tmp_path):
    (tmp_path / "photos" / "square").mkdir(parents=True)
    for number in range(6):
        shutil.copy(
            more_shapes / "square" / "square-01.jpg",
            tmp_path / "photos" / "square" / f"{number}.jpg",
        )
    shutil.copy(more_shapes / "square" / "square-02.jpg", tmp_path / "photos" / "square")
    result = library.evaluate(model, tmp_path / "photos")
    (group,) = result.report["near_copies"]
    assert set(group["names"]) == {f"square/{number}.jpg" for number in range(6)}
    assert result.report["n"] == 7


@pytest.mark.parametrize("data", [b"", b"no photo", "cut"])
def test_nothing_readable(data, model, more_shapes, tmp_path):
    """Some are seen to be damaged from their first bytes, others only when decoded."""
    (tmp_path / "photos" / "square").mkdir(parents=True)
    whole = (more_shapes / "square" / "square-01.jpg").read_bytes()
    broken = whole[: len(whole) // 2] if data == "cut" else data
    (tmp_path / "photos" / "square" / "broken.jpg").write_bytes(broken)
    page = tmp_path / "page.html"
    with pytest.raises(SamplesError, match=r"square/broken\.jpg"):
        library.evaluate(model, tmp_path / "photos", report=page)
    assert not page.exists()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "is empty"),
        (("loose.jpg",), "sub-folder"),
        (("square/",), "no files at all"),
        (("square/", "loose.jpg"), "have no tag"),
        (("square/notes.txt",), ".txt"),
    ],
)
def test_folders_without_tagged_samples(names, words, model, tmp_path):
    (tmp_path / "photos").mkdir()
    for name in names:
        path = tmp_path / "photos" / name
        if name.endswith("/"):
            path.mkdir()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"")
    with pytest.raises(SamplesError) as error:
        library.evaluate(model, tmp_path / "photos")
    assert words in str(error.value)
    assert str(tmp_path / "photos") in str(error.value)


def test_a_place_for_the_page_that_is_none_is_refused_before_any_work(model, more_shapes, tmp_path):
    photo = more_shapes / "square" / "square-01.jpg"
    before = hashlib.sha256(photo.read_bytes()).hexdigest()
    for place in (tmp_path, photo, photo / "page.html"):
        run = handful("evaluate", model, more_shapes, "--report", place)
        assert "--report" in run.message
        assert "looking" not in run.err
    assert hashlib.sha256(photo.read_bytes()).hexdigest() == before
    assert list(tmp_path.iterdir()) == []
