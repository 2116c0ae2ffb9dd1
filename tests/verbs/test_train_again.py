"""`handful train` again: the same samples and the same seed give the same files, byte for byte.

Also what changes them: other seeds, groups that must stay together, less time.
"""

import math
import os
import shutil

import pytest
from PIL import Image

import handful as library
from doors import handful, report, rows, tree


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


def test_the_same_again_where_only_some_photos_were_looked_at_before(
    again, shapes, model, tmp_path
):
    """Which photos go through the network side by side must not show in the features."""
    env = {"HANDFUL_CACHE": str(tmp_path / "half full")}
    for tag in ("circle", "triangle"):
        (tmp_path / "some" / tag).mkdir(parents=True)
        for path in sorted((shapes / tag).iterdir())[1::3]:
            shutil.copy(path, tmp_path / "some" / tag)
    assert handful("train", tmp_path / "some", "--to", tmp_path / "m", env=env).code == 0
    assert bytes_of(again("half", **env)) == bytes_of(model)


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
