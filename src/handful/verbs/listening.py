"""listen: how loud it is, and what is unlike the usual."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np

from handful.bundle import check_file, check_page
from handful.detectors.stored_baseline import START
from handful.errors import InputError
from handful.progress import Progress, silent
from handful.sounds.opening import open_sound
from handful.verbs.hearing import Listening
from handful.verbs.listening_options import alarms_per_hour, offset_db, where_from
from handful.verbs.places import check_folder
from handful.verbs.telling import Teller


def listen(
    source: str | Path | IO[bytes] | Iterable[np.ndarray],
    *,
    baseline: float | str | Path | None = None,
    save_baseline: str | Path | None = None,
    false_alarms: str | None = None,
    calibrate: str | None = None,
    plot: str | Path | None = None,
    on_event: str | None = None,
    webhook: str | None = None,
    rate_hz: float | None = None,
    progress: Progress = silent,
) -> Listening:
    """How loud a sound is, and what in it is unlike the usual.

    Parameters
    ----------
    source : str, Path, binary file or iterable of ndarray
        A file with sound in it; ``microphone`` or ``microphone:NAME``; ``-`` for standard input;
        a file that is open for reading bytes; or blocks of samples of any size, float (full
        scale -1 to 1) or int16, shape (n_samples,) or (n_samples, n_channels).
    baseline : float, str or Path, optional
        What is usual: so many seconds of the beginning (by default 30), a file, or a baseline
        that was saved.
    save_baseline : str or Path, optional
        Write the baseline to this file.
    false_alarms : str, optional
        At most so many, like ``1/hour``; by default as rare as the baseline allows.
    calibrate : str, optional
        ``tone.wav=94``: a recording of a tone and its level; makes levels dB SPL.
    plot : str or Path, optional
        Write a page that shows level, events and spectrogram.
    on_event : str, optional
        A command that gets every event as JSON on its standard input.
    webhook : str, optional
        An address that every event is posted to as JSON.
    rate_hz : float, optional
        Samples a second, of blocks and of raw pipes.
    progress : Progress, optional

    Returns
    -------
    Listening
        Iterate over it for the events; `to_json()` is the summary.

    Raises
    ------
    InputError
        The sound, the baseline, the tone or an option cannot be used; with what to do.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 0.01, 12 * 16_000).astype(np.float32)
    >>> noise[160_000:176_000] *= 10  # the eleventh second is 20 dB louder
    >>> events = listen([noise], baseline=8, rate_hz=16_000)
    >>> [(round(event.start_s), round(event.end_s)) for event in events]
    [(10, 11)]
    """
    page = Path(plot) if plot is not None else None
    saved = Path(save_baseline) if save_baseline is not None else None
    per_hour, offset = alarms_per_hour(false_alarms), offset_db(calibrate)
    where, teller = where_from(baseline), Teller(on_event, webhook)
    if page:
        check_page(page, "--plot")
        check_folder(page, "--plot")
    if saved:
        check_file(saved, START, "a baseline", "--save-baseline")
        check_folder(saved, "--save-baseline")
    sound = open_sound(source, rate_hz=rate_hz)
    if sound.seconds is not None and math.isclose(sound.seconds, 0):
        raise InputError(f"there is not a single sample of sound in {sound.title}")
    return Listening(
        sound, where, per_hour=per_hour, offset=offset, save_baseline=saved, plot=page,
        teller=teller, progress=progress,
    )  # fmt: skip
