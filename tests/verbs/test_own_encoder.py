"""`handful train --encoder`: a network of one's own wins where it knows more, and only there."""

import json
import shutil

import numpy as np
import onnxruntime
import pytest
import soundfile
from PIL import Image

import handful as library
from doors import FILES, handful, report
from handful.modalities.sounds import write_example as write_sounds
from made_networks import PHOTO_CARD, WAVE_CARD, conv_net, node, save, write_card

N, SIDE, N_SAMPLES = 16, 32, 8000


def hidden(shape, seed=0):
    """A pattern of -1 and 1 that nobody can guess."""
    return np.random.default_rng(seed).choice([-1.0, 1.0], shape).astype(np.float32)


def write_photos(folder, *, seed=0):
    """Noise, in which half of the photos hide a pattern and the other half its negative."""
    random = np.random.default_rng(seed)
    for tag, sign in (("minus", -1), ("plus", 1)):
        (folder / tag).mkdir(parents=True)
        for number in range(N):
            noise = random.normal(128, 40, (SIDE, SIDE, 3))
            values = noise + 5 * sign * hidden((3, SIDE, SIDE)).transpose(1, 2, 0)
            pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / tag / f"{number:02}.png")


def write_noises(folder, *, seed=0):
    """The same in sounds of half a second, somewhere quiet."""
    random = np.random.default_rng(seed)
    for tag, sign in (("minus", -1), ("plus", 1)):
        (folder / tag).mkdir(parents=True)
        for number in range(N):
            samples = random.normal(0, 0.1, N_SAMPLES) + 0.01 * sign * hidden((N_SAMPLES,))
            soundfile.write(folder / tag / f"{number:02}.wav", samples, 16_000)


def knowing(path, shape, *, takes="n"):
    """A network that knows the pattern: how alike a sample is to it, and its mean.

    Made for one sample at a time it cannot take two: the model file then goes through them.
    """
    n = int(np.prod(shape))
    weights = {"w": np.stack([hidden(shape).ravel() / 50, np.full(n, 1 / n, np.float32)], axis=1)}
    weights["shape"] = np.array([-1 if takes == "n" else takes, n])
    nodes = [node("Reshape", "x shape", "flat"), node("MatMul", "flat w", "features")]
    return save(path, nodes, takes=[takes, *shape], gives=[takes, 2], weights=weights)


def confusing(path):
    """A network whose answers jump about: noise, but the same for the same photo."""
    weights = {"w": np.random.default_rng(1).normal(0, 400, (3 * SIDE * SIDE, 6)).astype("f4")}
    nodes = [
        node("Flatten", "x", "flat"),
        node("MatMul", "flat w", "far"),
        node("Sin", "far", "features"),
    ]
    return save(path, nodes, takes=["n", 3, SIDE, SIDE], gives=["n", 6], weights=weights)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hidden")
    write_photos(folder / "photos")
    path = write_card(knowing(folder / "net.onnx", (3, SIDE, SIDE), takes=1), PHOTO_CARD)
    run = handful("train", folder / "photos", "--to", folder / "m", "--encoder", path, "--json")
    assert run.code == 0, run.err
    shutil.copytree(folder / "m", folder / "model")
    path.unlink()
    path.with_suffix(".json").unlink()
    return folder / "photos", folder / "model", run


def test_a_network_that_knows_more_wins(photos):
    _, model, run = photos
    values = run.json()
    assert values["metrics"]["accuracy"]["value"] > 0.95
    assert values["recipe"].startswith("your Template: ")
    rivals = {rival["name"]: rival for rival in report(model)["rivals"]}
    assert any(rival["chosen"] for name, rival in rivals.items() if "your encoder" in name)
    assert rivals["logistic regression on all stages"]["accuracy"] < 0.8
    assert not any(r["chosen"] for name, r in rivals.items() if "your encoder" not in name)


def test_the_model_carries_it_and_says_whose_it_is(photos):
    _, model, _ = photos
    assert {path.name for path in model.iterdir()} == FILES
    (card,) = json.loads((model / "card.json").read_text())["weights"]
    assert card["name"] == "Template"
    assert card["licence"] == "CC0-1.0"
    assert card["origin"] == "made for a test"
    assert card["distribution"] == "net.onnx"
    assert len(card["sha256"]) == 64
    shown = (model / "report.html").read_text()
    assert "made for a test" in shown
    assert card["sha256"] in shown


