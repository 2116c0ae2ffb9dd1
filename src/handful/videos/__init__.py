"""Frames of videos and cameras: luma planes with their times."""
