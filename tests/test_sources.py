"""Sources: what kind of sample a table holds, and what becomes of its rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from handful.errors import SamplesError
from handful.modalities.base import by_name
from handful.sources import open_known, open_samples, rows_of


def table(path: Path, columns: str, *rows: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    return path


def test_rows_become_objects_without_tag_and_group(tmp_path):
    path = table(
        tmp_path / "t.csv", "id,size,kind,who", "a,1.5,big,Ann", "b,,small,Bo", "c,2,big,Ann"
    )
    found = open_samples(path, tag="kind", group="who")
    assert found.modality.name == "tables"
    assert found.files.tags == ("big", "big", "small")
    assert [json.loads(source) for source in found.files.paths] == [
        {"id": "a", "size": "1.5"}, {"id": "c", "size": "2"}, {"id": "b", "size": None},
    ]  # fmt: skip
    assert found.files.names == ("line 2", "line 4", "line 3")
    assert found.groups == ("Ann", "Ann", "Bo")
    assert found.columns == {"tag": "kind", "sample": None, "group": "who"}


def test_rows_without_a_tag_are_set_aside_by_name(tmp_path):
    found = open_samples(table(tmp_path / "t.csv", "a,t", "1,x", "2,", "3,y"), tag="t", group=None)
    assert found.files.untagged == ("line 3",)
    assert found.files.tags == ("x", "y")


def test_whole_numbers_with_gaps_are_tags_without_a_fraction(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1, "t": 1.0}\n{"a": 2, "t": 2}\n')
    assert open_samples(path, tag="t", group=None).files.tags == ("1", "2")


def test_a_column_of_photos_makes_photos(tmp_path):
    for name in ("one.png", "two.png"):
        (tmp_path / "photos").mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / "photos" / name)
    path = table(tmp_path / "t.csv", "file,tag,width", "photos/one.png,a,8", "photos/two.png,b,8")
    found = open_samples(path, tag="tag", group=None)
    assert found.modality.name == "images"
    assert found.files.paths == (tmp_path / "photos" / "one.png", tmp_path / "photos" / "two.png")
    assert found.columns["sample"] == "file"


def test_names_of_photos_that_are_not_there_are_no_photos(tmp_path):
    path = table(tmp_path / "t.csv", "file,size,tag", "gone.png,1,a", "lost.png,2,b")
    assert open_samples(path, tag="tag", group=None).modality.name == "tables"


def test_a_folder_has_no_columns_and_other_files_are_no_tables(tmp_path):
    with pytest.raises(SamplesError, match="names the column of a table"):
        open_samples(tmp_path, tag="x", group=None)
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(SamplesError, match="--series names the column of a table"):
        open_samples(tmp_path, tag=None, group=None, series="x")
    with pytest.raises(SamplesError, match="is a file: give the folder"):
        open_samples(tmp_path / "x.txt", tag=None, group=None)


@pytest.mark.parametrize(
    ("columns", "tag", "message"),
    [
        ("a,b", None, "say which column holds the tags, like --tag b"),
        ("a,b", "c", "no column 'c'"),
        ("b", "b", "no column beside the tags"),
    ],
)
def test_what_is_missing_is_said(tmp_path, columns, tag, message):
    path = table(tmp_path / "t.csv", columns, columns.replace("a", "1").replace("b", "x"))
    with pytest.raises(SamplesError, match=message):
        open_samples(path, tag=tag, group=None)


def test_new_rows_are_read_by_the_columns_of_the_training(tmp_path):
    columns = {"tag": "kind", "sample": None, "group": "who"}
    path = table(tmp_path / "new.csv", "size,kind,who", "1,big,Ann", "2,small,Bo")
    found = open_known(path, by_name("tables"), columns, None, "exclusive")
    assert [json.loads(source) for source in found.files.paths] == [{"size": "1"}, {"size": "2"}]
    named = table(tmp_path / "other.csv", "size,label", "1,big", "2,small")
    assert open_known(named, by_name("tables"), columns, "label", "exclusive").files.tags == (
        "big",
        "small",
    )
    sources = rows_of(named, by_name("tables"), columns)
    assert sources[0][0] == f"{named}:line 2"
    assert json.loads(sources[1][1]) == {"size": "2", "label": "small"}


STEPS = (
    "1,walk,0.5,9", "1,walk,0.7,8", "2,run,5,1", "1,walk,,7", "2,run,6,2", ",run,7,3", "3,,1,1",
)  # fmt: skip


def test_a_table_of_steps_becomes_recordings(tmp_path):
    path = table(tmp_path / "t.csv", "who,tag,x,y", *STEPS)
    found = open_samples(path, tag="tag", group=None, series="who")
    assert found.modality.name == "series"
    assert (found.files.names, found.files.tags) == (("2", "1"), ("run", "walk"))
    assert found.files.paths == (b"x,y\n5,1\n6,2", b"x,y\n0.5,9\n0.7,8\n,7")
    assert found.files.untagged == ("3",)
    again = open_known(path, found.modality, found.columns, None, "exclusive")
    assert again.files == found.files
    assert rows_of(path, found.modality, found.columns)[1] == (f"{path}:2", b"x,y\n5,1\n6,2")


def test_a_recording_has_one_tag(tmp_path):
    path = table(tmp_path / "t.csv", "who,tag,x", "1,walk,1", "1,run,2")
    with pytest.raises(SamplesError, match=r"several values of 'tag' \(line 2 and on: run, walk\)"):
        open_samples(path, tag="tag", group=None, series="who")


def test_bars_make_several_tags_and_rows_without_any_stay(tmp_path):
    path = table(tmp_path / "days.csv", "x,tags", "1.5,rain|wind", "2.5,", "3.5,wind", "4.5,rain")
    found = open_samples(path, tag="tags", group=None)
    assert found.kind == "several"
    assert sorted(found.files.tags) == ["", "rain", "rain|wind", "wind"]
    assert found.files.untagged == ()
    alone = open_samples(path, tag="tags", group=None, kind="exclusive")
    assert alone.files.untagged == ("line 3",)


def test_columns_of_yes_and_no_are_tags_and_no_features(tmp_path):
    rows = ("1,yes,0", "2,no,1", "3,TRUE,x", "4,,0", "5,1.0,0.0")
    path = table(tmp_path / "days.csv", "size,rain,wind", *rows)
    found = open_samples(path, tag=["rain", "wind"], group=None)
    assert found.kind == "several"
    by_size = {
        json.loads(source)["size"]: tags
        for source, tags in zip(found.files.paths, found.files.tags, strict=True)
    }
    assert by_size == {"1": "rain", "2": "wind", "3": "rain|wind", "4": "", "5": "rain"}
    assert all(set(json.loads(source)) == {"size"} for source in found.files.paths)
    again = open_known(path, found.modality, found.columns, None, "several")
    assert again.files == found.files


def test_a_column_with_a_bar_in_its_name_cannot_be_a_tag(tmp_path):
    path = table(tmp_path / "days.csv", "size,rain|snow,wind", "1,0,1", "2,1,0")
    with pytest.raises(SamplesError, match="stands between tags"):
        open_samples(path, tag=["rain|snow", "wind"], group=None)


def test_a_recording_has_the_tags_of_all_its_steps(tmp_path):
    rows = ("a,1,1,0", "a,2,1,0", "b,1,1,1", "b,2,1,1")
    path = table(tmp_path / "steps.csv", "who,x,walks,talks", *rows)
    found = open_samples(path, tag=["walks", "talks"], group=None, series="who")
    assert dict(zip(found.files.names, found.files.tags, strict=True)) == {
        "a": "walks",
        "b": "walks|talks",
    }
    table(tmp_path / "steps.csv", "who,x,walks,talks", "a,1,1,0", "a,2,0,0")
    with pytest.raises(SamplesError, match="several values"):
        open_samples(path, tag=["walks", "talks"], group=None, series="who")


def test_folders_with_a_bar_have_several_tags(tmp_path):
    for tag in ("cat", "cat|dog"):
        (tmp_path / tag).mkdir()
        Image.new("RGB", (8, 8)).save(tmp_path / tag / "a.png")
    assert open_samples(tmp_path, tag=None, group=None).kind == "several"


def test_photos_of_a_table_are_called_by_their_file_and_line(tmp_path):
    rows = []
    for n in range(4):
        Image.new("RGB", (8, 8), (60 * n, 0, 0)).save(tmp_path / f"{n}.png")
        rows.append(f"{n}.png,{'ab'[n % 2]}")
    path = table(tmp_path / "t.csv", "photo,kind", *rows, "4.png,")
    found = open_samples(path, tag="kind", group=None)
    assert found.files.names == ("0.png (line 2)", "2.png (line 4)", "1.png (line 3)",
                                 "3.png (line 5)")  # fmt: skip
    assert found.files.untagged == ("4.png (line 6)",)
    named = rows_of(path, found.modality, found.columns)
    assert named[0] == (f"{path}:0.png (line 2)", tmp_path / "0.png")
