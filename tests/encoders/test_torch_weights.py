"""The weight reader against torch, and against files made to do harm."""

import copyreg
import io
import os
import pickle
import struct
import subprocess
import sys
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handful.encoders.torch_weights import read_state_dict
from handful.encoders.weights import LITE0, LITE2
from handful.errors import WeightsError

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
SYSTEM = {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {"int": 4}}
ROOM_B, PATIENCE_S = 400 * 2**20, 120
PERSISTENT_ID, LATER, REDUCE, STOP = b"Q", b"\x80\x02", b"R", b"."


@dataclass
class Forged:
    """A tensor that claims whatever it likes."""

    offset: object = 0
    shape: object = (2, 3)
    strides: object = (3, 1)
    storage: object = ("storage", torch.FloatStorage, "a", "cpu", 6, None)

    def __reduce__(self):
        arguments = (_Ticket(self.storage), self.offset, self.shape, self.strides)
        return torch._utils._rebuild_tensor_v2, (*arguments, False, OrderedDict())


@dataclass
class _Ticket:
    content: object


class _Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.content if isinstance(value, _Ticket) else None


def stream(value):
    out = io.BytesIO()
    _Pickler(out, 2).dump(value)
    return out.getvalue()


SIX = struct.pack("<q", 6) + np.arange(6, dtype="<f4").tobytes()


def old_layout(tensors, keys=("a",), storages=SIX, *, at=3):
    """A file of the old layout with `tensors` (a value, or a raw stream) as its stream `at`."""
    streams = [stream(part) for part in (MAGIC, PROTOCOL, SYSTEM, {}, list(keys))]
    streams[at] = tensors if isinstance(tensors, bytes) else stream(tensors)
    return b"".join(streams) + storages


def written(folder, data):
    path = folder / "weights.pth"
    path.write_bytes(data)
    return path


def saved(folder, tensors):
    path = folder / "weights.pth"
    torch.save(tensors, path, _use_new_zipfile_serialization=False)
    return path


