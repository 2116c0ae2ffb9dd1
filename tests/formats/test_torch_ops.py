"""Each operation in PyTorch against ONNX's own reference implementation."""

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from handful.formats.torch_ops import Call, operations
from handful.formats.torch_script import TorchScript

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3, 8)).astype(np.float32)
Y = RNG.normal(size=(2, 3, 8)).astype(np.float32)
P = np.abs(X) + 0.1
PHOTO = RNG.random((2, 3, 9, 8)).astype(np.float32)
FLAGS = X > 0


def ints(*values):
    return np.array(values, np.int64)


CASES = [
    *((op, [X], {}) for op in ("Abs", "Cos", "Erf", "Exp", "Neg", "Relu", "Round", "Sigmoid",
                               "Sign", "Sin", "Identity")),
    *((op, [P], {}) for op in ("Log", "Sqrt")),
    *((op, [X, Y], {}) for op in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Equal",
                                  "Greater", "GreaterOrEqual", "Less")),
    ("Div", [ints(-7, 7, 9), ints(2, 2, -4)], {}),
    ("Mod", [ints(7, 9, 4), ints(2, 5, 4)], {}),
    ("Not", [FLAGS], {}),
    ("IsNaN", [np.where(FLAGS, np.nan, X).astype(np.float32)], {}),
    ("ArgMax", [X], {"axis": 1, "keepdims": 0}),
    ("ArgMin", [X], {"axis": 2}),
    ("Cast", [X], {"to": TensorProto.INT64}),
    ("Clip", [X, np.float32(-0.5), np.float32(0.5)], {}),
    ("Concat", [X, Y], {"axis": 1}),
    ("Conv", [X, RNG.normal(size=(4, 3, 3)).astype(np.float32)], {"pads": [2, 1], "strides": [2]}),
    ("Conv", [PHOTO, RNG.normal(size=(3, 1, 3, 3)).astype(np.float32),
              RNG.normal(size=3).astype(np.float32)],
     {"pads": [0, 1, 2, 1], "group": 3, "dilations": [1, 2]}),
    ("CumSum", [X, ints(1)[0]], {}),
    ("Expand", [X[:, :1], ints(2, 5, 8)], {}),
    ("Flatten", [X], {"axis": 1}),
    ("Gather", [X, ints(2, 0)], {"axis": 1}),
    ("Gather", [X, np.int64(1)], {"axis": 2}),
    ("Gather", [X[0], ints(1, 0).reshape(2, 1)], {"axis": 0}),
    ("LayerNormalization", [X, Y[0, 0], Y[0, 1]], {"axis": -1, "epsilon": 1e-6}),
    ("MatMul", [X, Y.transpose(0, 2, 1)], {}),
    ("OneHot", [ints(0, 2, 1), np.int64(3), np.array([0, 1], np.float32)], {"axis": -1}),
    ("Pad", [X, ints(0, 0, 2, 0, 0, 1)], {}),
    ("Range", [ints(1)[0], ints(9)[0], ints(3)[0]], {}),
    *((op, [X, ints(1)], {"keepdims": 0}) for op in (
        "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "ReduceSumSquare")),
    ("ReduceMean", [X, ints(0, 2)], {}),
    ("Reshape", [X, ints(6, -1)], {}),
    ("ScatterElements", [np.zeros((2, 5), np.float32), ints(1, 1, 3, 0).reshape(2, 2),
                         np.ones((2, 2), np.float32)], {"axis": 1, "reduction": "add"}),
    ("Shape", [X], {"start": 1, "end": 3}),
    ("Slice", [X, ints(1, 0), ints(2**40, -1), ints(1, 2), ints(1, 3)], {}),
    ("Softmax", [X], {"axis": 1}),
    ("Split", [X, ints(1, 2)], {"axis": 1}),
    ("Squeeze", [X[:, :1], ints(1)], {}),
    ("TopK", [X, ints(3)], {"axis": 2, "largest": 0}),
    ("Transpose", [X], {"perm": [2, 0, 1]}),
    ("Unsqueeze", [X, ints(0, 2)], {}),
    ("Where", [FLAGS, X, Y], {}),
]  # fmt: skip


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "given"])
@pytest.mark.parametrize(("op", "inputs", "attributes"), CASES, ids=[case[0] for case in CASES])
def test_an_operation_is_what_onnx_says(op, inputs, attributes, fixed):
    names = [f"in{number}" for number in range(len(inputs))]
    outputs = [f"out{number}" for number in range(2 if op in ("Split", "TopK") else 1)]
    node = helper.make_node(op, names, outputs, **attributes)
    values = [np.asarray(one) for one in inputs]
    declared = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
        for n, v in zip(names, values, strict=True)
    ]
    results = [helper.make_empty_tensor_value_info(name) for name in outputs]
    model = helper.make_model(
        helper.make_graph([node], "one", declared, results),
        opset_imports=[helper.make_opsetid("", 18)],
    )
    wanted = ReferenceEvaluator(model).run(None, dict(zip(names, values, strict=True)))
    given = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    needs_fixed = op in ("CumSum", "OneHot", "Pad", "Split", "Squeeze", "Unsqueeze")
    known = [
        v if fixed or ((needs_fixed or op.startswith("Reduce") or i >= 3) and i) else None
        for i, v in enumerate(values)
    ]
    call = Call([torch.from_numpy(value.copy()) for value in values], known, given)
    found = operations()[op](call)
    several = (found,) if isinstance(found, torch.Tensor) else found
    for one, other in zip(several, wanted, strict=True):
        assert one.numpy() == pytest.approx(np.asarray(other), rel=1e-5, abs=1e-5)
        assert one.numpy().dtype == np.asarray(other).dtype
        assert tuple(one.shape) == np.asarray(other).shape


def test_every_operation_is_tried_but_those_that_the_reference_lacks():
    """Photos and sounds in test_parity try these two."""
    assert operations().keys() - {case[0] for case in CASES} == {"Resize", "STFT"}


def test_a_constant_is_not_looked_up_where_there_is_none():
    assert Call([None], [None], {}).ints(0) is None
    assert Call([None], [numpy_helper.to_array(numpy_helper.from_array(ints(4)))], {}).ints(0) == [
        4
    ]


@pytest.mark.parametrize("sizes", [[8], [3, 5]], ids=["one part", "two parts"])
def test_what_gives_several_results_may_give_one(sizes):
    outputs = [f"part{number}" for number in range(len(sizes))]
    split = numpy_helper.from_array(np.array(sizes, np.int64), "sizes")
    graph = helper.make_graph(
        [helper.make_node("Split", ["x", "sizes"], outputs, axis=2)],
        "split",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [split],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    file = TorchScript()
    found = file.open(file.write(model.SerializeToString(), {"tags": []}, [{"x": X}]))({"x": X})
    wanted = dict(zip(outputs, np.split(X, np.cumsum(sizes)[:-1], axis=2), strict=True))
    assert found.keys() == wanted.keys()
    assert all(np.array_equal(found[name], part) for name, part in wanted.items())
