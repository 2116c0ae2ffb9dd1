"""Places where no model can go are refused before any work, and nothing there is touched."""

import shutil
from pathlib import Path

import pytest

from doors import handful, linked, tree


def untouched(photos, target, *, around):
    """The message with which a target is refused, before any work and without a trace."""
    before = tree(around)
    run = handful("train", photos, "--to", target)
    assert tree(around) == before
    assert "reading" not in run.err
    assert str(target) in run.message
    return run.message


def test_the_target_is_a_file(shapes, tmp_path):
    (tmp_path / "model").write_text("precious")
    assert "is not a folder" in untouched(shapes, tmp_path / "model", around=tmp_path)


def test_the_target_holds_something_else(shapes, model, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("precious")
    assert "thesis.tex" in untouched(shapes, tmp_path / "thesis", around=tmp_path)
    linked(model, tmp_path / "model")
    (tmp_path / "model" / "notes.txt").write_text("precious")
    assert "notes.txt" in untouched(shapes, tmp_path / "model", around=tmp_path)


@pytest.mark.parametrize("place", ["model", "circle/model", "."])
def test_the_target_lies_among_the_samples(place, shapes, tmp_path):
    folder = Path(shutil.copytree(shapes, tmp_path / "photos"))
    assert "among the samples" in untouched(folder, folder / place, around=tmp_path)


def test_the_target_lies_among_the_samples_by_a_link(shapes, tmp_path):
    folder = Path(shutil.copytree(shapes, tmp_path / "photos"))
    (tmp_path / "link").symlink_to(folder)
    assert "among the samples" in untouched(folder, tmp_path / "link" / "m", around=tmp_path)


def test_the_samples_lie_in_the_target(shapes, tmp_path):
    folder = Path(shutil.copytree(shapes, tmp_path / "all" / "photos"))
    assert "'photos'" in untouched(folder, tmp_path / "all", around=tmp_path)


def test_the_target_is_below_a_file(shapes, tmp_path):
    (tmp_path / "file").write_text("precious")
    message = untouched(shapes, tmp_path / "file" / "model", around=tmp_path)
    assert "is not a folder" in message
