"""`handful train`: what lies in the model's folder, and that it is the same every time."""

import html.parser
import json
import re
from collections import Counter

import numpy as np
import onnxruntime
import pytest
from PIL import Image
from scipy import stats
from sklearn import metrics

import handful as library
from doors import FILES, report, rows, tree


def table(model):
    """Of predictions.csv: tags, what was predicted, and the probabilities by tag."""
    found = rows(model)
    tags = [name[2:-1] for name in found[0] if name.startswith("p(")]
    shares = np.array([[float(row[f"p({tag})"]) for tag in tags] for row in found])
    return [r["tag"] for r in found], [r["predicted"] for r in found], tags, shares


def test_the_folder_holds_the_five_files(model):
    assert {path.name for path in model.iterdir()} == FILES
    assert all(path.stat().st_size > 500 for path in model.iterdir())


def test_every_sample_is_in_the_table_once(model, shapes):
    found = rows(model)
    names = [path.relative_to(shapes).as_posix() for path in sorted(shapes.glob("*/*"))]
    assert [row["file"] for row in found] == names
    assert [row["tag"] for row in found] == [name.partition("/")[0] for name in names]
    assert {row["file"]: row["sha256"] for row in found} == tree_of_files(shapes)


def tree_of_files(folder):
    return {name: content for name, content in tree(folder).items() if content != "folder"}


def test_the_table_agrees_with_itself(model):
    actual, predicted, tags, shares = table(model)
    assert set(actual) == set(tags)
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert predicted == [tags[i] for i in shares.argmax(axis=1)]
    assert [float(r["probability"]) for r in rows(model)] == shares.max(axis=1).tolist()


def test_the_confusions_of_the_report_are_those_of_the_table(model):
    actual, predicted, tags, _ = table(model)
    confusion = report(model)["confusion"]
    counted = Counter(zip(actual, predicted, strict=True))
    assert confusion["tags"] == tags
    assert confusion["counts"] == [[counted[a, p] for p in tags] for a in tags]
    assert actual != predicted  # else rows and columns could be mixed up unnoticed


def test_the_figures_of_the_report_are_those_of_the_table(model):
    """Oracle: scikit-learn on predictions.csv."""
    actual, predicted, tags, shares = table(model)
    values = report(model)
    expected = {
        "accuracy": metrics.accuracy_score(actual, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(actual, predicted),
        "macro_f1": metrics.f1_score(actual, predicted, average="macro"),
        "baseline_accuracy": max(Counter(actual).values()) / len(actual),
    }
    for name, value in expected.items():
        assert values["metrics"][name]["value"] == pytest.approx(value), name
    own = [shares[i, tags.index(tag)] for i, tag in enumerate(actual)]
    assert values["metrics"]["log_loss"]["value"] == pytest.approx(-np.log(own).mean(), abs=1e-4)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        actual, predicted, labels=tags
    )
    for i, tag in enumerate(tags):
        figures = values["per_tag"][tag]
        assert figures["precision"]["value"] == pytest.approx(precision[i])
        assert figures["recall"]["value"] == pytest.approx(recall[i])
        assert figures["f1"]["value"] == pytest.approx(f1[i])
        assert figures["support"] == support[i]


def test_the_counts_of_the_report_add_up(model):
    values = report(model)
    counts = np.array(values["confusion"]["counts"])
    accuracy = values["metrics"]["accuracy"]
    assert (accuracy["k"], accuracy["n"]) == (np.trace(counts), values["n"])
    assert values["n"] == counts.sum() == 36
    for i, tag in enumerate(values["tags"]):
        figures = values["per_tag"][tag]
        recall, precision, specificity = (
            figures[name] for name in ("recall", "precision", "specificity")
        )
        others = np.delete(np.arange(len(counts)), i)
        assert (recall["k"], recall["n"]) == (counts[i, i], counts[i].sum())
        assert (precision["k"], precision["n"]) == (counts[i, i], counts[:, i].sum())
        assert specificity["k"] == counts[np.ix_(others, others)].sum()
        assert specificity["n"] == counts[others].sum()
        for share in (recall, precision, specificity):
            assert share["value"] == share["k"] / share["n"]


