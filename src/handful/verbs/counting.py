"""count: repetitions of a movement in a video, from a camera, or in frames from Python."""

from __future__ import annotations

import math
import numbers
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, cast

from handful.bundle import check_page, write_page
from handful.errors import InputError
from handful.plots.movement import movement_page
from handful.progress import Progress, silent
from handful.verbs.counted import Counted, Seen, Tally, counted
from handful.verbs.counting_options import counter_for, learnt, refuse_unused
from handful.verbs.places import check_folder
from handful.videos import Video, open_arrays, open_camera, open_video
from handful.videos.overlay import check_overlay, write_overlay

_TALLY_EVERY_S = 0.5
_TELL_EVERY = 50  # frames

Source = str | Path | IO[bytes] | Iterable[Any]


class Counting:
    """Counts while frames come: iterate for the tally, then read `result`.

    Parameters
    ----------
    video : str, Path, binary file or iterable of frames, optional
        A file, ``-`` for standard input, or frames: arrays (height_px, width_px) of brightness
        or (height_px, width_px, 3) of RGB, 0 to 255, or float from 0 to 1.
    camera : int or str, optional
        Instead: a camera, 0 being the first.
    method, tagged, band, reference, fps
        As in `count`.

    Raises
    ------
    InputError
        There is no such video or camera, or it cannot be read.

    Examples
    --------
    ::

        counting = handful.Counting(camera=0)
        for tally in counting:
            print(tally.repetitions)
        print(counting.result.times_s)

    To end earlier, leave the loop and call `stop`: then `result` is what was counted so far.
    """

    def __init__(
        self,
        video: Source | None = None,
        *,
        camera: int | str | None = None,
        method: str = "blocks",
        tagged: str | None = None,
        band: str | None = None,
        reference: str | None = None,
        fps: float | None = None,
    ) -> None:
        if (video is None) == (camera is None):
            raise InputError("name a video, - for standard input, or --camera 0: one of them.")
        _refuse_kinds(video, fps, {"tagged": tagged, "band": band, "reference": reference})
        refuse_unused(method, band, reference)
        if fps is not None and not 0.5 <= fps <= 1000:
            raise InputError(f"--fps {fps:g} is no frame rate: give frames a second, like 30.")
        self.result: Counted | None = None
        self._piped = isinstance(video, str) and video == "-"
        self.live = camera is not None or self._piped
        self._tallies: Generator[Tally] | None = None
        self._video, self._camera, self._fps = video, camera, fps
        self._method = method
        per = None
        if tagged is not None:
            per = learnt(tagged, method, band, reference)
        self._counter = counter_for(method, band, reference, per, running=camera is not None)

    def __iter__(self) -> Iterator[Tally]:
        """Tallies, twice a second; a second loop goes on where the first was left."""
        if self._tallies is None:
            self._tallies = self._run(_TALLY_EVERY_S, silent)
        return self._tallies

    def stop(self) -> None:
        """End here: `result` is what was counted so far.

        Raises
        ------
        InputError
            Not a single frame came yet.
        """
        if self._tallies is not None:
            self._tallies.close()
        if self.result is None:
            raise InputError("nothing was counted yet: go through the tallies first, or call run.")

    def run(self, progress: Progress = silent) -> Counted:
        """Count to the end without tallies, which is quicker."""
        if self.live:
            for tally in self:
                progress("counting", tally.repetitions, tally.repetitions)
        else:
            if self._tallies is None:
                self._tallies = self._run(math.inf, progress)
            for _ in self._tallies:
                pass
        return self._ended("run")

    def write_plot(self, plot: str | Path) -> None:
        """Write a page that shows what was seen and counted; after the last frame or `stop`.

        Raises
        ------
        InputError
            The counting has not ended.
        """
        html = movement_page(self._ended("write_plot").to_json(), self._counter.trace())
        write_page(Path(plot), html.encode(), "--plot")

    def _ended(self, what: str) -> Counted:
        if self.result is None:
            raise InputError(f"{what} needs the result: count to the end, or call stop() first.")
        return self.result

    def _run(self, every_s: float, progress: Progress) -> Generator[Tally]:
        due_s = every_s
        seen = Seen()
        with self._opened() as video:
            learn = self._counter.learn_one
            try:
                for frame in video:
                    learn(frame)
                    seen.add(frame.time_s)
                    if seen.n % _TELL_EVERY == 0:
                        progress("counting", seen.n, max(seen.n, video.n_frames))
                    if frame.time_s >= due_s:
                        due_s = frame.time_s + every_s
                        yield Tally(frame.time_s, self._counter.repetitions)
            except GeneratorExit:  # stopped from outside
                pass
            except KeyboardInterrupt:
                if not self.live:  # a camera has no other end, and a pipe need not have one
                    raise
            progress("counting", seen.n, seen.n)
            if not seen.n:
                raise InputError(f"not a single frame came out of {video.name}.")
            self.result = counted(
                "-" if self._piped else video.name, seen, self._counter.finish(), self._method,
                usual_fps=video.fps, warnings=video.warnings,
            )  # fmt: skip

    def _opened(self) -> AbstractContextManager[Video]:
        if self._camera is not None:
            return open_camera(self._camera, self._fps)
        if isinstance(self._video, str | Path) or hasattr(self._video, "read"):
            return open_video(cast("str | Path | IO[bytes]", self._video), self._fps)
        return open_arrays(cast("Iterable[Any]", self._video), self._fps)


