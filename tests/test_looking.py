"""From files to features: every file read once, looked at once, remembered, in order."""

import hashlib
import threading
from dataclasses import dataclass, field

import numpy as np
import pytest

from handful.encoders.cache import FeatureCache
from handful.errors import UnreadableError
from handful.looking import Survey, look, look_at_made, survey


class Reader:
    """Reads text files; counts; refuses what says that it is bad."""

    def __init__(self):
        self.read = []
        self._lock = threading.Lock()

    def __call__(self, path):
        with self._lock:
            self.read.append(path.name)
        text = path.read_text()
        if text.startswith("bad"):
            raise UnreadableError(f"is {text}")
        return text


@dataclass
class Lengths:
    """Looks at a text: its length, and its length times a factor."""

    key: str = "lengths"
    factor: int = 10
    stop_after: int = 10**9
    seen: list = field(default_factory=list)
    width: int = 2

    def transform(self, batch):
        self.seen += batch
        if len(self.seen) > self.stop_after:
            raise KeyboardInterrupt
        rows = [[len(text), self.factor * len(text)] for text in batch]
        return np.array(rows, np.float32)


@pytest.fixture
def files(tmp_path):
    """30 files of different lengths; every seventh is bad."""
    folder = tmp_path / "files"
    folder.mkdir()
    paths = []
    for number in range(30):
        paths.append(folder / f"{number:02}")
        bad = number % 7 == 3
        paths[-1].write_text(f"bad number {number}" if bad else f"{number:02}" + "x" * number)
    return paths


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache")


def contents_of(paths):
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def looked(paths, lookers, read, cache, **more):
    return look(paths, contents_of(paths), lookers, read, cache=cache, **more)


BAD = [3, 10, 17, 24]
GOOD = [number for number in range(30) if number not in BAD]


def test_features_come_in_the_order_of_the_files(files, cache):
    found = looked(files, [Lengths(), Lengths("others", 100)], Reader(), cache)
    lengths = np.array([number + 2 for number in GOOD], np.float32)
    assert found.readable.tolist() == GOOD
    assert found.features[0].tolist() == np.stack([lengths, 10 * lengths], axis=1).tolist()
    assert found.features[1][:, 1].tolist() == (100 * lengths).tolist()


def test_unreadable_files_are_named_with_their_reason_and_do_not_stop_the_others(files, cache):
    found = looked(files, [Lengths()], Reader(), cache)
    assert found.unreadable == {number: f"is bad number {number}" for number in BAD}


def test_the_second_look_reads_only_what_could_not_be_read(files, cache):
    first, second = Reader(), Reader()
    one = looked(files, [Lengths()], first, cache)
    looker = Lengths()
    other = looked(files, [looker], second, cache)
    assert sorted(first.read) == [path.name for path in files]
    assert sorted(second.read) == [files[number].name for number in BAD]
    assert looker.seen == []
    assert one.features[0].tobytes() == other.features[0].tobytes()
    assert other.unreadable == one.unreadable


def test_files_that_were_changed_are_read_again(files, cache):
    looked(files, [Lengths()], Reader(), cache)
    files[5].write_text("something new")
    reader = Reader()
    found = looked(files, [Lengths()], reader, cache)
    assert sorted(reader.read) == sorted(["05", *(files[number].name for number in BAD)])
    assert found.features[0][GOOD.index(5)].tolist() == [13, 130]


def test_another_looker_reads_again_and_the_first_keeps_what_it_knows(files, cache):
    looked(files, [Lengths()], Reader(), cache)
    reader = Reader()
    found = looked(files, [Lengths(), Lengths("others", 7)], reader, cache)
    assert len(reader.read) == 30
    assert found.features[1][0].tolist() == [2, 14]


def test_files_with_the_same_content_are_looked_at_once(tmp_path, cache):
    paths = [tmp_path / name for name in "abcdef"]
    for path, text in zip(paths, ["one", "three", "one", "bad", "one", "bad"], strict=True):
        path.write_text(text)
    reader, looker = Reader(), Lengths()
    found = looked(paths, [looker], reader, cache)
    assert len(reader.read) == 3
    assert sorted(looker.seen) == ["one", "three"]
    assert found.readable.tolist() == [0, 1, 2, 4]
    assert found.features[0][:, 0].tolist() == [3, 5, 3, 3]
    assert set(found.unreadable) == {3, 5}


def test_an_interrupted_look_goes_on_where_it_was(files, cache):
    with pytest.raises(KeyboardInterrupt):
        looked(files, [Lengths(stop_after=16)], Reader(), cache)
    kept = cache.get(contents_of(files), "lengths")
    assert len(kept) >= 7  # at least the first batch; what was looked at last may be lost
    reader = Reader()
    found = looked(files, [Lengths()], reader, cache)
    assert len(reader.read) == 30 - len(kept)
    assert found.features[0][:, 0].tolist() == [number + 2 for number in GOOD]


def test_progress_counts_to_the_end(files, cache):
    heard = []
    looked(files, [Lengths()], Reader(), cache, progress=lambda *step: heard.append(step))
    assert heard[0] == ("looking", 0, 30)
    assert heard[-1] == ("looking", 30, 30)
    assert [done for _, done, _ in heard] == sorted(done for _, done, _ in heard)
    again = []
    looked(files, [Lengths()], Reader(), cache, progress=lambda *step: again.append(step))
    assert again[0] == ("looking", 26, 30)


def test_nothing_and_nothing_but_bad_files(files, cache):
    none = look([], [], [Lengths()], Reader(), cache=cache)
    assert none.features[0].shape == (0, 2)
    only_bad = looked([files[number] for number in BAD], [Lengths()], Reader(), cache)
    assert only_bad.features[0].shape == (0, 2)
    assert len(only_bad.unreadable) == 4


def test_what_was_made_is_remembered_by_name(cache):
    made = [f"{'x' * number}" for number in range(1, 20)]
    looker = Lengths()
    first = look_at_made(made, looker, name="made", cache=cache)
    again = look_at_made(made, looker, name="made", cache=cache)
    assert first[:, 0].tolist() == list(range(1, 20))
    assert first.tobytes() == again.tobytes()
    assert len(looker.seen) == 19
    look_at_made(made[:3], looker, name="others", cache=cache)
    assert len(looker.seen) == 22


def length_of(data):
    text = data if isinstance(data, bytes) else data.read_bytes()
    if not text:
        raise UnreadableError("is empty")
    return len(text)


def test_a_survey_hashes_measures_and_names_what_cannot_be_used(tmp_path):
    (tmp_path / "good").write_bytes(b"good")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    names = ("good", "empty", "missing", "folder")
    heard = []
    good, empty, missing, folder = survey(
        [tmp_path / name for name in names], length_of,
        progress=lambda *step: heard.append(step),
    )  # fmt: skip
    assert good == Survey(hashlib.sha256(b"good").hexdigest(), 4)
    assert str(empty) == "is empty"
    assert str(missing) == "cannot be opened: no such file or directory"
    assert str(folder) == "cannot be opened: is a directory"
    assert heard[-1] == ("reading", 4, 4)
