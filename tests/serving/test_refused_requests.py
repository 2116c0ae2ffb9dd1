"""Bad requests: a 4xx with a reason as JSON, in bounded time, and nothing of the disk."""

import io
import json
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from asking import answer_of, serving


@pytest.fixture(scope="module")
def strict(models):
    """A server with tight limits."""
    with serving(
        *models.values(), timeout_s=2, request_mb=1, megapixels=2, sound_s=3, waiting=8
    ) as running:
        yield running


@pytest.fixture(scope="module")
def photo(more_shapes):
    return (more_shapes / "square" / "square-01.jpg").read_bytes()


def refused(answer, status):
    """The reason of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    value = answer.json()
    assert list(value) == ["error", "files"]
    assert value["error"]
    return value["error"]


@pytest.mark.parametrize(
    ("path", "options", "status", "words"),
    [
        ("/predict", {"json": {"text": "a"}}, 415, "'application/json'"),
        ("/predict", {"data": {"files": "a"}}, 415, "with curl: -F files=@FILE"),
        ("/predict", {"data": b"a", "headers": {"Content-Type": "audio/wav"}}, 415, "photos"),
        ("/predict", {"files": [("file", b"a")]}, 422, "'files'"),
        ("/predict", {"data": b"a", "headers": {"Content-Type": "multipart/form-data"}}, 400,
         "boundary"),
        ("/predict", {"data": b"--a\r\nx", "headers": {
            "Content-Type": "multipart/form-data; boundary=a"}}, 400, "breaks off"),
        ("/predict", {"data": b"nothing of this kind", "headers": {
            "Content-Type": "multipart/form-data; boundary=a"}}, 400, "form"),
        ("/predict", {"data": b"--a--\r\n", "headers": {
            "Content-Type": "multipart/form-data; boundary=a"}}, 422, "no file"),
        ("/models/texts/predict", {"json": {"texts": []}}, 422, "something in it"),
        ("/models/texts/predict", {"json": {"texts": "a"}}, 422, "list"),
        ("/models/texts/predict", {"json": {"text": 3}}, 422, "not a text in quotes"),
        ("/models/texts/predict", {"json": {"text": "a", "texts": ["b"]}}, 422, "is to be"),
        ("/models/texts/predict", {"json": ["a"]}, 422, "is to be"),
        ("/models/texts/predict", {"json": {"text": "\ud800"}}, 422, "half a character"),
        ("/models/texts/predict", {"json": {"texts": ["hello", " "]}}, 422, "1 of 2"),
        ("/models/tables/predict", {"json": {"rows": [{"a": 1}, 2]}}, 422, "row 2 is not an"),
        ("/models/tables/predict", {"json": {"row": {}}}, 422, "1 of 1"),
        ("/models/tables/predict", {"data": b"{", "headers": {
            "Content-Type": "application/json"}}, 400, "not JSON"),
        ("/models/tables/predict", {"data": b"[" * 100_000, "headers": {
            "Content-Type": "application/json"}}, 400, "not JSON"),
        ("/models/prices/predict", {"data": b"a,b\n1", "headers": {
            "Content-Type": "text/csv"}}, 422, "line 2 has 1 cells"),
        ("/models/prices/predict", {"files": [("files", ("a.parquet", b"PAR1"))]}, 415, "Parquet"),
        ("/models/series/predict", {"data": b"a,b\n1,x\n", "headers": {
            "Content-Type": "text/csv"}}, 422, "1 of 1"),
        ("/models/none/predict", {"files": [("files", b"a")]}, 404, "shapes, texts"),
        ("/models/..%2f..%2fetc%2fpasswd/predict", {"files": [("files", b"a")]}, 404, ""),
        ("/etc/passwd", {"data": b"a"}, 404, "openapi.json"),
        ("/card", {"data": b"a"}, 405, "another method"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(server, path, options, status, words):
    assert words in refused(server.post(path, **options), status)


def test_unreadable_files_are_all_named(server, photo):
    files = [("good.jpg", photo), ("bad.jpg", photo[: len(photo) // 2]), ("empty.jpg", b""),
             ("text.jpg", b"hello"), ("also good.jpg", photo)]  # fmt: skip
    answer = server.send(*files)
    assert "3 of 5" in refused(answer, 422)
    reasons = {bad["file"]: bad["reason"] for bad in answer.json()["files"]}
    assert list(reasons) == ["bad.jpg", "empty.jpg", "text.jpg"]
    assert "cut short" in reasons["bad.jpg"]


def png_that_promises(width, height):
    """A few bytes that say they are a picture of this size."""

    def chunk(name, content):
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


def test_decompression_bombs_are_refused_by_their_header(server, strict):
    for size in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (9_000, 9_000)):
        assert "1 of 1" in refused(server.send(("bomb.png", png_that_promises(*size))), 422)
    answer = strict.send(("large.png", png_that_promises(2_000, 1_001)))
    refused(answer, 422)
    assert "takes up to 2" in answer.json()["files"][0]["reason"]


def test_long_sounds_are_refused(strict):
    soundfile = pytest.importorskip("soundfile")
    out = io.BytesIO()
    soundfile.write(out, np.zeros(8000 * 60, np.int16), 8000, format="FLAC")
    answer = strict.send(("hour.flac", out.getvalue()), path="/models/sounds/predict")
    refused(answer, 422)
    assert "longer than the 3 s" in answer.json()["files"][0]["reason"]


@pytest.mark.parametrize("kind", ["form", "raw", "pieces"])
def test_oversized_bodies_are_refused_and_the_reason_arrives(strict, photo, kind):
    data = photo * (3_000_000 // len(photo))
    if kind == "form":
        answer = strict.send(("large.jpg", data))
    elif kind == "raw":
        answer = strict.post(data=data)
    else:
        answer = strict.post(data=(data[at : at + 65536] for at in range(0, len(data), 65536)))
    assert "larger than 1 MB" in refused(answer, 413)
    assert strict.send(("good.jpg", photo)).status_code == 200


def test_whoever_asks_before_sending_is_told_at_once(strict):
    with strict.connect() as connection:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
            b"Content-Type: image/jpeg\r\nContent-Length: 900000000\r\n\r\n"
        )
        status, value = answer_of(connection)
    assert status == 413
    assert "1 MB" in value["error"]


def test_too_many_samples_at_once(strict, photo):
    assert "more than 8" in refused(strict.send(*[("a.jpg", photo)] * 9), 413)
    rows = {"texts": ["hello"] * 9}
    assert "up to 8" in refused(strict.post("/models/texts/predict", json=rows), 413)


HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\nContent-Length: 5000\r\n"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "headers did not arrive"),
        (b"POST /pre", "headers did not arrive"),
        (HEAD, "headers did not arrive"),
        (HEAD + b"\r\n" + b"x" * 100, "request did not arrive"),
    ],
)
def test_slow_clients_are_let_go(strict, sent, words):
    with strict.connect() as connection:
        start_s = time.monotonic()
        connection.sendall(sent)
        status, value = answer_of(connection)
    assert status == 408
    assert words in value["error"]
    assert time.monotonic() - start_s < 15


def test_a_client_that_sends_a_byte_now_and_then_is_let_go(strict):
    with strict.connect() as connection:
        connection.settimeout(0.2)
        start_s = time.monotonic()
        answer = b""
        for byte in HEAD + b"\r\n" + b"x" * 900:
            try:
                connection.sendall(bytes([byte]))
                answer += connection.recv(65536)
                break
            except TimeoutError:
                continue
    assert b" 408 " in answer
    assert time.monotonic() - start_s < 15


def test_aborted_requests_leave_nothing_behind(strict, photo):
    for share in (0.0, 0.3, 0.9, 1.0):
        head = HEAD.replace(b"5000", str(len(photo)).encode()) + b"\r\n"
        for _ in range(5):
            connection = strict.connect()
            connection.sendall(head + photo[: int(share * len(photo))])
            connection.close()
    assert strict.send(("good.jpg", photo)).status_code == 200
    metrics = strict.get("/metrics").text
    assert "handful_held_bytes 0\n" in metrics
    assert "handful_waiting_samples 0\n" in metrics


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # TLS
        b"hello\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",  # no Host
        b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        b"GET /" + b"a" * 100_000,
        b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_refused(strict, sent):
    with strict.connect() as connection:
        connection.sendall(sent)
        status, value = answer_of(connection)
    assert status == 400
    assert value["error"]


def test_an_upgrade_is_not_followed(strict):
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    assert strict.get("/health", headers=asked).status_code == 200


def test_a_full_line_turns_away_instead_of_growing(strict, photo):
    """As many requests at once as there is room for, four times over: 200 or 429, nothing else."""
    import concurrent.futures

    eight = [("a.jpg", photo)] * 8
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: strict.send(*eight), range(36)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}
    for answer in answers:
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            refused(answer, 429)
    expected = strict.send(("a.jpg", photo)).json()["predictions"][0]
    for answer in answers:
        if answer.status_code == 200:
            assert answer.json()["predictions"] == [expected] * 8


def test_rows_of_odd_values_are_answered_or_refused(server):
    for row in ('{"petal_cm": 1e999}', '{"petal_cm": NaN}', '{"petal_cm": -Infinity}',
                '{"petal_cm": ' + "9" * 4000 + "}", '{"petal_cm": "x"}', '{"colour": []}',
                '{"": 1}', '{"seen": "9999-99-99"}', '{"petal_cm": true}'):  # fmt: skip
        answer = server.post("/models/tables/predict", data=f'{{"row": {row}}}'.encode(),
                             headers={"Content-Type": "application/json"})  # fmt: skip
        assert answer.status_code in (200, 422), answer.text
        json.loads(answer.text, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("[1]", "a list"), ("{}", "an object"), ("true", "true or false"), ("NaN", "NaN"),
     ("1e999", "1e999"), ("-Infinity", "-Infinity"), ('1, "petal_cm": 2', "twice")],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_the_reason(server, examples, cell, words):
    row = json.loads(sorted(examples["tables"].glob("*/*"))[0].read_text())
    text = json.dumps({**row, "petal_cm": "HERE"}).replace('"HERE"', cell)
    whole = server.post("/models/tables/predict", data=f'{{"row": {text}}}'.encode(),
                        headers={"Content-Type": "application/json"})  # fmt: skip
    file = server.send(("a.json", text.encode()), path="/models/tables/predict")
    for answer in (whole, file):
        assert answer.status_code == 422
        assert words in answer.text


KINDS = ["shapes", "texts", "tables", "series", "sounds", "prices", "weather"]


@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(kind=st.sampled_from(KINDS), data=st.binary(max_size=300), name=st.text(max_size=20))
def test_any_bytes_are_answered_or_refused(server, kind, data, name):
    for answer in (
        server.send((name, data), path=f"/models/{kind}/predict"),
        server.post(f"/models/{kind}/predict", data=data),
    ):
        assert answer.status_code in (200, 400, 422), answer.text


def test_damaged_photos_and_sounds_are_answered_or_refused(server, examples, photo):
    sound = next(examples["sounds"].rglob("*.wav")).read_bytes()
    rng = np.random.default_rng(0)
    for path, whole in (("/predict", photo), ("/models/sounds/predict", sound)):
        for _ in range(15):
            damaged = np.frombuffer(whole, np.uint8).copy()
            damaged[rng.integers(0, len(damaged), 20)] = rng.integers(0, 256, 20)
            answer = server.send(("a", damaged.tobytes()), path=path)
            assert answer.status_code in (200, 422), answer.text


def test_nothing_of_a_sample_stands_in_the_log(models):
    secret = "tell-nobody-4711"
    image = io.BytesIO()
    Image.new("RGB", (40, 40)).save(image, "PNG")
    with serving(*models.values()) as running:
        running.send((f"{secret}.png", image.getvalue()))
        running.send((f"{secret}.png", secret.encode()))
        running.post("/models/texts/predict", json={"text": secret})
        running.post("/models/tables/predict", json={"row": {secret: secret}})
        running.post(f"/{secret}?{secret}={secret}", headers={"X-Secret": secret})
        running.post("/predict", data=secret, headers={"Content-Type": f"image/{secret}"})
        log = running.log()
    assert secret not in log
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["status"] for line in lines if line["event"] == "request"] == [
        200, 422, 200, 422, 404, 422,
    ]  # fmt: skip
