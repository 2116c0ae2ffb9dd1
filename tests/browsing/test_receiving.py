"""What comes in: whole, of the right kind, within limits, or not at all; and who may send it."""

import io
import json
import socket

import pytest
import requests
from open_studios import MARK, open_studio
from PIL import Image

from doors import handful


def jpeg(colour="red"):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


def noisy_jpeg():
    """Much longer than 5000 bytes."""
    out = io.BytesIO()
    Image.effect_noise((400, 300), 90).save(out, "JPEG")
    return out.getvalue()


def test_a_file_arrives_as_it_was_sent(studio, photos):
    answer = studio.add("cup", "../odd: name?.jpg", jpeg())
    assert answer.json()["name"] == "cup/odd_ name_.jpg"
    assert (photos / "cup" / "odd_ name_.jpg").read_bytes() == jpeg()


def test_a_name_with_long_letters_is_cut_to_what_a_disk_takes(studio, photos):
    name = "中" * 120 + ".jpg"  # 3 bytes each in UTF-8; a file system takes 255
    for _ in range(2):
        assert studio.add("cup", name, jpeg()).status_code == 200
    kept = sorted((photos / "cup").iterdir())
    assert len(kept) == 2
    assert all(path.suffix == ".jpg" and set(path.stem) <= set("中-2") for path in kept)


def test_a_tag_with_long_letters_is_told_in_bytes(studio):
    answer = studio.change("/api/tag", tag="中" * 70)
    assert answer.status_code == 422
    assert "takes 210 bytes on disk; 200 are the most" in answer.json()["error"]


def test_a_burst_is_one_change(studio, photos):
    for number in range(3):
        studio.add("cup", f"burst-a1-{number:03}.jpg", jpeg(), key="a1")
    undo = studio.get("/api/samples").json()["undo"]
    assert undo["id"] == studio.add("cup", "burst-a1-003.jpg", jpeg(), key="a1").json()["id"]
    assert studio.done("/api/undo", id=undo["id"])["n"] == 4
    assert not list((photos / "cup").glob("*"))


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("a.jpg", b"", 422, "is empty"),
        ("a.jpg", b"no photo", 422, "a.jpg"),
        ("a.jpg", noisy_jpeg()[:5000], 422, "a.jpg is cut short"),
        ("a.exe", b"MZ", 415, "no kind of file"),
        ("a.wav", b"RIFF", 415, "a sound, and this folder holds photos"),
    ],
)
def test_what_is_no_photo_is_refused_and_leaves_nothing(
    studio, photos, name, content, status, words
):
    answer = studio.add("cup", name, content)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert not list((photos / ".handful" / "incoming").iterdir())
    assert not (photos / "cup").exists()


def test_most_of_what_comes_together_decides_for_an_empty_folder(tmp_path):
    with open_studio(tmp_path / "new", tmp_path / "model") as opened:
        names = ["note.txt", "a.jpg", "b.jpg"]
        assert opened.done("/api/kind", names=names) == {"kind": "images"}
        address = f"{opened.url}/api/add?tag=cup&key=k&kind=images&name="
        stray = requests.post(f"{address}note.txt", data=b"words", headers=MARK, timeout=30)
        assert stray.status_code == 415
        assert "note.txt is a text, and most files beside it are not" in stray.json()["error"]
        photo = requests.post(f"{address}a.jpg", data=jpeg(), headers=MARK, timeout=30)
        assert photo.status_code == 200


def test_a_request_that_is_no_json_is_told_so(studio):
    headers = {**MARK, "content-type": "application/json"}
    for body in (b"{", b"[1]", b'"text"'):
        answer = requests.post(f"{studio.url}/api/tag", data=body, headers=headers, timeout=30)
        assert answer.status_code == 422
        assert "cannot be read" in answer.json()["error"]
    answer = studio.change("/api/undo", id="first")
    assert (answer.status_code, list(answer.json())) == (422, ["error"])


@pytest.mark.parametrize("name", ["CON", "nul", "com1.old", "Aux"])
def test_names_of_devices_are_refused(studio, photos, name):
    answer = studio.change("/api/tag", tag=name)
    assert answer.status_code == 422
    assert "device on Windows" in answer.json()["error"]
    assert studio.add("cup", f"{name}.jpg", jpeg()).json()["name"] == f"cup/_{name}.jpg"
    assert studio.done("/api/tag", tag="console")["id"]