def count(
    video: Source | None = None,
    *,
    camera: str | None = None,
    method: str = "blocks",
    tagged: str | None = None,
    band: str | None = None,
    reference: str | None = None,
    fps: float | None = None,
    plot: str | Path | None = None,
    overlay: str | Path | None = None,
    progress: Progress = silent,
) -> Counted:
    """Count how often a movement repeats: no training, no settings.

    Parameters
    ----------
    video : str, Path, binary file or iterable of frames, optional
        A file, ``-`` for standard input, or frames: arrays (height_px, width_px) of brightness
        or (height_px, width_px, 3) of RGB, 0 to 255, or float from 0 to 1.
    camera : str, optional
        Instead: a camera, ``0`` being the first; counts until interrupted, as does ``-``.
    method : str
        ``blocks``: the movement of 20 blocks of the picture, counted by its rhythm. ``robust``
        and ``plain``: the brightness of a band across the middle beside a strip at the top.
    tagged : str, optional
        ``CLIP=N``: a clip in which the movement repeats N times, to learn from.
    band, reference : str
        Rows for robust and plain, as shares of the height from the top; by default 0.45-0.55
        and 0-0.025.
    fps : float, optional
        Frames a second, where the video does not say or says it wrongly.
    plot : str or Path, optional
        Where to write a page that shows what was seen and counted.
    overlay : str or Path, optional
        Where to write the video with the count in it, and its sound, as MP4.
    progress : Progress

    Raises
    ------
    InputError
        There is no such video or camera, it cannot be read, or the call is wrong.
    """
    if plot is not None:
        check_page(Path(plot), "--plot")
        check_folder(Path(plot), "--plot")
    source = None
    if overlay is not None:
        source = _overlaid(video)
        check_overlay(Path(overlay), source)
    counting = Counting(
        video, camera=camera, method=method, tagged=tagged, band=band, reference=reference,
        fps=fps,
    )  # fmt: skip
    result = counting.run(progress)
    if plot is not None:
        counting.write_plot(plot)
    if overlay is not None and source is not None:
        times_s = None if result.refused else result.times_s
        write_overlay(source, Path(overlay), times_s, fps=fps, progress=progress)
    return result


def _refuse_kinds(video: object, fps: object, words: Mapping[str, object]) -> None:
    known = video is None or isinstance(video, str | Path | Iterable) or hasattr(video, "read")
    if not known:
        kind = type(video).__name__
        raise InputError(f"{kind} is no video: give a file, a pipe or frames (arrays).")
    if fps is not None and not isinstance(fps, numbers.Real):
        raise InputError(f"fps={fps!r} is no number: give frames a second, like 30.")
    for name, given in words.items():
        if given is not None and not isinstance(given, str):
            like = "clip.mp4=5" if name == "tagged" else "0.45-0.55"
            raise InputError(f"{name}={given!r} is no text: give it like {like!r}.")


def _overlaid(video: Source | None) -> Path:
    if isinstance(video, Path) or (isinstance(video, str) and video != "-"):
        return Path(video)
    raise InputError("--overlay reads the video twice: it takes a file, no camera and no pipe.")
