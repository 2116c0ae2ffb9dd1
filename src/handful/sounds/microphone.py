"""Sound from a microphone, through the optional package sounddevice."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

import numpy as np

from handful.errors import InputError, MissingExtraError
from handful.sounds.base import Sound, check_rate, mono

WORD = "microphone"
_BLOCK_S = 0.125
_MOST_WAITING = 480  # blocks: a minute


def open_microphone(device: str = "", *, rate_hz: float | None = None) -> Sound:
    """What a microphone hears, from now on and without end.

    Parameters
    ----------
    device : str
        Number or part of the name; empty for the system's own choice.
    rate_hz : float, optional
        By default the device's own.

    Raises
    ------
    MissingExtraError
        sounddevice is not installed.
    InputError
        There is no such microphone, or the system's sound library is missing.
    """
    devices = _library()
    wanted: str | int | None = int(device) if device.isdigit() else device or None
    try:
        found = devices.query_devices(wanted, "input")
        rate = float(rate_hz or found["default_samplerate"])
        check_rate(rate, f"the microphone {found['name']}")
        devices.check_input_settings(wanted, channels=1, dtype="float32", samplerate=rate)
    except (devices.PortAudioError, ValueError) as error:
        which = f"no microphone {device!r}" if device else "no microphone"
        raise InputError(
            f"there is {which} that can be used{_why(error)}. {_offered(devices)}"
        ) from error
    sound = Sound(str(found["name"]), rate, (), live=True)
    sound.source = _heard(devices, wanted, sound)
    return sound


def _library() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise MissingExtraError(
            'listening to a microphone takes: pip install "handful[microphone]"'
        ) from error
    except OSError as error:  # what sounddevice says where the system's library is missing
        raise InputError(
            "the system's library for sound, PortAudio, is missing: on Debian and Ubuntu, "
            "apt install libportaudio2"
        ) from error
    return sounddevice


def _why(error: Exception) -> str:
    """The library's reason, where it says more than that there is no such device."""
    words = str(error).split(" [PaErrorCode")[0]
    says_nothing = "querying device" in words or "No input device" in words
    return "" if says_nothing else f" ({words})"


def _offered(devices: Any) -> str:
    names = [
        f"{number}: {device['name']}"
        for number, device in enumerate(devices.query_devices())
        if device["max_input_channels"]
    ]
    return f"There are: {'; '.join(names)}" if names else "This machine has none."


def _heard(devices: Any, wanted: str | int | None, sound: Sound) -> Iterator[np.ndarray]:
    blocks: queue.Queue[np.ndarray] = queue.Queue(maxsize=_MOST_WAITING)

    def hear(samples: np.ndarray, n_frames: int, time: object, status: object) -> None:
        if blocks.full():
            sound.damage = "the computer was too slow, and some of the sound was missed"
        else:
            blocks.put_nowait(mono(samples.copy()))

    stream = devices.InputStream(
        device=wanted, channels=1, dtype="float32", samplerate=sound.rate_hz,
        blocksize=int(_BLOCK_S * sound.rate_hz), callback=hear,
    )  # fmt: skip
    with stream:
        while stream.active or not blocks.empty():
            try:
                yield blocks.get(timeout=2)
            except queue.Empty:
                continue  # a device that was unplugged is no longer active
