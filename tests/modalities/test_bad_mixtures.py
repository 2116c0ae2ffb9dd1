"""Several kinds of samples in one folder or table: one is learnt from, the others are named."""

from __future__ import annotations

import csv
import shutil

from doors import handful
from handful.modalities.base import by_name, detect, other_kinds

KINDS = ("texts", "sounds", "series", "tables", "images")


def mixture(folder, per_tag):
    """Two tags, each with some samples of every kind."""
    for kind in KINDS:
        by_name(kind).write_example(folder.parent / kind)
        for number, tag in enumerate(sorted((folder.parent / kind).iterdir())[:2]):
            (folder / f"tag{number}").mkdir(parents=True, exist_ok=True)
            for path in sorted(tag.iterdir())[: per_tag[kind]]:
                shutil.copy(path, folder / f"tag{number}")
    return folder


def test_the_commonest_kind_is_learnt_from_and_the_others_are_named(tmp_path):
    folder = mixture(tmp_path / "mixed", dict.fromkeys(KINDS, 3) | {"texts": 12, "series": 2})
    run = handful("train", folder, "--to", tmp_path / "model", "--json")
    assert (run.json()["modality"], run.json()["n"]) == ("texts", 24)
    (passed,) = [w for w in run.json()["warnings"] if w.startswith("Passed over")]
    assert "not named like texts: 22 files" in passed
    mixed = run.json()["warnings"][0]
    assert mixed.startswith("The samples are of several kinds, and a model learns from one")
    for some in ("6 photos", "6 sounds", "4 recordings", "6 rows"):
        assert some in mixed


def test_a_folder_without_a_kind_of_more_than_half_is_refused(tmp_path):
    folder = mixture(tmp_path / "mixed", dict.fromkeys(KINDS, 3) | {"texts": 8})
    message = handful("train", folder, "--to", tmp_path / "model").message
    assert "none makes up more than half: 16 texts, 6 photos, 6 recordings, 6 sounds" in message


def test_texts_beside_photos_of_the_same_name_are_no_other_kind(tmp_path):
    by_name("images").write_example(tmp_path)
    for path in list(tmp_path.rglob("*.*")):
        path.with_suffix(".txt").write_text("a caption")
    modality, files = detect(tmp_path)
    assert modality.name == "images"
    assert other_kinds(modality, files) == {}


def test_tags_of_different_kinds_are_refused_by_name(tmp_path):
    for kind, tag in (("images", "circle"), ("sounds", "beep")):
        by_name(kind).write_example(tmp_path / kind)
        shutil.copytree(tmp_path / kind / tag, tmp_path / "mixed" / tag)
    message = handful("train", tmp_path / "mixed", "--to", tmp_path / "model").message
    assert "several kinds, and none makes up more than half: 12 photos, 12 sounds" in message


def test_a_table_of_files_of_several_kinds_is_refused(tmp_path):
    folder = mixture(tmp_path / "mixed", dict.fromkeys(KINDS, 3))
    files = sorted(folder.rglob("*.*"))
    with (tmp_path / "list.csv").open("w", newline="") as file:
        rows = [(path.relative_to(tmp_path), path.parent.name) for path in files]
        csv.writer(file).writerows([("file", "tag"), *rows])
    words = ("--tag", "tag", "--to", tmp_path / "model")
    message = handful("train", tmp_path / "list.csv", *words).message
    assert "the column 'file' names files of several kinds" in message
    for nouns in ("photos", "sounds", "recordings", "rows", "texts"):
        assert f"6 {nouns}" in message


def test_nothing_that_fits_says_what_was_found(tmp_path):
    for tag in ("a", "b"):
        (tmp_path / "mixed" / tag).mkdir(parents=True)
        (tmp_path / "mixed" / tag / "film.mp4").write_bytes(b"x")
        (tmp_path / "mixed" / tag / "book.pdf").write_bytes(b"x")
    message = handful("train", tmp_path / "mixed", "--to", tmp_path / "model").message
    assert "2 x .pdf, 2 x .mp4" in message or "2 x .mp4, 2 x .pdf" in message


def test_tags_one_folder_deeper_are_seen(tmp_path):
    by_name("texts").write_example(tmp_path / "all" / "notes")
    message = handful("train", tmp_path / "all", "--to", tmp_path / "model").message
    assert "only one tag was found, 'notes'" in message
    assert "notes has sub-folders itself (delivery, payment, repair)" in message
    assert "give the folder notes" in message


def test_a_folder_of_tables_says_how_to_give_one(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "flowers.csv").write_text("a,b\n1,2\n")
    message = handful("train", tmp_path / "tables", "--to", tmp_path / "model").message
    assert f"{tmp_path / 'tables' / 'flowers.csv'} --tag COLUMN" in message
