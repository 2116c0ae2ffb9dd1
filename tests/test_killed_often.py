"""kill -9 at random points of train, threshold and export: the old or the new, never broken."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
OFTEN = {"train": 60, "threshold": 70, "export": 70}  # 200 kills


def kill(verb, folder, times):
    """What `killed_often.py` counted."""
    if os.name != "posix":
        pytest.skip("kill -9 is of Unix")
    done = subprocess.run(
        [sys.executable, HERE / "killed_often.py", verb, folder, str(times)],
        capture_output=True, text=True, check=False, timeout=3600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(found, times):
    assert found["kills"] == times
    assert found["broken"] == 0
    assert found["old"] + found["new"] == times
    assert found["left over after the last round"] == []


@pytest.mark.parametrize(("verb", "times"), [("threshold", 12), ("export", 8), ("train", 2)])
def test_killed_some_times(verb, times, tmp_path):
    found = kill(verb, tmp_path, times)
    check(found, times)
    assert found["old"]  # else the kills came too late to see anything


@pytest.mark.slow
@pytest.mark.parametrize("verb", OFTEN)
def test_killed_two_hundred_times(verb, tmp_path):
    found = kill(verb, tmp_path, OFTEN[verb])
    check(found, OFTEN[verb])
    assert found["old"]
    assert found["new"]
