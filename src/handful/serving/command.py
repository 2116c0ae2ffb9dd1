"""serve: models over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from handful.errors import InputError
from handful.loading import usable_cores

if TYPE_CHECKING:
    from handful.serving.running import Server


def serve(
    models: Sequence[str | Path] | str | Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    api_key_file: Path | None = None,
    allow_origin: Sequence[str] | None = None,
    request_mb: float = 32.0,
    megapixels: float = 64.0,
    sound_s: float = 600.0,
    timeout_s: float = 30.0,
    waiting: int = 256,
    threads: int | None = None,
) -> Server:
    """Models behind an address: `run` answers until it is stopped.

    Parameters
    ----------
    models : sequence of str or Path
        Folders that `train` wrote. The first one answers at ``/predict``, each one at
        ``/models/NAME/predict``, where NAME is its folder's.
    host : str
        ``127.0.0.1`` answers programs of this machine alone, ``0.0.0.0`` other machines too.
    port : int
        0 takes any free one.
    api_key_file : Path, optional
        A file with keys, one a line; requests must then bring one.
    allow_origin : sequence of str, optional
        Web pages from these addresses may ask, like ``https://example.org``.
    request_mb : float
        Largest request, in millions of bytes.
    megapixels : float
        Largest photo.
    sound_s : float
        Longest sound.
    timeout_s : float
        How long a request may take to arrive, and again to be answered.
    waiting : int
        Samples that may wait; who comes later is asked to come again (429).
    threads : int, optional
        Samples answered side by side; as many as there are cores.

    Raises
    ------
    InputError
        A model cannot be opened, the address is taken, or a limit makes no sense.
    """
    from handful.serving.keys import read_keys
    from handful.serving.limits import Limits
    from handful.serving.memory import keep_memory_flat
    from handful.serving.models import open_models
    from handful.serving.running import Server
    from handful.serving.service import Service
    from handful.sockets import listening_socket

    if threads is not None and threads < 1:
        raise InputError(f"--threads is {threads}: give at least 1.")
    keep_memory_flat()
    limits = Limits(request_mb, megapixels, sound_s, timeout_s, waiting)
    keys = read_keys(None if api_key_file is None else Path(api_key_file))
    folders = [models] if isinstance(models, str | Path) else list(models)
    origins = tuple(allow_origin or ())
    for origin in origins:
        _check_origin(origin)
    listening = listening_socket(host, port)
    try:
        served = open_models([Path(folder) for folder in folders])
    except BaseException:
        listening.close()
        raise
    service = Service(served, limits=limits, keys=keys, n_threads=threads or usable_cores())
    return Server(service, listening, origins)


def _check_origin(origin: str) -> None:
    scheme, _, rest = origin.partition("://")
    if origin != "*" and (scheme not in ("http", "https") or not rest or "/" in rest):
        raise InputError(
            f"--allow-origin {origin!r} is no origin: give it like https://example.org, without "
            "a path, or * for every page."
        )
