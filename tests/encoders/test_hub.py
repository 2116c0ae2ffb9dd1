"""Encoders from the hub; a small server on this machine stands in for it."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import onnx
import pytest

from doors import handful
from made_networks import PHOTO_CARD, conv_net, write_card

VERSION = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Repositories by name, each a mapping from file to content; counts what is asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.repositories, self.sent, self.lies = {}, [], set()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Asked(BaseHTTPRequestHandler):
    """The three questions that the library asks of the real hub."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = unquote(urlsplit(self.path).path).strip("/")
        if path.startswith("api/models/"):
            self._about(path.removeprefix("api/models/"))
        else:
            self._file(path, with_content=True)

    def do_HEAD(self):
        self._file(unquote(urlsplit(self.path).path).strip("/"), with_content=False)

    def _about(self, path):
        repo, _, version = path.partition("/revision/")
        files = self.server.repositories.get(repo)
        if files is None:
            return self._refuse("RepoNotFound")
        if version not in ("", "main", VERSION):
            return self._refuse("RevisionNotFound")
        siblings = [{"rfilename": name, "size": len(data)} for name, data in files.items()]
        body = json.dumps({"id": repo, "sha": VERSION, "siblings": siblings}).encode()
        return self._answer(body, {"Content-Type": "application/json"})

    def _file(self, path, *, with_content):
        repo, _, rest = path.partition("/resolve/")
        name = rest.partition("/")[2]
        data = self.server.repositories.get(repo, {}).get(name)
        if data is None:
            return self._refuse("EntryNotFound")
        claimed = data + b"!" if name in self.server.lies else data
        if name.endswith(".json"):  # small files are named as git names them
            tag = hashlib.sha1(f"blob {len(claimed)}\0".encode() + claimed).hexdigest()
        else:
            tag = hashlib.sha256(claimed).hexdigest()
        headers = {"X-Repo-Commit": VERSION, "ETag": f'"{tag}"', "X-Linked-Size": str(len(data))}
        if with_content:
            self.server.sent.append(name)
        return self._answer(data, headers, with_content=with_content)

    def _answer(self, body, headers, *, with_content=True):
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_content:
            self.wfile.write(body)

    def _refuse(self, code):
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def hub():
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def net(tmp_path):
    """An ONNX file and its card, as bytes."""
    path = write_card(conv_net(tmp_path / "net.onnx"), PHOTO_CARD)
    return path.read_bytes(), path.with_suffix(".json").read_bytes()


ASK = """
import json, sys
from handful.errors import HandfulError
from handful.modalities.images import MODALITY
from handful.verbs.own_encoders import opened_encoder
try:
    network = opened_encoder(sys.argv[1], MODALITY)
    print(json.dumps({"origin": network.origin, "sha256": network.graph.sha256}))
except HandfulError as error:
    print(json.dumps({"error": type(error).__name__, "says": str(error)}))
"""


def ask(name, address, cache, **env):
    """What fetching gives in a process of its own, which knows the hub's address from the start."""
    away = {
        "HF_ENDPOINT": address, "HANDFUL_CACHE": str(cache), "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HOME": str(cache / "home"), "HF_HUB_DOWNLOAD_TIMEOUT": "3", "HF_HUB_ETAG_TIMEOUT": "3",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASK, name], capture_output=True, text=True, timeout=120, check=True,
        env={**os.environ, **away, **env},
    )  # fmt: skip
    return json.loads(done.stdout)


def test_a_file_and_its_card_are_fetched_once_and_then_known_without_a_network(hub, net, tmp_path):
    network, card = net
    hub.repositories["me/tiny"] = {
        "README.md": b"#",
        "onnx/net.onnx": network,
        "onnx/net.json": card,
    }
    wanted = {
        "origin": f"hf:me/tiny@{VERSION}/onnx/net.onnx",
        "sha256": hashlib.sha256(network).hexdigest(),
    }
    assert ask("hf:me/tiny", hub.address, tmp_path / "c") == wanted
    assert sorted(hub.sent) == ["onnx/net.json", "onnx/net.onnx"]
    assert ask("hf:me/tiny/onnx/net.onnx", hub.address, tmp_path / "c") == wanted
    assert len(hub.sent) == 2
    nowhere = "http://127.0.0.1:9"
    assert ask("hf:me/tiny", nowhere, tmp_path / "c") == wanted
    assert ask(f"hf:me/tiny@{VERSION}", nowhere, tmp_path / "c") == wanted
    assert ask("hf:me/tiny", hub.address, tmp_path / "c", HF_HUB_OFFLINE="1") == wanted