def assert_equal_to_torch(path):
    expected = torch.load(path, weights_only=True)
    found = read_state_dict(path)
    assert list(found) == list(expected)
    for name, tensor in expected.items():
        array = tensor.numpy()
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].flags["C_CONTIGUOUS"]
        assert found[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("card", [LITE0, LITE2], ids=lambda card: card.name)
def test_the_wheels_tensors_equal_torchs(card):
    package = __import__(card.package)
    assert_equal_to_torch(Path(package.__path__[0]) / card.path)


def test_every_shape_order_and_kind_of_number(tmp_path):
    base = torch.arange(120, dtype=torch.float32).reshape(2, 3, 4, 5)
    tensors = OrderedDict(
        plain=base,
        turned=base.permute(3, 1, 0, 2),
        channels_last=base.clone(memory_format=torch.channels_last),
        part=base[:, 1:, ::2],
        far_into_its_storage=base[1, 2, 3, 4:],
        nought_axes=torch.tensor(3.25),
        empty=torch.empty(0),
        empty_rows=torch.empty(0, 7),
        half=torch.randn(3, 4).half(),
        long=torch.tensor([2**40, -7]),
        int=torch.tensor([[1], [-2]], dtype=torch.int32),
        special=torch.tensor([float("nan"), float("inf"), -0.0]),
    )
    assert not tensors["channels_last"].is_contiguous()
    assert_equal_to_torch(saved(tmp_path, tensors))


def test_a_module_with_its_version_notes(tmp_path):
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    assert_equal_to_torch(saved(tmp_path, module.state_dict()))


def test_tensors_that_share_their_numbers(tmp_path):
    tied = torch.randn(6, 4)
    found = read_state_dict(saved(tmp_path, {"one": tied, "other": tied, "row": tied[3]}))
    assert np.array_equal(found["one"], tied.numpy())
    assert np.array_equal(found["other"], tied.numpy())
    assert np.array_equal(found["row"], tied[3].numpy())


def test_forged_files_can_be_right(tmp_path):
    """So that what follows is refused for its fault, not for how it was made."""
    path = written(tmp_path, old_layout({"x": Forged()}))
    assert np.array_equal(read_state_dict(path)["x"], np.arange(6, dtype=np.float32).reshape(2, 3))
    assert_equal_to_torch(path)


def payloads(marker):
    """Pickles that leave a marker when they are unpickled."""
    command = f"touch {marker}"
    code = f"open({str(marker)!r}, 'w').close()"
    text = stream(command)[2:-1]  # the opcodes alone
    extension = b"\x82\xf0"
    return {
        "reduce": stream(_Calls(os.system, (command,))),
        "eval": stream(_Calls(eval, (code,))),
        "exec": stream(_Calls(exec, (code,))),
        "inside a dictionary": stream({"x": _Calls(os.system, (command,))}),
        "as a key": b"\x80\x02}" + stream(_Calls(os.system, (command,)))[2:-1] + b"K\x01s.",
        "INST": b"(S'" + command.encode() + b"'\nios\nsystem\n.",
        "OBJ": b"(cbuiltins\nexec\n" + stream(code)[2:-1] + b"o.",
        "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x8c\x06system\x93" + text + b"\x85R.",
        "EXT1": b"\x80\x02" + extension + text + b"\x85R.",
        "protocol 5": pickle.dumps(_Calls(os.system, (command,)), 5),
        "before a fault": stream(_Calls(os.system, (command,)))[:-1] + b"0\xff.",
    }


@dataclass
class _Calls:
    function: object
    arguments: tuple

    def __reduce__(self):
        return self.function, self.arguments


@pytest.fixture
def _extension_code():
    copyreg.add_extension("os", "system", 0xF0)
    os.system.__module__, before = "os", os.system.__module__
    yield
    os.system.__module__ = before
    copyreg.remove_extension("os", "system", 0xF0)


@pytest.mark.usefixtures("_extension_code")
@pytest.mark.parametrize("name", payloads(Path("marker")))
def test_nothing_is_executed(tmp_path, name):
    marker = tmp_path / "marker"
    payload = payloads(marker)[name]
    for at in range(5):
        path = written(tmp_path, old_layout(payload, at=at))
        with pytest.raises(WeightsError):
            read_state_dict(path)
        assert not marker.exists()
    with pytest.raises((pickle.UnpicklingError, EOFError)) if "fault" in name else nullcontext():
        pickle.loads(payload)  # noqa: S301 - the payload is live: it would have left its mark
    assert marker.exists()


@pytest.mark.parametrize("opcode", [b"\x81", b"\x92", b"o", b"P0\n", b"\x83\x00\x01", b"\x97"])
def test_opcodes_that_make_objects_are_refused(tmp_path, opcode):
    hostile = b"\x80\x02csubprocess\nPopen\n)" + opcode + STOP
    with pytest.raises(WeightsError, match="no file of tensors needs"):
        read_state_dict(written(tmp_path, old_layout(hostile)))


TICKETS = {
    "another class": ("storage", os.system, "a", "cpu", 6, None),
    "a class of torch": ("storage", torch.nn.Linear, "a", "cpu", 6, None),
    "text for a class": ("storage", "torch FloatStorage", "a", "cpu", 6, None),
    "another kind": ("module", torch.FloatStorage, "a", "cpu", 6, None),
    "too short": ("storage", torch.FloatStorage),
    "no tuple": 7,
    "a number as key": ("storage", torch.FloatStorage, 7, "cpu", 6, None),
    "a key that is missing": ("storage", torch.FloatStorage, "b", "cpu", 6, None),
    "too few promised": ("storage", torch.FloatStorage, "a", "cpu", 5, None),
    "too many promised": ("storage", torch.FloatStorage, "a", "cpu", 2**62, None),
    "fewer than none": ("storage", torch.FloatStorage, "a", "cpu", -1, None),
    "infinitely many": ("storage", torch.FloatStorage, "a", "cpu", float("inf"), None),
    "text for a count": ("storage", torch.FloatStorage, "a", "cpu", "6", None),
    "larger numbers": ("storage", torch.LongStorage, "a", "cpu", 6, None),
}


@pytest.mark.parametrize("name", TICKETS)
def test_storages_that_are_not_what_they_claim(tmp_path, name):
    path = written(tmp_path, old_layout({"x": Forged(storage=TICKETS[name])}))
    with pytest.raises(WeightsError):
        read_state_dict(path)


VIEWS = {
    "offset past the end": Forged(offset=1),
    "offset far past the end": Forged(offset=2**62),
    "offset beyond 64 bits": Forged(offset=2**70),
    "offset before the start": Forged(offset=-1),
    "offset is no number": Forged(offset=float("nan")),
    "offset is text": Forged(offset="0"),
    "a row too many": Forged(shape=(3, 3)),
    "strides too long": Forged(strides=(4, 1)),
    "strides beyond 64 bits": Forged(strides=(2**64, 1)),
    "strides that wrap around": Forged(shape=(5,), strides=(2**62,)),
    "backwards": Forged(offset=5, strides=(-3, -1)),
    "one axis backwards": Forged(offset=2, strides=(3, -1)),
    "stride of an axis missing": Forged(strides=(3,)),
    "fewer than no rows": Forged(shape=(-2, 3)),
    "no whole number of rows": Forged(shape=(1.5, 3)),
    "shape is text": Forged(shape="23"),
    "shape is missing": Forged(shape=None),
    "more axes than arrays have": Forged(shape=(1,) * 70, strides=(0,) * 70),
    "a terabyte by standing still": Forged(shape=(2**20, 2**20), strides=(0, 0)),
    "a flood by standing still": Forged(shape=(2**40,), strides=(0,)),
}


@pytest.mark.parametrize("name", VIEWS)
def test_tensors_that_reach_outside_their_storage(tmp_path, name):
    with pytest.raises(WeightsError):
        read_state_dict(written(tmp_path, old_layout({"x": VIEWS[name]})))


COUNTS = [struct.pack("<q", count) for count in (5, 7, -1, 2**62, -(2**62))]


@pytest.mark.parametrize("storages", [b"", b"\x06", SIX[:-1], *(c + SIX[8:] for c in COUNTS)])
def test_storages_cut_short_or_of_another_size(tmp_path, storages):
    with pytest.raises(WeightsError):
        read_state_dict(written(tmp_path, old_layout({"x": Forged()}, storages=storages)))


def test_a_file_cut_anywhere(tmp_path):
    whole = old_layout({"x": Forged(), "y": Forged(shape=(6,), strides=(1,))})
    for length in range(len(whole)):
        with pytest.raises(WeightsError):
            read_state_dict(written(tmp_path, whole[:length]))


def doubled(times):
    """A pair of pairs of pairs ...: written small, endless when shown or hashed."""
    return b"]" + b"q\x00h\x00\x86" * times


def nested(depth):
    return b")" + b"\x85" * depth


FLOODS = {
    "text of 2 GB": b"X\xff\xff\xff\x7f" + STOP,
    "text of 2**63 bytes": b"\x8d" + b"\xff" * 7 + b"\x7f" + STOP,
    "bytes of 4 GB": b"B\xff\xff\xff\xff" + STOP,
    "number of 2 GB": b"\x8b\xff\xff\xff\x7f" + STOP,
    "frame of 2**63 bytes": b"\x95" + b"\xff" * 7 + b"\x7f" + b"B\xff\xff\xff\xff",
    "number of a million digits": b"L" + b"9" * 10**5 + b"L\n" + STOP,
    "pairs of pairs as a storage": LATER + doubled(60) + PERSISTENT_ID + STOP,
    "pairs of pairs inside a storage": LATER
    + b"(X\x07\x00\x00\x00storage"
    + doubled(60) * 4
    + b"t"
    + PERSISTENT_ID
    + STOP,
    "pairs of pairs as a key": LATER + b"}" + doubled(60) + b"K\x01s" + STOP,
    "pairs of pairs to call": LATER + doubled(60) + b")" + REDUCE + STOP,
    "pairs of pairs as a stream": LATER + doubled(60) + STOP,
    "deep": LATER + nested(190_000) + STOP,
    "deep as a key": LATER + b"}" + nested(190_000) + b"K\x01s" + STOP,
    "deep as a storage": LATER + nested(190_000) + PERSISTENT_ID + STOP,
    "deep lists": LATER + b"]" * 99_000 + b"a" * 98_999 + STOP,
    "endless dictionaries": LATER + b"}" * 5_000_000,
    "endless marks on a high stack": LATER + b"}" * 99_000 + b"(t" * 50_000 + STOP,
    "one list in itself": LATER + b"]q\x00h\x00a" + STOP,
    "no end": LATER + b"}",
    "zeros": b"\x00" * 10**5,
}


def keyed_by(value):
    """A right file, but for a list of storages with something else in it."""
    return old_layout(LATER + b"]" + value + b"a" + STOP, at=4)


def floods():
    files = {name: old_layout(flood) for name, flood in FLOODS.items()}
    overlap = {f"x{i}": Forged(shape=(6,), strides=(1,)) for i in range(2000)}
    wide = Forged(shape=(2**62,) * 30 + (0,), strides=(1,) * 31)
    return files | {
        "list of storages: pairs of pairs": keyed_by(doubled(60)),
        "list of storages: deep": keyed_by(nested(190_000)),
        "2000 views": old_layout(overlap),
        "no values of a huge shape": old_layout({"x": wide}),
    }


READ_ALL = """
import resource, sys
from pathlib import Path
from handful.encoders.torch_weights import read_state_dict
room = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (room + int(sys.argv[1]),) * 2)
for path in sorted(Path(sys.argv[2]).iterdir()):
    try:
        read_state_dict(path)
        print(path.name, "read", flush=True)
    except Exception as error:
        print(path.name, type(error).__name__, flush=True)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bounds memory as Linux does")
def test_no_file_takes_all_memory_or_all_time(tmp_path):
    files = floods()
    for number, data in enumerate(files.values()):
        (tmp_path / f"{number:03}").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(ROOM_B), str(tmp_path)],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    ends = dict(zip(files, (line.split()[1] for line in done.stdout.splitlines()), strict=False))
    assert done.returncode == 0, f"died after {list(ends)[-1:]}: {done.stderr[-500:]}"
    assert {name: end for name, end in ends.items() if end != "WeightsError"} == {
        "2000 views": "read"
    }


def test_a_folder_or_nothing_in_the_files_place(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(WeightsError, match="cannot read the weights"):
            read_state_dict(path)


def test_the_new_layout_is_refused_in_words(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"x": torch.ones(2)}, path)
    with pytest.raises(WeightsError, match="not a plain file of tensors"):
        read_state_dict(path)


GOOD = old_layout({"x": Forged(), "y": Forged(shape=(6,), strides=(1,))})
quickly = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def reads_or_refuses(path):
    try:
        found = read_state_dict(path)
    except WeightsError:
        return
    assert all(type(array) is np.ndarray for array in found.values())


@quickly
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6))
def test_flipped_bytes(tmp_path, flips):
    damaged = bytearray(GOOD)
    for at, value in flips:
        damaged[at] = value
    reads_or_refuses(written(tmp_path, bytes(damaged)))


@quickly
@given(st.binary(max_size=200), st.integers(0, 4))
def test_random_bytes(tmp_path, data, at):
    reads_or_refuses(written(tmp_path, data))
    reads_or_refuses(written(tmp_path, old_layout(data, at=at)))


SNIPPETS = [
    b"}", b"]", b")", b"(", b"\x88", b"\x89", b"N", b"K\x06", b"J\xff\xff\xff\xff", b"I01\n",
    b"L7\n", b"\x8a\x01\x05", b"G\x7f\xf0\x00\x00\x00\x00\x00\x00", b"X\x01\x00\x00\x00a",
    b"X\x07\x00\x00\x00storage", b"U\x01a", b"T\x01\x00\x00\x00a", b"Va\n", b"\x8c\x01a", b"q\x00",
    b"r\x01\x00\x00\x00", b"h\x00", b"j\x01\x00\x00\x00", b"ctorch\nFloatStorage\n",
    b"ctorch._utils\n_rebuild_tensor_v2\n", b"ccollections\nOrderedDict\n", b"t", b"\x85",
    b"\x86", b"\x87", b"a", b"e", b"s", b"u", b"Q", b"R", b"b", b".", b"\x80\x02",
    b"cos\nsystem\n", b"S'\\d'\n",
]  # fmt: skip


@quickly
@given(st.lists(st.sampled_from(SNIPPETS), max_size=30), st.integers(3, 4))
def test_opcodes_in_any_order(tmp_path, opcodes, at):
    reads_or_refuses(written(tmp_path, old_layout(b"".join(opcodes), at=at)))
