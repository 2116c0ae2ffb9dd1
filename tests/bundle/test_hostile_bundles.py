"""Model folders from anyone: a right answer or an InputError, and nothing else is read or run."""

import hashlib
import json
import shutil

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

import handful
from damage import EDITS, bounded_memory, edited, how_often
from handful.bundle import CARD, MODEL, PREDICTIONS, REPORT_HTML, REPORT_JSON, open_bundle
from handful.errors import BundleError, InputError
from handful.modalities.base import by_name
from handful.serving.models import load
from made_tables import houses, iris_like, weather

KINDS = {"exclusive": iris_like, "several": weather, "number": houses}
SECRET = "root:x:0:0"


@pytest.fixture(scope="module", params=KINDS)
def small(request, tmp_path_factory):
    """A model of rows, and a row."""
    place = tmp_path_factory.mktemp(request.param)
    table, options = KINDS[request.param](place)
    handful.train(table, place / "model", budget=1, **options)
    return place / "model"


@pytest.fixture(scope="module")
def row(small):
    reading = json.loads((small / CARD).read_text())["reading"]
    known = {c["name"]: 1.0 for c in reading["schema"]["numbers"]}
    known |= {c["name"]: "a" for c in reading["schema"]["categories"]}
    (small.parent / "row.json").write_text(json.dumps(known))
    return small.parent / "row.json"


@pytest.fixture
def copy(small, tmp_path):
    return shutil.copytree(small, tmp_path / "model")


def hashed(folder):
    """The folder's card made to fit its model file, as someone who means harm would."""
    card = json.loads((folder / CARD).read_text())
    card["model_sha256"] = hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    (folder / CARD).write_text(json.dumps(card))


def changed(folder, change):
    """The model file changed, and the hash with it."""
    model = onnx.load(folder / MODEL)
    change(model)
    (folder / MODEL).write_bytes(model.SerializeToString())
    hashed(folder)


def recarded(folder, card):
    """Another card, both beside the model and in it."""
    model = onnx.load(folder / MODEL)
    inside = {key: value for key, value in card.items() if key not in ("format", "model_sha256")}
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    metadata["card"] = json.dumps(inside, ensure_ascii=False, sort_keys=True)
    helper.set_model_props(model, metadata)
    (folder / MODEL).write_bytes(model.SerializeToString())
    (folder / CARD).write_text(json.dumps(card))
    hashed(folder)


def used(folder, row):
    """What the model says, through every door that opens it; None where it is refused."""
    with bounded_memory():
        try:
            (said,) = handful.predict(folder, row)
            load("model", folder)
        except InputError as error:
            assert SECRET not in str(error)  # noqa: PT017
            return None
    return said.to_json()


@how_often(20)
@given(name=st.sampled_from([CARD, MODEL]), edits=EDITS)
def test_damage_is_noticed(small, row, name, edits, tmp_path_factory):
    whole = used(small, row)
    folder = tmp_path_factory.mktemp("damaged") / "model"
    shutil.copytree(small, folder)
    data = edited((folder / name).read_bytes(), edits)
    same = data == (folder / name).read_bytes()
    (folder / name).write_bytes(data)
    found = used(folder, row)
    assert found in ((whole,) if same else (whole, None))
    shutil.rmtree(folder)


