"""kill -9 at random points of a verb, again and again: what lies there is the old or the new.

`python tests/killed_often.py VERB FOLDER ROUNDS [SEED]` goes on where it was stopped and prints
the counts as JSON. VERB is train, threshold or export. Every second kill comes at a random moment
of the whole run, every other one when the run is about to touch the disk for the n-th time near
what it writes.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

import onnxruntime  # noqa: F401  # imported once, before every round

import handful
import handful.verbs.evaluating
import handful.verbs.exporting
import handful.verbs.thresholding
import handful.verbs.training
from made_tables import iris_like

MOST_TOUCHES = 40  # a run that replaces a model touches the disk about so often near it
TAGS = ("alpine", "meadow")
FILES = {"model.onnx", "card.json", "report.html", "report.json", "predictions.csv"}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def whole(model):
    """Card, report and rule of a model of which every file fits every other."""
    import onnx

    assert {path.name for path in model.iterdir()} == FILES
    card = json.loads((model / "card.json").read_text())
    report = json.loads((model / "report.json").read_text())
    assert sha256(model / "model.onnx") == card["model_sha256"]
    inside = {e.key: e.value for e in onnx.load(model / "model.onnx").metadata_props}["card"]
    beside = {k: v for k, v in card.items() if k not in ("format", "model_sha256")}
    assert json.loads(inside) == beside
    page = (model / "report.html").read_text()
    assert page.rstrip().endswith("</html>")
    accuracy = report["metrics"]["accuracy"]
    assert f"{accuracy['k']} of {accuracy['n']}" in page
    assert (model / "predictions.csv").read_text().count("\n") == accuracy["n"] + 1
    return card, report


class Train:
    """A new seed every round."""

    def __init__(self, folder):
        self.table, self.options = iris_like(folder)
        self.target = folder / "out" / "model"

    def run(self, number):
        handful.train(self.table, self.target, seed=number, budget=1, **self.options)

    def state(self):
        """The seed of what lies there."""
        return whole(self.target)[1]["provenance"]["seed"] if self.target.exists() else None


class Threshold:
    """The one tag, then the other."""

    def __init__(self, folder):
        self.target = folder / "out" / "model"
        if not self.target.exists():
            table, options = iris_like(folder)
            handful_train_apart(table, self.target, options)

    def run(self, number):
        handful.threshold(self.target, positive=TAGS[number % 2], recall=0.9, set=True)

    def state(self):
        card, report = whole(self.target)
        words = card["rule"]["words"]
        assert ("rule" in report) == ("positive" in card["rule"])
        return card["rule"].get("positive"), words


class Export:
    """The one model, then the other, to one file."""

    def __init__(self, folder):
        self.models, self.target = [], folder / "out" / "model.onnx"
        for seed in (0, 1):
            self.models.append(folder / f"model {seed}")
            if not self.models[-1].exists():
                table, options = iris_like(folder)
                handful_train_apart(table, self.models[-1], {**options, "seed": seed})

    def run(self, number):
        handful.export(self.models[number % 2], self.target)

    def state(self):
        return sha256(self.target) if self.target.exists() else None


def handful_train_apart(table, target, options):
    """Train in a process of its own: this one starts no threads, and so may be forked."""
    child = os.fork()
    if not child:
        handful.train(table, target, budget=1, **options)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def in_a_child(verb, number, *, touches=None):
    """Begin a round; its process kills itself before it touches the disk the n-th time."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    sys.stderr = sys.stdout = (verb.target.parent.parent / "said.txt").open("w")
    if touches is not None:
        near, left, lock = str(verb.target.parent), [touches], threading.Lock()

        def count(event, arguments):
            if event.startswith(("open", "os.", "shutil.")) and near in repr(arguments):
                with lock:
                    left[0] -= 1
                    if left[0] < 0:
                        os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
    try:
        verb.run(number)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def undisturbed(verb, number):
    """Seconds of a whole round, and what it leaves."""
    began = time.monotonic()
    _, status = os.waitpid(in_a_child(verb, number), 0)
    assert status == 0, f"an undisturbed round ended with {status}"
    return time.monotonic() - began, verb.state()


def killed(verb, number, goal, chance, whole_s):
    """One round; whether it was killed, and what it left."""
    if number % 2:
        child = in_a_child(verb, goal)
        time.sleep(chance.uniform(0, whole_s))
        os.kill(child, signal.SIGKILL)
    else:
        child = in_a_child(verb, goal, touches=chance.randrange(MOST_TOUCHES))
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"round {number} failed by itself: {status}"
    try:
        return status == signal.SIGKILL, verb.state()
    except (AssertionError, OSError, ValueError, KeyError) as error:
        shutil.copytree(verb.target.parent, verb.target.parent.with_name(f"broken {number}"))
        return status == signal.SIGKILL, f"broken: {error!r}"


def rounds(verb_name, folder, kills, seed=0):
    """Counts over `kills` kills; rounds that were done before are read from `rounds.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "out").mkdir(exist_ok=True)
    verb = {"train": Train, "threshold": Threshold, "export": Export}[verb_name](folder)
    log = folder / "rounds.jsonl"
    done = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    whole_s, first = undisturbed(verb, 0)
    ends = {0: first, 1: undisturbed(verb, 1)[1]}  # what two different rounds leave
    assert ends[0] != ends[1]
    while sum(one["killed"] for one in done) < kills:
        number = len(done) + 1
        before = verb.state()
        goal = number + 1 if verb_name == "train" else int(before == ends[0])
        new = goal if verb_name == "train" else ends[goal]
        chance = random.Random(f"{seed} {number}")
        was_killed, after = killed(verb, number, goal, chance, whole_s)
        left = "new" if after == new else "old" if after == before and was_killed else "broken"
        done.append({"killed": was_killed, "left": left})
        with log.open("a") as file:
            file.write(json.dumps(done[-1]) + "\n")
        if left == "broken":
            break
    assert undisturbed(verb, 0)[1] == ends[0]
    strays = sorted(p.name for p in verb.target.parent.iterdir() if p != verb.target)
    struck = [one["left"] for one in done if one["killed"]]
    return {
        "verb": verb_name, "rounds": len(done), "kills": len(struck), "old": struck.count("old"),
        "new": struck.count("new"), "broken": [o["left"] for o in done].count("broken"),
        "left over after the last round": strays, "seconds of a round": round(whole_s, 2),
    }  # fmt: skip


if __name__ == "__main__":
    name, place, count, *more = sys.argv[1:]
    found = rounds(name, Path(place), int(count), *map(int, more))
    sys.stdout.write(f"{json.dumps(found)}\n")
