"""Training from the studio: watched, cancelled, taken up after a crash, compared."""

import shutil
import time

import psutil
import requests
from open_studios import MARK, open_studio

import handful
from doors import handful as command
from doors import linked, report, rows
from handful.browsing.ledger import CANCELLED, FAILED, RUNNING, Ledger
from handful.browsing.shelf import Shelf
from handful.browsing.training import Trainer


def test_it_trains_and_says_how_far_it_is(studio):
    assert studio.change("/api/cancel").status_code == 409
    studio.done("/api/train")
    assert studio.change("/api/train").status_code == 409
    stages = []
    for state in studio.states():
        if progress := state["training"]["progress"]:
            stages.append(progress["stage"])
        if state["training"]["now"]:
            break
    assert list(dict.fromkeys(s for s in stages if s != "starting")) == [
        "reading", "looking", "judging", "writing",
    ]  # fmt: skip
    now = state["training"]["now"]
    assert now["n"] == 36
    assert now["tags"] == ["circle", "square", "triangle"]
    assert (studio.model / "model.onnx").is_file()
    assert state["model"]


def test_it_is_cancelled_within_five_seconds_and_leaves_no_model(studio):
    studio.done("/api/train")
    studio.until(lambda state: state["training"]["progress"])
    children = psutil.Process(studio.process.pid).children(recursive=True)
    assert children
    began_s = time.monotonic()
    studio.done("/api/cancel")
    state = studio.until(lambda state: not state["training"]["running"])
    assert time.monotonic() - began_s < 5
    assert state["training"]["failed"] == ""
    assert not psutil.wait_procs(children, timeout=5)[1]
    assert not studio.model.exists()


def test_what_was_cancelled_is_noted_at_once(photos, tmp_path):
    ledger = Ledger(tmp_path / "studio.sqlite")
    trainer = Trainer(photos, tmp_path / "model", ledger, lambda: None)
    trainer.start(Shelf(photos).look())
    trainer.cancel()
    assert ledger.trainings(RUNNING) == []
    assert len(ledger.trainings(CANCELLED)) == 1
    trainer.close()
    ledger.close()


def test_a_killed_studio_takes_its_training_up_again(photos, tmp_path):
    with open_studio(photos, tmp_path / "model") as first:
        first.done("/api/train")
        first.until(lambda state: state["training"]["progress"])
        children = psutil.Process(first.process.pid).children(recursive=True)
        first.kill()
    assert not psutil.wait_procs(children, timeout=10)[1]
    with open_studio(photos, tmp_path / "model") as second:
        state = second.until(lambda s: s["training"]["running"] or s["training"]["now"])
        assert state["training"]["resumed"]
        state = second.until(lambda s: s["training"]["now"])
        assert state["training"]["now"]["n"] == 36


def test_what_a_page_has_begun_already_is_not_taken_for_cut_off(photos, tmp_path):
    ledger = Ledger(tmp_path / "studio.sqlite")
    trainer = Trainer(photos, tmp_path / "model", ledger, lambda: None)
    number = ledger.begin_training()
    trainer.resume(Shelf(photos).look())
    assert [one.id for one in ledger.trainings(RUNNING)] == [number]
    ledger.close()


def test_what_was_cancelled_after_a_crash_is_no_longer_told_as_a_failure(photos, tmp_path):
    ledger = Ledger(tmp_path / "studio.sqlite")
    trainer = Trainer(photos, tmp_path / "model", ledger, lambda: None)
    ledger.end_training(ledger.begin_training(), FAILED, reason="the studio was ended meanwhile")
    assert trainer.state()["failed"] == "the studio was ended meanwhile"
    ledger.end_training(ledger.begin_training(), CANCELLED, reason="cancelled")
    assert Trainer(photos, tmp_path / "model", ledger, lambda: None).state()["failed"] == ""
    ledger.close()


def test_what_the_command_line_trained_is_shown_and_compared(shapes, model, tmp_path):
    folder = shutil.copytree(shapes, tmp_path / "shapes")
    there = linked(model, tmp_path / "model")
    said = report(there)
    with open_studio(folder, there) as studio:
        now = studio.until(lambda state: state["model"])["training"]["now"]
        assert now["n"] == said["n"] == 36
        assert now["metrics"] == said["metrics"]
        assert now["tags"] == ["circle", "square", "triangle"]
        (folder / "circle" / "square-03.jpg").rename(folder / "square" / "square-03.jpg")
        assert command("train", folder, "--to", there).code == 0
        state = studio.until(lambda state: state["training"]["before"])
        assert state["training"]["now"]["metrics"] == report(there)["metrics"]
        assert state["training"]["before"]["metrics"] == said["metrics"]
        assert "35 samples that both judged" in state["training"]["difference"]["words"]
        command("threshold", there, "--positive", "circle", "--miss-costs", "10", "--set")
    with open_studio(folder, there) as studio:  # once more: a threshold is no training
        again = studio.until(lambda state: state["model"])["training"]
        assert again["now"]["ended_s"] == state["training"]["now"]["ended_s"]
        assert again["before"] == state["training"]["before"]
        shutil.rmtree(there)
        gone = studio.until(lambda state: not state["model"])["training"]
        assert gone["now"] is None


