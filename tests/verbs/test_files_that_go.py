"""Files that are removed or changed while they are being learnt from."""

import shutil

import pytest

import handful as library
from doors import rows
from handful.errors import InputError


@pytest.fixture
def folder(shapes, tmp_path):
    return shutil.copytree(shapes, tmp_path / "shapes")


def while_at(stage, change):
    """A progress that calls `change` once, when the work has come to `stage`."""
    done = []

    def progress(at, _done, _total):
        if at == stage and not done:
            done.append(at)
            change()

    return progress


@pytest.mark.parametrize("which", [0, -1])
@pytest.mark.parametrize("stage", ["judging", "writing"])
def test_one_that_goes_once_it_was_looked_at_is_still_learnt_from(folder, tmp_path, stage, which):
    before = len(list(folder.glob("*/*")))
    gone = sorted(folder.glob("*/*"))[which]
    library.train(folder, to=tmp_path / "model", progress=while_at(stage, gone.unlink))
    found = rows(tmp_path / "model")
    assert not gone.exists()
    assert len(found) == before
    assert gone.relative_to(folder).as_posix() in {row["file"] for row in found}


def test_one_that_was_painted_over_does_not_spoil_the_check_of_the_file(folder, tmp_path):
    files = sorted(folder.glob("*/*"))
    paint = while_at("judging", lambda: shutil.copy(files[-1], files[0]))
    library.train(folder, to=tmp_path / "model", progress=paint)
    assert len(rows(tmp_path / "model")) == len(files)


def test_where_all_are_gone_nothing_is_written(folder, tmp_path):
    emptied = while_at("judging", lambda: shutil.rmtree(folder))
    with pytest.raises(InputError, match="Not a single one of the files is there"):
        library.train(folder, to=tmp_path / "model", progress=emptied)
    assert not (tmp_path / "model").exists()
