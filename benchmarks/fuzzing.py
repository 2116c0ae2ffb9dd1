"""Coverage-guided fuzzing of every reader: a value of the right type or an InputError, else a find.

`python benchmarks/fuzzing.py --seconds 120 [READER...]` runs each reader for so long, one after
the other, and prints a row each; inputs that broke one are kept in build/fuzzing/READER. What the
fuzzer learned stays there too, so that a later run goes on from it. Needs atheris, and what the
tests need, from which it takes its first inputs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOUND = ROOT / "build" / "fuzzing"
RSS_MB, HANGS_S = 2000, 20
Reader = Callable[[bytes], Any]

for room in ("", "pictures", "sounds", "encoders"):
    sys.path.insert(0, str(ROOT / "tests" / room))


def images() -> tuple[Reader, Iterable[bytes]]:
    from test_damage import SEEDS

    from handful.pictures import Picture, read_picture

    def read(data: bytes) -> None:
        picture = read_picture(data, at_least_px=20)
        assert isinstance(picture, Picture)
        assert picture.pixels.shape[2] == 3

    return read, SEEDS.values()


def sounds() -> tuple[Reader, Iterable[bytes]]:
    import numpy as np
    from test_damaged_sounds import SEEDS

    from handful.sounds.clips import read_clip

    def read(data: bytes) -> None:
        samples = read_clip(data, rate_hz=16_000)
        assert samples.dtype == np.float32
        assert np.isfinite(samples).all()

    return read, SEEDS.values()


def containers() -> tuple[Reader, Iterable[bytes]]:
    import io

    from test_damaged_sounds import SEEDS

    from handful.containers import shortage

    def read(data: bytes) -> None:
        assert isinstance(shortage(io.BytesIO(data)), str)

    return read, SEEDS.values()


def tables() -> tuple[Reader, Iterable[bytes]]:
    """The first byte says which kind of table the others are."""
    from handful.rows import Table, read_table
    from test_damaged_tables import SEEDS

    kinds = ("t.csv", "t.tsv", "t.jsonl", "t.parquet")

    def read(data: bytes) -> None:
        table = read_table(Path(kinds[data[0] % 4] if data else kinds[0]), data[1:])
        assert isinstance(table, Table)
        assert {len(row) for row in table.rows} == {len(table.columns)}

    first = {Path(name).suffix: number for number, name in enumerate(kinds)}
    return read, [bytes([first[Path(name).suffix]]) + data for name, data in SEEDS.items()]


def recordings() -> tuple[Reader, Iterable[bytes]]:
    import numpy as np

    from handful.recordings import read_recording, read_ts
    from test_damaged_tables import TS

    path = Path(tempfile.mkdtemp()) / "fuzzed.ts"

    def read(data: bytes) -> None:
        if data[:1] == b"#":
            path.write_bytes(data)
            for _, content, _ in read_ts(path):
                read(content)
            return
        assert np.isfinite(read_recording(data).values).all()

    return read, [TS, b"time,x,y\n0,1.5,-2\n1,,3e4\n2,nan,5\n3,4,6\n", b"1\n2\n", b"1;2\n3;4\n"]


def rows() -> tuple[Reader, Iterable[bytes]]:
    import numpy as np

    from handful.modalities.base import by_name
    from test_damaged_tables import SCHEMA

    modality = by_name("tables")

    def read(data: bytes) -> None:
        row = modality.read(data, SCHEMA)
        assert not np.isinf(row.numbers).any()

    return read, [b'{"size": 1.5, "seen": "2026-01-31", "colour": "red"}',
                  b'{"size": "1,5", "seen": null, "colour": ["x"], "more": {}}']  # fmt: skip


def texts() -> tuple[Reader, Iterable[bytes]]:
    from handful.modalities.base import by_name

    modality = by_name("texts")
    reading = modality.reading(modality.encoders([1] * 3000, small=True))

    def read(data: bytes) -> None:
        assert all((numbers >= 0).all() for numbers in modality.read(data, reading).values())

    return read, ["Größe ß ﬁne İstanbul 日本語 🐈‍⬛".encode(), b"hello", "\ufeffa".encode()]


def model_files() -> tuple[Reader, Iterable[bytes]]:
    from test_damaged_graphs import PHOTO_CARD, conv_net, write_card

    from handful.bundle.inspecting import inspect

    folder = Path(tempfile.mkdtemp())
    net = write_card(conv_net(folder / "net.onnx"), PHOTO_CARD)
    return (lambda data: inspect(net, data)), [net.read_bytes()]


def encoder_graphs() -> tuple[Reader, Iterable[bytes]]:
    """Others' networks: looked into, opened and tried."""
    from test_damaged_graphs import PHOTO_CARD, PIXELS, conv_net, open_own_network, write_card

    folder = Path(tempfile.mkdtemp())
    net = write_card(conv_net(folder / "net.onnx"), PHOTO_CARD)
    seed = net.read_bytes()

    def read(data: bytes) -> None:
        net.write_bytes(data)
        assert open_own_network(net, PIXELS).width > 0

    return read, [seed]