def test_the_file_alone_answers_for_photos_never_seen(photos, tmp_path):
    """The network and its card are deleted by now; plain ONNX Runtime agrees."""
    _, model, _ = photos
    write_photos(tmp_path / "new", seed=5)
    paths = sorted((tmp_path / "new").glob("*/*.png"))
    said = library.predict(model, paths)
    assert (
        np.mean([one.tag == path.parent.name for one, path in zip(said, paths, strict=True)]) > 0.9
    )
    session = onnxruntime.InferenceSession(model / "model.onnx")
    pixels = np.stack([np.asarray(Image.open(path)) for path in paths])
    together = session.run(["probabilities"], {"pixels": pixels})[0]
    wanted = [[one.probabilities[tag] for tag in ("minus", "plus")] for one in said]
    assert np.abs(together - wanted).max() < 1e-4
    judged = library.evaluate(model, tmp_path / "new")
    assert judged.metrics["accuracy"]["value"] > 0.9


def test_a_network_of_noise_loses(shapes, model, tmp_path):
    """The model is the one that is made without it."""
    path = write_card(confusing(tmp_path / "net.onnx"), PHOTO_CARD)
    result = library.train(shapes, tmp_path / "model", encoder=path)
    assert "your" not in result.report["recipe"]
    rivals = {rival["name"]: rival for rival in result.report["rivals"]}
    assert rivals["logistic regression on your encoder"]["chosen"] is False
    assert result.report["metrics"]["accuracy"] == report(model)["metrics"]["accuracy"]
    card = json.loads((tmp_path / "model" / "card.json").read_text())
    assert "Template" not in [weights["name"] for weights in card["weights"]]
    assert "Template" in [w["name"] for w in result.report["provenance"]["weights"]]


@pytest.mark.parametrize("rate_hz", [16_000, 24_000])
def test_sounds(rate_hz, tmp_path):
    """At 24 kHz the file itself changes the rate; the pattern is hidden at 16."""
    write_noises(tmp_path / "sounds")
    length = N_SAMPLES * rate_hz // 16_000
    if rate_hz == 16_000:
        path = knowing(tmp_path / "net.onnx", (length,))
    else:
        pattern = np.repeat(hidden((N_SAMPLES,)), 3)[::2].reshape(1, 1, -1)
        nodes = [
            node("Unsqueeze", "x one", "row"),
            node("Conv", "row w", "likeness"),
            node("Flatten", "likeness", "features"),
        ]
        path = save(
            tmp_path / "net.onnx", nodes, takes=["n", length], gives=["n", 1],
            weights={"w": pattern / 50, "one": np.array([1])},
        )  # fmt: skip
    write_card(path, WAVE_CARD, rate_hz=rate_hz)
    result = library.train(tmp_path / "sounds", tmp_path / "model", encoder=path)
    path.unlink()
    assert result.report["recipe"].startswith("your Listener")
    assert result.metrics["accuracy"]["value"] > 0.9
    write_noises(tmp_path / "new", seed=3)
    paths = sorted((tmp_path / "new").glob("*/*.wav"))
    said = library.predict(tmp_path / "model", paths)
    assert np.mean([one.tag == p.parent.name for one, p in zip(said, paths, strict=True)]) > 0.85


def test_what_is_said_of_its_output_stands_in_the_warnings(tmp_path):
    write_sounds(tmp_path / "sounds")
    nodes = [node("Reshape", "x shape", "features")]
    path = save(
        tmp_path / "net.onnx", nodes, takes=["n", 1600], gives=["n", 40, 40],
        weights={"shape": np.array([-1, 40, 40])},
    )  # fmt: skip
    write_card(path, WAVE_CARD)
    result = library.train(tmp_path / "sounds", tmp_path / "model", encoder=path)
    assert any("averaged over its 40 pieces" in said for said in result.report["warnings"])


def test_features_are_remembered_by_the_content_of_the_file(shapes, tmp_path):
    """Another network under the same name must not find the features of the first."""
    seen = []
    for seed in (0, 1, 0):
        path = write_card(conv_net(tmp_path / "net.onnx", seed=seed), PHOTO_CARD)
        result = library.train(shapes, tmp_path / f"model-{len(seen)}", encoder=path)
        rivals = {r["name"]: r["log_loss"] for r in result.report["rivals"]}
        seen.append(rivals["logistic regression on your encoder"])
    assert seen[0] == seen[2] != seen[1]


def test_refusals_of_the_command(shapes, tmp_path):
    def message(*words):
        return handful("train", *words, "--to", tmp_path / "model").message

    assert "is not there" in message(shapes, "--encoder", tmp_path / "none.onnx")
    bare = conv_net(tmp_path / "net.onnx")
    said = message(shapes, "--encoder", bare)
    assert '"licence": "FILL IN' in said
    (tmp_path / "texts" / "a").mkdir(parents=True)
    (tmp_path / "texts" / "a" / "1.txt").write_text("hello")
    said = message(tmp_path / "texts", "--encoder", bare)
    assert said == "--encoder is for photos and sounds; these are texts. Leave it out.\n"
    assert not (tmp_path / "model").exists()
