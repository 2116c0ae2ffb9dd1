"""`handful train`: what lies in the model's folder, and that it is the same every time."""

import html.parser
import json
import math
import os
import shutil
from collections import Counter

import numpy as np
import onnxruntime
import pytest
from doors import FILES, handful, report, rows, tree
from PIL import Image
from scipy import stats
from sklearn import metrics

import handful as library


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
    """Clopper and Pearson (1934): quantiles of beta distributions, for the mean of all passes."""
    accuracy, passes = report(model)["metrics"]["accuracy"], report(model)["passes"]["accuracy"]
    n = accuracy["n"]
    k = n * sum(passes) / len(passes)
    assert accuracy["low"] == pytest.approx(stats.beta.ppf(0.025, k, n - k + 1))
    assert accuracy["high"] == pytest.approx(stats.beta.ppf(0.975, k + 1, n - k))


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
    for key in set(printed) - {"seconds"}:
        assert printed[key] == stored[key], key


class _Page(html.parser.HTMLParser):
    """What a page loads from elsewhere."""

    def __init__(self):
        super().__init__()
        self.loaded = []

    def handle_starttag(self, tag, attrs):
        loads = [v for k, v in attrs if k in ("src", "srcset", "data") or (tag, k) == ("link", "href")]  # fmt: skip
        self.loaded += [value for value in loads if not value.startswith("data:")]


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
    arrays = [np.asarray(Image.open(p).convert("RGB")) for p in sorted(more_shapes.glob("*/*1.jpg"))]
    together = session.run(["probabilities"], {"pixels": np.stack(arrays)})[0]
    alone = [session.run(["probabilities"], {"pixels": a[None]})[0][0] for a in arrays]
    assert together.shape == (len(arrays), 3)
    assert np.abs(together - alone).max() < 1e-4


def test_the_model_tells_new_photos_apart(model, more_shapes):
    paths = sorted(more_shapes.glob("*/*.jpg"))
    said = [one.tag for one in library.predict(model, paths)]
    hits = sum(tag == path.parent.name for tag, path in zip(said, paths, strict=True))
    assert hits >= 30  # of 36; guessing gets 12


# The same samples and the same seed give the same files, byte for byte.


def bytes_of(model):
    return tree(model)


@pytest.fixture(scope="module")
def again(shapes, model, tmp_path_factory):
    """Trains once more on photos in another place, with other times, made in another order."""
    place = tmp_path_factory.mktemp("again")
    paths = sorted(shapes.glob("*/*"), reverse=True)
    for age, path in enumerate(paths):
        copy = place / "else where" / path.relative_to(shapes)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
        os.utime(copy, (10**9 + age, 10**9 + age))

    def train(name, *words, **env):
        folder = place / name
        run = handful("train", place / "else where", "--to", folder, *words, env=env)
        assert run.code == 0, run.err
        return folder

    return train


def test_the_same_again_from_the_cache_whatever_order_and_age_the_files_have(again, model):
    assert bytes_of(again("cached")) == bytes_of(model)


def test_the_same_again_without_the_cache(again, model, tmp_path):
    assert bytes_of(again("fresh", HANDFUL_CACHE=str(tmp_path / "empty"))) == bytes_of(model)
    assert (tmp_path / "empty").is_dir()


def test_the_function_does_the_same_as_the_command_and_counts_to_the_end(shapes, model, tmp_path):
    seen = {}
    result = library.train(
        shapes, tmp_path / "model", budget=math.inf,
        progress=lambda stage, done, total: seen.setdefault(stage, []).append((done, total)),
    )  # fmt: skip
    assert bytes_of(tmp_path / "model") == bytes_of(model)
    assert result.report == report(model)
    assert result.page == tmp_path / "model" / "report.html"
    assert list(seen) == ["reading", "looking", "judging", "writing"]
    for steps in seen.values():
        done, totals = zip(*steps, strict=True)
        assert list(done) == sorted(done)
        assert len(set(totals)) == 1
        assert done[-1] == totals[0]


def test_another_seed_deals_other_folds(again, model):
    other = again("seeded", "--seed", "7")
    assert [r["fold"] for r in rows(other)] != [r["fold"] for r in rows(model)]
    assert [r["sha256"] for r in rows(other)] == [r["sha256"] for r in rows(model)]
    assert report(other)["provenance"]["seed"] == 7