def weights() -> tuple[Reader, Iterable[bytes]]:
    """The restricted reader of PyTorch's files."""
    import io

    import torch

    from handful.encoders.torch_weights import read_state_dict

    out = io.BytesIO()
    kept = {"a": torch.zeros(2, 3), "b": torch.ones(4, dtype=torch.float16)}
    torch.save(kept, out, _use_new_zipfile_serialization=False)
    path = Path(tempfile.mkdtemp()) / "weights.pth"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        assert isinstance(read_state_dict(path), dict)

    return read, [out.getvalue()]


def forms() -> tuple[Reader, Iterable[bytes]]:
    """Bodies of requests."""
    from handful.serving.multipart import Multipart

    def read(data: bytes) -> None:
        form = Multipart("multipart/form-data; boundary=a", 4)
        for at in range(0, len(data), 50):
            form.feed(data[at : at + 50])
        assert all(isinstance(content, bytes) for _, content in form.finish())

    head = b'--a\r\nContent-Disposition: form-data; name="files"; filename="'
    two = b'"\r\n\r\n\r\n--a\r\n' + head[5:] + b'b"\r\n\r\n1\r\n--a--\r\n'
    return read, [head + b'x.jpg"\r\nContent-Type: image/jpeg\r\n\r\ndata\r\n--a--\r\n', head + two]


READERS = (images, sounds, containers, tables, recordings, rows, texts, model_files,
           encoder_graphs, weights, forms)  # fmt: skip


def fuzz_one(name: str, seconds: int) -> None:
    """Fuzz one reader in this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["handful", "PIL", "python_multipart"]):
        import handful.errors
        from handful.serving.refusals import Refusal

        read, seeds = next(one for one in READERS if one.__name__ == name)()
    allowed = (handful.errors.InputError, handful.errors.WeightsError, Refusal)

    def test_one(data: bytes) -> None:
        try:
            read(data)
        except allowed:
            return

    corpus = FOUND / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup(
        [sys.argv[0], str(corpus), f"-max_total_time={seconds}", "-print_final_stats=1",
         f"-rss_limit_mb={RSS_MB}", f"-timeout={HANGS_S}", "-max_len=20000", "-verbosity=0",
         f"-artifact_prefix={FOUND / name}/"],
        test_one,
    )  # fmt: skip
    atheris.Fuzz()


def fuzz(name: str, seconds: int) -> dict[str, Any]:
    """Executions, most memory and finds of one reader, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", name, "--seconds", str(seconds)],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    said = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
    (FOUND / name).mkdir(parents=True, exist_ok=True)
    (FOUND / name / "log.txt").write_text(done.stdout + done.stderr)
    return {
        "reader": name,
        "executions": int(said.get("number_of_executed_units", 0)),
        "peak_mb": int(said.get("peak_rss_mb", 0)),
        "finds": [] if done.returncode == 0 else [_told(done.stdout, done.stderr)],
    }


def _told(out: str, err: str) -> str:
    """The exception that was not caught, or else how libFuzzer ended."""
    _, _, uncaught = out.partition("Uncaught Python exception")
    return uncaught.strip(" =:\n")[:1500] or err.strip()[-700:]


def main() -> None:
    """Each reader in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", default=[one.__name__ for one in READERS])
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        fuzz_one(given.one, given.seconds)
    found = [fuzz(name, given.seconds) for name in given.readers]
    for row in found:
        print(f"{row['reader']:16}{row['executions']:>10,} executions{row['peak_mb']:>7,} MB  "
              f"{len(row['finds'])} finds")  # fmt: skip
        for find in row["finds"]:
            print(find)
    (FOUND / "found.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
