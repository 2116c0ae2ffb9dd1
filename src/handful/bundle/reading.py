"""Opens a model's folder, and says in plain words what is wrong with it."""

from __future__ import annotations

import hashlib
import io
import json
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handful.bundle.inspecting import inspect
from handful.bundle.layout import CARD, FORMAT, MODEL
from handful.errors import BundleError

_GIVE = "Give the folder that `handful train ... --to` wrote."
_AGAIN = "Copy the whole folder again, or train again."
_FEWEST = {"exclusive": 2, "several": 1, "number": 0}  # tags, by kind
_ONLY_BESIDE = ("format", "model_sha256")  # what the card inside the model file cannot hold


@dataclass(frozen=True)
class Bundle:
    """An opened model folder.

    Attributes
    ----------
    folder : Path
    card : dict
        What the model is: modality, kind, tags, how samples are read, recipe, weights.
    """

    folder: Path
    card: dict[str, Any]

    @property
    def tags(self) -> tuple[str, ...]:
        """In the order of the model's probabilities."""
        return tuple(self.card["tags"])

    def read(self, name: str) -> bytes:
        """One of the folder's files.

        Raises
        ------
        BundleError
            It is missing or cannot be read.
        """
        return _read(self.folder / name)

    def read_model(self) -> bytes:
        """The ONNX file, after its hash was compared with the card's and it was looked into.

        Raises
        ------
        BundleError
            The file is missing, is not the one that was written with the card, or holds what no
            model of handful's does.
        """
        path = self.folder / MODEL
        content = _read(path)
        if hashlib.sha256(content).hexdigest() != self.card["model_sha256"]:
            raise BundleError(
                f"{path} is damaged or was exchanged: it is not the file that was written with "
                f"card.json. {_AGAIN}"
            )
        inspect(path, content)
        return content

    def check_same_card(self, inside: str) -> None:
        """Compare the card with its twin inside the model file.

        Raises
        ------
        BundleError
            They differ: the model would be used otherwise than it was judged.
        """
        beside = {key: value for key, value in self.card.items() if key not in _ONLY_BESIDE}
        if card_text(beside) != inside:
            raise BundleError(
                f"{self.folder / CARD} was changed: it does not say the same as the card inside "
                f"model.onnx. {_AGAIN}"
            )


def card_text(card: Mapping[str, Any]) -> str:
    """The card as it stands inside the model file."""
    return json.dumps(card, ensure_ascii=False, sort_keys=True)


def open_bundle(folder: Path) -> Bundle:
    """Open a model folder.

    Raises
    ------
    BundleError
        It is no folder of handful's, is damaged, or is of a newer format.
    """
    if wrong := _not_a_folder(folder):
        raise BundleError(f"{folder} is not a model folder: {wrong}. {_GIVE}")
    try:
        there = (folder / CARD).is_file()
    except OSError as error:
        raise BundleError(f"{folder} cannot be looked into: {error.strerror}.") from error
    if not there:
        raise BundleError(f"{folder} holds no {CARD}, so it is not a model folder. {_GIVE}")
    return Bundle(folder, _checked_card(read_json(folder / CARD), folder))


def _not_a_folder(path: Path) -> str:
    """What is wrong with it; "" where it is a folder."""
    try:
        return "" if stat.S_ISDIR(path.stat().st_mode) else "it is a file"
    except FileNotFoundError:
        return "nothing is there"
    except OSError as error:
        return (error.strerror or "it cannot be opened").lower()


def _checked_card(card: dict[str, Any], folder: Path) -> dict[str, Any]:
    found = card.get("format")
    if not isinstance(found, int) or found < 1:
        raise BundleError(
            f"{folder / CARD} does not say which format it has: it is damaged or is not "
            f"handful's. {_GIVE}"
        )
    if found > FORMAT:
        raise BundleError(
            f"{folder} is of format {found}; this handful reads up to {FORMAT}. "
            "Update it: pip install --upgrade handful"
        )
    tags, kind = card.get("tags"), card.get("kind")
    if isinstance(kind, str) and kind not in _FEWEST:
        raise BundleError(f"{folder} is a model of the kind {kind[:40]!r}, which is unknown here.")
    fewest = _FEWEST.get(str(kind), 0)
    named = (
        isinstance(tags, list) and len(tags) >= fewest and all(isinstance(tag, str) for tag in tags)
    )
    texts = ("modality", "kind", "model_sha256")
    if not named or not all(isinstance(card.get(name), str) for name in texts):
        raise BundleError(
            f"{folder / CARD} is damaged: tags, modality or hash are missing. {_AGAIN}"
        )
    return card


def _read(path: Path) -> bytes:
    with _opened(path) as file:
        return file.read()


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    try:
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise BundleError(
                f"{path} is a link to {path.readlink()}, outside of the model's folder, and is not "
                "followed. Copy the files themselves there (cp -rL)."
            )
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise BundleError(f"{path} is not a file. {_AGAIN}")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror}. {_AGAIN}") from error


def read_json(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds.

    Raises
    ------
    BundleError
        It cannot be read or holds something else.
    """
    try:
        value = json.loads(_read(path))
    except BundleError:
        raise
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is damaged: it is not JSON ({error}). {_AGAIN}") from error
    if not isinstance(value, dict):
        raise BundleError(
            f"{path} is damaged: it holds {type(value).__name__}, not an object. {_AGAIN}"
        )
    return value
