"""Good requests with bytes changed: answered, or a 4xx with a reason; the server goes on."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from damage import EDITS, edited, how_often

REFUSED = {400, 413, 415, 422}


def form(name, data):
    """A form of one file, as clients write it."""
    head = f'--cut\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n--cut--\r\n"


@pytest.fixture(scope="module")
def bodies(examples, more_shapes):
    """By kind of body: model, content type, content."""
    row = json.loads(next(examples["tables"].rglob("*.json")).read_text())
    photo = next(more_shapes.rglob("*.jpg")).read_bytes()
    sound = next(examples["sounds"].rglob("*.wav")).read_bytes()
    recording = next(examples["series"].rglob("*.csv")).read_bytes()
    return {
        "photo": ("shapes", "image/jpeg", photo),
        "form": ("shapes", "multipart/form-data; boundary=cut", form("a.jpg", photo)),
        "sound": ("sounds", "audio/wav", sound),
        "texts": ("texts", "application/json", b'{"texts": ["When?", "It broke."]}'),
        "rows": ("tables", "application/json", json.dumps({"rows": [row, row]}).encode()),
        "table": ("prices", "text/csv", b"size,place\n1.5,a\n2.5,b\n,b\n"),
        "lines": ("prices", "application/jsonl", b'{"size": 1, "place": "a"}\n' * 3),
        "recording": ("series", "text/csv", recording),
    }


def check(answer):
    """An answer of the shape that is promised, with no number that is none."""
    assert answer.status_code in {200, *REFUSED}, answer.text
    value = json.loads(answer.text, parse_constant=pytest.fail)
    if answer.status_code == 200:
        assert value["predictions"]
    else:
        assert value["error"]
        assert isinstance(value["files"], list)


@how_often(200)
@given(name=st.sampled_from(["photo", "form", "sound", "texts", "rows", "table", "lines",
                             "recording"]), edits=EDITS)  # fmt: skip
def test_damaged_bodies(server, bodies, name, edits):
    model, kind, data = bodies[name]
    check(server.post(f"/models/{model}/predict", data=edited(data, edits),
                      headers={"Content-Type": kind}))  # fmt: skip


@how_often(80)
@given(
    model=st.sampled_from(["shapes", "texts", "tables", "prices", "series"]),
    header=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
    | st.sampled_from(["multipart/form-data; boundary=" + "a" * 300, "multipart/form-data",
                       'multipart/form-data; boundary=""', "text/csv; charset=utf-16", "*/*"]),
    data=st.binary(max_size=60),
)  # fmt: skip
def test_any_content_type(server, model, header, data):
    check(server.post(f"/models/{model}/predict", data=data,
                      headers={"Content-Type": header.strip().encode("latin-1")}))  # fmt: skip


NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "a\0b",
    "..\\..\\x.jpg",
    "C:\\x.jpg",
    "%2e%2e%2fx",
    "x" * 5000,
    "",
    ".",
    "~",
    "$(reboot).jpg",
    "a.jpg\r\nX-Evil: 1",
    "nul",
    "\u202egpj.exe",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_touch_no_file(server, bodies, name):
    """They come back as they came, or the request is refused."""
    _, _, photo = bodies["photo"]
    answer = server.send((name, photo))
    check(answer)
    assert "X-Evil" not in answer.headers


def test_the_server_is_well_after_all_that(server, bodies):
    model, kind, data = bodies["photo"]
    answer = server.post(f"/models/{model}/predict", data=data, headers={"Content-Type": kind})
    assert answer.status_code == 200
    metrics = server.get("/metrics").text
    assert "handful_held_bytes 0\n" in metrics
    assert "handful_waiting_samples 0\n" in metrics
