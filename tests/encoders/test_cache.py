"""The feature cache: several processes, a bound on its size, and every kind of bad luck."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from handful.encoders.cache import FeatureCache, cache_folder

PATIENCE_S = 60
NOBODY = 65534
WRITER = """
import sys
from pathlib import Path
import numpy as np
from handful.encoders.cache import FeatureCache
folder, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
cache = FeatureCache(folder)
print("ready", flush=True)
sys.stdin.readline()
for number in range(rounds):
    rows = {f"{name}-{number}-{i}": np.full(50, number * 10 + i, np.float32) for i in range(10)}
    cache.put(rows, "encoder")
    cache.touch(list(rows))
    print(number, flush=True)
"""


def vector(number, width=4):
    return np.full(width, number, np.float32)


def writer(folder, name, rounds):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), name, str(rounds)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    return process


def start(process):
    process.stdin.write("\n")
    process.stdin.flush()


def assert_known(cache, name, rounds):
    names = [f"{name}-{number}-{i}" for number in range(rounds) for i in range(10)]
    found = cache.get(names, "encoder")
    assert len(found) == len(names)
    for number in range(rounds):
        for i in range(10):
            assert (found[f"{name}-{number}-{i}"] == number * 10 + i).all()


def test_what_was_put_comes_back_bit_by_bit(tmp_path):
    cache = FeatureCache(tmp_path / "not yet there")
    values = np.array([0.1, -0.0, np.nan, np.inf, 1e-40], np.float32)
    cache.put({"a": values}, "encoder")
    found = cache.get(["a", "b"], "encoder")
    assert list(found) == ["a"]
    assert found["a"].dtype == np.float32
    assert found["a"].tobytes() == values.tobytes()
    assert cache.get(["a"], "another encoder") == {}
    assert FeatureCache(cache.folder).get(["a"], "encoder")["a"].tobytes() == values.tobytes()


def test_the_newest_value_counts(tmp_path):
    cache = FeatureCache(tmp_path)
    cache.put({"a": vector(1)}, "encoder")
    cache.put({"a": vector(2)}, "encoder")
    assert cache.get(["a"], "encoder")["a"].tolist() == [2] * 4


def test_more_names_than_sqlite_takes_in_one_question(tmp_path):
    cache = FeatureCache(tmp_path)
    rows = {f"{number}": vector(number, 2) for number in range(2500)}
    cache.put(rows, "encoder")
    found = cache.get([*rows, "unknown"], "encoder")
    assert set(found) == set(rows)
    assert all(found[name].tolist() == [int(name)] * 2 for name in rows)
    cache.touch(list(rows))
    assert len(cache.get(list(rows), "encoder")) == 2500


def test_nothing_asked_nothing_found(tmp_path):
    cache = FeatureCache(tmp_path)
    assert cache.get([], "encoder") == {}
    cache.put({}, "encoder")
    cache.touch([])


def test_two_processes_at_once_lose_nothing(tmp_path):
    rounds = 25
    writers = [writer(tmp_path, name, rounds) for name in ("one", "two")]
    for process in writers:
        start(process)
    for process in writers:
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    for name in ("one", "two"):
        assert_known(FeatureCache(tmp_path), name, rounds)


def test_a_file_that_another_process_is_just_making_is_waited_for(tmp_path):
    """To begin the journal takes a lock for which SQLite's own timeout does not wait."""
    path = tmp_path / "features.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("begin immediate")
        done = threading.Timer(0.2, lambda: other.execute("rollback"))
        done.start()
        FeatureCache(tmp_path).put({"a": vector(1)}, "encoder")
        done.join()
    assert list(FeatureCache(tmp_path).get(["a"], "encoder")) == ["a"]


def test_killed_while_it_writes_it_stays_readable(tmp_path):
    """What a process had put before kill -9 is there afterwards, and more can be put."""
    for attempt in range(3):
        process = writer(tmp_path, f"killed {attempt}", 10_000)
        start(process)
        done = [process.stdout.readline() for _ in range(5 + 10 * attempt)]
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE_S)
        cache = FeatureCache(tmp_path)
        assert_known(cache, f"killed {attempt}", len(done))
        cache.put({"after": vector(attempt)}, "encoder")
        assert cache.get(["after"], "encoder")["after"][0] == attempt
    assert_known(FeatureCache(tmp_path), "killed 0", 5)


def use_at(cache, monkeypatch, seconds, names):
    monkeypatch.setattr("time.time", lambda: float(seconds))
    cache.touch(names)


def test_it_stays_within_its_bound_and_the_longest_unused_leave_first(tmp_path, monkeypatch):
    width, row_b = 249, 1000  # 4 bytes a value and 4 of checksum
    cache = FeatureCache(tmp_path, limit_bytes=20 * row_b)
    monkeypatch.setattr("time.time", lambda: 1000.0)
    names = [f"{number:02}" for number in range(20)]
    for name in names:
        cache.put({name: vector(int(name), width)}, "encoder")
    order = names
    random.Random(0).shuffle(order)
    for second, name in enumerate(order):
        use_at(cache, monkeypatch, 2000 + second, [name])
    assert set(cache.get(names, "encoder")) == set(names)  # none had to leave
    monkeypatch.setattr("time.time", lambda: 3000.0)
    cache.put({"new": vector(7, width)}, "encoder")
    cache.touch(["new"])
    left = set(cache.get([*names, "new"], "encoder"))
    assert left == {"new", *order[-14:]}  # three quarters of the bound


