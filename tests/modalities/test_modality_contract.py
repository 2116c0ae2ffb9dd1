"""What every kind of sample must do; a new one is found here by its file."""

import hashlib
import importlib
import io
import json
import pkgutil
import wave

import numpy as np
import onnxruntime
import pytest
from PIL import Image

import handful
import handful.modalities
from doors import FILES
from handful.errors import SamplesError, UnreadableError
from handful.modalities.base import by_name, detect, modalities

EVERY = modalities()


@pytest.fixture(scope="module", params=EVERY, ids=lambda modality: modality.name)
def modality(request):
    return request.param


@pytest.fixture(scope="module")
def example(modality, tmp_path_factory):
    folder = tmp_path_factory.mktemp(modality.name) / "example"
    modality.write_example(folder)
    return folder


@pytest.fixture(scope="module")
def paths(example):
    return sorted(path for path in example.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def encoders(modality, paths):
    return modality.encoders([modality.measure(path) for path in paths])


@pytest.fixture(scope="module")
def samples(modality, paths, encoders):
    reading = modality.reading(encoders)
    return [modality.read(path, reading) for path in paths]


@pytest.fixture(scope="module")
def bundle(example, tmp_path_factory):
    target = tmp_path_factory.mktemp("bundle") / "model"
    return handful.train(example, target)


def test_every_file_of_the_room_is_a_kind_of_its_own():
    files = {m.name for m in pkgutil.iter_modules(handful.modalities.__path__)} - {"base"}
    assert {modality.name for modality in EVERY} == files
    assert len(EVERY) == len(files)
    for name in files:
        module = importlib.import_module(f"handful.modalities.{name}")
        assert module.MODALITY is by_name(name)


def test_a_kind_that_is_not_known():
    with pytest.raises(SamplesError, match="'smells'"):
        by_name("smells")


def test_it_has_words_for_people(modality):
    assert modality.noun
    assert modality.nouns
    assert modality.noun != modality.nouns


def test_the_example_is_small_tagged_and_the_same_for_the_same_seed(modality, example, tmp_path):
    def content(folder):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {p.relative_to(folder): hashlib.sha256(p.read_bytes()).digest() for p in files}

    modality.write_example(tmp_path / "same")
    modality.write_example(tmp_path / "other", seed=1)
    assert content(tmp_path / "same") == content(example)
    assert not set(content(tmp_path / "other").values()) & set(content(example).values())
    tags = {path.parts[0] for path in content(example)}
    assert len(tags) >= 2
    assert all(sum(path.parts[0] == tag for path in content(example)) >= 8 for tag in tags)
    assert len(content(example)) <= 100


def test_it_accepts_its_own_files_and_no_others(modality, paths, tmp_path):
    assert all(modality.accepts(path) for path in paths)
    for name in ("notes.unknown", "README", "model.onnx", "x.py", "archive.zip"):
        assert not modality.accepts(tmp_path / name)


def test_its_example_is_taken_for_its_kind(modality, example, paths):
    found, files = detect(example)
    assert found.name == modality.name
    assert sorted(files.paths) == paths


@pytest.mark.parametrize("data", [b"", b"\0" * 100, bytes(range(256))])
def test_what_is_no_sample_is_unreadable(modality, encoders, data, tmp_path):
    path = tmp_path / "sample"
    path.write_bytes(data)
    reading = modality.reading(encoders)
    attempts = (modality.measure, modality.show, lambda source: modality.read(source, reading))
    for attempt in attempts:
        for source in (path, data):
            with pytest.raises(UnreadableError):
                attempt(source)


def test_how_it_reads_is_plain_values(modality, encoders):
    reading = modality.reading(encoders)
    assert json.loads(json.dumps(reading)) == reading


def test_bytes_and_file_read_alike(modality, paths, encoders):
    reading = modality.reading(encoders)
    one, other = (modality.read(s, reading) for s in (paths[0], paths[0].read_bytes()))
    first, second = modality.as_input(one), modality.as_input(other)
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert modality.measure(paths[0]) == modality.measure(paths[0].read_bytes())


def test_a_sample_goes_into_the_graph_as_announced(modality, samples, encoders):
    declared = modality.inputs(modality.reading(encoders))
    for sample in samples[:3]:
        arrays = modality.as_input(sample)
        assert list(arrays) == [name for name, _, _ in declared]
        for name, dtype, shape in declared:
            assert arrays[name].dtype == dtype
            assert arrays[name].ndim == len(shape)
            assert arrays[name].shape[0] == 1
            sizes = zip(arrays[name].shape, shape, strict=True)
            assert all(size == wanted for size, wanted in sizes if isinstance(wanted, int))


def test_made_up_samples_go_into_the_graph_too(modality, encoders):
    reading = modality.reading(encoders)
    declared = modality.inputs(reading)
    made = modality.made(reading)
    assert len(made) >= 10
    for arrays in map(modality.as_input, made):
        assert list(arrays) == [name for name, _, _ in declared]
        for name, dtype, shape in declared:
            assert arrays[name].dtype == dtype
            sizes = zip(arrays[name].shape, shape, strict=True)
            assert all(size == wanted for size, wanted in sizes if isinstance(wanted, int))


def test_encoders_give_finite_numbers_that_do_not_depend_on_the_batch(encoders, samples):
    some = samples[:3]
    assert len({encoder.name for encoder in encoders}) == len(encoders)
    assert len({encoder.key for encoder in encoders}) == len(encoders)
    for encoder in encoders:
        together = encoder.transform(some)
        assert together.shape == (3, encoder.width)
        assert together.dtype == np.float32
        assert np.isfinite(together).all()
        alone = np.concatenate([encoder.transform([sample]) for sample in some])
        scale = np.abs(together).max()
        assert np.abs(together - alone).max() <= 0.03 * scale  # quick encoders compute in bf16
        of_each = np.abs(together).max(axis=0)
        assert (np.abs(together[0] - together[1]) > 0.03 * of_each).any()


def test_the_views_of_an_encoder_lie_in_its_features(encoders):
    for encoder in encoders:
        for view in (*encoder.views.values(), encoder.likeness):
            assert 0 <= view.start < view.stop <= encoder.width


def test_what_is_small_is_one_of_the_encoders(modality, encoders):
    assert (modality.small is None) == (modality.fingerprint is None)
    assert modality.small is None or modality.small.name in {e.name for e in encoders}


def test_what_own_networks_may_take_is_an_input_of_the_graph(modality, encoders):
    names = [name for name, _, _ in modality.inputs(modality.reading(encoders))]
    assert modality.own_input is None or modality.own_input in names


def test_fingerprints_know_a_sample_again(modality, samples):
    look = modality.fingerprint
    if look is None:
        return
    first, again = look.transform(samples), look.transform(samples)
    assert first.shape == (len(samples), look.width)
    assert np.array_equal(first, again, equal_nan=True)
    bits = look.hash_bits(first)
    assert set(np.unique(bits)) == {0.0, 1.0}
    apart = np.abs(bits[:, None] - bits[None]).sum(axis=2)
    assert (apart[~np.eye(len(bits), dtype=bool)] > 0).mean() > 0.9


def test_a_sample_is_a_copy_of_itself_and_hardly_ever_of_another(modality, encoders, paths):
    comparing = modality.comparing(modality.reading(encoders))
    assert (comparing is None) == (modality.fingerprint is not None)
    if comparing is None:
        return
    samples = [comparing.read(path) for path in paths]
    prints = comparing.copies.transform(samples)
    assert prints.shape == (len(samples), comparing.copies.width)
    assert prints.dtype == np.float32
    alone = {frozenset(pair) for pair in comparing.copies.pairs(prints).tolist()}
    twice = comparing.copies.pairs(np.concatenate([prints, prints])).tolist()
    again = [frozenset((at, at + len(samples))) for at in range(len(samples))]
    assert len(alone) <= 0.01 * len(samples) * (len(samples) - 1) / 2  # of all pairs
    assert set(again) <= {frozenset(pair) for pair in twice}


def test_different_samples_are_shown_differently(modality, paths):
    shown = [modality.show(path) for path in paths[:4]]
    assert len(set(shown)) == 4
    for exhibit in shown:
        assert exhibit.picture or exhibit.text
        if exhibit.picture:
            image = Image.open(io.BytesIO(exhibit.picture))
            assert image.format == "JPEG"
            assert max(image.size) <= 400
        if exhibit.sound:
            with wave.open(io.BytesIO(exhibit.sound)) as sound:
                assert 0 < sound.getnframes() / sound.getframerate() <= 30
        assert len(exhibit.text) <= 2000
    assert modality.show(paths[0]) == modality.show(paths[0].read_bytes())


def test_pretrained_weights_say_where_they_come_from(encoders):
    for encoder in encoders:
        for card in encoder.weight_cards():
            assert all((card.name, card.licence, card.origin, card.distribution))
            assert len(card.sha256) == 64


def test_training_learns_its_example(bundle, modality, paths):
    assert {path.name for path in bundle.model.iterdir()} == FILES
    assert bundle.report["modality"] == modality.name
    assert bundle.report["n"] == len(paths)
    assert bundle.metrics["accuracy"]["low"] > bundle.metrics["baseline_accuracy"]["value"]


def test_new_samples_are_judged(bundle, modality, tmp_path):
    modality.write_example(tmp_path / "new", seed=2)
    result = handful.evaluate(bundle.model, tmp_path / "new", report=tmp_path / "page.html")
    assert result.report["n"] == sum(p.is_file() for p in (tmp_path / "new").rglob("*"))
    assert result.metrics["accuracy"]["low"] > result.metrics["baseline_accuracy"]["value"]
    assert (tmp_path / "page.html").is_file()


def test_prediction_and_plain_onnx_runtime_agree(bundle, modality, paths):
    reading = json.loads((bundle.model / "card.json").read_text())["reading"]
    session = onnxruntime.InferenceSession(bundle.model / "model.onnx")
    tags = bundle.report["tags"]
    for path, said in zip(paths[::9], handful.predict(bundle.model, paths[::9]), strict=True):
        sample = modality.as_input(modality.read(path, reading))
        shares = session.run(["probabilities"], sample)[0][0]
        assert said.probabilities == pytest.approx(dict(zip(tags, shares, strict=True)), abs=1e-5)
        assert said.tag == path.parent.name


def test_what_is_remembered_of_a_sample_is_named_after_the_whole_encoder(encoders):
    """Another size or another network must never find the features of this one."""
    keys = [encoder.key for encoder in encoders]
    assert all(isinstance(key, str) and key for key in keys)
    for encoder in encoders:
        assert encoder.key == encoder.key
        assert encoder.exact().name == encoder.name
