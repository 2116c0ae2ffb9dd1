"""Writes golden bundles: small models as they are written today, and what they answer.

`python tests/golden/make_golden.py PREFIX` writes PREFIX-KIND.zip into this folder for each kind.
The answers beside each bundle are not handful's: ONNX Runtime alone runs model.onnx on inputs
that are put together here (texts alone are cut into pieces by handful). Any version of handful
that has `train` can be used: PYTHONPATH=OLD/src.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import handful  # noqa: E402
import made_tables  # noqa: E402
from handful.modalities.base import by_name  # noqa: E402

ASKED, ROWS, KEPT = 6, 24, 6  # few: the files stay small


def rows(card, table):
    """A few rows as JSON, and as the file takes them."""
    schema = card["reading"]["schema"]
    asked = list(csv.DictReader(io.StringIO(table.read_text())))[:: ROWS // ASKED][:ASKED]
    names = [c["name"] for c in schema["categories"]]
    inputs = []
    for row in asked:
        numbers = [[float(row[c["name"]]) for c in schema["numbers"]]]
        feed = {"numbers": np.array(numbers, np.float32)}
        if names:
            feed["categories"] = np.array([[row[name] for name in names]], object)
        inputs.append(feed)
    return [json.dumps(row) for row in asked], inputs


def recordings(card, folder):
    """A few recordings, and their columns but for the time."""
    paths = sorted(folder.glob("*/*.csv"))[::3][:ASKED]
    tables = [np.loadtxt(path, delimiter=",", skiprows=1) for path in paths]
    inputs = [{"recording": t[:, 1:].T.astype(np.float32)[None]} for t in tables]
    return [path.read_text() for path in paths], inputs


def texts(card, folder):
    """A few texts, and their pieces."""
    modality = by_name("texts")
    asked = [path.read_text() for path in sorted(folder.glob("*/*.txt"))[::3][:ASKED]]
    inputs = [modality.as_input(modality.read(a.encode(), card["reading"])) for a in asked]
    return asked, inputs


def write(name, samples, options, inputs_of, place):
    """Train, answer, pack."""
    model = place / name
    handful.train(samples, model, **options)
    card = json.loads((model / "card.json").read_text())
    asked, inputs = inputs_of(card, samples)
    session = onnxruntime.InferenceSession(model / "model.onnx")
    output = "value" if card["kind"] == "number" else "probabilities"
    answers = [session.run([output], feed)[0][0].tolist() for feed in inputs]
    expected = {"tags": card["tags"], "kind": card["kind"], "modality": card["modality"],
                "asked": asked, "answers": answers}  # fmt: skip
    target = HERE / f"{sys.argv[1]}-{name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(model.iterdir()):
            packed.writestr(zipfile.ZipInfo(f"model/{path.name}"), path.read_bytes(),
                            zipfile.ZIP_DEFLATED)  # fmt: skip
        packed.writestr(zipfile.ZipInfo("expected.json"), json.dumps(expected, indent=1),
                        zipfile.ZIP_DEFLATED)  # fmt: skip
    sys.stdout.write(f"{target.name}: format {card['format']}, {target.stat().st_size:,} bytes\n")


def main():
    """One of each kind that this version knows and that is small."""
    sys.modules["tokenizers"] = None  # else a model of texts has 90 MB
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        tables = {"rows": made_tables.iris_like, "several": made_tables.weather,
                  "numbers": made_tables.houses}  # fmt: skip
        for name, make in tables.items():
            table, options = make(place, rows=ROWS)
            try:
                write(name, table, options, rows, place)
            except (TypeError, ValueError) as error:  # an older version knows fewer kinds
                sys.stdout.write(f"{name}: {error}\n")
        for name, inputs_of in (("series", recordings), ("texts", texts)):
            samples = place / f"{name} samples"
            try:
                by_name(name).write_example(samples)
            except ValueError as error:
                sys.stdout.write(f"{name}: {error}\n")
                continue
            for path in samples.glob("*/*"):
                if int(path.stem.rpartition("-")[2]) >= KEPT:
                    path.unlink()
            write(name, samples, {}, inputs_of, place)


if __name__ == "__main__":
    main()
