"""Series: recordings as a person has them, from training to new ones."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import handful
from doors import handful as command
from handful.errors import SamplesError, UnreadableError
from handful.modalities.series import MODALITY


def test_a_ts_file_is_learnt_and_judged(tmp_path):
    def ts(path, seed):
        random = np.random.default_rng(seed)
        lines = ["@classLabel true slow fast", "@data"]
        for number in range(24):
            t = np.arange(random.integers(30, 60))
            wave = np.sin(t / (4 if number % 2 else 1.2)) + random.normal(0, 0.2, len(t))
            lines.append(",".join(f"{v:.3f}" for v in wave) + (":slow" if number % 2 else ":fast"))
        path.write_text("\n".join(lines) + "\n")
        return path

    run = command("train", ts(tmp_path / "a.ts", 0), "--to", tmp_path / "model", "--json").json()
    assert (run["modality"], run["n"], run["tags"]) == ("series", 24, ["fast", "slow"])
    judged = handful.evaluate(tmp_path / "model", ts(tmp_path / "b.ts", 1))
    assert judged.metrics["accuracy"]["value"] == 1
    one = tmp_path / "one.csv"
    one.write_text("\n".join(f"{np.sin(i / 1.2):.4f}" for i in range(40)))
    assert handful.predict(tmp_path / "model", one)[0].tag == "fast"


def test_recordings_with_other_channels_are_refused_together(tmp_path):
    for tag in ("a", "b"):
        (tmp_path / "set" / tag).mkdir(parents=True)
        for number in range(3):
            columns = f"{number},{ord(tag)}" if number < 2 else str(ord(tag))
            (tmp_path / "set" / tag / f"{number}.csv").write_text(f"{columns}\n{columns}\n")
    message = command("train", tmp_path / "set", "--to", tmp_path / "model").message
    assert "differ in their number of channels: 4 have 2, 2 have 1" in message


def test_a_new_recording_must_fit(tmp_path):
    with pytest.raises(UnreadableError, match="has 3 channels, the others have 2"):
        MODALITY.read(b"1,2,3\n4,5,6\n", {"channels": 2, "every": 1})
    long = "\n".join(["1"] * 140_000).encode()
    with pytest.raises(UnreadableError, match="cut it in parts"):
        MODALITY.read(long, {"channels": 1, "every": 1})


def test_long_recordings_are_averaged_alike():
    measures = [MODALITY.measure("\n".join(map(str, range(n))).encode()) for n in (100, 20_000)]
    encoders = MODALITY.encoders(measures)
    reading = MODALITY.reading(encoders)
    assert reading == {"channels": 1, "every": 3}
    assert MODALITY.read(b"1\n2\n3\n4\n5\n6\n7\n", reading).tolist() == [[2, 5]]
    assert MODALITY.read(b"1\n3\n", reading).tolist() == [[2]]
    assert any("every 3 steps" in remark for remark in MODALITY.remarks(measures, ()))


def test_short_and_unlike_recordings_are_remarked():
    measures = [MODALITY.measure(b"x\n1\n2\n"), MODALITY.measure(b"y\n" + b"1\n" * 20)]
    said = " ".join(MODALITY.remarks(measures, ("a", "b")))
    assert "fewer than 9 steps" in said
    assert "not named alike" in said


def test_a_recording_of_one_step_is_drawn_too():
    with Image.open(io.BytesIO(MODALITY.show(b"x,y\n1,2\n").picture)) as picture:
        pixels = np.asarray(picture.convert("L"))
    assert (pixels < 160).any(axis=0).mean() > 0.9  # a level from left to right


def test_scales_are_those_of_all_steps():
    a, b = np.array([1.0, 2, 3]), np.array([10.0, 20])
    measures = [MODALITY.measure("\n".join(map(str, v)).encode()) for v in (a, b)]
    scales = MODALITY.encoders(measures)[0].scales
    every = np.concatenate([a, b])
    assert scales.middle[0] == pytest.approx(every.mean())
    assert scales.spread[0] == pytest.approx(every.std())


def test_decimal_commas_are_decided_for_the_whole_set():
    doubtful, clear = MODALITY.measure(b"1,771\n2,501\n"), MODALITY.measure(b"1,771\n-0,501\n")
    with pytest.raises(SamplesError, match="or one with a decimal comma"):
        MODALITY.encoders([doubtful, doubtful])
    reading = MODALITY.reading(MODALITY.encoders([doubtful, clear]))
    assert reading["channels"] == 1
    assert MODALITY.read(b"3,125\n2,501\n", reading) == pytest.approx(np.array([[3.125, 2.501]]))
    assert MODALITY.remarks([doubtful, clear], ())[0].startswith("2 recordings have fewer than 9")
