"""A model's folder on disk: written whole or not at all, opened with care."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handful.errors import BundleError, TargetError

FORMAT = 1
MODEL, CARD, REPORT_HTML, REPORT_JSON, PREDICTIONS = (
    "model.onnx", "card.json", "report.html", "report.json", "predictions.csv",
)  # fmt: skip
_FILES = (MODEL, CARD, REPORT_HTML, REPORT_JSON, PREDICTIONS)


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

    def read_model(self) -> bytes:
        """The ONNX file, after its hash was compared with the card's; not kept in memory.

        Raises
        ------
        BundleError
            The file is missing or is not the one that was written with the card.
        """
        data = _read(self.folder / MODEL)
        if hashlib.sha256(data).hexdigest() != self.card["model_sha256"]:
            raise BundleError(
                f"{self.folder / MODEL} is damaged or was exchanged: it is not the file that "
                "was written with card.json. Train again, or copy the whole folder again."
            )
        return data


def open_bundle(folder: Path) -> Bundle:
    """Open a model folder.

    Raises
    ------
    BundleError
        It is no folder of handful's, is damaged, or is of a newer format.
    """
    if not folder.is_dir():
        raise BundleError(
            f"{folder} is not a model folder: "
            + ("it is a file." if folder.exists() else "nothing is there.")
            + " Give the folder that `handful train ... --to` wrote."
        )
    if not (folder / CARD).is_file():
        raise BundleError(
            f"{folder} holds no card.json, so it is not a model folder. "
            "Give the folder that `handful train ... --to` wrote."
        )
    return Bundle(folder, _checked_card(_read_json(folder / CARD), folder))


def _checked_card(card: dict[str, Any], folder: Path) -> dict[str, Any]:
    found = card.get("format")
    if not isinstance(found, int) or found < 1:
        raise BundleError(f"{folder / CARD} does not say which format it has; it is damaged.")
    if found > FORMAT:
        raise BundleError(
            f"{folder} is of format {found}; this handful reads up to {FORMAT}. "
            "Update it: pip install --upgrade handful"
        )
    tags = card.get("tags")
    named = isinstance(tags, list) and len(tags) > 1 and all(isinstance(t, str) for t in tags)
    texts = ("modality", "kind", "model_sha256")
    if not named or not all(isinstance(card.get(name), str) for name in texts):
        raise BundleError(f"{folder / CARD} is damaged: tags, modality or hash are missing.")
    return card


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror}.") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(_read(path))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BundleError(f"{path} is damaged: it is not JSON ({error}).") from error
    if not isinstance(value, dict):
        raise BundleError(f"{path} is damaged: it holds {type(value).__name__}, not an object.")
    return value


def check_target(target: Path) -> None:
    """Refuse a target that would overwrite anything but an older model.

    Raises
    ------
    TargetError
        The target is a file, a folder that holds other things, or lies where none can be made.
    """
    if target.is_dir():
        content = {path.name for path in target.iterdir()}
        if content and not (CARD in content and content <= set(_FILES)):
            strange = sorted(content - set(_FILES)) or sorted(content)
            raise TargetError(
                f"{target} exists and is not just a model folder: it holds {strange[0]!r}. "
                "Nothing was touched. Choose another folder with --to."
            )
    elif target.exists() or target.is_symlink():
        raise TargetError(f"{target} exists and is a file. Choose another folder with --to.")
    parent = next(path for path in target.absolute().parents if path.exists())
    if not os.access(parent, os.W_OK) or not parent.is_dir():
        raise TargetError(f"cannot write to {parent}. Choose another folder with --to.")


def write_bundle(target: Path, files: Mapping[str, bytes], card: Mapping[str, Any]) -> None:
    """Write a model folder in one step: whoever looks sees the old one or the new one.

    Parameters
    ----------
    target : Path
    files : mapping of str to bytes
        `MODEL`, `REPORT_HTML`, `REPORT_JSON`, `PREDICTIONS`.
    card : mapping
        Completed here with the format and the model's hash.

    Raises
    ------
    TargetError
        The disk is full or refuses; what stood there before still stands.
    """
    check_target(target)
    full = {**card, "format": FORMAT, "model_sha256": hashlib.sha256(files[MODEL]).hexdigest()}
    text = json.dumps(full, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        with _scratch(target) as scratch:
            for name, data in {**files, CARD: text.encode()}.items():
                _write_durably(scratch / name, data)
            _sync_folder(scratch)
            _put_in_place(scratch, target)
            _sync_folder(target.absolute().parent)
    except OSError as error:
        raise TargetError(
            f"cannot write {target}: {_reason(error)}. Nothing was changed there."
        ) from error


def write_file(path: Path, data: bytes) -> None:
    """Write one file in one step: whoever looks sees the old one or the new one.

    Raises
    ------
    TargetError
        The disk is full or refuses; what stood there before still stands.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        _write_durably(beside, data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise TargetError(f"cannot write {path}: {_reason(error)}.") from error


def _reason(error: OSError) -> str:
    return "the disk is full" if error.errno == errno.ENOSPC else error.strerror or "it failed"


@contextlib.contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A folder beside the target, removed at the end with whatever it then holds."""
    for left_over in target.absolute().parent.glob(f".{target.name}.*.unfinished"):
        if not _alive(left_over):
            shutil.rmtree(left_over, ignore_errors=True)  # of a run that was killed
    scratch = Path(
        tempfile.mkdtemp(
            prefix=f".{target.name}.{os.getpid()}-",
            suffix=".unfinished",
            dir=target.absolute().parent,
        )
    )
    try:
        scratch.chmod(0o755)
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _alive(scratch: Path) -> bool:
    """Whether the process that made a scratch folder still runs."""
    if os.name != "posix":
        return True
    number = scratch.name.removesuffix(".unfinished").rpartition(".")[2].partition("-")[0]
    if not number.isdigit():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows neither needs nor allows it
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put_in_place(scratch: Path, target: Path) -> None:
    if not target.exists():
        scratch.rename(target)
    elif not any(target.iterdir()):
        target.rmdir()
        scratch.rename(target)
    elif not _exchange(scratch, target):
        aside = scratch.with_suffix(".old")
        target.rename(aside)
        scratch.rename(target)
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(left: Path, right: Path) -> bool:
    """Swap two folders in one step, where the system can (Linux); False where it cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE: linux/fcntl.h, linux/fs.h
    return bool(rename(here, os.fsencode(left), here, os.fsencode(right), exchange) == 0)
