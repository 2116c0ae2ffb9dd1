"""Ctrl-C, kill -9 and two at once: the target is the old model or the new one, never a mixture."""

import hashlib
import json
import random
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

import handful as library
from doors import FILES, STAGES, handful, linked, on_a_terminal, report, rows, started, tree

DIGITS = Path(__file__).resolve().parents[1] / "examples" / "digits"


@pytest.fixture(autouse=True)
def _listening():
    """Commands that tests start hear Ctrl-C even where the tests themselves were told not to.

    What runs in the background of a script ignores it, and hands that on to what it starts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def up_to(process, stage):
    """Read the progress of a run until it begins a stage."""
    for line in process.stderr:
        if line.decode().startswith(stage):
            return
    raise AssertionError(f"the run never came to {stage}")


def whole(model):
    """The seed of a model of which every file fits every other."""
    assert {path.name for path in model.iterdir()} == FILES
    card, values = json.loads((model / "card.json").read_text()), report(model)
    assert hashlib.sha256((model / "model.onnx").read_bytes()).hexdigest() == card["model_sha256"]
    table = rows(model)
    right = sum(row["tag"] == row["predicted"] for row in table)
    accuracy = values["metrics"]["accuracy"]
    assert (right, len(table)) == (accuracy["k"], accuracy["n"])
    page = (model / "report.html").read_text()
    assert page.rstrip().endswith("</html>")
    assert f"{right} of {len(table)}" in page
    return values["provenance"]["seed"]


def only(folder, name):
    return [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize("stage", ["reading", "looking"])
def test_ctrl_c_is_one_message_and_leaves_nothing(stage, shapes, tmp_path):
    with started("train", shapes, "--to", tmp_path / "model") as process:
        up_to(process, stage)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=180)
    *progress, message = err.decode().splitlines()
    assert process.returncode == 130
    assert message.startswith("handful: stopped")
    assert all(re.fullmatch(rf"({'|'.join(STAGES)}) \.\.\.", line) for line in progress)
    assert out == b""
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_the_older_model(shapes, model, tmp_path):
    linked(model, tmp_path / "model")
    with started("train", shapes, "--to", tmp_path / "model", "--seed", "9") as process:
        up_to(process, "writing")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=180)
    assert process.returncode == 130
    assert tree(tmp_path / "model") == tree(model)
    assert only(tmp_path, "model")


def test_ctrl_c_twice_ends_at_once_and_quietly(shapes, tmp_path):
    with started("train", shapes, "--to", tmp_path / "model") as process:
        up_to(process, "judging")
        for _ in range(2):
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=180)
    assert process.returncode in (130, -signal.SIGINT)
    assert b"Traceback" not in err
    assert not (tmp_path / "model").exists()


class Enough(Exception):
    """What the test wanted to see was seen."""


def test_the_next_run_goes_on_where_ctrl_c_came(tmp_path, monkeypatch):
    """Photos that were looked at before are not looked at again."""
    monkeypatch.setenv("HANDFUL_CACHE", str(tmp_path / "cache"))
    with on_a_terminal("train", DIGITS, "--to", tmp_path / "model") as (process, screen):
        looked = 0
        for seen in screen:
            done = re.findall(r"looking[^\r\n]*? (\d+)/300", seen)
            if not looked and done and int(done[-1]) > 0:
                looked = int(done[-1])
                process.send_signal(signal.SIGINT)
        assert process.wait(180) == 130
    assert "handful: stopped" in seen
    assert "Traceback" not in seen
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}

    begun_at = []

    def begin(stage, done, total):
        if stage == "looking":
            begun_at.append(done)
            raise Enough

    with pytest.raises(Enough):
        library.train(DIGITS, tmp_path / "model", progress=begin)
    assert looked <= begun_at[0] < 300


def kill_some_runs(shapes, folder, times, seed):
    """Train to one place with ever new seeds, and kill -9 somewhere in each stage in turn."""
    chance, target = random.Random(seed), folder / "model"
    known, killed = {None}, 0
    for number in range(1, times + 1):
        with started("train", shapes, "--to", target, "--seed", str(number)) as process:
            up_to(process, "writing" if number % 2 else STAGES[number // 2 % len(STAGES)])
            try:
                process.communicate(timeout=chance.uniform(0, 0.8))
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
        found = whole(target) if target.exists() else None
        assert found in known | {number}
        known = {found}
    return killed


def check_killed(shapes, folder, *, times, seed):
    killed = kill_some_runs(shapes, folder, times, seed)
    assert killed >= times / 3  # else the test saw too little
    run = handful("train", shapes, "--to", folder / "model")
    assert run.code == 0, run.err
    assert whole(folder / "model") == 0
    assert only(folder, "model")


def test_kill_9_leaves_the_old_model_or_the_new_one(shapes, tmp_path):
    check_killed(shapes, tmp_path, times=8, seed=1)


@pytest.mark.slow
def test_kill_9_very_often(shapes, tmp_path):
    check_killed(shapes, tmp_path, times=60, seed=2)


def test_a_cache_that_was_killed_while_written_still_works(shapes, model, tmp_path):
    """And which photos go through the network side by side does not show in the model."""
    env = {"HANDFUL_CACHE": str(tmp_path / "cache")}
    with on_a_terminal("train", shapes, "--to", tmp_path / "model", env=env) as (run, screen):
        for seen in screen:
            if re.search(r"looking[^\r\n]*? ([1-9]\d*)/36", seen):
                run.kill()
                break
    done = handful("train", shapes, "--to", tmp_path / "model", env=env)
    assert done.code == 0, done.err
    assert tree(tmp_path / "model") == tree(model)


def test_two_runs_with_one_target_and_one_cache(shapes, tmp_path):
    """Both finish; the target is the model of one of them."""
    photos = Path(shutil.copytree(shapes, tmp_path / "photos"))
    target = tmp_path / "out" / "model"
    target.parent.mkdir()
    runs = [started("train", photos, "--to", target, "--seed", seed) for seed in ("1", "2")]
    for run in runs:
        with run:
            _, err = run.communicate(timeout=300)
            assert run.returncode == 0, err.decode()
    assert whole(target) in (1, 2)
    assert only(target.parent, "model")
