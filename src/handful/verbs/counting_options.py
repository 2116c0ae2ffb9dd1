"""What the options of count mean: which counter, and what a tagged clip teaches it."""

from __future__ import annotations

import math

from handful.detectors.band import CENTRE, TOP, strip_of
from handful.detectors.blocks import BlockCounter
from handful.detectors.counting import Counter
from handful.detectors.plain import PlainCounter
from handful.detectors.robust import RobustCounter
from handful.errors import InputError
from handful.videos import open_video

METHODS = ("blocks", "robust", "plain")
_OFF = 0.15  # share by which the number of a tagged clip may differ from what is counted in it
_MOST_CROSSINGS = 8
_RATIOS = (1 / 3, 1 / 2, 1.0, 2.0, 3.0)  # rhythms that one repetition can have


def counter_for(
    method: str,
    band: str | None,
    reference: str | None,
    per_repetition: float | None,
    *,
    running: bool = False,
) -> Counter:
    """The counter that the options ask for; `per_repetition` of a tagged clip.

    Raises
    ------
    InputError
        There is no such method, or a band is none.
    """
    strips = (
        CENTRE if band is None else strip_of(band, "--band"),
        TOP if reference is None else strip_of(reference, "--reference"),
    )
    if method == "blocks":
        return BlockCounter(per_repetition=per_repetition or 1.0)
    if method == "robust":
        return RobustCounter(*strips, per_repetition=per_repetition)
    if method == "plain":
        return PlainCounter(*strips, per_repetition=per_repetition, running=running)
    raise InputError(f"no method is called {method}: choose one of {', '.join(METHODS)}.")


def refuse_unused(method: str, band: str | None, reference: str | None) -> None:
    """Refuse rows where the whole picture is looked at.

    Raises
    ------
    InputError
        Rows were given to the default method.
    """
    if method != "blocks":
        return
    for option, given in (("--band", band), ("--reference", reference)):
        if given is not None:
            raise InputError(
                f"{option} says which rows to look at, and the default method looks at the whole "
                f"picture: add --method robust (or plain), or leave {option} out."
            )


def learnt(tagged: str, method: str, band: str | None, reference: str | None) -> float:
    """Rhythms or crossings for each repetition, from one clip whose count is known.

    Raises
    ------
    InputError
        The clip or the number cannot be used, or they do not fit.
    """
    clip, _, number = tagged.rpartition("=")
    if not clip or not number.isdecimal() or int(number) < 1:
        raise InputError(
            f"--tagged {tagged} does not say how often: give a clip and a number, like clip.mp4=5."
        )
    with open_video(clip) as video:
        counter = counter_for(method, band, reference, None)
        for frame in video:
            counter.learn_one(frame)
        found = counter.finish()
    if found.refused is not None:
        raise InputError(f"nothing can be learnt from {clip}: {found.refused}")
    if method == "blocks":
        return _rhythms(clip, int(number), found.repetitions)
    crossings = (found.inner_crossings or 0) - (found.outer_crossings or 0)
    if not 1 <= crossings / int(number) <= _MOST_CROSSINGS:
        raise InputError(
            f"nothing can be learnt from {clip}: {crossings} crossings for {number} repetitions, "
            f"and a repetition crosses the band once to {_MOST_CROSSINGS} times. Check the number, "
            "try another --band, or leave --method out."
        )
    return crossings / int(number)


def _rhythms(clip: str, number: int, counted: int) -> float:
    """Rhythms in one repetition; the number must be near a simple multiple of what is counted."""
    ratio = min(_RATIOS, key=lambda r: abs(math.log(counted / number / r)))
    if abs(counted / ratio - number) > max(1.0, _OFF * number):
        raise InputError(
            f"--tagged {clip}={number} does not fit: {counted} repetitions were counted in it, "
            "and neither these nor their half, third, double or triple are about "
            f"{number}. Check the number, or take a clip in which the movement is seen better."
        )
    return ratio
