"""Files that others wrote: what is in them is looked at before anything is run."""

import hashlib

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from handful.encoders.encoder_cards import PIXELS
from handful.encoders.foreign_graphs import open_foreign_graph
from handful.encoders.own_encoder import OwnEncoder
from handful.encoders.own_opening import open_own_network
from handful.errors import InputError
from made_networks import PHOTO_CARD, conv_net, node, save, write_card


def refused(path):
    with pytest.raises(InputError) as caught:
        open_foreign_graph(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def changed(path, change):
    """The file with something changed in it."""
    model = onnx.load(path)
    change(model)
    onnx.save(model, path)
    return path


@pytest.fixture
def net(tmp_path):
    return conv_net(tmp_path / "net.onnx")


def test_a_plain_file_is_opened_with_its_hash(net):
    graph = open_foreign_graph(net)
    assert graph.sha256 == hashlib.sha256(net.read_bytes()).hexdigest()
    assert [port.words() for port in graph.inputs] == ['"x", float (any, 3, 32, 32)']
    assert [port.name for port in graph.outputs] == ["features"]


def test_constants_that_are_listed_as_inputs_are_none(net):
    def list_them(model):
        for constant in model.graph.initializer:
            value = helper.make_tensor_value_info(constant.name, 1, list(constant.dims))
            model.graph.input.append(value)

    write_card(changed(net, list_them), PHOTO_CARD)
    assert [port.name for port in open_foreign_graph(net).inputs] == ["x"]
    assert open_own_network(net, PIXELS).width == 8


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 100, b"PK\x03\x04" * 99, b"[1, 2]"])
def test_what_is_no_onnx_file(content, tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    assert "is not an ONNX file" in refused(path)


def test_a_file_cut_off(net):
    net.write_bytes(net.read_bytes()[:-100])
    assert "is not an ONNX file" in refused(net)


def test_no_file(tmp_path):
    assert "is not there" in refused(tmp_path / "none.onnx")
    assert "is a folder" in refused(tmp_path)


def test_operators_outside_the_standard(tmp_path):
    nodes = [helper.make_node("Gelu", ["x"], ["features"], domain="com.microsoft")]
    path = save(
        tmp_path / "net.onnx", nodes, takes=["n", 3], gives=["n", 3], domains=["com.microsoft"]
    )
    assert "'Gelu' of 'com.microsoft'" in refused(path)


def test_loops_and_branches(tmp_path):
    def body(name):
        out = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3])
        return helper.make_graph([node("Identity", "x", name)], name, [], [out])

    yes = numpy_helper.from_array(np.array(True), "yes")
    branch = helper.make_node(
        "If", ["yes"], ["features"], then_branch=body("a"), else_branch=body("b")
    )
    path = save(tmp_path / "net.onnx", [branch], takes=["n", 3], gives=["n", 3])
    changed(path, lambda model: model.graph.initializer.append(yes))
    assert "'If', a node with a graph inside" in refused(path)


def test_functions(net):
    twice, opsets = [node("Add", "a a", "b")], [helper.make_opsetid("", 18)]
    own = helper.make_function("mine", "Twice", ["a"], ["b"], twice, opsets)

    def define(model):
        model.functions.append(own)

    assert "inline_local_functions" in refused(changed(net, define))


@pytest.mark.parametrize("opset", [6, 24])
def test_operators_too_old_or_too_new(opset, net):
    def set_version(model):
        model.opset_import[0].version = opset

    message = refused(changed(net, set_version))
    assert f"of version {opset}; 7 to 23" in message
    assert "opset_version=18" in message


def test_a_graph_that_breaks_the_standard(net):
    def unplug(model):
        model.graph.node[1].input[0] = "nothing"

    assert "breaks the ONNX standard" in refused(changed(net, unplug))


def test_an_operator_that_does_not_exist(net):
    def rename(model):
        model.graph.node[1].op_type = "Sparkle"

    assert "breaks the ONNX standard" in refused(changed(net, rename))


def test_shapes_that_do_not_fit_are_refused_when_it_is_tried(net):
    def bend(model):
        weights = np.zeros((8, 4, 5, 5), np.float32)
        model.graph.initializer[0].CopyFrom(numpy_helper.from_array(weights, "w"))

    path = write_card(changed(net, bend), PHOTO_CARD)
    with pytest.raises(InputError, match=r"net\.onnx"):
        open_own_network(path, PIXELS)


def test_too_large(tmp_path):
    path = tmp_path / "net.onnx"
    with path.open("wb") as file:
        file.truncate(600_000_000)  # takes no room on disk
    assert "600 MB; 500 MB are the most" in refused(path)


def test_too_many_nodes(tmp_path):
    nodes = [node("Relu", "x", "v0"), *(node("Relu", f"v{i}", f"v{i + 1}") for i in range(20_001))]
    nodes.append(node("Identity", "v20001", "features"))
    path = save(tmp_path / "net.onnx", nodes, takes=["n", 3], gives=["n", 3])
    assert "20,003 nodes" in refused(path)


def outside(path, location="net.data"):
    """The same network with its weights in a further file."""
    model = onnx.load(path)
    onnx.save_model(
        model, path, save_as_external_data=True, location="net.data", size_threshold=0,
        convert_attribute=True,
    )  # fmt: skip
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    onnx.save(model, path)
    return path


def test_weights_in_a_further_file_are_read_and_hashed_too(net, tmp_path):
    write_card(net, PHOTO_CARD)
    plain = open_own_network(net, PIXELS).graph.model.graph.initializer[0]
    plain = numpy_helper.to_array(plain)
    outside(net)
    first = open_foreign_graph(net)
    assert np.array_equal(numpy_helper.to_array(first.model.graph.initializer[0]), plain)
    data = tmp_path / "net.data"
    both = hashlib.sha256(net.read_bytes() + data.read_bytes()).hexdigest()
    assert first.sha256 == both
    data.write_bytes(bytes(len(data.read_bytes())))
    assert open_foreign_graph(net).sha256 != first.sha256


def test_a_model_file_needs_no_further_file(net, tmp_path):
    network = open_own_network(write_card(outside(net), PHOTO_CARD), PIXELS)
    (tmp_path / "net.data").unlink()
    inputs = (("pixels", np.uint8, ["n", "height", "width", 3]),)
    encoder = OwnEncoder(network, inputs=inputs, as_input=lambda x: {"pixels": x})
    photo = np.full((1, 32, 32, 3), 200, np.uint8)
    assert encoder.transform([photo]).shape == (1, 8)


@pytest.mark.parametrize("location", ["../net.data", "/etc/hostname", "sub/../../net.data"])
def test_weights_elsewhere_are_not_read(location, tmp_path):
    folder = tmp_path / "inner"
    folder.mkdir()
    path = outside(conv_net(folder / "net.onnx"), location)
    (tmp_path / "net.data").write_bytes((folder / "net.data").read_bytes())
    assert "is not in its folder" in refused(path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    folder = tmp_path / "inner"
    folder.mkdir()
    path = outside(conv_net(folder / "net.onnx"))
    data = (folder / "net.data").rename(tmp_path / "net.data")
    (folder / "net.data").symlink_to(data)
    assert "is not in its folder" in refused(path)


def test_weights_that_are_missing_or_cut_off(net, tmp_path):
    outside(net)
    data = tmp_path / "net.data"
    data.write_bytes(data.read_bytes()[:-8])
    assert "is shorter than" in refused(net)
    data.unlink()
    assert "is not beside it" in refused(net)
