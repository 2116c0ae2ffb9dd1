"""studio: the verbs in a browser."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from handful.errors import InputError

if TYPE_CHECKING:
    from handful.browsing.running import Studio


def studio(
    folder: str | Path = "samples",
    *,
    model: str | Path = "model",
    host: str = "127.0.0.1",
    port: int = 8100,
    request_mb: float = 256.0,
    show: bool = True,
) -> Studio:
    """A page that tags, trains, judges, tries and corrects: `run` answers until it is stopped.

    Parameters
    ----------
    folder : str or Path
        Samples, one sub-folder per tag; made where there is none. It stays the truth: what the
        page does is done there, and what others do there is seen in the page.
    model : str or Path
        The model's folder.
    host : str
        ``127.0.0.1`` answers this machine alone. Others are answered with the token that stands
        in `url`.
    port : int
        0 takes any free one.
    request_mb : float
        Largest file that is taken, in millions of bytes.
    show : bool
        Open the page in the browser.

    Raises
    ------
    InputError
        The folder is a file, holds the model's, cannot be written to, or is open in another
        studio; or the address is taken.
    """
    from handful.browsing.place import Place
    from handful.browsing.running import Studio
    from handful.browsing.workshop import Workshop
    from handful.sockets import listening_socket

    if not (math.isfinite(request_mb) and request_mb > 0):
        raise InputError(f"--request-mb is {request_mb}: give more than 0.")
    place, target = Path(folder), Path(model)
    _refuse_inside(place, target)
    listening = listening_socket(host, port)
    try:
        opened = Place(place)
        opened.open()
        return Studio(Workshop(opened, target, request_mb), listening, show)
    except BaseException:
        listening.close()
        raise


def _refuse_inside(folder: Path, model: Path) -> None:
    if model.resolve().is_relative_to(folder.resolve()):
        raise InputError(
            f"the model's folder {model} would lie among the samples in {folder} and be taken "
            "for a tag. Choose another folder with --model."
        )
