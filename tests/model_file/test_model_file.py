"""The model file against the learner that it was made from, in plain ONNX Runtime."""

import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from PIL import Image

from handful.blending import Candidate, Member
from handful.errors import ExportMismatchError
from handful.heads.logistic import fit_logistic
from handful.learners import FittedLearner
from handful.modalities.images import MODALITY
from handful.model_file import (
    ANSWER,
    OUTPUT,
    TOLERANCE,
    Witness,
    check_model,
    features_tensor,
    to_bytes,
    with_outputs,
    write_model,
)
from made_photos import packaged

TAGS = ("circle", "square", "triangle 🔺")
CARD = {"recipe": "made", "n": 36}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """36 drawn shapes, decoded, and their tags."""
    folder = tmp_path_factory.mktemp("photos")
    MODALITY.write_example(folder)
    paths = sorted(folder.glob("*/*.jpg"))
    encoders = MODALITY.encoders([(96, 96)], small=True)
    pictures = [MODALITY.read(path, MODALITY.reading(encoders)) for path in paths]
    tags = sorted({path.parent.name for path in paths})
    return pictures, np.array([tags.index(path.parent.name) for path in paths])


@pytest.fixture(scope="module")
def encoders():
    return tuple(encoder.exact() for encoder in MODALITY.encoders([(96, 96)], small=True))


def features_of(encoders, pictures):
    return {e.name: np.concatenate([e.transform([p]) for p in pictures]) for e in encoders}


@pytest.fixture(scope="module")
def features(encoders, photos):
    return features_of(encoders, photos[0])


@pytest.fixture(scope="module")
def learner(encoders, photos, features):
    """A blend of two heads on the network and one on the pixels, at a temperature of its own."""
    y = photos[1]
    network, pixels = encoders
    views = [(network, view, columns) for view, columns in network.views.items()]
    views += [(pixels, "pixels", slice(0, pixels.width))]
    members = []
    for (encoder, view, columns), weight in zip(views, (0.5, 0.3, 0.2), strict=True):
        X = features[encoder.name][:, columns]
        head = fit_logistic(X, y, n_tags=3, folds=None, sample_weight=np.ones(36)).head
        candidate = Candidate(encoder.name, view, columns, "logistic regression")
        members.append(Member(candidate, head, weight, ""))
    return FittedLearner(tuple(members), members[0].candidate, None, 2.0, (), "none")


@pytest.fixture(scope="module")
def model(encoders, learner):
    return written(encoders, learner)


def written(encoders, learner):
    return write_model(learner, encoders, inputs=MODALITY.inputs({}), tags=TAGS, card=CARD)


@pytest.fixture(scope="module")
def session(model):
    """As any other program would open it."""
    return onnxruntime.InferenceSession(to_bytes(model), providers=["CPUExecutionProvider"])


def witnesses(photos, features):
    return [
        Witness(i, MODALITY.as_input(photos[0][i]), {n: X[i : i + 1] for n, X in features.items()})
        for i in (0, 20)
    ]


def check(model, learner, photos, features):
    return check_model(
        to_bytes(model), learner.predict_proba, features,
        witnesses=witnesses(photos, features), names=[f"photo {i}" for i in range(36)],
    )  # fmt: skip


def photo_file(folder, kind):
    """A photo of an unusual kind; the pixels are real."""
    path = folder / f"{kind}.png"
    cat = packaged("cat")
    match kind:
        case "1 x 1":
            cat.resize((1, 1)).save(path)
        case "3000 x 10":
            cat.resize((3000, 10)).save(path)
        case "10 x 3000":
            cat.resize((10, 3000)).save(path)
        case "grey":
            cat.convert("L").save(path)
        case "16 bits":
            deep = np.asarray(cat.convert("L")).astype(np.uint16) * 257
            Image.fromarray(deep).save(path)
        case "see-through":
            cat.putalpha(cat.convert("L"))
            cat.save(path)
        case "CMYK":
            path = path.with_suffix(".jpg")
            cat.convert("CMYK").save(path, quality=95)
        case "turned by EXIF":
            path = path.with_suffix(".jpg")
            exif = Image.Exif()
            exif[0x0112] = 6
            cat.save(path, exif=exif, quality=95)
    return path


