"""Encoders from the Hugging Face hub: fetched once, kept, and checked by their hashes."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from handful.encoders.cache import cache_folder
from handful.encoders.foreign_data import places_of
from handful.errors import InputError, MissingExtraError

HUB = "hf:"
_NAME = re.compile(
    r"hf:(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w.-]+))?(?:/(?P<file>.+\.onnx))?"
)
_MOST_B = 500_000_000
_SHOWN = 8
_NEWEST = "main"


@dataclass(frozen=True)
class Fetched:
    """An ONNX file from the hub, on this machine, with what belongs to it beside it.

    Attributes
    ----------
    path : Path
    folder : Path
        In which everything of its repository lies, links followed.
    origin : str
        Repository, version and file.
    """

    path: Path
    folder: Path
    origin: str


def fetch(name: str) -> Fetched:
    """An ONNX file, its card and its further data; from this machine where they are known.

    Parameters
    ----------
    name : str
        ``hf:OWNER/NAME``, where one ONNX file of the repository has a card beside it; else
        ``hf:OWNER/NAME/path/to/file.onnx``. ``@VERSION`` after the name asks for a version.

    Raises
    ------
    InputError
        There is no such repository, file or network, or what came is damaged.
    MissingExtraError
        ``handful[hub]`` is not installed.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise InputError(
            f"--encoder {name}: give hf:OWNER/NAME, or hf:OWNER/NAME/path/to/file.onnx where it "
            "holds several."
        )
    library = _library()
    repository = _Repository(library, name, match["repo"], match["revision"])
    with _in_plain_words(library, name):
        names = repository.names()
        file = match["file"] or _only(name, match["repo"], names)
        if file not in names:
            raise InputError(f"{name}: there is no such file. It holds {_some(names)}.")
        path = repository.get(file)
        card = str(PurePosixPath(file).with_suffix(".json"))
        if card in names:
            repository.get(card)
        for place in _places(path):
            further = str(PurePosixPath(file).parent / place)
            if ".." not in PurePosixPath(place).parts and further in names:
                repository.get(further)
    version = path.relative_to(repository.folder / "snapshots").parts[0]
    return Fetched(path, repository.folder, f"{HUB}{match['repo']}@{version}/{file}")


class _Repository:
    """One version of a repository: what is asked for is kept in handful's cache folder."""

    def __init__(self, library: Any, name: str, repo: str, revision: str | None) -> None:
        self.library, self.name, self.repo, self.revision = library, name, repo, revision
        self.kept = cache_folder() / "hub"
        self.folder = self.kept / f"models--{repo.replace('/', '--')}"

    def names(self) -> list[str]:
        """Its files: all of them, or without a network those that were fetched before."""
        errors = self.library.errors
        try:
            about = self.library.HfApi().model_info(
                self.repo, revision=self.revision, files_metadata=True
            )
        except (
            errors.RepositoryNotFoundError,
            errors.RevisionNotFoundError,
            errors.HFValidationError,
        ):
            raise
        except Exception:  # no network, or the hub is ill: of many kinds
            known = self._known()
            if not known:
                raise
            return known
        large = [f.rfilename for f in about.siblings if (f.size or 0) > _MOST_B]
        self._note(about.sha)
        self.revision = about.sha  # all files of one version, whatever happens meanwhile
        return sorted(f.rfilename for f in about.siblings if f.rfilename not in large)

    def get(self, file: str) -> Path:
        """A file of it on this machine, its hash compared with the hub's.

        The hub names each file by its hash, and the library keeps it under that name: SHA-256
        of a large file, git's SHA-1 of a small one.
        """
        path = Path(
            self.library.hf_hub_download(
                self.repo, file, revision=self.revision, cache_dir=str(self.kept)
            )
        )
        blob = path.resolve()
        if blob.name not in _hashes(blob):
            blob.unlink()
            raise InputError(
                f"{self.name}: {file} is not what the hub says it is (its hash differs), and was "
                "removed. Run it again to fetch it anew."
            )
        return path

    def _note(self, version: str) -> None:
        """Remember, where the library would, what was meant: for when there is no network."""
        said = self.folder / "refs" / (self.revision or _NEWEST)
        if self.revision != version:
            said.parent.mkdir(parents=True, exist_ok=True)
            said.write_text(version)

    def _known(self) -> list[str]:
        """What was fetched before of the version asked for."""
        said = self.folder / "refs" / (self.revision or _NEWEST)
        version = said.read_text().strip() if said.is_file() else self.revision or ""
        place = self.folder / "snapshots" / version
        if not version or not place.is_dir():
            return []
        self.revision = version
        return sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())


def _library() -> Any:
    try:
        library = import_module("huggingface_hub")
        import_module("huggingface_hub.errors")
    except ImportError as error:
        raise MissingExtraError(
            "--encoder hf:... fetches from the Hugging Face hub, which needs: "
            "pip install 'handful[hub]'. Or fetch the ONNX file by other means, and name it."
        ) from error
    if not sys.stderr.isatty():
        import_module("huggingface_hub.utils").disable_progress_bars()
    return library


@contextmanager
def _in_plain_words(library: Any, name: str) -> Iterator[None]:
    """Whatever goes wrong on the way as one message."""
    errors = library.errors
    kinds: Sequence[tuple[Any, Callable[[Exception], str]]] = (
        (errors.GatedRepoError, lambda _: "its owner wants to be asked first: see its page"),
        (errors.RevisionNotFoundError, lambda _: "there is no such version of it"),
        (errors.RepositoryNotFoundError, lambda _: "there is no such repository, or it is private"),
        (errors.HFValidationError, lambda error: f"no such name can be: {error}"),
        (errors.HfHubHTTPError, lambda error: f"the hub answers: {str(error).splitlines()[0]}"),
    )
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        for kind, words in kinds:
            if isinstance(error, kind):
                raise InputError(f"{name}: {words(error)}.") from error
        raise InputError(
            f"{name} cannot be fetched: {library.constants.ENDPOINT} does not answer (is there a "
            "network?), and it was not fetched before. Name an ONNX file on this machine instead."
        ) from error


def _only(name: str, repo: str, names: Sequence[str]) -> str:
    """The one ONNX file that has a card, or the only one there is."""
    every = [n for n in names if n.endswith(".onnx")]
    carded = [n for n in every if str(PurePosixPath(n).with_suffix(".json")) in names]
    found = carded or every
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(f"{name} holds no ONNX file of at most {_MOST_B / 1e6:.0f} MB.")
    raise InputError(
        f"{name} holds several: name one, like {HUB}{repo}/{found[0]}: {_some(found)}."
    )


def _places(path: Path) -> list[str]:
    """Further files that an ONNX file keeps weights in; none where it is no ONNX file."""
    from google.protobuf.message import DecodeError
    from onnx import ModelProto

    model = ModelProto()
    try:
        model.ParseFromString(path.read_bytes())
    except (DecodeError, ValueError):  # opening it says what is wrong with it
        return []
    return places_of(model)


def _hashes(path: Path) -> tuple[str, str]:
    """SHA-256 of a file, and the SHA-1 by which git names it."""
    large = hashlib.sha256()
    small = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(2**20):
            large.update(block)
            small.update(block)
    return large.hexdigest(), small.hexdigest()


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
