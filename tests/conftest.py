"""What tests of several rooms share: a cache folder of their own, photos, a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doors import Run, handful
from handful.modalities.images import write_example

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Sandboxing needs rights that containers lack; the rest keeps Chromium from calling home.
_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


TRASH = Path(__file__).resolve().parents[2] / "shared" / "data" / "images" / "trash"


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """Programs that tests start and interrupt inherit that even where this one was told not to."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's cache; commands that tests start inherit this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDFUL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_torch_thread() -> None:
    """Small networks in one thread: where cores are busy, two wait for each other for seconds."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def trash() -> Path:
    """300 real photos, 50 of each of six tags."""
    if not TRASH.is_dir():
        pytest.skip(f"the sample data is absent: no {TRASH}")
    return TRASH


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36 drawn photos: 14 under circle (2 of them squares), 10 under square, 12 under triangle.

    The wrong tags see to it that there are mistakes to report, the uneven numbers that rows
    and columns cannot be mixed up unnoticed.
    """
    folder = tmp_path_factory.mktemp("shapes") / "photos"
    write_example(folder)
    for number in (3, 8):
        name = f"square-{number:02}.jpg"
        (folder / "square" / name).rename(folder / "circle" / name)
    return folder


@pytest.fixture(scope="session")
def more_shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36 other drawn photos, 12 of each tag, all tagged rightly."""
    folder = tmp_path_factory.mktemp("more-shapes") / "photos"
    write_example(folder, seed=1)
    return folder


@pytest.fixture(scope="session")
def training(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """How `handful train shapes --to MODEL --json` ended, and the model."""
    model = tmp_path_factory.mktemp("models") / "shapes"
    return handful("train", shapes, "--to", model, "--json"), model


@pytest.fixture(scope="session")
def model(training: tuple[Run, Path]) -> Path:
    """The model of `shapes`. Tests leave it as it is."""
    run, folder = training
    assert run.code == 0, run.err
    return folder


@pytest.fixture(scope="session")
def retraining(
    shapes: Path, model: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, Path]:
    """How training ended on the same photos elsewhere, with other times, made in other order.

    `model` is asked for so that the photos were looked at before.
    """
    place = tmp_path_factory.mktemp("retraining")
    for age, path in enumerate(sorted(shapes.glob("*/*"), reverse=True)):
        copy = place / "else where" / path.relative_to(shapes)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
        os.utime(copy, (10**9 + age, 10**9 + age))
    return handful("train", place / "else where", "--to", place / "model"), place / "model"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium with a fresh profile, one for all tests."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser found: none of {', '.join(_NAMES)} is on PATH")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_SWITCHES))
        yield browser
        browser.close()