KINDS = ("1 x 1", "3000 x 10", "10 x 3000", "grey", "16 bits", "see-through", "CMYK",
         "turned by EXIF")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_file_answers_as_the_learner_for_odd_photos(
    tmp_path, encoders, learner, session, kind
):
    reading = MODALITY.reading(encoders)
    picture = MODALITY.read(photo_file(tmp_path, kind), reading)
    answer = session.run([OUTPUT], MODALITY.as_input(picture))[0]
    expected = learner.predict_proba(features_of(encoders, [picture]))
    assert answer.shape == (1, 3)
    assert np.abs(answer - expected).max() < 1e-4
    assert answer.sum() == pytest.approx(1, abs=1e-5)


def test_the_written_model_passes_its_check(model, learner, photos, features):
    assert 0 <= check(model, learner, photos, features) < 1e-4


def test_photos_of_one_size_go_together(session, photos, learner, features):
    batch = np.concatenate([MODALITY.as_input(picture)["pixels"] for picture in photos[0][:5]])
    p, answer = session.run([OUTPUT, ANSWER], {"pixels": batch})
    expected = learner.predict_proba({name: X[:5] for name, X in features.items()})
    assert np.abs(p - expected).max() < 1e-4
    assert answer.tolist() == expected.argmax(axis=1).tolist()


def scaled(model, array, factor):
    """A copy of the model in which the constant equal to `array` is multiplied by `factor`."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    found = 0
    for constant in changed.graph.initializer:
        value = numpy_helper.to_array(constant)
        if value.shape == array.shape and np.array_equal(value, array):
            constant.CopyFrom(numpy_helper.from_array(value * np.float32(factor), constant.name))
            found += 1
    assert found == 1
    return changed


@pytest.mark.parametrize("member", [0, 1, 2])
def test_a_head_that_is_off_by_a_percent_is_noticed(model, learner, photos, features, member):
    changed = scaled(model, learner.members[member].head.weights, 1.01)
    with pytest.raises(ExportMismatchError, match="differs by") as refusal:
        check(changed, learner, photos, features)
    assert "photo " in str(refusal.value)
    assert str(TOLERANCE) in str(refusal.value)


def test_a_bias_that_is_off_is_noticed(model, learner, photos, features):
    with pytest.raises(ExportMismatchError):
        check(scaled(model, learner.members[0].head.bias, 1.2), learner, photos, features)


def test_a_network_that_is_off_by_a_percent_is_noticed(model, learner, photos, features):
    """The heads alone are right; only the whole file shows it."""
    stem = next(c for c in model.graph.initializer if numpy_helper.to_array(c).ndim == 4)
    changed = scaled(model, numpy_helper.to_array(stem), 1.05)
    with pytest.raises(ExportMismatchError, match=r"photo (0|20) differs"):
        check(changed, learner, photos, features)


@pytest.mark.parametrize("temperature", [1.9, 2.1])
def test_another_temperature_is_noticed(model, learner, photos, features, temperature):
    with pytest.raises(ExportMismatchError):
        check(model, replace(learner, temperature=temperature), photos, features)


def test_an_answer_that_is_no_number_is_noticed(model, learner, photos, features):
    changed = scaled(model, learner.members[0].head.weights, np.nan)
    with pytest.raises(ExportMismatchError):
        check(changed, learner, photos, features)


def test_the_file_keeps_to_the_standard_and_tells_what_it_is(model, session):
    onnx.checker.check_model(to_bytes(model), full_check=True)
    (taken,) = session.get_inputs()
    assert (taken.name, taken.type, taken.shape) == (
        "pixels", "tensor(uint8)", ["n", "height", "width", 3],
    )  # fmt: skip
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["tags"]) == list(TAGS)
    assert json.loads(metadata["card"]) == CARD
    assert metadata["handful_format"] == "1"


def test_the_same_learner_gives_the_same_bytes(model, encoders, learner):
    assert to_bytes(written(encoders, learner)) == to_bytes(model)


def test_encoders_that_no_member_looks_through_are_left_out(model, encoders, learner):
    """The pixels' head alone: some hundred kB rather than 15 MB."""
    alone = replace(learner, members=(replace(learner.members[2], weight=1.0),))
    small = written(encoders, alone)
    assert len(to_bytes(small)) < 200_000 < 10_000_000 < len(to_bytes(model))


def test_features_can_be_had_from_the_file_too(model, encoders, photos, features):
    names = [features_tensor(encoder.name) for encoder in encoders]
    opened = onnxruntime.InferenceSession(
        with_outputs(to_bytes(model), names), providers=["CPUExecutionProvider"]
    )
    found = opened.run(names, MODALITY.as_input(photos[0][7]))
    for encoder, values in zip(encoders, found, strict=True):
        assert values == pytest.approx(features[encoder.name][7:8], abs=1e-4)
