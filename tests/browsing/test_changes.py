"""Changes of the folder through the studio's addresses: nothing is lost, all can be undone."""

import json
import os
from urllib.parse import quote

import pytest
from open_studios import open_studio
from PIL import Image

from doors import handful, tree


def visible(folder):
    """Everything but the studio's own hidden folder."""
    return {name: what for name, what in tree(folder).items() if not name.startswith(".handful")}


def test_the_folder_is_the_truth(studio, photos):
    assert set(studio.samples()) == {f"{p.parent.name}/{p.name}" for p in photos.glob("[!.]*/*")}
    (photos / "circle" / "circle-00.jpg").rename(photos / "square" / "mine.jpg")
    assert studio.samples()["square/mine.jpg"] == "square"
    assert "circle/circle-00.jpg" not in studio.samples()


CHANGES = {
    "retag": lambda s: s.done("/api/retag", names=["circle/circle-00.jpg"], tag="square"),
    "retag to a new tag": lambda s: s.done("/api/retag", names=["circle/circle-00.jpg"], tag="x"),
    "delete": lambda s: s.done("/api/delete", names=["circle/circle-00.jpg"]),
    "rename": lambda s: s.done("/api/rename-tag", tag="circle", to="round things"),
    "merge": lambda s: s.done("/api/rename-tag", tag="circle", to="square"),
    "delete a tag": lambda s: s.done("/api/delete-tag", tag="circle"),
    "new tag": lambda s: s.done("/api/tag", tag="ψ star"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_keeps_every_byte_and_can_be_undone(studio, photos, change):
    before = visible(photos)
    done = CHANGES[change](studio)
    assert visible(photos) != before
    contents = sorted(what for what in tree(photos).values() if len(what) == 64)
    assert set(what for what in before.values() if len(what) == 64) <= set(contents)
    studio.done("/api/undo", id=done["id"])
    after = visible(photos)
    after.pop("x", None)  # a tag that was made for a sample stays, empty
    assert after == before


def test_what_has_the_same_name_is_never_overwritten(studio, photos):
    (photos / "square" / "circle-00.jpg").write_bytes(b"mine")
    studio.done("/api/retag", names=["circle/circle-00.jpg"], tag="square")
    assert (photos / "square" / "circle-00.jpg").read_bytes() == b"mine"
    assert (photos / "square" / "circle-00-2.jpg").exists()


def test_a_file_that_is_gone_is_named_and_the_others_are_moved(studio, photos):
    names = list(studio.samples())[:3]
    (photos / names[1]).unlink()
    done = studio.done("/api/retag", names=names, tag="kept")
    assert (done["n"], done["gone"]) == (2, [names[1]])


def test_only_the_newest_change_is_undone(studio):
    first = studio.done("/api/tag", tag="one")
    studio.done("/api/tag", tag="two")
    answer = studio.change("/api/undo", id=first["id"])
    assert answer.status_code == 409
    assert "meanwhile" in answer.json()["error"]


def test_where_nothing_was_moved_there_is_nothing_to_undo(studio, photos):
    first = studio.done("/api/tag", tag="one")
    for change, asked in (("delete", {}), ("retag", {"tag": "square"})):
        done = studio.done(f"/api/{change}", names=["circle/never.jpg"], **asked)
        assert (done["id"], done["n"], done["gone"]) == (0, 0, ["circle/never.jpg"])
    assert studio.get("/api/samples").json()["undo"]["id"] == first["id"]


def test_undo_outlives_the_studio(photos, tmp_path):
    before = visible(photos)
    with open_studio(photos, tmp_path / "model") as first:
        first.done("/api/delete-tag", tag="circle")
        first.kill()
    with open_studio(photos, tmp_path / "model") as second:
        undo = second.get("/api/samples").json()["undo"]
        assert undo["what"] == "delete the tag circle"
        second.done("/api/undo", id=undo["id"])
    assert visible(photos) == before


def test_what_cannot_name_a_folder_is_no_tag(studio, photos):
    before = visible(photos)
    names = ["circle/circle-00.jpg"]
    for tag in ("", "  ", ".hidden", "a/b", "..", "x\x00", "a\\b", "y" * 81):
        assert studio.change("/api/tag", tag=tag).status_code == 422, tag
        assert studio.change("/api/retag", names=names, tag=tag).status_code == 422, tag
    assert visible(photos) == before


def test_nothing_outside_the_samples_can_be_named(studio, photos):
    (photos.parent / "secret.jpg").write_bytes(b"secret")
    names = ["../secret.jpg", ".handful/lock", "/etc/passwd", "circle/../../secret.jpg"]
    assert studio.done("/api/delete", names=names)["gone"] == names
    assert (photos.parent / "secret.jpg").exists()
    for name in names:
        for kind in ("file", "large", "thumbnail", "sound"):
            answer = studio.get(f"/{kind}/{quote(name, safe='')}")
            assert answer.status_code == 404, (kind, name)
            assert b"secret" not in answer.content.replace(name.encode(), b"")


def test_train_passes_over_the_bin(studio, photos):
    studio.done("/api/delete", names=["circle/circle-00.jpg"])
    found = handful("train", photos, "--to", photos.parent / "m", "--json").json()
    assert found["n"] == 35
    assert found["tags"] == ["circle", "square", "triangle"]


def test_names_that_are_no_text_are_moved_as_well(studio, photos):
    odd = photos / "circle" / os.fsdecode(b"\xff.jpg")
    (photos / "circle" / "circle-00.jpg").rename(odd)
    (name,) = [name for name in studio.samples() if "�" in name]
    done = studio.done("/api/retag", names=[name], tag="square")
    assert done["n"] == 1
    studio.done("/api/undo", id=done["id"])
    assert odd.exists()


def test_the_same_file_twice_is_flagged(studio, photos):
    (photos / "circle" / "again.jpg").write_bytes((photos / "square/square-01.jpg").read_bytes())
    studio.samples()
    flags = studio.get("/api/flags").json()
    assert flags["copies"] == [
        {"names": ["circle/again.jpg", "square/square-01.jpg"], "why": "same file"}
    ]
    assert flags["doubted"] == []


def saved_again(path, target):
    with Image.open(path) as image:
        image.save(target, quality=60)


def flagged(studio):
    """The copies, when all thumbnails were looked at."""
    studio.until(lambda state: state["alike"])
    return {
        tuple(group["names"]): group["why"] for group in studio.get("/api/flags").json()["copies"]
    }


def test_near_copies_are_flagged_before_anything_is_trained(photos, tmp_path):
    saved_again(photos / "circle" / "circle-04.jpg", photos / "circle" / "small.jpg")
    saved_again(photos / "square" / "square-02.jpg", photos / "triangle" / "astray.jpg")
    for number in (1, 2):  # of one burst: alike, and meant to be
        name = f"burst-mf3k2a9qx1zz-00{number}.jpg"
        saved_again(photos / "triangle" / "triangle-05.jpg", photos / "triangle" / name)
    (photos / "triangle" / "triangle-05.jpg").unlink()
    with open_studio(photos, tmp_path / "model") as studio:
        wanted = {("circle/circle-04.jpg", "circle/small.jpg"): "near-copies",
                  ("square/square-02.jpg", "triangle/astray.jpg"): "near-copies"}  # fmt: skip
        found = flagged(studio)
        assert {names: why for names, why in found.items() if why == "near-copies"} == wanted
        (photos / "circle" / "small.jpg").unlink()
        studio.until(lambda state: state["alike"] == 2)
        assert ("circle/circle-04.jpg", "circle/small.jpg") not in flagged(studio)


def test_an_empty_folder_is_made_and_can_be_filled(tmp_path):
    with open_studio(tmp_path / "new", tmp_path / "model") as opened:
        assert opened.samples() == {}
        assert opened.done("/api/texts", tag="hello", texts=["hi there", "", "good day"])["n"] == 2
        assert sorted(p.read_text() for p in (tmp_path / "new/hello").iterdir()) == [
            "good day", "hi there",
        ]  # fmt: skip
        assert json.loads(opened.get("/api/samples").text)["modality"]["name"] == "texts"
