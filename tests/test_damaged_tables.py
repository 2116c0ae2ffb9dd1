"""Tables, recordings, rows and texts of any bytes: what they hold, or an InputError."""

import io
import json
import string
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from damage import EDITS, bounded_memory, edited, how_often
from handful.errors import SamplesError, UnreadableError
from handful.modalities.base import by_name
from handful.recordings import read_recording, read_ts
from handful.rows import Table, read_table

CSV = 'name,size,note\nÅse,1.5,"a, b"\nBo,,"say ""hi"""\nČapek,-3,"two\nlines"\n'.encode()


def as_parquet():
    out = io.BytesIO()
    table = pyarrow.table({
        "n": [1, None, 3], "t": ["a", "b", ""], "when": np.array([1, 2, 3], "datetime64[D]"),
        "deep": [[1, 2], [], None], "binary": [b"\xff", b"", None],
    })  # fmt: skip
    parquet.write_table(table, out)
    return out.getvalue()


SEEDS = {
    "t.csv": CSV,
    "semicolons.csv": CSV.replace(b",", b";"),
    "t.tsv": CSV.replace(b",", b"\t"),
    "t.jsonl": b'{"a": 1, "b": "x"}\n{"a": 2.5, "c": [true, {"d": null}]}\n{"a": "\\ud83d"}\n',
    "t.parquet": as_parquet(),
}
# what tables are made of, in any order: nearer to a table than bytes at random
SCRAPS = st.lists(
    st.sampled_from(
        [",", ";", "\t", "|", "\n", "\r", '"', "'", "a", "1", "-1e999", "nan", "inf", " ", "\0",
         "{", "}", "[", "]", ":", "\\", "null", "ä", "\ufeff", "\u2028", "😀", "9" * 400, "@data",
         "#", "?", "true", '{"a": 1}', "1,2\n", "a,b\n"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def check_table(name, data):
    with bounded_memory():
        try:
            table = read_table(Path(name), data)
        except SamplesError:
            return
    assert isinstance(table, Table)
    assert table.columns
    assert len(table.rows) == len(table.names) > 0
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert {type(cell) for row in table.rows for cell in row} <= {
        str, float, int, bool, type(None),
    }  # fmt: skip


@pytest.mark.parametrize("name", SEEDS)
@how_often(120)
@given(edits=EDITS)
def test_damaged_tables(name, edits):
    check_table(name, edited(SEEDS[name], edits))


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl", "t.parquet"])
@how_often(120)
@given(text=SCRAPS)
def test_scraps_of_tables(name, text):
    check_table(name, text.encode())


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_cells_without_an_end(name):
    for data in (b"a,b\n1," + b"x" * 3_000_000, b'"' * 1_000_001, b"," * 200_000,
                 b"[" * 300_000, b'{"a":' * 100_000, b"9" * 100_000,
                 ",".join(map(str, range(60_000))).encode() + b"\n1"):  # fmt: skip
        check_table(name, data)


def check_recording(data):
    try:
        found = read_recording(data)
    except UnreadableError:
        return
    assert found.values.dtype == np.float32
    assert found.values.shape[0] == len(found.channels) > 0
    assert found.values.shape[1] > 0
    assert np.isfinite(found.values).all()


@how_often(250)
@given(text=SCRAPS, edits=EDITS)
def test_recordings(text, edits):
    check_recording(text.encode())
    check_recording(edited(b"time,x,y\n0,1.5,-2\n1,,3e4\n2,nan,5\n3,4,6\n", edits))


TS = (b"# a comment\n@problemName made\n@timestamps false\n@classLabel true a b\n@data\n"
      b"1,2,3:4,5,?:a\n6,7:8,9:b\n")  # fmt: skip


@how_often(200)
@given(text=SCRAPS, edits=EDITS)
def test_ts_files(text, edits, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "fuzzed.ts"
    for data in (text.encode(), b"@data\n" + text.encode(), edited(TS, edits)):
        path.write_bytes(data)
        try:
            recordings = read_ts(path)
        except SamplesError:
            continue
        for name, table, tag in recordings:
            assert name.startswith("line ")
            assert isinstance(tag, str)
            check_recording(table)


SCHEMA = {
    "schema": {
        "numbers": [
            {"name": "size", "part": "", "middle": 1.0, "spread": 2.0, "gaps": True},
            {"name": "seen", "part": "year", "middle": 2000.0, "spread": 9.0, "gaps": False},
        ],
        "categories": [{"name": "colour", "values": ["red", "blue"]}],
    }
}
CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    | st.sampled_from(["1,5", "2026-01-31", "9999-99-99", "0001-01-01T00:00Z", "1e400", "1_0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)  # fmt: skip


@how_often(250)
@given(size=CELLS, seen=CELLS, colour=CELLS, edits=EDITS)
def test_rows(size, seen, colour, edits):
    whole = json.dumps({"size": size, "seen": seen, "colour": colour}).encode()
    for data in (whole, edited(whole, edits)):
        try:
            row = by_name("tables").read(data, SCHEMA)
        except UnreadableError:
            continue
        assert row.numbers.dtype == np.float32
        assert row.numbers.shape == (2,)
        assert not np.isinf(row.numbers).any()
        assert isinstance(row.categories[0], str)


@how_often(200)
@given(text=st.text(max_size=200), edits=EDITS, mixed=st.text(string.printable, max_size=50))
def test_texts(text, edits, mixed):
    modality = by_name("texts")
    (encoder,) = modality.encoders([1] * 3000, small=True)
    reading = modality.reading([encoder])
    for data in (text.encode(errors="surrogatepass"), edited(text.encode(errors="replace"), edits),
                 mixed.encode()):  # fmt: skip
        try:
            tokens = modality.read(data, reading)
        except UnreadableError:
            continue
        for numbers in tokens.values():
            assert numbers.dtype == np.int64
            assert (numbers >= 0).all()


def test_every_bit_of_a_parquet_files_description():
    """Types that pyarrow lacks, descriptions that it cannot take apart: told in words."""
    whole = SEEDS["t.parquet"]
    told = set()
    for at in range(len(whole) // 2, len(whole)):
        data = bytearray(whole)
        data[at] ^= 1 << (at % 8)
        try:
            read_table(Path("t.parquet"), bytes(data))
        except SamplesError as error:
            told.add(str(error))
    assert len(told) > 3
    assert not [words for words in told if "None" in words]
