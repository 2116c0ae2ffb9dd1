"""Several models by name, what is told of them, and models that are replaced while they answer."""

import json
import shutil
import threading

import pytest

import handful as library
from asking import PATIENCE_S, serving
from doors import handful, linked
from handful.bundle import write_bundle
from handful.errors import InputError


def test_card_and_report_are_those_of_the_folder(server, models):
    for kind, model in models.items():
        card = server.get(f"/models/{model.name}/card")
        assert card.json() == json.loads((model / "card.json").read_text("utf-8"))
        page = server.get(f"/models/{model.name}/report")
        assert page.content == (model / "report.html").read_bytes()
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        may = dict(one.split(" ", 1) for one in page.headers["Content-Security-Policy"].split("; "))
        assert may["default-src"] == "'none'"
        assert may["img-src"] == may["media-src"] == "data:"
        assert "connect-src" not in may  # so that nothing can be sent
        if kind == "images":
            assert server.get("/card").content == card.content
            assert server.get("/report").content == page.content
            assert server.get("/").content == page.content
    assert server.get("/models/none/card").status_code == 404
    assert server.get("/models/none/report").status_code == 404


def test_all_models_are_listed(server, models):
    listed = server.get("/models").json()["models"]
    assert [one["name"] for one in listed] == [model.name for model in models.values()]
    for one, model in zip(listed, models.values(), strict=True):
        card = json.loads((model / "card.json").read_text("utf-8"))
        for name in ("modality", "kind", "tags"):
            assert one[name] == card[name]
        assert card["model_sha256"].startswith(one["version"])


def test_health_and_readiness(server, models):
    assert server.get("/health").json() == {"status": "ok"}
    ready = server.get("/ready")
    assert ready.json() == {"ready": True, "models": [m.name for m in models.values()]}


def test_two_models_of_one_name_are_refused(model, tmp_path):
    other = linked(model, tmp_path / model.name)
    with pytest.raises(InputError, match="rename one folder"):
        library.serve([model, other], port=0)


def test_what_cannot_be_served_is_said_before_anything_listens(server, model, tmp_path):
    assert "holds no card.json" in handful("serve", tmp_path, "--port", "0").message
    for options, words in (
        ({"port": server.address[1]}, "Choose another with --port"),
        ({"port": 70000}, "0 .any free one. to 65535"),
        ({"port": 0, "host": "no.such.host.invalid"}, "no such address"),
        ({"port": 0, "waiting": 0}, "--waiting is 0"),
        ({"port": 0, "timeout_s": float("nan")}, "--timeout-s is nan"),
        ({"port": 0, "threads": 0}, "--threads is 0"),
        ({"port": 0, "allow_origin": ["example.org/page"]}, "https://example.org"),
    ):
        with pytest.raises(InputError, match=words):
            library.serve(model, **options)
    with pytest.raises(InputError, match="no model was given"):
        library.serve([], port=0)


@pytest.fixture
def changing(models, tmp_path):
    """A folder that holds one model now, another after `swap`; and what both say of a row."""
    now, then = tmp_path / "now", tmp_path / "then"
    shutil.copytree(models["tables"], now)
    library.threshold(now, positive="meadow", miss_costs=50, alarm_costs=1, set=True)
    shutil.copytree(models["tables"], then)
    return now, then


def files_of(folder):
    names = ("model.onnx", "report.html", "report.json", "predictions.csv")
    return {name: (folder / name).read_bytes() for name in names}


def card_of(folder):
    card = json.loads((folder / "card.json").read_text("utf-8"))
    return {k: v for k, v in card.items() if k not in ("format", "model_sha256")}


def same(answer, expected):
    """Whether it is this answer; numbers may differ by rounding, as they do in other batches."""
    if answer.status_code != 200:
        return False
    pairs = zip(answer.json()["predictions"], expected["predictions"], strict=True)
    return all(
        one["tag"] == other["tag"]
        and one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)
        for one, other in pairs
    )


