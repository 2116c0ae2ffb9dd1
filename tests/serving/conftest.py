"""Models of every kind of sample, and a server of them all."""

import numpy as np
import pytest

import handful
from asking import serving
from handful.modalities.base import by_name

KINDS = ("texts", "tables", "series", "sounds")
ENOUGH = 7  # samples of a tag: how good the models are does not matter here


@pytest.fixture(scope="session")
def examples(tmp_path_factory):
    """By kind: a folder of samples that models did not learn from."""
    place = tmp_path_factory.mktemp("asked")
    for kind in KINDS:
        by_name(kind).write_example(place / kind, seed=1)
    return {kind: place / kind for kind in KINDS}


@pytest.fixture(scope="session")
def models(model, tmp_path_factory):
    """By kind: a model. That of photos is called shapes."""
    place = tmp_path_factory.mktemp("served")
    found = {"images": model}
    for kind in KINDS:
        samples = place / "samples" / kind
        by_name(kind).write_example(samples)
        for tag in samples.iterdir():
            for path in sorted(tag.iterdir())[ENOUGH:]:
                path.unlink()
        handful.train(samples, place / kind, budget=1)
        found[kind] = place / kind
    table = place / "houses.csv"
    rng = np.random.default_rng(0)
    drawn = zip(rng.uniform(0, 9, 24), rng.choice(["a", "b"], 24), strict=True)
    rows = [f"{x:.2f},{c},{3 * x + 2 * (c == 'a'):.3f}" for x, c in drawn]
    table.write_text("\n".join(["size,place,price", *rows]) + "\n")
    handful.train(table, place / "prices", tag="price")
    weather = place / "days.csv"
    X = rng.normal(size=(40, 2)).tolist()
    days = [f"{a:.3f},{b:.3f},{'|'.join(['rain'] * (a > 0) + ['wind'] * (b > 0))}" for a, b in X]
    weather.write_text("\n".join(["wet,gust,weather", *days]) + "\n")
    handful.train(weather, place / "weather", tag="weather", kind="several")
    return {**found, "numbers": place / "prices", "several": place / "weather"}


@pytest.fixture(scope="session")
def server(models):
    """All models behind one address, the photos' first."""
    with serving(*models.values(), timeout_s=20) as running:
        yield running