def test_the_file_on_disk_shrinks_too(tmp_path):
    cache = FeatureCache(tmp_path, limit_bytes=400_000)
    for number in range(40):
        cache.put({f"{number}": np.zeros(25_000, np.float32)}, "encoder")  # 100 kB each
        cache.touch([f"{number}"])
    on_disk = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert on_disk < 3 * 400_000  # the file and its journal; 40 rows would take 4 MB


@pytest.mark.parametrize("damage", ["random bytes", "cut", "zeros", "empty", "text", "header only"])
def test_a_damaged_file_costs_time_not_the_result(tmp_path, damage):
    cache = FeatureCache(tmp_path)
    cache.put({f"{number}": vector(number, 500) for number in range(200)}, "encoder")
    (path,) = tmp_path.glob("*.sqlite")
    whole = path.read_bytes()
    noise = np.random.default_rng(0).bytes(len(whole))
    damaged = {
        "random bytes": noise, "cut": whole[: len(whole) // 3], "zeros": bytes(len(whole)),
        "empty": b"", "text": b"not a database\n" * 99, "header only": whole[:100],
    }[damage]  # fmt: skip
    path.write_bytes(damaged)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    names = [f"{number}" for number in range(200)]
    for name, values in cache.get(names, "encoder").items():
        assert (values == int(name)).all()  # what is still given is right
    for _ in range(2):  # a first use may only notice the damage
        cache.put({"new": vector(1)}, "encoder")
        cache.touch(["new"])
    assert cache.get(["new"], "encoder")["new"].tolist() == [1] * 4


@pytest.mark.parametrize("seed", range(8))
def test_pages_overwritten_anywhere_never_stop_the_work(tmp_path, seed):
    cache = FeatureCache(tmp_path)
    cache.put({f"{number}": vector(number, 500) for number in range(100)}, "encoder")
    (path,) = tmp_path.glob("*.sqlite")
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(100, len(data) - 600, 5):
        data[at : at + 600] = rng.bytes(600)
    path.write_bytes(data)
    for name, values in cache.get([f"{n}" for n in range(100)], "encoder").items():
        assert (values == int(name)).all()
    for number in range(3):
        cache.put({f"new {number}": vector(number)}, "encoder")
        cache.touch([f"new {number}"])


@pytest.mark.parametrize(
    "change",
    ["x'010203'", "x''", "x'00000000'", "'text'", "7", "cast(substr(vector, 5) as blob)",
     "cast(x'7f' || substr(vector, 2) as blob)"],
)  # fmt: skip
def test_a_value_that_is_not_what_was_stored_is_not_given(tmp_path, change):
    """Inside a value SQLite notices no damage."""
    cache = FeatureCache(tmp_path)
    cache.put({"a": vector(1), "b": vector(2)}, "encoder")
    with closing(sqlite3.connect(tmp_path / "features.sqlite")) as database, database:
        database.execute(f"update features set vector = {change} where content = 'a'")
    assert list(cache.get(["a", "b"], "encoder")) == ["b"]


def test_a_file_in_the_folders_place(tmp_path):
    place = tmp_path / "cache"
    place.write_text("in the way")
    cache = FeatureCache(place)
    cache.put({"a": vector(1)}, "encoder")
    cache.touch(["a"])
    assert cache.get(["a"], "encoder") == {}
    assert place.read_text() == "in the way"


@contextmanager
def unwritable(folder):
    """Within it `folder` may be looked into but not written to, not even by root."""
    user = os.geteuid()
    folder.chmod(0o555)
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


@pytest.fixture
def folder():
    """A folder that every user may reach; pytest's own are closed to all but their owner."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_folder_that_may_not_be_written_to(folder):
    with unwritable(folder):
        cache = FeatureCache(folder / "cache")
        cache.put({"a": vector(1)}, "encoder")
        cache.touch(["a"])
        assert cache.get(["a"], "encoder") == {}
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("damaged", [False, True])
def test_a_cache_that_may_be_read_but_not_written_to(folder, damaged):
    FeatureCache(folder).put({"a": vector(1)}, "encoder")
    if damaged:
        (folder / "features.sqlite").write_bytes(b"no database at all")
    with unwritable(folder):
        cache = FeatureCache(folder)
        cache.put({"b": vector(2)}, "encoder")
        cache.touch(["a"])
        assert set(cache.get(["a", "b"], "encoder")) <= {"a"}
    assert (folder / "features.sqlite").is_file()


def test_an_old_journal_beside_a_damaged_file_is_removed_with_it(tmp_path):
    cache = FeatureCache(tmp_path)
    with closing(sqlite3.connect(tmp_path / "features.sqlite")) as open_elsewhere:
        cache.put({"a": vector(1)}, "encoder")
        open_elsewhere.execute("select * from features").fetchall()
        cache.put({"b": vector(2)}, "encoder")
        journal = (tmp_path / "features.sqlite-wal").read_bytes()
    (tmp_path / "features.sqlite").write_bytes(b"no database at all" * 500)
    (tmp_path / "features.sqlite-wal").write_bytes(journal)
    cache.get(["a"], "encoder")
    cache.put({"c": vector(3)}, "encoder")
    assert list(cache.get(["c"], "encoder")) == ["c"]


def test_the_folder_is_the_users_choice(monkeypatch, tmp_path):
    monkeypatch.setenv("HANDFUL_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("HANDFUL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform.startswith("linux"):
        assert cache_folder() == tmp_path / "handful"