def test_a_changed_model_is_taken_up_without_a_failed_request(changing, examples):
    now, then = changing
    rows = [json.loads(f.read_text()) for f in sorted(examples["tables"].glob("*/*"))]
    contents = [(files_of(folder), card_of(folder)) for folder in (then, now)]
    said = {}
    for folder in (now, then):
        with serving(folder) as running:
            said[folder.name] = running.post(json={"rows": rows}).json()
    assert said["now"] != said["then"]
    failures, seen, names, ended = [], [], set(), threading.Event()

    def ask(running):
        while not ended.is_set():
            answer = running.post(json={"rows": rows})
            said_so = [name for name, one in said.items() if same(answer, one)]
            (seen if said_so else failures).append(answer.text)
            names.update(said_so)

    with serving(now) as running:
        threads = [threading.Thread(target=ask, args=(running,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for files, card in contents * 2:
            write_bundle(now, files, card)
            running.logged(event="model changed")
        ended.set()
        for thread in threads:
            thread.join()
        metrics = running.get("/metrics").text
    assert not failures
    assert names == {"now", "then"}
    assert len(seen) > 8
    assert 'handful_model_changes_total{model="now",outcome="taken up"} 4\n' in metrics


def test_a_broken_change_leaves_the_older_model_answering(changing, examples):
    now, then = changing
    row = {"row": json.loads(next(examples["tables"].glob("*/*")).read_text())}
    with serving(now) as running:
        before = running.post(json=row).json()
        (now / "model.onnx").write_bytes(b"half")
        assert "damaged" in running.logged(event="model kept")["why"]
        assert running.post(json=row).json() == before
        shutil.rmtree(now)
        running.logged(event="model kept")
        assert running.post(json=row).json() == before
        assert running.get("/ready").status_code == 200
        shutil.copytree(then, now)
        running.logged(event="model changed")
        assert running.get("/card").json()["rule"] != json.loads("{}")
        assert running.get("/report").content == (now / "report.html").read_bytes()


def test_counters_count(models, examples):
    texts = sorted(examples["texts"].glob("*/*"))[:6]
    with serving(models["texts"]) as running:
        for text in texts:
            assert running.send(text).status_code == 200
        running.send(("empty.txt", b""))
        running.get("/nothing/of/this/kind")
        lines = running.get("/metrics").text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    ok = 'handful_requests_total{method="POST",route="/predict",status="200"}'
    assert values[ok] == "6"
    assert values['handful_requests_total{method="POST",route="/predict",status="422"}'] == "1"
    assert values['handful_requests_total{method="GET",route="unknown",status="404"}'] == "1"
    assert values['handful_refused_samples_total{model="texts"}'] == "1"
    tagged = {n: int(v) for n, v in values.items() if n.startswith("handful_samples_total")}
    assert sum(tagged.values()) == 6
    said = library.predict(models["texts"], texts)
    for tag in {one.tag for one in said}:
        name = f'handful_samples_total{{model="texts",tag="{tag}"}}'
        assert tagged[name] == sum(one.tag == tag for one in said)
    buckets = [int(v) for n, v in values.items()
               if n.startswith("handful_request_seconds_bucket") and '"/predict"' in n]  # fmt: skip
    assert buckets == sorted(buckets)
    assert buckets[-1] == 7
    assert values['handful_request_seconds_count{route="/predict"}'] == "7"


def test_every_line_of_the_metrics_is_what_prometheus_reads(server):
    answer = server.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.text.endswith("\n")
    kinds = {}
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds
            kinds[name] = kind
        elif not line.startswith("#"):
            name = line.partition("{")[0].partition(" ")[0]
            family = name if name in kinds else name.rpartition("_")[0]
            assert kinds[family] in ("counter", "gauge", "histogram")
            float(line.rpartition(" ")[2])


KEY = "a-long-enough-key-4711"


def test_keys_are_asked_for_where_there_are_any(model, tmp_path):
    (tmp_path / "keys").write_text(f"{KEY}\nanother-long-key-4712\n")
    with serving(model, api_key_file=tmp_path / "keys") as running:
        for path in ("/card", "/report", "/metrics", "/models", "/openapi.json"):
            refused = running.get(path)
            assert refused.status_code == 401
            assert refused.headers["WWW-Authenticate"] == "Bearer"
            assert "X-API-Key" in refused.json()["error"]
            for headers in (
                {"X-API-Key": KEY}, {"X-API-Key": "another-long-key-4712"},
                {"Authorization": f"Bearer {KEY}"},
            ):  # fmt: skip
                assert running.get(path, headers=headers).status_code == 200
            for wrong in ("", KEY[:-1], KEY + "a", KEY.upper(), "\xe4"):
                headers = {"X-API-Key": wrong.encode("latin-1")}
                assert running.get(path, headers=headers).status_code == 401
        assert running.post("/predict", data=b"x" * 2_000_000).status_code == 401
        assert running.get("/health").status_code == 200
        assert running.get("/ready").status_code == 200
        schemes = running.get("/openapi.json", headers={"X-API-Key": KEY}).json()
        assert len(schemes["components"]["securitySchemes"]) == 2
        assert KEY not in running.log()


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "holds no key"), ("short\n", "fewer than 16"), ("ä" * 20, "letters and digits")],
)
def test_useless_keys_are_refused(model, tmp_path, text, words):
    (tmp_path / "keys").write_text(text)
    with pytest.raises(InputError, match=words):
        library.serve(model, port=0, api_key_file=tmp_path / "keys")


def test_web_pages_may_ask_only_where_they_were_allowed_to(server, model):
    there = {"Origin": "https://example.org"}
    assert "Access-Control-Allow-Origin" not in server.get("/card", headers=there).headers
    with serving(model, allow_origin="https://example.org") as running:
        allowed = running.get("/card", headers=there)
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://example.org"
        other = running.get("/card", headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in other.headers


def test_the_function_serves_too(model, more_shapes):
    """In a thread of a program, as in a notebook."""
    import requests

    photo = more_shapes / "circle" / "circle-01.jpg"
    server = library.serve(model, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    answer = requests.post(
        f"{server.url}/predict", files={"files": (str(photo), photo.read_bytes())},
        timeout=PATIENCE_S,
    )  # fmt: skip
    server.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    (said,) = library.predict(model, photo)
    assert answer.json() == {"predictions": [said.to_json()]}


def test_it_says_where_it_answers_and_who_may_ask(model):
    from doors import started

    for host, warned in (("127.0.0.1", False), ("0.0.0.0", True)):
        with started("serve", model, "--port", "0", "--host", host) as process:
            said = [process.stdout.readline().decode() for _ in range(3 if warned else 2)]
            process.kill()
        assert f"http://{host}:" in said[0]
        assert ("Anybody" in said[1]) == warned
        assert said[-1] == "Ctrl-C ends it.\n"
