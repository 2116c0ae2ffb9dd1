"""Keys: who may ask."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

from handful.errors import InputError
from handful.serving.refusals import Refusal

HEADER = "X-API-Key"
_SHORTEST = 16  # characters; what is shorter can be tried out


class Keys:
    """The keys of a file, as hashes; without any, everybody may ask."""

    def __init__(self, keys: tuple[str, ...] = ()) -> None:
        self._hashes = tuple(_hash(key.encode()) for key in keys)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def check(self, headers: Mapping[str, str]) -> None:
        """Refuse a request without a right key.

        Every key is compared, each in constant time: how long it takes tells nothing.

        Raises
        ------
        Refusal
            401.
        """
        if not self._hashes:
            return
        given = headers.get(HEADER.lower(), "")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not given and scheme.lower() == "bearer":
            given = token.strip()
        found = _hash(given.encode("utf-8", "replace"))
        right = [hmac.compare_digest(found, known) for known in self._hashes]
        if not any(right):
            raise Refusal(
                401,
                f"a key is needed: send the header {HEADER}: KEY, or Authorization: Bearer KEY",
            )


def read_keys(path: Path | None) -> Keys:
    """The keys in a file, one a line.

    Raises
    ------
    InputError
        It cannot be read, holds none, or one that is easily guessed.
    """
    if path is None:
        return Keys()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise InputError(f"{path} cannot be read as a file of keys: {error}.") from error
    keys = tuple(line.strip() for line in lines if line.strip())
    if not keys:
        raise InputError(f"{path} holds no key: write one a line.")
    if any(len(key) < _SHORTEST for key in keys):
        raise InputError(
            f"{path} holds a key of fewer than {_SHORTEST} characters. Make one with: "
            'python -c "import secrets; print(secrets.token_urlsafe())"'
        )
    if not all(key.isascii() and key.isprintable() for key in keys):
        raise InputError(f"{path} holds a key that no header can carry: use letters and digits.")
    return Keys(keys)


def _hash(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
