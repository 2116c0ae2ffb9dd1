"""Frames of videos and cameras: luma planes with their times."""

from handful.videos.frames import Frame
from handful.videos.reading import Video, open_arrays, open_camera, open_video

__all__ = ["Frame", "Video", "open_arrays", "open_camera", "open_video"]
