"""Copies of real photos are found, different photos are not; groups against SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from handful.caring.near_copies import (
    bursts,
    group_samples,
    near_copies,
    same_content,
    same_value,
)
from handful.modalities.images import MODALITY
from handful.pictures import Picture
from made_photos import COPIES, packaged

WIDTH_PX = 300
ALWAYS = {"saved again", "resized", "noisy", "darker", "mirrored", "cropped by 5 %"}
quickly = settings(max_examples=100, deadline=None)


def small(image):
    return image.convert("RGB").resize((WIDTH_PX, round(WIDTH_PX * image.height / image.width)))


def pairs_among(images):
    """Pairs that are taken for copies, by the encoders that `train` uses."""
    pictures = [Picture(np.asarray(image), None, "") for image in images]
    network, pixels = MODALITY.encoders([image.size for image in images])
    prints = MODALITY.fingerprint.transform(pictures)
    features = np.concatenate([network.transform(pictures[i : i + 8])
                               for i in range(0, len(pictures), 8)])  # fmt: skip
    found = near_copies(
        MODALITY.fingerprint.hash_bits(prints),
        MODALITY.fingerprint.mirrored_bits(prints),
        pixels.transform(pictures),
        features[:, network.likeness],
    )
    return {(int(i), int(j)) for i, j in found}


def check_copies(photos):
    """Each photo and its copies: which changes are seen through, and nothing else is joined."""
    images, source, change = [], [], []
    for number, photo in enumerate(photos):
        for name, changed in {"": lambda image: image, **COPIES}.items():
            images.append(changed(photo))
            source.append(number)
            change.append(name)
    pairs = pairs_among(images)
    assert [(i, j) for i, j in pairs if source[i] != source[j]] == []
    originals = {number: at for at, (number, name) in enumerate(zip(source, change, strict=True))
                 if not name}  # fmt: skip
    found = {name: 0 for name in COPIES}
    for i, j in pairs:
        if i == originals[source[i]]:
            found[change[j]] += 1
    return {name: count / len(photos) for name, count in found.items()}


def assert_seen_through(shares):
    assert {name: share for name, share in shares.items() if name in ALWAYS and share < 1} == {}
    assert min(shares.values()) >= 0.75


def test_copies_of_real_photos_are_found_and_nothing_else_is_joined():
    names = ("china", "cat", "coffee", "rocket", "grass")
    assert_seen_through(check_copies([small(packaged(name)) for name in names]))


@pytest.mark.slow
def test_copies_of_photos_of_rubbish_are_found_and_nothing_else_is_joined(trash):
    tags = [tag for tag in sorted(trash.iterdir()) if tag.name != "plastic"]  # shares one photo
    paths = [path for tag in tags for path in sorted(tag.iterdir())[:8]]
    assert_seen_through(check_copies([small(Image.open(path)) for path in paths]))


def test_different_photos_of_one_kind_are_not_joined(trash):
    paths = sorted((trash / "cardboard").iterdir())[:16]
    assert pairs_among([small(Image.open(path)) for path in paths]) == set()


def fixed_camera(things):
    """One scene, each time with another thing somewhere in it, in slightly other light."""
    scene, rng = small(packaged("gravel")), np.random.default_rng(0)
    for thing in things:
        image = scene.copy()
        image.paste(thing, tuple(int(rng.integers(0, side - 90)) for side in image.size))
        pixels = np.asarray(image) * rng.uniform(0.95, 1.05)
        pixels += rng.normal(0, 3, pixels.shape)
        yield Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def test_a_fixed_camera_does_not_make_copies_of_everything():
    photos = [packaged(name) for name in ("china", "cat", "coffee", "flower", "astronaut", "coins")]
    rng = np.random.default_rng(1)
    things = []
    for photo in photos * 4:
        left, top = (int(rng.integers(0, side - 120)) for side in photo.size)
        things.append(photo.crop((left, top, left + 120, top + 100)).resize((90, 75)))
    assert pairs_among(list(fixed_camera(things))) == set()


def test_more_photos_than_fit_into_one_block():
    """Pairs across blocks, against a plain loop over all pairs."""
    rng = np.random.default_rng(0)
    sources = rng.permutation(np.concatenate([np.arange(1200), np.arange(60)]))
    bits = rng.integers(0, 2, (1200, 63)).astype(np.float32)[sources]
    pixels = rng.normal(size=(1200, 20)).astype(np.float32)[sources]
    features = rng.normal(size=(1200, 30)).astype(np.float32)[sources]
    found = near_copies(bits, 1 - bits, pixels, features)
    expected = {(i, j) for i in np.flatnonzero(sources < 60) for j in np.flatnonzero(sources < 60)
                if i < j and sources[i] == sources[j]}  # fmt: skip
    assert {(int(i), int(j)) for i, j in found} == expected
    assert len(expected) == 60


def test_one_sample_and_equal_samples():
    one = np.ones((1, 5), np.float32)
    assert near_copies(one, one, one, one).shape == (0, 2)
    same = np.ones((3, 5), np.float32)
    assert np.isfinite(near_copies(same, same, same, same)).all()


links = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40)


@quickly
@given(st.lists(links, min_size=1, max_size=3))
def test_groups_are_the_connected_components(parts):
    named = [(f"reason {number}", np.array(pairs, np.int64).reshape(-1, 2))
             for number, pairs in enumerate(parts)]  # fmt: skip
    found = group_samples(30, named)
    ends = np.concatenate([pairs for _, pairs in named])
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(30, 30))
    n_groups, labels = connected_components(graph, directed=False)
    ours, theirs = found.groups, labels
    assert len(set(ours)) == n_groups
    assert len(set(zip(ours.tolist(), theirs.tolist(), strict=True))) == n_groups
    several = {tuple(np.flatnonzero(labels == one)) for one in range(n_groups)
               if (labels == one).sum() > 1}  # fmt: skip
    assert {group.members for group in found.found} == several


@quickly
@given(st.lists(links, min_size=2, max_size=3))
def test_a_group_is_named_after_the_first_reason_that_made_it(parts):
    named = [(f"{number}", np.array(pairs, np.int64).reshape(-1, 2))
             for number, pairs in enumerate(parts)]  # fmt: skip
    for group in group_samples(30, named).found:
        inside = [reason for reason, pairs in named
                  if any(i != j and i in group.members for i, j in pairs)]  # fmt: skip
        assert group.why == inside[0]


def closure(n, together):
    """Groups of a relation, by a plain loop over all pairs."""
    pairs = [(i, j) for i in range(n) for j in range(i) if together(i, j)]
    return group_samples(n, [("", np.array(pairs, np.int64).reshape(-1, 2))]).groups.tolist()


@quickly
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 40)), st.integers(0, 2),
                       st.integers(0, 1)), min_size=1, max_size=25)
)  # fmt: skip
def test_bursts_are_photos_of_one_tag_and_camera_within_three_seconds(photos):
    taken_s = np.array([np.nan if t is None else t * 1.0 for t, _, _ in photos])
    cameras, y = (np.array([photo[at] for photo in photos]) for at in (1, 2))
    pairs = bursts(taken_s, cameras, y)

    def together(i, j):
        return cameras[i] == cameras[j] and y[i] == y[j] and abs(taken_s[i] - taken_s[j]) <= 3

    found = group_samples(len(photos), [("", pairs)]).groups.tolist()
    assert found == closure(len(photos), together)


@quickly
@given(st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=20))
def test_samples_of_the_same_value_belong_together_and_no_value_joins_nobody(values):
    found = group_samples(len(values), [("", same_value(values))]).groups.tolist()
    assert found == closure(len(values), lambda i, j: values[i] == values[j] != "")


@quickly
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=20))
def test_the_same_files_belong_together(contents):
    found = group_samples(len(contents), [("", same_content(contents))]).groups.tolist()
    assert found == closure(len(contents), lambda i, j: contents[i] == contents[j])