def test_weights_in_a_further_file_come_along(hub, net, tmp_path):
    path = tmp_path / "net.onnx"
    onnx.save_model(
        onnx.load(path), path, save_as_external_data=True, location="net.data", size_threshold=0
    )
    data = (tmp_path / "net.data").read_bytes()
    hub.repositories["me/tiny"] = {
        "a/net.onnx": path.read_bytes(),
        "a/net.json": net[1],
        "a/net.data": data,
        "net.data": b"another's",
    }
    found = ask("hf:me/tiny", hub.address, tmp_path / "c")
    assert found["sha256"] == hashlib.sha256(path.read_bytes() + data).hexdigest()
    assert sorted(hub.sent) == ["a/net.data", "a/net.json", "a/net.onnx"]


def test_training_with_it(hub, net, shapes, tmp_path):
    network, card = net
    hub.repositories["me/tiny"] = {"net.onnx": network, "net.json": card}
    env = {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "home")}
    run = handful(
        "train", shapes, "--to", tmp_path / "model", "--encoder", "hf:me/tiny", "--json", env=env
    )
    assert run.json()["n"] == 36
    weights = json.loads((tmp_path / "model" / "report.json").read_text())["provenance"]["weights"]
    assert weights[-1]["distribution"] == f"hf:me/tiny@{VERSION}/net.onnx"
    assert weights[-1]["sha256"] == hashlib.sha256(network).hexdigest()


def test_a_file_that_is_not_what_the_hub_says(hub, net, tmp_path):
    network, card = net
    hub.repositories["me/tiny"] = {"net.onnx": network, "net.json": card}
    hub.lies.add("net.onnx")
    found = ask("hf:me/tiny", hub.address, tmp_path / "c")
    assert found["error"] == "InputError"
    assert "its hash differs" in found["says"]
    hub.lies.clear()
    assert "origin" in ask("hf:me/tiny", hub.address, tmp_path / "c")


def test_a_kept_file_that_was_damaged_is_fetched_anew(hub, net, tmp_path):
    network, card = net
    hub.repositories["me/tiny"] = {"net.onnx": network, "net.json": card}
    ask("hf:me/tiny", hub.address, tmp_path / "c")
    (kept,) = (tmp_path / "c" / "hub").rglob("blobs/" + hashlib.sha256(network).hexdigest())
    kept.write_bytes(kept.read_bytes()[:-9] + b"123456789")
    assert "its hash differs" in ask("hf:me/tiny", hub.address, tmp_path / "c")["says"]
    assert "origin" in ask("hf:me/tiny", hub.address, tmp_path / "c")


@pytest.mark.parametrize(
    ("files", "name", "says"),
    [
        ({"a.onnx": b"1", "b.onnx": b"2"}, "hf:me/tiny", "holds several: name one, like hf:me"),
        ({"weights.bin": b"1"}, "hf:me/tiny", "holds no ONNX file"),
        ({"a.onnx": b"1"}, "hf:me/tiny/b.onnx", "there is no such file. It holds a.onnx"),
        ({"a.onnx": b"1"}, "hf:me/other", "there is no such repository"),
        ({"a.onnx": b"1"}, "hf:me/tiny@v9", "there is no such version"),
        ({"a.onnx": b"1"}, "hf:tiny", "give hf:OWNER/NAME"),
        ({"a.onnx": b"1"}, "hf:me/../tiny", "give hf:OWNER/NAME"),
        ({"a.onnx": b"1"}, "hf:me/ti--ny", "no such name can be"),
        ({"a.onnx": b"hello"}, "hf:me/tiny", "is not an ONNX file"),
    ],
)  # fmt: skip
def test_what_cannot_be_fetched(files, name, says, hub, tmp_path):
    hub.repositories["me/tiny"] = files
    found = ask(name, hub.address, tmp_path / "c")
    assert found["error"] == "InputError"
    assert says in found["says"]


def test_without_a_card_the_message_says_what_to_do(hub, net, tmp_path):
    hub.repositories["me/tiny"] = {"net.onnx": net[0]}
    says = ask("hf:me/tiny", hub.address, tmp_path / "c")["says"]
    assert '"layout": "NCHW"' in says
    assert says.startswith("hf:me/tiny comes without a card. Copy ")


def test_without_a_network(tmp_path):
    says = ask("hf:me/tiny", "http://127.0.0.1:9", tmp_path / "c")["says"]
    assert "http://127.0.0.1:9 does not answer" in says


def test_without_the_extra(tmp_path):
    """A folder before all others, in which the library cannot be imported."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "huggingface_hub.py").write_text("raise ImportError('not installed')")
    found = ask("hf:me/tiny", "http://127.0.0.1:9", tmp_path / "c", PYTHONPATH=str(blocked))
    assert found["error"] == "MissingExtraError"
    assert "pip install 'handful[hub]'" in found["says"]
