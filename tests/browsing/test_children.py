"""A process and all that it begins: heard to its end, and ended for certain."""

import sys
import time

import psutil
import pytest

from handful.browsing.children import Child

SLEEPS = """
import json, subprocess, sys
print("no JSON", flush=True)
one = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(json.dumps({"pid": one.pid, "asked": json.loads(sys.stdin.readline())}), flush=True)
"""
FORKS = """
import json, multiprocessing, threading, time
from handful.browsing import worker
worker._line()
threading.Thread(target=worker._end_with_the_studio, daemon=True).start()
time.sleep(0.3)
forked = multiprocessing.get_context("fork").Process(target=int)
forked.start()
forked.join(20)
print(json.dumps({"exitcode": forked.exitcode}), flush=True)
"""


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Starts a module of these lines; what it says gathers in a list."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said = []

    def start(lines):
        (tmp_path / "made.py").write_text(lines)
        return Child("made", {"x": 1}, said.append), said

    return start


def gone(pid, timeout_s=10):
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_one_that_leaves_others_behind_has_ended(started):
    child, said = started(SLEEPS)
    assert child.wait() == "it ended with 0: "
    assert said[0]["asked"] == {"x": 1}
    assert gone(said[0]["pid"])


def test_all_that_it_began_ends_with_it(started):
    child, said = started(SLEEPS + "import time; time.sleep(600)")
    while not said:
        time.sleep(0.05)
    began_s = time.monotonic()
    child.end()
    child.wait()
    assert time.monotonic() - began_s < 5
    assert gone(said[0]["pid"])


def test_its_last_words_are_told(started):
    child, _ = started("raise SystemExit('out of luck')")
    assert child.wait() == "it ended with 1: out of luck"


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")
def test_a_fork_inside_the_worker_ends(started):
    child, said = started(FORKS)
    child.wait()
    assert said == [{"exitcode": 0}]