def test_the_interval_of_accuracy_is_exact(model):
    """Clopper and Pearson (1934), for the first pass and for the mean of all: beta quantiles."""
    accuracy, passes = report(model)["metrics"]["accuracy"], report(model)["passes"]["accuracy"]
    n = accuracy["n"]
    counts = [accuracy["k"], n * sum(passes) / len(passes)]
    least, most = min(counts), max(counts)
    assert accuracy["low"] == pytest.approx(stats.beta.ppf(0.025, least, n - least + 1))
    assert accuracy["high"] == pytest.approx(stats.beta.ppf(0.975, most + 1, n - most))


def test_the_mistakes_of_the_report_are_those_of_the_table(model):
    wrong = {r["file"]: (r["tag"], r["predicted"]) for r in rows(model)
             if r["tag"] != r["predicted"]}  # fmt: skip
    shown = {m["name"]: (m["actual"], m["taken_for"]) for m in report(model)["mistakes"]}
    assert shown == wrong
    tags = {r["file"]: r["tag"] for r in rows(model)}
    for mistake in report(model)["mistakes"]:
        assert mistake["similar"]
        assert all(tags[other["name"]] == mistake["taken_for"] for other in mistake["similar"])


def test_what_is_printed_is_what_is_in_the_report(training):
    run, model = training
    printed, stored = run.json(), report(model)
    for key in set(printed) - {"seconds", "cost_ms"}:
        assert printed[key] == stored[key], key


class _Page(html.parser.HTMLParser):
    """What a page loads from elsewhere."""

    def __init__(self):
        super().__init__()
        self.loaded = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            loads = name in ("src", "srcset", "data") or (tag, name) == ("link", "href")
            if loads and not value.startswith("data:"):
                self.loaded.append(value)


def test_the_page_shows_the_mistakes_and_loads_nothing(model):
    text = (model / "report.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert page.loaded == []
    for mistake in report(model)["mistakes"]:
        assert mistake["name"].partition("/")[2] in text
    assert text.count("data:image/jpeg;base64,") >= len(report(model)["mistakes"])


def test_plain_onnx_runtime_and_pillow_give_the_same_answer(model, more_shapes):
    """No handful on the other machine: pixels in, probabilities out, tags in the file."""
    session = onnxruntime.InferenceSession(model / "model.onnx")
    tags = json.loads(session.get_modelmeta().custom_metadata_map["tags"])
    (pixels,) = session.get_inputs()
    paths = sorted(more_shapes.glob("*/*.jpg"))[::5]
    for path, said in zip(paths, library.predict(model, paths), strict=True):
        array = np.asarray(Image.open(path).convert("RGB"))[None]
        shares = session.run(["probabilities"], {pixels.name: array})[0][0]
        assert dict(zip(tags, shares, strict=True)) == pytest.approx(said.probabilities, abs=1e-5)


def test_the_model_file_takes_photos_of_one_size_together(model, more_shapes):
    session = onnxruntime.InferenceSession(model / "model.onnx")
    arrays = [
        np.asarray(Image.open(p).convert("RGB")) for p in sorted(more_shapes.glob("*/*1.jpg"))
    ]
    together = session.run(["probabilities"], {"pixels": np.stack(arrays)})[0]
    alone = [session.run(["probabilities"], {"pixels": a[None]})[0][0] for a in arrays]
    assert together.shape == (len(arrays), 3)
    assert np.abs(together - alone).max() < 1e-4


def test_the_model_tells_new_photos_apart(model, more_shapes):
    paths = sorted(more_shapes.glob("*/*.jpg"))
    said = [one.tag for one in library.predict(model, paths)]
    hits = sum(tag == path.parent.name for tag, path in zip(said, paths, strict=True))
    assert hits >= 30  # of 36; guessing gets 12


def test_card_and_report_name_what_computed_the_features(model):
    """Another runtime or precision gives another model from the same seed."""
    card, told = (json.loads((model / name).read_text()) for name in ("card.json", "report.json"))
    for runtime in card["runtimes"].values():
        assert re.fullmatch(r"(ONNX Runtime|OpenVINO) \d+\.\d+\S*, (f32|bf16)", runtime)
    assert card["runtimes"].items() <= told["provenance"]["runtimes"].items()
    page = (model / "report.html").read_text()
    assert all(f"<dd>{runtime}</dd>" in page for runtime in card["runtimes"].values())
