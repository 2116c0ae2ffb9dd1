"""Sounds: which files they are, what listens to them, and a tiny set of them to try things on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from handful.encoders.base import Encoder
from handful.encoders.encoder_cards import WAVEFORM
from handful.encoders.log_mel import LogMel
from handful.encoders.loudness import Loudness
from handful.encoders.lower_part import LowerPartOfSounds
from handful.encoders.mfcc import Mfcc
from handful.encoders.sound_copies import RATE_HZ, SoundCopies
from handful.encoders.weights import LITE0, LITE2
from handful.encoders.whole_samples import WholeSounds
from handful.graphs import GraphInput
from handful.modalities.base import Comparing, Exhibit, made_examples, those
from handful.samples import Source
from handful.sounds.clips import WHOLE_S, Measure, measure, read_clip
from handful.sounds.showing import PLAYED_HZ, short_wav, spectrogram

_SUFFIXES = frozenset(
    (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac", ".aif", ".aiff", ".wma",
     ".w64", ".caf")
)  # fmt: skip
_RATES_HZ = (8000, 16_000, 32_000)
_EXAMPLE_TAGS = ("beep", "hiss", "sweep")
_EXAMPLES_PER_TAG = 12
_EXAMPLE_HZ = 16_000


class Sounds:
    """Recordings: voices, machines, animals."""

    name = "sounds"
    noun = "sound"
    nouns = "sounds"
    fingerprint = None
    small = None
    repeats = False
    own_input = WAVEFORM

    def accepts(self, path: Path) -> bool:
        """Whether a file's name is a sound's."""
        return path.suffix.lower() in _SUFFIXES

    def measure(self, data: Source) -> Measure:
        """Rate, length, silence, clipping."""
        return measure(data)

    def encoders(self, measures: Sequence[Measure], *, small: bool = False) -> tuple[Encoder, ...]:
        """Spectrograms through an image network, and rivals that no network looks at.

        All at the highest of three rates that half of the sounds have.
        """
        rate_hz = _rate_hz(measures)
        plain = (Mfcc(rate_hz), Loudness(rate_hz))
        if small:
            return (LogMel(LITE0, rate_hz, loud=False), *plain)
        return (LogMel(LITE2, rate_hz), *plain)

    def whole(self, measures: Sequence[Measure]) -> WholeSounds:
        """Their spectrograms."""
        return WholeSounds(_rate_hz(measures))

    def lower_part(self, measures: Sequence[Measure]) -> LowerPartOfSounds:
        """EfficientNet-Lite2's behind spectrograms, up to the last stage."""
        return LowerPartOfSounds(LITE2, _rate_hz(measures))

    def remarks(
        self, measures: Sequence[Measure], tags: Sequence[str], names: Sequence[str] = ()
    ) -> list[str]:
        """Silent, clipped and long sounds, and rates that give a tag away."""
        silent = [m.silent for m in measures]
        clipped = [m.clipped for m in measures]
        long = [m.seconds > WHOLE_S for m in measures]
        found = []
        if any(silent):
            found.append(
                f"{_sounds(sum(silent))} silent: check the recordings, or the tag"
                f"{those(names, silent)}."
            )
        if any(clipped):
            found.append(
                f"{_sounds(sum(clipped))} clipped, recorded too loud: loud moments are cut off"
                f"{those(names, clipped)}."
            )
        if any(long):
            found.append(
                f"{_sounds(sum(long))} longer than {WHOLE_S:.0f} s{those(names, long)}: of each, "
                "six pieces of 5 s spread evenly over it are listened to. Cut it into shorter "
                "files if what matters is rare."
            )
        return found + _about_rates(measures, tags)

    def reading(self, encoders: Sequence[Encoder]) -> dict[str, Any]:
        """The rate to which sounds are resampled."""
        rates = [e.rate_hz for e in encoders if isinstance(e, LogMel | Mfcc | Loudness)]
        return {"rate_hz": rates[0]}

    def read(self, source: Source, reading: Mapping[str, Any]) -> np.ndarray:
        """One sound's samples, float32 (n_samples,)."""
        return read_clip(source, rate_hz=reading["rate_hz"])

    def comparing(self, reading: Mapping[str, Any]) -> Comparing:
        """By the fine course of their levels."""
        return Comparing(lambda source: read_clip(source, rate_hz=RATE_HZ), SoundCopies())

    def inputs(self, reading: Mapping[str, Any]) -> tuple[GraphInput, ...]:
        """Waveforms of one length, at the rate that the card names."""
        return (("waveform", np.float32, ["n", "samples"]),)

    def as_input(self, sample: np.ndarray) -> dict[str, np.ndarray]:
        """A sound as a batch of one, float32 (1, n_samples)."""
        return {"waveform": sample[None]}

    def doubt(self, given: Mapping[str, np.ndarray], reading: Mapping[str, Any]) -> str:
        """Nothing: it has no parts that may be missing."""
        return ""

    def show(self, source: Source) -> Exhibit:
        """Its spectrogram, its length, and its first seconds to play."""
        samples = read_clip(source, rate_hz=PLAYED_HZ)
        return Exhibit(picture=spectrogram(samples, PLAYED_HZ), sound=short_wav(samples, PLAYED_HZ))

    def strangers(self) -> list[np.ndarray]:
        """None."""
        return []

    def write_example(self, folder: Path, *, seed: int = 0) -> None:
        """Beeps, hisses and sweeps."""
        write_example(folder, seed=seed)

    def made(self, reading: Mapping[str, Any]) -> list[np.ndarray]:
        """Beeps, hisses and sweeps."""
        return made_examples(self.write_example, lambda path: self.read(path, reading))