def test_a_rule_of_groups_is_tried_kept_and_obeyed(studio, photos):
    for tag in ("circle", "square", "triangle"):
        for at, path in enumerate(sorted((photos / tag).iterdir())):
            path.rename(path.with_name(f"person{at % 4}_{path.name}"))
    tried = studio.done("/api/groups", rule="person[0-9]")
    assert (tried["groups"], tried["in_groups"], tried["kept"]) == (4, 36, "")
    assert tried["largest"][0][1] == 9
    for wrong, words in (("person(", "not a regular expression"), ("nobody", "finds nothing")):
        answer = studio.change("/api/groups", rule=wrong, keep=True)
        assert answer.status_code == 422
        assert words in answer.json()["error"]
    studio.done("/api/groups", rule="person[0-9]", keep=True)
    assert studio.get("/api/groups").json()["kept"] == "person[0-9]"
    studio.done("/api/train")
    studio.until(lambda state: state["training"]["now"])
    folds = {}
    for row in rows(studio.model):
        folds.setdefault(row["file"].partition("person")[2][0], set()).add(row["fold"])
    assert sorted(folds) == ["0", "1", "2", "3"]
    assert all(len(found) == 1 for found in folds.values())
    for path in photos.glob("*/*"):
        path.rename(path.with_name(path.name.replace("person", "someone")))
    studio.samples()
    answer = studio.change("/api/train")
    assert answer.status_code == 422
    assert "finds nothing" in answer.json()["error"]


def test_too_little_to_learn_from_is_said(studio, photos):
    for path in [*sorted((photos / "circle").iterdir())[1:], *(photos / "square").iterdir()]:
        path.unlink()
    answer = studio.change("/api/train")
    assert answer.status_code == 422
    assert "these have one: circle" in answer.json()["error"]


def test_what_ended_badly_is_told(studio, photos):
    copies = sorted((photos / "circle").iterdir())
    for path in copies[1:]:
        shutil.copy(copies[0], path)
    studio.done("/api/train")
    state = studio.until(lambda s: s["training"]["failed"])
    assert "'circle' are copies or one group" in state["training"]["failed"]


def test_the_report_acts_on_the_samples(shapes, model, tmp_path):
    """`shapes` has two squares under circle: the model doubts them."""
    folder = shutil.copytree(shapes, tmp_path / "shapes")
    with open_studio(folder, linked(model, tmp_path / "model")) as opened:
        wrong = {"circle/square-03.jpg", "circle/square-08.jpg"}
        opened.samples()
        doubted = {one["name"] for one in opened.get("/api/flags").json()["doubted"]}
        cell = opened.get("/api/cell?actual=circle&taken_for=square").json()
        assert doubted <= set(opened.samples())
        assert wrong & set(cell["names"])
        first = sorted(wrong & set(cell["names"]))[0]
        opened.done("/api/retag", names=[first], tag="square")
        cell = opened.get("/api/cell?actual=circle&taken_for=square").json()
        assert first in cell["gone"]
        said = opened.done("/api/threshold", positive="circle", miss_costs=10, alarm_costs=1)
        rule = opened.get("/api/model").json()["rule"]
        assert "circle" in said["sentence"]
        opened.done("/api/threshold", reset=True)
        assert opened.get("/api/model").json()["rule"] != rule


def test_it_answers_what_predict_answers(shapes, model, tmp_path):
    folder = shutil.copytree(shapes, tmp_path / "shapes")
    photo = folder / "triangle" / "triangle-05.jpg"
    with open_studio(folder, model) as opened:
        address = f"{opened.url}/api/try?name=x.jpg"
        answer = requests.post(address, data=photo.read_bytes(), headers=MARK, timeout=60).json()
        (wanted,) = handful.predict(model, photo)
        assert answer["probabilities"] == wanted.probabilities
        assert answer["known"] == wanted.known
        bad = requests.post(address, data=b"no photo", headers=MARK, timeout=60)
        assert bad.status_code == 422
        looked = requests.post(
            f"{opened.url}/api/looked-at", data=photo.read_bytes(), headers=MARK, timeout=120
        ).json()
        assert looked["tag"] == wanted.tag
        assert len(looked["drops"]) == 7
