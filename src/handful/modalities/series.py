"""Sensor recordings: tables of numbers, a line a step and a column a channel."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from handful.encoders.base import Encoder
from handful.encoders.patterns import Patterns, Scales
from handful.encoders.recording_copies import RecordingCopies
from handful.encoders.whole_samples import WholeRecordings
from handful.errors import SamplesError, UnreadableError
from handful.graphs import GraphInput
from handful.modalities.base import Comparing, Exhibit, those
from handful.recordings import Recording, read_recording
from handful.samples import Source

_SUFFIXES = frozenset((".csv", ".tsv", ".tab"))
_MOST_STEPS = 8192  # longer recordings are averaged down to it, all by the same factor
_MOST_ASKED = 16  # times this much a recording to be predicted may hold
_SMALLEST = 1e-30
_PATTERN = 9  # steps that the shortest pattern takes
_MOSTLY = 0.8  # share of recordings that agree on their channels, so that others are mistakes
_TWO_MEANINGS = (
    "each line of these recordings may be two whole numbers, or one with a decimal comma, like "
    "1,5. Name the columns in a first line: two names, or one."
)
_WIDTH_PX, _HEIGHT_PX, _CHANNELS_SHOWN = 320, 200, 6
_INKS = ("#1f6f8b", "#c8552b", "#5b7f3a", "#7a4f9a", "#a8872d", "#4a4a4a")


@dataclass(frozen=True)
class Measure:
    """Of one recording: its channels, its length, and their means and squares.

    `has_commas` tells whether its numbers surely have decimal commas; `otherwise` is what it
    would be with such, where it may have them.
    """

    channels: tuple[str, ...]
    steps: int
    means: np.ndarray
    squares: np.ndarray
    gaps: int
    has_commas: bool = False
    otherwise: Measure | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Measure) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


class Series:
    """Recordings."""

    name = "series"
    noun = "recording"
    nouns = "recordings"
    fingerprint = None
    small = None
    repeats = False
    own_input = None

    def accepts(self, path: Path) -> bool:
        """Whether a file's name is a table's."""
        return path.suffix.lower() in _SUFFIXES

    def measure(self, data: Source) -> Measure:
        """Channels, length and levels."""
        return _measured(read_recording(data))

    def encoders(self, measures: Sequence[Measure], *, small: bool = False) -> tuple[Patterns]:
        """Patterns, levels and shape, scaled by what is usual in these recordings."""
        if measures and all(measure.otherwise for measure in measures):
            raise SamplesError(_TWO_MEANINGS)
        measures = _alike(_read_alike(measures))
        steps = np.array([measure.steps for measure in measures])
        shares = steps / steps.sum()
        middle = shares @ np.stack([measure.means for measure in measures])
        square = shares @ np.stack([measure.squares for measure in measures])
        spread = np.sqrt(np.maximum(square - middle**2, _SMALLEST))
        every = _every(measures)
        typical = max(1, int(np.median(steps)) // every)
        return (Patterns(Scales(tuple(middle.tolist()), tuple(spread.tolist()), typical, every)),)

    def whole(self, measures: Sequence[Measure]) -> WholeRecordings:
        """Step by step."""
        (patterns,) = self.encoders(measures)
        longest = max(measure.steps for measure in measures) // patterns.scales.every
        return WholeRecordings(patterns.scales, max(1, longest))

    def lower_part(self, measures: Sequence[Measure]) -> None:
        """None: no pretrained network of recordings is built in."""

    def remarks(
        self, measures: Sequence[Measure], tags: Sequence[str], names: Sequence[str] = ()
    ) -> list[str]:
        """Recordings too short to hold a pattern, and names of channels that differ."""
        measures = _read_alike(measures)
        short = [measure.steps < _PATTERN for measure in measures]
        gaps = [measure.gaps for measure in measures]
        sentences = []
        if any(short):
            sentences.append(
                f"{_have(sum(short))} fewer than {_PATTERN} steps{those(names, short)}: too short "
                "to look for shapes in, only levels count there."
            )
        if any(gaps):
            with_gaps = [n > 0 for n in gaps]
            sentences.append(
                f"{_have(sum(with_gaps))} gaps{those(names, with_gaps)}: {sum(gaps)} cells in all "
                "that are empty, infinite or too large. They are bridged by straight lines."
            )
        if len({measure.channels for measure in measures}) > 1:
            sentences.append(
                "The columns are not named alike in all recordings: they are told apart by their "
                "order alone."
            )
        if (every := _every(measures)) > 1:
            sentences.append(f"Recordings are long: every {every} steps are averaged into one.")
        return sentences

    def reading(self, encoders: Sequence[Encoder]) -> dict[str, Any]:
        """How many channels there are, and how many steps are averaged into one."""
        (patterns,) = [encoder for encoder in encoders if isinstance(encoder, Patterns)]
        return {"channels": len(patterns.scales.middle), "every": patterns.scales.every}

    def read(self, source: Source, reading: Mapping[str, Any]) -> np.ndarray:
        """One recording, float32 (n_channels, n_steps).

        Raises
        ------
        UnreadableError
            It is no table of numbers, has another number of channels, or is far longer than
            those learned from.
        """
        wanted, every = reading["channels"], reading["every"]
        values = read_recording(source, n_channels=wanted).values
        if len(values) != wanted:
            raise UnreadableError(f"has {len(values)} channels, the others have {wanted}")
        if values.shape[1] > _MOST_ASKED * _MOST_STEPS * every:
            raise UnreadableError(
                f"has {values.shape[1]} steps, far more than those learned from: cut it in parts"
            )
        kept = max(values.shape[1] // every * every, min(every, values.shape[1]))
        starts = np.arange(0, kept, every)
        counts = np.diff(np.append(starts, kept))
        return np.asarray(np.add.reduceat(values[:, :kept], starts, axis=1) / counts, np.float32)

    def comparing(self, reading: Mapping[str, Any]) -> Comparing:
        """By runs of steps."""
        return Comparing(partial(self.read, reading=reading), RecordingCopies(reading["every"]))

    def inputs(self, reading: Mapping[str, Any]) -> tuple[GraphInput, ...]:
        """Recordings of one length."""
        return (("recording", np.float32, ["n", reading["channels"], "steps"]),)

    def as_input(self, sample: np.ndarray) -> dict[str, np.ndarray]:
        """A recording as a batch of one."""
        return {"recording": sample[None]}

    def doubt(self, given: Mapping[str, np.ndarray], reading: Mapping[str, Any]) -> str:
        """Nothing: it has no parts that may be missing."""
        return ""

    def show(self, source: Source) -> Exhibit:
        """Its curves, one below the other."""
        return Exhibit(picture=_drawn(read_recording(source).values))

    def strangers(self) -> list[np.ndarray]:
        """None: how many channels a stranger should have depends on the model."""
        return []

    def write_example(self, folder: Path, *, seed: int = 0) -> None:
        """Two channels of a made sensor at rest, swinging, and shaking; lengths differ."""
        random = np.random.default_rng(seed)
        for tag, hertz in (("rest", 0.0), ("swinging", 1.0), ("shaking", 6.0)):
            (folder / tag).mkdir(parents=True, exist_ok=True)
            for number in range(12):
                t_s = np.arange(random.integers(80, 120)) / 25
                phase, size = random.uniform(0, 6), random.uniform(0.7, 1.4) * bool(hertz)
                wave = size * np.sin(2 * np.pi * hertz * t_s * random.uniform(0.9, 1.1) + phase)
                noise = random.normal(0, 0.2, (2, len(t_s)))
                rows = zip(t_s, wave + noise[0], 0.5 * wave + noise[1], strict=True)
                lines = [",".join(f"{value:.4f}" for value in row) for row in rows]
                path = folder / tag / f"{tag}-{number:02}.csv"
                path.write_text("\n".join(["time,x,y", *lines]) + "\n", encoding="utf-8")

    def made(self, reading: Mapping[str, Any]) -> list[np.ndarray]:
        """Swinging and shaking, with noise, of other lengths."""
        random = np.random.default_rng(0)
        rows = []
        for steps in (40, 80, 100, 130, 200, 300):
            for swings in (0.0, 2.0, 15.0):
                wave = np.sin(2 * np.pi * swings * np.linspace(0, 1, steps))
                noise = random.normal(0, 0.2, (reading["channels"], steps))
                rows.append((wave + noise).astype(np.float32))
        return rows


def _measured(found: Recording) -> Measure:
    values = found.values.astype(np.float64)
    return Measure(
        found.channels,
        values.shape[1],
        values.mean(axis=1),
        (values**2).mean(axis=1),
        found.gaps,
        found.has_commas,
        None if found.otherwise is None else _measured(found.otherwise),
    )


def _read_alike(measures: Sequence[Measure]) -> list[Measure]:
    """Those that may have decimal commas read so where others surely have them."""
    if any(measure.has_commas for measure in measures):
        return [measure.otherwise or measure for measure in measures]
    return list(measures)


def _alike(measures: Sequence[Measure]) -> list[Measure]:
    """Those with the usual number of channels; few others will be left out when they are read."""
    counts = Counter(len(measure.channels) for measure in measures)
    (usual, n), *_ = counts.most_common(1)
    if n < _MOSTLY * len(measures):
        some = ", ".join(f"{n} have {channels}" for channels, n in counts.most_common(5))
        raise SamplesError(
            f"the recordings differ in their number of channels: {some}. Give all of them the "
            "same columns."
        )
    return [measure for measure in measures if len(measure.channels) == usual]


def _have(n: int) -> str:
    return "1 recording has" if n == 1 else f"{n} recordings have"


def _every(measures: Sequence[Measure]) -> int:
    return max(1, -(-max(measure.steps for measure in measures) // _MOST_STEPS))


def _drawn(values: np.ndarray) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_WIDTH_PX, _HEIGHT_PX), "#ffffff")
    draw = ImageDraw.Draw(image)
    shown = values[:_CHANNELS_SHOWN]
    room = _HEIGHT_PX / len(shown)
    for at, channel in enumerate(shown if shown.shape[1] > 1 else np.repeat(shown, 2, axis=1)):
        low, high = float(channel.min()), float(channel.max())
        share = (channel - low) / (high - low) if high > low else np.full(len(channel), 0.5)
        y = (at + 0.9 - 0.8 * share) * room
        x = np.linspace(4, _WIDTH_PX - 4, len(channel))
        points = list(zip(x.tolist(), y.tolist(), strict=True))
        draw.line(points, fill=_INKS[at], width=2)
    with io.BytesIO() as file:
        image.save(file, "JPEG", quality=85)
        return file.getvalue()


MODALITY = Series()
