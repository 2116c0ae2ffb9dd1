"""One frame of a video: its brightness, in place, and its moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.errors import InputError

if TYPE_CHECKING:
    from av import VideoFrame

SMALLEST_PX = 48  # below this the cells of the grid would be single pixels


@dataclass(frozen=True, slots=True)
class Frame:
    """Brightness of one frame.

    Attributes
    ----------
    luma : ndarray of uint8, shape (height_px, width_px)
        As stored, 0 to 255. It looks into the decoder's memory: copy what is to last.
    time_s : float
        Seconds since the first frame.
    turns : int
        Quarter turns counter-clockwise that make it upright, 0 to 3.
    """

    luma: np.ndarray
    time_s: float
    turns: int = 0

    @property
    def upright(self) -> np.ndarray:
        """The brightness as a person sees it: a view, shape (height_px, width_px)."""
        return np.rot90(self.luma, self.turns) if self.turns else self.luma


def luma_of(frame: VideoFrame) -> np.ndarray:
    """Brightness of a decoded frame, uint8 (height_px, width_px).

    A view of the decoder's own plane where there is one of 8 bits; a copy otherwise (10 bits,
    packed and RGB formats).
    """
    first = frame.format.components[0]
    if not (first.is_luma and first.bits == 8 and _has_plane_of_its_own(frame)):
        return frame.to_ndarray(format="gray")
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]


def _has_plane_of_its_own(frame: VideoFrame) -> bool:
    if frame.format.has_palette:
        return False
    return len(frame.format.components) == 1 or len(frame.planes) > 1


class Scale:
    """What white is in arrays that Python code brings: 255, or 1 in arrays of float up to 1."""

    def __init__(self) -> None:
        self._white: float | None = None

    def of(self, picture: np.ndarray) -> float:
        """By what a picture is to be multiplied; the first that is not black decides.

        Raises
        ------
        InputError
            Whole numbers above 255.
        """
        if picture.dtype == np.uint8:
            return 1.0
        largest = float(np.nanmax(picture, initial=0.0))
        if picture.dtype.kind in "ui" and largest > 255:
            raise InputError(
                f"a frame of type {picture.dtype} holds {largest:.0f}: give brightness or RGB from "
                "0 to 255, or as float from 0 to 1."
            )
        if picture.dtype.kind != "f" or 1 < largest < np.inf:
            self._white = 255.0
        elif self._white is None and 0 < largest <= 1:
            self._white = 1.0
        return 255.0 if self._white == 1.0 else 1.0


def luma_of_array(array: Any, scale: Scale) -> np.ndarray:
    """Brightness of a picture that Python code made or fetched.

    Parameters
    ----------
    array : array_like
        Brightness (height_px, width_px) or RGB (height_px, width_px, 3), 0 to 255, or float 0 to 1;
        NaN is black.
    scale : Scale
        Of this stream of pictures.

    Returns
    -------
    ndarray of uint8, shape (height_px, width_px)

    Raises
    ------
    InputError
        It is not a picture.
    """
    picture = np.asarray(array)
    factor = scale.of(picture) if picture.dtype.kind in "uif" else 1.0
    if picture.ndim == 3 and picture.shape[2] in (3, 4):
        # ITU-R BT.601, the weights of the luma that cameras and codecs use
        picture = picture[..., :3] @ np.array([0.299, 0.587, 0.114])
    if picture.ndim != 2 or picture.dtype.kind not in "uif":
        raise InputError(
            f"a frame is an array of shape {picture.shape} and type {picture.dtype}: give "
            "brightness (height, width) or RGB (height, width, 3), 0 to 255."
        )
    if picture.dtype == np.uint8:
        return picture
    bright = picture.astype(np.float32) * np.float32(factor)
    finite: np.ndarray = np.nan_to_num(bright, nan=0.0, posinf=255.0, neginf=0.0)
    return finite.clip(0, 255).astype(np.uint8)


def check_size(luma: np.ndarray) -> None:
    """Refuse pictures in which nothing can be seen to move.

    Raises
    ------
    InputError
        With what it wants.
    """
    if min(luma.shape) < SMALLEST_PX:
        height, width = luma.shape
        raise InputError(
            f"the frames are {width} x {height} pixels: movement is looked for in frames of at "
            f"least {SMALLEST_PX} pixels each way."
        )
