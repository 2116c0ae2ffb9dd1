"""What `count` found, in JSON and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from handful.detectors.counting import Count
from handful.printing import printable

_WEAK = (
    "{} looks at one band of the picture only: it was right on 4 of 11 real videos, the default "
    "method on all 11. Count a few repetitions yourself before you believe it."
)


@dataclass(frozen=True)
class Counted:
    """What was counted.

    Attributes
    ----------
    file : str
    frames : int
    fps : float
        Frames a second, as they really came.
    seconds : float
        From the first frame to the end of the last.
    repetitions : int
        0 where it was refused.
    times_s : tuple of float
        When each repetition was done, seconds since the first frame.
    inner_crossings, outer_crossings : int or None
        Crossings of the band's and the reference's signal, where the method has such.
    refused : str or None
        Why it was not counted.
    method : str
    warnings : tuple of str
    """

    file: str
    frames: int
    fps: float
    seconds: float
    repetitions: int
    times_s: tuple[float, ...]
    inner_crossings: int | None
    outer_crossings: int | None
    refused: str | None
    method: str
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        rounded = {"fps": round(self.fps, 3), "seconds": round(self.seconds, 3)}
        times_s = [round(time_s, 3) for time_s in self.times_s]
        return {**values, **rounded, "times_s": times_s, "warnings": list(self.warnings)}

    def words(self) -> str:
        """As the command prints it for people."""
        name = "standard input" if self.file == "-" else self.file
        lines = [f"{printable(name)}: {self.headline}"]
        if self.refused is None and self.times_s:
            lines.append("  done at " + ", ".join(f"{t:.1f}" for t in self.times_s) + " s")
        return "\n".join([*lines, *(f"  mind: {printable(w)}" for w in self.warnings)])

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        if self.refused is not None:
            return f"not counted, {self.refused}"
        once = "repetition" if self.repetitions == 1 else "repetitions"
        return f"{self.repetitions} {once} in {self.seconds:.1f} s"


@dataclass(frozen=True)
class Tally:
    """How many repetitions there were up to a moment; the last seconds may yet be corrected."""

    time_s: float
    repetitions: int


class Seen:
    """Frames and time that came by."""

    def __init__(self) -> None:
        self.n, self.first_s, self.last_s = 0, 0.0, 0.0

    def add(self, time_s: float) -> None:
        """One more frame."""
        if not self.n:
            self.first_s = time_s
        self.n += 1
        self.last_s = time_s


def counted(
    name: str, seen: Seen, count: Count, method: str, *, usual_fps: float | None = None,
    warnings: Iterable[str] = (),
) -> Counted:  # fmt: skip
    """What a counter found, with what came by; `usual_fps` is what the video says of itself."""
    refused = count.refused
    if seen.n == 1:
        refused = "a picture, not a video: there is a single frame, and nothing moves in it."
    weak = () if method == "blocks" or refused else (_WEAK.format(method),)
    passed_s = seen.last_s - seen.first_s
    fps = (seen.n - 1) / passed_s if passed_s > 0 else (usual_fps or 0.0)
    return Counted(
        file=name,
        frames=seen.n,
        fps=fps,
        seconds=passed_s + (1 / fps if fps else 0.0),
        repetitions=count.repetitions,
        times_s=tuple(event.end_s for event in count.events),
        inner_crossings=count.inner_crossings,
        outer_crossings=count.outer_crossings,
        refused=refused,
        method=method,
        warnings=(*warnings, *weak),
    )
