"""Detectors that need no training: movement in videos, unusual sound."""
