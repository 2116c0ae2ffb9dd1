"""ONNX Runtime for browsers: fetched once from npm's registry, remembered, checked by its hash."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

from handful.encoders.cache import cache_folder
from handful.errors import InputError

VERSION = "1.30.0"
_URL = f"https://registry.npmjs.org/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
# As the registry publishes it: npm view onnxruntime-web@1.30.0 dist.integrity
_SHA512 = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
_SIZE_MB, _MOST_B, _TIMEOUT_S = 33, 64_000_000, 60
_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


def web_runtime() -> dict[str, bytes]:
    """The runtime's files, by name.

    Raises
    ------
    InputError
        They were never fetched, and the registry cannot be reached or gives something else.
    """
    place = cache_folder() / f"onnxruntime-web-{VERSION}.tgz"
    content = _remembered(place)
    if content is None:
        content = _fetched(place)
        _remember(place, content)
    with tarfile.open(fileobj=io.BytesIO(content)) as packed:
        return {name: _member(packed, f"package/dist/{name}") for name in _FILES}


def _remembered(place: Path) -> bytes | None:
    try:
        content = place.read_bytes()
    except OSError:
        return None
    return content if _is_right(content) else None


def _is_right(content: bytes) -> bool:
    return base64.b64encode(hashlib.sha512(content).digest()).decode() == _SHA512


def _fetched(place: Path) -> bytes:
    try:
        with urllib.request.urlopen(_URL, timeout=_TIMEOUT_S) as answer:
            content: bytes = answer.read(_MOST_B)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(
            f"the web page runs on onnxruntime-web {VERSION} ({_SIZE_MB} MB), which is fetched "
            f"once from npm's registry, and that cannot be reached: {reason}. Nothing was written. "
            f"Run it again with a network, or fetch {_URL} elsewhere and put it at {place}"
        ) from error
    if not _is_right(content):
        raise InputError(
            f"{_URL} gave {len(content)} bytes that are not onnxruntime-web {VERSION} as it was "
            "published: something on the way changes what is fetched. Nothing was written."
        )
    return content


def _remember(place: Path, content: bytes) -> None:
    """Keep it; a disk that refuses costs another fetch, not the page."""
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(place)
    except OSError:
        beside.unlink(missing_ok=True)


def _member(packed: tarfile.TarFile, name: str) -> bytes:
    file = packed.extractfile(name)
    if file is None:
        raise InputError(f"onnxruntime-web {VERSION} has no {name}.")
    return file.read()
