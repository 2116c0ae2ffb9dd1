"""`handful train` again: the same samples and the same seed give the same files, byte for byte.

Also what changes them: other seeds, groups that must stay together, less time.
"""

import math
import shutil

import pytest
from PIL import Image

import handful as library
from doors import FILES, handful, linked, report, rows, tree
from handful.errors import InputError


def bytes_of(model):
    return tree(model)


def test_the_same_again_from_the_cache_whatever_order_and_age_the_files_have(retraining, model):
    run, folder = retraining
    assert run.code == 0, run.err
    assert tree(folder) == tree(model)


def test_the_function_does_the_same_as_the_command_and_counts_to_the_end(shapes, model, tmp_path):
    seen = {}
    result = library.train(
        shapes, tmp_path / "model", budget=math.inf,
        progress=lambda stage, done, total: seen.setdefault(stage, []).append((done, total)),
    )  # fmt: skip
    assert tree(tmp_path / "model") == tree(model)
    assert result.report == report(model)
    assert result.page == tmp_path / "model" / "report.html"
    assert list(seen) == ["reading", "looking", "judging", "writing"]
    for steps in seen.values():
        done, totals = zip(*steps, strict=True)
        assert list(done) == sorted(done)
        assert len(set(totals)) == 1
        assert done[-1] == totals[0]


def test_another_seed_deals_other_folds_and_the_older_model_is_replaced(shapes, model, tmp_path):
    other = linked(model, tmp_path / "model")
    run = handful("train", shapes, "--to", other, "--seed", "7")
    assert run.code == 0, run.err
    assert {path.name for path in tmp_path.iterdir()} == {"model"}
    assert {path.name for path in other.iterdir()} == FILES
    assert report(other)["provenance"]["seed"] == 7
    assert [r["fold"] for r in rows(other)] != [r["fold"] for r in rows(model)]
    assert [r["sha256"] for r in rows(other)] == [r["sha256"] for r in rows(model)]


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


def test_the_photos_of_one_burst_of_the_studio_stay_together_without_being_asked(shapes, tmp_path):
    """Two bursts a tag, of photos that are not alike: only their names say so."""
    photos = shutil.copytree(shapes, tmp_path / "photos")
    for tag in ("circle", "square", "triangle"):
        for at, path in enumerate(sorted((photos / tag).iterdir())):
            path.rename(path.with_name(f"burst-mf3k2a{at % 2}{tag[:5]}-{at:03}.jpg"))
    run = handful("train", photos, "--to", tmp_path / "model", "--json")
    assert run.code == 0, run.err
    folds = {}
    for row in rows(tmp_path / "model"):
        folds.setdefault(row["file"].split("-")[1], set()).add(row["fold"])
    assert len(folds) == 6
    assert all(len(found) == 1 for found in folds.values())
    kept = report(tmp_path / "model")["near_copies"]
    assert {group["why"] for group in kept} <= {"same file", "burst"}


def test_copies_stay_together_and_contradictions_are_left_out_without_being_asked(shapes, tmp_path):
    photos = tmp_path / "photos"
    shutil.copytree(shapes, photos)
    for number in range(4):
        one = photos / "triangle" / f"triangle-{number:02}.jpg"
        shutil.copy(one, one.with_name(f"copy-{number}.jpg"))
        Image.open(one).resize((120, 120)).save(one.with_name(f"larger-{number}.png"))
    shutil.copy(photos / "circle" / "circle-00.jpg", photos / "square" / "also.jpg")
    result = library.train(photos, tmp_path / "model")
    together = [set(group["names"]) for group in result.report["near_copies"]]
    for number in range(4):
        names = (f"triangle-{number:02}.jpg", f"copy-{number}.jpg", f"larger-{number}.png")
        assert {f"triangle/{name}" for name in names} in together
    assert all(len(folds) == 1 for folds in folds_of(tmp_path / "model").values())
    assert len(folds_of(tmp_path / "model")) == 35
    assert result.report["n"] == 35 + 8
    (warning,) = [w for w in result.warnings if "under several tags" in w]
    assert "circle/circle-00.jpg = square/also.jpg" in warning


def test_a_rule_that_is_no_expression(shapes, tmp_path):
    rule = "("
    message = handful("train", shapes, "--to", tmp_path / "model", "--group", rule).message
    for other in ("*", "(?P<x>", "[a-", "(" * 5000):
        with pytest.raises(InputError, match="is not a regular expression"):
            library.train(shapes, tmp_path / "model", group=other)
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


def test_a_budget_that_is_no_time(shapes, tmp_path):
    message = handful("train", shapes, "--to", tmp_path / "model", "--budget", "nan").message
    assert message.startswith("--budget is nan: give seconds")
    for budget in (-1, -0.001, -math.inf):
        with pytest.raises(InputError, match="--budget is -"):
            library.train(shapes, tmp_path / "model", budget=budget)
    assert not (tmp_path / "model").exists()


def test_a_seed_below_0(shapes, model, more_shapes, tmp_path):
    for words in (("train", shapes, "--to", tmp_path / "model"), ("evaluate", model, more_shapes)):
        message = handful(*words, "--seed", "-1").message
        assert message.startswith("--seed is -1")
        assert "whole number from 0" in message
    assert not (tmp_path / "model").exists()