def _rate_hz(measures: Sequence[Measure]) -> int:
    typical_hz = float(np.median([m.rate_hz for m in measures]))
    return max((r for r in _RATES_HZ if r <= typical_hz), default=_RATES_HZ[0])


def _sounds(n: int) -> str:
    return "1 sound is" if n == 1 else f"{n} sounds are"


def _about_rates(measures: Sequence[Measure], tags: Sequence[str]) -> list[str]:
    """Whether the sampling rate alone tells a tag: then recordings differ, not only sounds."""
    by_rate = Counter(m.rate_hz for m in measures)
    pairs = Counter((m.rate_hz, tag) for m, tag in zip(measures, tags, strict=True))
    per_tag = Counter(tags)
    return [
        f"all sounds at {rate_hz:g} samples a second carry the tag {tag!r} and all others do not: "
        "the model may learn the recorder and not the sound."
        for (rate_hz, tag), n in sorted(pairs.items())
        if n == by_rate[rate_hz] == per_tag[tag] and len(by_rate) > 1
    ]


def write_example(folder: Path, *, seed: int = 0) -> None:
    """Write a tiny tagged set of sounds into `folder`: 12 beeps, hisses and sweeps.

    Pitch, length, loudness, place and background differ from sound to sound and tell nothing of
    the tag.
    """
    import soundfile

    rng = np.random.default_rng(seed)
    for tag in _EXAMPLE_TAGS:
        (folder / tag).mkdir(parents=True, exist_ok=True)
        for number in range(_EXAMPLES_PER_TAG):
            path = folder / tag / f"{tag}-{number:02}.wav"
            soundfile.write(path, _made_sound(tag, rng), _EXAMPLE_HZ, subtype="PCM_16")


def _made_sound(tag: str, rng: np.random.Generator) -> np.ndarray:
    """One event over soft noise, float64 (n_samples,)."""
    seconds, event_s = rng.uniform(0.8, 1.4), rng.uniform(0.3, 0.6)
    n, n_event = int(seconds * _EXAMPLE_HZ), int(event_s * _EXAMPLE_HZ)
    pitch_hz = np.full(n_event, rng.uniform(300, 2000))
    if tag == "sweep":
        pitch_hz *= np.linspace(0.5, 2.0, n_event)
    event = np.sin(2 * np.pi * np.cumsum(pitch_hz) / _EXAMPLE_HZ)
    if tag == "hiss":
        event = rng.normal(0, 0.5, n_event)
    event *= np.hanning(n_event) * rng.uniform(0.2, 0.6)
    sound = rng.normal(0, rng.uniform(0.001, 0.004), n)
    start = rng.integers(0, n - n_event)
    sound[start : start + n_event] += event
    return np.clip(sound, -1, 1)


MODALITY = Sounds()
