"""Order, bounds and tidy ends of reading in threads."""

import itertools
import os
import signal
import subprocess
import sys
import threading

import pytest
from PIL import Image

from handful.errors import UnreadableError
from handful.loading import DataLoader, ordered_map, usable_cores

PATIENCE_S = 30  # after which a test that would hang fails


def reading_threads():
    return [t for t in threading.enumerate() if t.name.startswith("handful-read")]


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    yield
    assert reading_threads() == []


def test_batches_come_in_order_and_complete():
    loader = DataLoader(range(21), lambda number: number * number, batch_size=4, workers=3)
    batches = list(loader)
    assert len(loader) == len(batches) == 6
    assert [len(batch.values) for batch in batches] == [4, 4, 4, 4, 4, 1]
    assert [i for batch in batches for i in batch.indices] == list(range(21))
    assert [v for batch in batches for v in batch.values] == [n * n for n in range(21)]
    assert list(loader) == batches  # and again


def test_nothing_to_read():
    loader = DataLoader([], str)
    assert len(loader) == 0
    assert list(loader) == []


def test_a_slow_item_does_not_change_the_order():
    later_one_is_read = threading.Event()

    def read(number):
        if number == 0:
            assert later_one_is_read.wait(PATIENCE_S)
        if number == 3:
            later_one_is_read.set()
        return number

    values = [v for batch in DataLoader(range(9), read, workers=2) for v in batch.values]
    assert values == list(range(9))


def test_reading_goes_on_while_the_consumer_is_busy_but_not_without_end():
    begun, ahead_is_read = itertools.count(1), threading.Event()
    most = 0

    def read(number):
        nonlocal most
        most = max(most, next(begun))
        if most == 3 + 4:
            ahead_is_read.set()
        return number

    results = ordered_map(read, itertools.count(), workers=3, ahead=4)
    assert next(results) == 0
    assert ahead_is_read.wait(PATIENCE_S)  # without anything more being asked for
    assert most == 3 + 4
    results.close()
    assert most == 3 + 4


class Counted:
    """Counts how many of its kind are alive."""

    lock = threading.Lock()
    alive = most = 0

    def __init__(self, _):
        with Counted.lock:
            Counted.alive += 1
            Counted.most = max(Counted.most, Counted.alive)

    def __del__(self):
        with Counted.lock:
            Counted.alive -= 1


def test_few_values_are_alive_at_any_time():
    Counted.alive = Counted.most = 0
    for batch in DataLoader(range(2000), Counted, batch_size=8, workers=3, prefetch=2):
        assert len(batch.values) == 8
        assert Counted.alive <= 8 + 2 * 8 + 3
    del batch
    assert Counted.alive == 0
    assert Counted.most <= 2 * 8 + 2 * 8 + 3  # the consumer still holds the batch before


def test_what_is_unreadable_is_collected():
    def read(number):
        if number % 3 == 1:
            raise UnreadableError(f"number {number} is damaged")
        return str(number)

    first, second, third = DataLoader(range(8), read, batch_size=3, workers=2)
    assert first.indices == (0, 2)
    assert first.values == ("0", "2")
    ((index, error),) = first.unreadable
    assert (index, str(error)) == (1, "number 1 is damaged")
    assert [i for i, _ in second.unreadable] == [4]
    assert (third.indices, third.values) == ((6,), ("6",))
    assert [i for i, _ in third.unreadable] == [7]


def test_a_batch_of_nothing_but_unreadable_items():
    def read(number):
        raise UnreadableError("gone")

    (batch,) = DataLoader(range(3), read)
    assert (batch.indices, batch.values) == ((), ())
    assert [i for i, _ in batch.unreadable] == [0, 1, 2]


@pytest.mark.parametrize("kind", [RuntimeError, MemoryError, ValueError, KeyboardInterrupt])
def test_anything_else_is_raised(kind):
    reads = []

    def read(number):
        reads.append(number)
        if number == 5:
            raise kind("no")
        return number

    batches = iter(DataLoader(range(10_000), read, batch_size=2, workers=2, prefetch=2))
    assert [next(batches).values for _ in range(2)] == [(0, 1), (2, 3)]
    with pytest.raises(kind):
        next(batches)
    assert len(reads) <= 6 + 2 + 2 * 2
    assert reading_threads() == []


def test_an_exception_of_the_items_is_raised():
    def items():
        yield 1
        raise OSError("the list broke off")

    results = ordered_map(str, items(), workers=2, ahead=0)
    with pytest.raises(OSError, match="broke off"):
        list(results)


def test_leaving_early_ends_the_threads():
    reads = []
    for batch in DataLoader(range(10_000), reads.append, batch_size=4, workers=2, prefetch=1):
        assert batch.indices == (0, 1, 2, 3)
        break
    assert reading_threads() == []
    assert len(reads) <= 4 + 2 + 4


def test_an_interrupted_consumer_ends_the_threads():
    results = ordered_map(str, itertools.count(), workers=2, ahead=5)
    next(results)
    with pytest.raises(KeyboardInterrupt):
        results.throw(KeyboardInterrupt)
    assert reading_threads() == []


ENDLESS = """
import itertools, sys
from pathlib import Path
from handful.loading import ordered_map
from handful.pictures import read_picture
def read(path):
    return read_picture(path, at_least_px=64)
photos = itertools.repeat(Path(sys.argv[1]))
for number, _ in enumerate(ordered_map(read, photos, workers=4, ahead=16)):
    if number == 50:
        print("reading", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals work otherwise on this system")
def test_ctrl_c_ends_the_process(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.radial_gradient("L").convert("RGB").save(path)
    command = [sys.executable, "-c", ENDLESS, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"reading\n"
        process.send_signal(signal.SIGINT)
        try:
            _, stderr = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    assert process.returncode != 0
    assert stderr.strip().endswith(b"KeyboardInterrupt")


MEMORY = """
import resource, sys
from functools import partial
from pathlib import Path
from handful.loading import DataLoader
from handful.pictures import read_picture
photos = [Path(sys.argv[1])] * int(sys.argv[2])
for batch in DataLoader(photos, partial(read_picture, at_least_px=128), workers=2):
    assert batch.values[-1].pixels.shape == (128, 128, 3)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def most_memory_kb(path, count):
    command = [sys.executable, "-c", MEMORY, str(path), str(count)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux only")
def test_20_000_photos_need_no_more_memory_than_200(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.radial_gradient("L").convert("RGB").resize((128, 128)).save(path)
    few_kb, many_kb = (most_memory_kb(path, count) for count in (200, 20_000))
    assert many_kb - few_kb < 10_000  # the pixels alone would take 983,000 kB


def test_usable_cores_are_counted_at_all():
    assert 1 <= usable_cores() <= os.cpu_count()


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("100000 100000\n", 1),
        ("50000 100000\n", 1),
        ("150000 100000\n", 2),
        ("max 100000\n", None),
        ("100000 0\n", None),
        ("", None),
    ],
)
def test_usable_cores_heed_the_limit_of_a_container(tmp_path, text, most):
    free = usable_cores(tmp_path / "no such file")
    (tmp_path / "cpu.max").write_text(text)
    assert usable_cores(tmp_path / "cpu.max") == min(free, most or free)
