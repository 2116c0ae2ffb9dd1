"""Empty texts and other encodings, for every kind of tag: said plainly, the rest learnt from."""

from __future__ import annotations

import pytest

from doors import handful, report
from handful.modalities.texts import MODALITY

GREETING = "Grüße, die Lampe kostet 5 €"
BAD = {
    "utf16.txt": (GREETING.encode("utf-16"), "text in UTF-16, not in UTF-8: save it as UTF-8"),
    "bare16.txt": ("Hello lamp".encode("utf-16-le"), "holds zero bytes"),
    "latin1.txt": ("Grüße".encode("latin-1"), "not text in UTF-8 (byte 0xFC in line 1)"),
    "cp1252.txt": ("kostet 5 €".encode("cp1252"), "not text in UTF-8 (byte 0x80 in line 1)"),
    "both.txt": ("Grüße\n".encode() + "Grüße".encode("latin-1"), "mixes encodings"),
    "empty.txt": (b"", "is empty"),
    "blank.txt": (b" \n\t ", "is empty"),
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    """Text and tag of made notes."""
    folder = tmp_path_factory.mktemp("notes")
    MODALITY.write_example(folder)
    return [(path.read_text(), path.parent.name) for path in sorted(folder.glob("*/*"))]


def lines(notes, tag):
    return "text,tag\n" + "".join(
        f'"{text}",{tag(i, own)}\n' for i, (text, own) in enumerate(notes)
    )


def test_a_folder_of_many_encodings(tmp_path):
    folder = tmp_path / "notes"
    MODALITY.write_example(folder)
    for name, (content, _) in BAD.items():
        (folder / "payment" / name).write_bytes(content)
    (folder / "payment" / "marked.txt").write_text("The invoice is wrong", encoding="utf-8-sig")
    run = handful("train", folder, "--to", tmp_path / "model", "--json")
    assert run.json()["n"] == 37
    listed = {bad["name"]: bad["why"] for bad in report(tmp_path / "model")["unreadable"]}
    assert set(listed) == {f"payment/{name}" for name in BAD}
    for name, (_, why) in BAD.items():
        assert why in listed[f"payment/{name}"]
    (warning,) = [w for w in run.json()["warnings"] if "could not be read" in w]
    assert warning.startswith(f"{len(BAD)} samples could not be read and were left out")


@pytest.mark.parametrize(
    ("kind", "tag"),
    [("several", lambda i, own: f"{own}|x{i % 2}"), ("number", lambda i, own: len(own) + i / 7)],
)
def test_empty_texts_of_a_table_are_named_for_every_kind(kind, tag, notes, tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text(lines(notes, tag) + f'"",{tag(0, "payment")}\n', encoding="utf-8")
    run = handful("train", path, "--tag", "tag", "--to", tmp_path / "model", "--json")
    assert (run.json()["n"], run.json()["kind"]) == (36, kind)
    (warning,) = [w for w in run.json()["warnings"] if "could not be read" in w]
    assert warning.startswith("1 sample could not be read and was left out: line 74 is empty")


@pytest.mark.parametrize(
    ("encoding", "says"),
    [
        ("utf-16", "is text in UTF-16, not in UTF-8. Save it as UTF-8"),
        ("latin-1", "is not text in UTF-8: see line 74; perhaps it is Latin-1 or Windows-1252"),
        ("cp1252", "is not text in UTF-8: see line 74; perhaps it is Latin-1 or Windows-1252"),
    ],
)
def test_a_table_in_another_encoding_is_refused(encoding, says, notes, tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text(lines(notes, lambda _, own: own) + "Grüße,payment\n", encoding=encoding)
    message = handful("train", path, "--tag", "tag", "--to", tmp_path / "model").message
    assert says in message
    assert not (tmp_path / "model").exists()


def test_a_table_of_two_encodings_is_refused(notes, tmp_path):
    path = tmp_path / "notes.csv"
    good = lines(notes, lambda _, own: own) + "Grüße,payment\n"
    path.write_bytes(good.encode() + "Grüße,payment\n".encode("latin-1"))
    message = handful("train", path, "--tag", "tag", "--to", tmp_path / "model").message
    assert "mixes encodings: line 75 is not UTF-8, though other lines are" in message


def test_many_empty_texts_of_a_table_are_named_and_it_stays_a_table_of_texts(notes, tmp_path):
    path, rows = tmp_path / "notes.csv", []
    for number, (text, tag) in enumerate(notes):
        rows += [f'"{text.strip()}",{tag}', *([f",{tag}"] if number % 2 else [])]
    path.write_text("\n".join(["note,tag", *rows]) + "\n", encoding="utf-8")
    run = handful("train", path, "--tag", "tag", "--to", tmp_path / "model", "--json")
    found = run.json()
    assert (found["modality"], found["n"]) == ("texts", len(notes))
    (said,) = [w for w in found["warnings"] if "could not be read" in w]
    assert said.startswith(f"{len(notes) // 2} samples could not be read")
    empty = [n for n, row in enumerate(rows, 2) if row.startswith(",")]
    assert all(f"line {n} is empty" in said for n in empty)