@how_often(15)
@given(edits=EDITS)
def test_a_damaged_model_with_a_fitting_hash_is_refused_or_answers(
    small, row, edits, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("forged") / "model"
    shutil.copytree(small, folder)
    (folder / MODEL).write_bytes(edited((folder / MODEL).read_bytes(), edits))
    hashed(folder)
    used(folder, row)
    shutil.rmtree(folder)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9)
    | st.sampled_from(["../../etc/passwd", "/etc/passwd", "__import__('os')", "x" * 100_000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)  # fmt: skip


@how_often(40)
@given(data=st.data())
def test_any_card_is_refused_or_answers(small, row, data, tmp_path_factory):
    """One value of the card, however deep, is replaced or left out; the model says the same."""
    folder = tmp_path_factory.mktemp("forged") / "model"
    shutil.copytree(small, folder)
    card = json.loads((folder / CARD).read_text())
    place = card
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(place[key], dict | list) and place[key]
        if not deeper or data.draw(st.booleans()):
            break
        place = place[key]
    if data.draw(st.booleans()):
        place[key] = data.draw(VALUES)
    else:
        del place[key]
    recarded(folder, card)
    used(folder, row)
    shutil.rmtree(folder)


@how_often(10)
@given(name=st.sampled_from([PREDICTIONS, REPORT_JSON, REPORT_HTML]), edits=EDITS)
def test_threshold_with_a_damaged_record_is_refused_or_set(small, name, edits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged") / "model"
    shutil.copytree(small, folder)
    (folder / name).write_bytes(edited((folder / name).read_bytes(), edits))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    card = json.loads((folder / CARD).read_text())
    positive = card["tags"][0] if card["tags"] else None
    try:
        handful.threshold(folder, positive=positive, set=True)
    except InputError:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    open_bundle(folder).read_model()
    shutil.rmtree(folder)


def read_elsewhere(location):
    def change(model):
        weights = model.graph.initializer[0]
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key="location", value=location)

    return change


def in_a_scan(model):
    """The further file is named inside a node's own graph."""
    inner = helper.make_tensor("inner", TensorProto.FLOAT, [1], [1.0])
    read_elsewhere("/etc/passwd")(helper.make_model(helper.make_graph([], "g", [], [], [inner])))
    inner.ClearField("float_data")
    inner.data_location = TensorProto.EXTERNAL
    inner.external_data.add(key="location", value="/etc/passwd")
    body = helper.make_graph([], "body", [], [], [inner])
    model.graph.node.append(helper.make_node("Scan", [], [], num_scan_inputs=0, body=body))


def of_a_stranger(model):
    model.graph.node[0].domain = "com.evil"


def with_a_loop(model):
    body = helper.make_graph([], "for ever", [], [])
    model.graph.node.append(helper.make_node("Loop", ["", ""], [], body=body))


def with_a_function(model):
    nodes = [helper.make_node("Add", ["a", "a"], ["b"])]
    model.functions.append(
        helper.make_function("mine", "Twice", ["a"], ["b"], nodes, [helper.make_opsetid("", 18)])
    )


def without_answers(model):
    kept = [output for output in model.graph.output if output.name == "known"]
    del model.graph.output[:]
    model.graph.output.extend(kept)


HOSTILE = {
    "reads a file of the system": (read_elsewhere("/etc/passwd"), "another file"),
    "reads beside": (read_elsewhere("card.json"), "another file"),
    "reads above": (read_elsewhere("../../secret"), "another file"),
    "reads a file within a node": (in_a_scan, "another file"),
    "operator of a stranger": (of_a_stranger, "com.evil"),
    "endless loop": (with_a_loop, "may never end"),
    "function": (with_a_function, "operators of its own"),
    "no answers": (without_answers, "do not belong together"),
    "nothing": (lambda model: model.Clear(), "no network"),
}


@pytest.mark.parametrize(("change", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_model_file_that_wants_more_than_to_compute_is_refused(
    change, words, copy, row, tmp_path
):
    changed(copy, change)
    verbs = {
        "predict": lambda: handful.predict(copy, row),
        "export": lambda: handful.export(copy, tmp_path / "m.onnx"),
        "serve": lambda: load("model", copy),
    }
    for verb in verbs.values():
        with pytest.raises(BundleError) as error:
            verb()
        assert words in str(error.value)
    assert not (tmp_path / "m.onnx").exists()


def test_links_that_lead_out_of_the_folder_are_not_followed(small, row, tmp_path):
    """Else whoever serves a folder from a stranger would publish files of their own."""
    for name in (CARD, MODEL):
        for target in ("/etc/passwd", small / name):
            folder = shutil.copytree(small, tmp_path / f"{name} {target == small / name}")
            (folder / name).unlink()
            (folder / name).symlink_to(target)
            assert used(folder, row) is None
    folder = shutil.copytree(small, tmp_path / "with a report")
    (folder / "report.html").unlink(missing_ok=True)
    (folder / "report.html").symlink_to("/etc/passwd")
    assert load("model", folder).report is None
    with pytest.raises(BundleError, match="outside of the model's folder"):
        open_bundle(folder).read("report.html")


def test_links_within_the_folder_and_to_it_are_followed(small, row, tmp_path):
    folder = shutil.copytree(small, tmp_path / "there")
    (folder / CARD).rename(folder / "really.json")
    (folder / CARD).symlink_to("really.json")
    (tmp_path / "here").symlink_to(folder)
    assert used(folder, row) == used(tmp_path / "here", row) == used(small, row)


def test_a_modality_that_does_not_exist_is_refused(copy, row):
    for name in ("videos", "../images", "base", "images.py", ""):
        card = json.loads((copy / CARD).read_text())
        recarded(copy, {**card, "modality": name})
        with pytest.raises(InputError):
            handful.predict(copy, row)
    assert by_name("tables").name == "tables"