# Groups never stand on both sides of a split.


def folds_of(model):
    found = {}
    for row in rows(model):
        found.setdefault(row["group"], set()).add(row["fold"])
    return found


def test_a_rule_keeps_samples_together(shapes, tmp_path):
    """The last digit of the name as the person: 10 people, each in every tag."""
    run = handful("train", shapes, "--to", tmp_path / "model", "--group", r"(\d)\.jpg", "--json")
    assert run.code == 0, run.err
    people = {}
    for row in rows(tmp_path / "model"):
        people.setdefault(row["file"][-5], []).append(row)
    assert len(people) == 10
    for own in people.values():
        assert len({row["group"] for row in own}) == 1
        assert len({row["fold"] for row in own}) == 1
    assert len({own[0]["fold"] for own in people.values()}) > 1
    kept = report(tmp_path / "model")["near_copies"]
    assert {group["why"] for group in kept} == {"your rule"}
    assert sum(len(group["names"]) for group in kept) == 36


def test_copies_stay_together_without_being_asked(shapes, tmp_path):
    photos = tmp_path / "photos"
    shutil.copytree(shapes, photos)
    for number in range(4):
        one = photos / "triangle" / f"triangle-{number:02}.jpg"
        shutil.copy(one, one.with_name(f"copy-{number}.jpg"))
        Image.open(one).resize((120, 120)).save(one.with_name(f"larger-{number}.png"))
    result = library.train(photos, tmp_path / "model")
    together = [set(group["names"]) for group in result.report["near_copies"]]
    for number in range(4):
        names = (f"triangle-{number:02}.jpg", f"copy-{number}.jpg", f"larger-{number}.png")
        assert {f"triangle/{name}" for name in names} in together
    assert all(len(folds) == 1 for folds in folds_of(tmp_path / "model").values())
    assert len(folds_of(tmp_path / "model")) == 36


@pytest.mark.parametrize("rule", ["(", "*", "(?P<x>", "[a-"])
def test_a_rule_that_is_no_expression(rule, shapes, tmp_path):
    message = handful("train", shapes, "--to", tmp_path / "model", "--group", rule).message
    assert f"--group {rule!r} is not a regular expression" in message
    assert "Example:" in message
    assert not (tmp_path / "model").exists()


def test_a_rule_that_finds_nothing_protects_nothing_and_is_refused(shapes, tmp_path):
    message = handful("train", shapes, "--to", tmp_path / "model", "--group", "person").message
    assert "'person' finds nothing" in message
    assert "circle/circle-00.jpg" in message
    assert not (tmp_path / "model").exists()


def test_a_rule_that_leaves_one_group_of_a_tag(shapes, tmp_path):
    message = handful("train", shapes, "--to", tmp_path / "model", "--group", "triangle").message
    assert "all 12 photos of 'triangle' are copies or one group" in message
    assert not (tmp_path / "model").exists()


# Time and chance.


def test_a_budget_of_nothing_takes_the_quicker_network(shapes, tmp_path):
    result = library.train(shapes, tmp_path / "model", budget=0)
    assert "Lite0" in result.report["recipe"] or "pixels" in result.report["recipe"].lower()
    assert {card["name"] for card in result.report["provenance"]["weights"]} == {
        "EfficientNet-Lite0"
    }


@pytest.mark.parametrize("budget", ["-1", "nan", "-inf", "-0.001"])
def test_a_budget_that_is_no_time(budget, shapes, tmp_path):
    message = handful("train", shapes, "--to", tmp_path / "model", "--budget", budget).message
    assert message.startswith("--budget is ")
    assert "give seconds" in message
    assert not (tmp_path / "model").exists()


def test_a_seed_below_0(shapes, model, more_shapes, tmp_path):
    for words in (("train", shapes, "--to", tmp_path / "model"), ("evaluate", model, more_shapes)):
        message = handful(*words, "--seed", "-1").message
        assert message.startswith("--seed is -1")
        assert "whole number from 0" in message
    assert not (tmp_path / "model").exists()