def test_a_file_that_is_too_large_is_refused(photos, tmp_path):
    with open_studio(photos, tmp_path / "model", "--request-mb", "0.001") as opened:
        answer = opened.add("cup", "a.jpg", jpeg() + bytes(2000))
        assert answer.status_code == 413
        assert "larger than 0.001 MB" in answer.json()["error"]
        assert not list((photos / ".handful" / "incoming").iterdir())


def test_half_a_file_is_never_a_sample(studio, photos):
    host, port = studio.url.removeprefix("http://").split(":")
    head = (f"POST /api/add?tag=cup&name=a.jpg&key=k HTTP/1.1\r\nHost: {host}:{port}\r\n"
            "X-Handful: studio\r\nContent-Length: 100000\r\n\r\n")  # fmt: skip
    with socket.create_connection((host, int(port))) as half:
        half.sendall(head.encode() + jpeg()[:200])
    assert not any(name.startswith("cup/") for name in studio.samples())
    studio.kill()
    with open_studio(photos, studio.model) as again:
        assert len(again.samples()) == 36
        assert not list((photos / ".handful" / "incoming").iterdir())


def test_a_table_becomes_files(tmp_path):
    rows = "size,colour,kind\n1.5,red,a\n2.5,blue,b\n3.5,red,a\n"
    with open_studio(tmp_path / "rows", tmp_path / "model") as opened:
        address = f"{opened.url}/api/table?name=t.csv"
        found = requests.post(address, data=rows.encode(), headers=MARK, timeout=30).json()
        assert (found["n"], found["columns"], found["likely"]) == (
            3, ["size", "colour", "kind"], "kind",
        )  # fmt: skip
        taken = opened.done("/api/take-table", id=found["id"], tag="kind")
        assert taken["n"] == 3
        assert sorted(opened.samples().values()) == ["a", "a", "b"]
        (path,) = (tmp_path / "rows" / "b").iterdir()
        row = json.loads(path.read_text())
        assert (float(row["size"]), row["colour"]) == (2.5, "blue")
        assert opened.done("/api/undo", id=taken["id"])["n"] == 3
        assert opened.samples() == {}


def test_other_sites_change_nothing(studio):
    for headers in (
        {"host": "evil.example", **MARK},
        {"origin": "https://evil.example", **MARK},
        {"origin": "null", **MARK},
        {},
    ):
        for path in ("/api/delete-tag", "/api/train"):
            answer = requests.post(
                studio.url + path, json={"tag": "circle"}, headers=headers, timeout=30
            )
            assert answer.status_code == 403, (headers, path)
    assert len(studio.samples()) == 36


def test_a_change_that_would_fill_the_memory_is_refused(studio):
    answer = studio.change("/api/texts", tag="long", texts=["x" * 17_000_000])
    assert answer.status_code == 413
    pieces = iter([b'{"tag": "x"}'])  # sent without a length
    headers = {**MARK, "content-type": "application/json"}
    answer = requests.post(f"{studio.url}/api/tag", data=pieces, headers=headers, timeout=30)
    assert answer.status_code == 411
    assert set(studio.samples().values()) == {"circle", "square", "triangle"}


def test_a_name_that_somebody_points_at_this_machine_reads_nothing(studio):
    answer = requests.get(f"{studio.url}/api/samples", headers={"host": "evil.example"}, timeout=30)
    assert answer.status_code == 403
    assert "circle" not in answer.text


def test_other_machines_need_the_token(photos, tmp_path):
    with open_studio(photos, tmp_path / "model", "--host", "0.0.0.0") as opened:
        base, _, token = opened.url.partition("/?token=")
        port = base.rpartition(":")[2]
        base = f"http://127.0.0.1:{port}"
        assert requests.get(base, timeout=30).status_code == 401
        assert requests.get(f"{base}/?token=wrong", timeout=30).status_code == 401
        with requests.Session() as known:
            page = known.get(f"{base}/?token={token}", timeout=30)
            assert page.status_code == 200
            assert token not in page.url
            assert known.get(f"{base}/api/samples", timeout=30).status_code == 200


def test_a_second_studio_on_the_same_folder_is_sent_to_the_first(studio, photos):
    run = handful("studio", photos, "--model", photos.parent / "m", "--port", "0", "--no-show")
    assert f"already open on {photos}, at {studio.url}" in run.message


def test_a_model_among_the_samples_is_refused(photos):
    run = handful("studio", photos, "--model", photos / "model", "--no-show")
    assert "would lie among the samples" in run.message
